"""What tells one model from another."""

import hashlib
from pathlib import Path

from yinling_matching.embedding.cache import file_digest

_PARTS = {".json", ".safetensors", ".bin", ".txt", ".model"}
_LENGTH = 16


def directory_identity(directory: Path) -> str:
    """Name of a model's directory and checksum of its files. Reads all of them."""
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.suffix in _PARTS:
            digest.update(f"{path.relative_to(directory).as_posix()}\0{file_digest(path)}\n".encode())
    return f"{directory.name}:{digest.hexdigest()[:_LENGTH]}"


def hub_identity(name: str, commit: str | None) -> str:
    """Name of a model on the hub and its commit."""
    return f"{name.rpartition('/')[2]}:{commit[:_LENGTH] if commit else 'unversioned'}"
