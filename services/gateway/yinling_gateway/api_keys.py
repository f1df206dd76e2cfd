"""API keys: how one is made, and what it is made of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from yinling_common import text
from yinling_common.errors import InvalidField, Violation
from yinling_gateway import domain

DAYS_MAX = 3650
"""A key holds at most so long, unless it has no end."""


@dataclass(frozen=True)
class NewApiKey:
    """What is kept of a new key.

    Attributes:
        prefix: By which it is found.
        secret_hash: Of the rest.
        expire_time: None for no end.
    """

    name: str
    prefix: str
    secret_hash: bytes
    expire_time: datetime | None


def make(name: str, days: int | None) -> tuple[NewApiKey, str]:
    """A new key; the second value is the key itself. Raises InvalidField.

    Args:
        name: What it is for.
        days: How long it holds; None for no end.
    """
    name = text.clean(name)
    violations = domain.text_violations(name=(name, domain.NAME_MAX))
    if not name:
        violations.append(Violation("name", "string.min_len", "say what the key is for"))
    if days is not None and not 1 <= days <= DAYS_MAX:
        violations.append(Violation("expires_in_days", "int32.gte_lte", f"must be 1 to {DAYS_MAX}"))
    if violations:
        raise InvalidField(violations)
    prefix, secret = domain.new_secret()[:12].replace("_", "-"), domain.new_secret()
    end = datetime.now(UTC) + timedelta(days=days) if days else None
    return NewApiKey(name, prefix, domain.hash_secret(secret), end), f"{domain.API_KEY_START}{prefix}_{secret}"


def split(key: str) -> tuple[str, bytes]:
    """The prefix of a key and the hash of the rest."""
    prefix, _, secret = key.removeprefix(domain.API_KEY_START).partition("_")
    return prefix, domain.hash_secret(secret)
