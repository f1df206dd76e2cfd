"""What decides how a text is cut into terms."""

import unicodedata
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("opencc", "rjieba")


@cache
def cutting() -> str:
    """A checksum of it: terms that were cut under another one may not be those of today."""
    digest = sha256(unicodedata.unidata_version.encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    here = Path(__file__).parent
    for file in sorted([*here.glob("*.py"), *here.glob("data/*")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()
