"""Prints what the named distributions need from elsewhere, one a line: for image layers that come before the code."""

import sys
import tomllib
from pathlib import Path

for folder in sys.argv[1:]:
    project = tomllib.loads(Path(folder, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for dependency in project["dependencies"]:
        if not dependency.startswith("yinling-"):  # ours are installed from the source beside it
            print(dependency)  # noqa: T201 - this is what it is for
