"""Page tokens, opaque and bound to their list (AIP-158)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2s

from yinling_common.errors import InvalidPageToken

Key = str | int | float | None


def encode(scope: str, filters: Mapping[str, object], key: Sequence[Key]) -> str:
    """The token of the page after `key`, the sort key of the last row.

    Args:
        scope: Name of the list.
        filters: Everything that chooses its rows; a token is refused with any other.
        key: JSON values.
    """
    body = json.dumps([_digest(scope, filters), *key], separators=(",", ":")).encode()
    return urlsafe_b64encode(body).decode().rstrip("=")


def decode(token: str, scope: str, filters: Mapping[str, object]) -> list[Key] | None:
    """The key in a token; None for the empty token, the first page.

    Raises:
        InvalidPageToken: It is damaged, or belongs to another list or other filters.
    """
    if not token:
        return None
    try:
        parts: list[Key] = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        digest, *key = parts
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidPageToken from error
    known = (str, int, float, type(None))  # exactly these: true is an int to Python, but not to PostgreSQL
    if digest != _digest(scope, filters) or not all(type(k) in known for k in key):
        raise InvalidPageToken
    return key


def page_size(requested: int, default: int = 50, maximum: int = 200) -> int:
    """How many rows to give: the default for 0, never more than the maximum."""
    return min(requested or default, maximum)


def _digest(scope: str, filters: Mapping[str, object]) -> str:
    content = json.dumps([scope, filters], sort_keys=True, default=str).encode()
    return blake2s(content, digest_size=9).hexdigest()
