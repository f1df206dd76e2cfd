"""Sample people and requests. All of them, and their organisations and contact details, are fictional."""

import json
from importlib import resources
from pathlib import Path
from typing import Any


def roster_path() -> Path:
    """The sample roster workbook."""
    return Path(str(resources.files("yinling_runner.sample"))) / "roster.xlsx"


def requests() -> list[dict[str, Any]]:
    """The sample mentoring requests: fields as in the proto, enum values as lower-case words without prefix."""
    text = (resources.files("yinling_runner.sample") / "requests.json").read_text(encoding="utf-8")
    result: list[dict[str, Any]] = json.loads(text)
    return result
