"""Accounts, sessions, API keys and import jobs, with their rules."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from yinling_common import text
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Identity, Role

API_KEY_START = "ylk_"
"""Every API key begins so, which lets secret scanners find one that leaked."""

LOCALES = ("zh", "en")
PASSWORD_MIN, PASSWORD_MAX = 8, 200
USERNAME_MAX = 64
NAME_MAX, PROFILE_ID_MAX, ADDRESS_MAX, URL_MAX = 100, 64, 254, 2000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    id: str
    username: str
    role: Role
    organisation: str
    profile_id: str
    display_name: str
    locale: str
    active: bool
    create_time: datetime
    update_time: datetime

    @property
    def etag(self) -> str:
        """Another one after every change: the microseconds of the last."""
        return f"{(self.update_time - _EPOCH) // timedelta(microseconds=1):x}"

    @property
    def identity(self) -> Identity:
        """What the services are told of the account."""
        return Identity(self.id, self.role, self.organisation, self.profile_id)


@dataclass(frozen=True)
class NewAccount:
    """An account to be made."""

    username: str
    role: Role
    organisation: str = ""
    profile_id: str = ""
    display_name: str = ""
    locale: str = "zh"

    def cleaned(self) -> "NewAccount":
        """As it is kept. Organisations are compared as they stand: one with a space behind it would see nobody."""
        return replace(
            self,
            organisation=text.clean(self.organisation),
            profile_id=text.clean(self.profile_id),
            display_name=text.clean(self.display_name),
        )

    def check(self) -> None:
        """Raises InvalidField where a field breaks its rule."""
        violations = list(username_violations(self.username))
        violations += role_violations(self.role, self.organisation, self.profile_id)
        violations += text_violations(
            organisation=(self.organisation, NAME_MAX),
            display_name=(self.display_name, NAME_MAX),
            profile_id=(self.profile_id, PROFILE_ID_MAX),
        )
        if self.locale not in LOCALES:
            violations.append(Violation("locale", "string.in", 'must be "zh" or "en"'))
        if violations:
            raise InvalidField(violations)


@dataclass(frozen=True)
class Session:
    """A signed-in browser.

    Attributes:
        token: What the browser keeps. Known here only while a request that carries it is served.
        end: When it ends unless it is used again.
    """

    token: str
    account: Account
    end: datetime

    @property
    def csrf_token(self) -> str:
        """What our own pages send along: derived from the cookie, which other sites cannot read."""
        return sha256(b"csrf:" + self.token.encode()).hexdigest()


@dataclass(frozen=True)
class ApiKey:
    """A key with which a machine acts for an account."""

    id: str
    prefix: str
    account_id: str
    name: str
    create_time: datetime
    expire_time: datetime | None
    used_time: datetime | None


class ImportState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class ImportJob:
    """An uploaded roster and what became of it.

    Attributes:
        by_admin: An administrator uploaded it, so that it may hold people of other organisations too.
        summary: Counts, once it is done; keys as in `ImportSummary`.
        problem: reason, message and violations, where it failed.
        has_annotated: Whether there is an annotated copy to download.
    """

    id: str
    account_id: str
    organisation: str
    by_admin: bool
    filename: str
    size: int
    validate_only: bool
    state: ImportState
    rows_done: int
    rows_total: int
    issues: int
    summary: dict[str, Any] | None
    problem: dict[str, Any] | None
    has_annotated: bool
    create_time: datetime
    end_time: datetime | None


@dataclass(frozen=True)
class ImportIssue:
    """What is wrong with one cell of an imported roster."""

    number: int
    severity: str
    sheet: str
    row: int
    column: str
    value: str
    rule: str
    reason: str
    advice: str
    message_en: str


@dataclass(frozen=True)
class ImportResult:
    """How an import ended."""

    state: ImportState
    summary: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    annotated: bytes = b""
    issues: list[ImportIssue] = field(default_factory=list)
    rows_done: int = 0
    rows_total: int = 0


@dataclass(frozen=True)
class CalendarFeed:
    """A calendar that can be subscribed to.

    Attributes:
        create_time: When its present address was made.
        fetch_time: When it was last asked for; None for never.
    """

    create_time: datetime
    fetch_time: datetime | None


class CohortState(StrEnum):
    """Where the matching of a cohort stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class CohortLine:
    """What a page says of one request of a cohort.

    Attributes:
        name: Title of the request, or name of the mentee.
        asks: What is asked, in a line.
        mentors: How many people are wanted.
        request_id: Empty for a mentee: there is no request that is kept.
    """

    name: str
    asks: str
    mentors: int
    request_id: str = ""


@dataclass(frozen=True)
class Cohort:
    """A cohort and what came of it.

    Attributes:
        left_out: Rows that could not be taken, each with the reason.
        request: The contract's message, as it was sent.
        response: The answer, once it is done.
        problem: reason and message, where it failed.
    """

    id: str
    organisation: str
    state: CohortState
    lines: list[CohortLine]
    left_out: list[str]
    request: bytes
    response: bytes | None
    problem: dict[str, str] | None
    create_time: datetime
    end_time: datetime | None


def fold_username(username: str) -> str:
    """The form in which usernames are kept and compared."""
    return text.fold(username)


def username_violations(username: str) -> list[Violation]:
    """What is wrong with a username."""
    folded = fold_username(username)
    if not 1 <= len(folded) <= USERNAME_MAX:
        return [Violation("username", "string.length", f"must have 1 to {USERNAME_MAX} characters")]
    return text_violations(username=(username, USERNAME_MAX * 2))


def password_violations(password: str, field_name: str = "password") -> list[Violation]:
    """What is wrong with a new password."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        message = f"must have {PASSWORD_MIN} to {PASSWORD_MAX} characters"
        return [Violation(field_name, "password.length", message)]
    return []


def role_violations(role: Role, organisation: str, profile_id: str) -> list[Violation]:
    """What a role lacks: HR and coordinators belong to an organisation, retirees have a profile."""
    if role == Role.SERVICE:
        return [Violation("role", "enum.defined_only", "must be hr, retiree, coordinator or admin")]
    if role in {Role.HR, Role.COORDINATOR} and not organisation.strip():
        return [Violation("organisation", "account.organisation", f"the role {role} needs an organisation")]
    if role == Role.RETIREE and not profile_id:
        return [Violation("profile_id", "account.profile", "the role retiree needs the id of the person's profile")]
    return []


def text_violations(**values: tuple[str, int]) -> list[Violation]:
    """What is wrong with texts kept here, each given with its greatest length."""
    violations = []
    for name, (value, longest) in values.items():
        if "\0" in value:
            violations.append(Violation(name, "string.no_nul", "must not contain NUL"))
        if len(value) > longest:
            violations.append(Violation(name, "string.max_len", f"must be at most {longest} characters"))
    return violations


def new_secret() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """What is kept of a random secret. A plain hash will do: there is nothing to guess in 256 random bits."""
    return sha256(secret.encode("utf-8", "replace")).digest()
