"""Domain errors. They carry no status code: `yinling_common.status` has the table for that.

An error's docstring is its default message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import getdoc
from typing import ClassVar


class ErrorReason(StrEnum):
    """The reasons of `yinling.common.v1.ErrorReason`, without the prefix."""

    INVALID_FIELD = "INVALID_FIELD"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"  # noqa: S105 - a reason, not a secret
    INVALID_UPDATE_MASK = "INVALID_UPDATE_MASK"
    UNREADABLE_FILE = "UNREADABLE_FILE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    STALE_ETAG = "STALE_ETAG"
    WRONG_STATE = "WRONG_STATE"
    HOURS_EXCEEDED = "HOURS_EXCEEDED"
    INDEX_BEHIND = "INDEX_BEHIND"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    STORAGE_FULL = "STORAGE_FULL"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class Violation:
    """One field that breaks one rule.

    Attributes:
        field: Path from the request message, for example "profile.birth_year".
        rule: Machine-readable name of the rule, for example "int32.gte_lte".
        message: What is wrong and what to do, in English.
    """

    field: str
    rule: str
    message: str


class YinlingError(Exception):
    """Something went wrong."""

    reason: ClassVar[ErrorReason] = ErrorReason.INTERNAL

    def __init__(
        self,
        message: str = "",
        *,
        metadata: dict[str, str] | None = None,
        violations: Sequence[Violation] = (),
        retry_after: float | None = None,
    ) -> None:
        self.message = message or getdoc(type(self)) or ""
        self.metadata = metadata or {}
        self.violations = list(violations)
        self.retry_after = retry_after
        super().__init__(self.message)


class InvalidField(YinlingError):
    """A field breaks a rule."""

    reason = ErrorReason.INVALID_FIELD

    def __init__(self, violations: Sequence[Violation]) -> None:
        first = violations[0]
        super().__init__(
            "; ".join(f"{v.field}: {v.message}" for v in violations[:10]),
            metadata={"field": first.field, "rule": first.rule},
            violations=violations,
        )


class InvalidPageToken(YinlingError):
    """The page token is damaged or belongs to another list; start again without one."""

    reason = ErrorReason.INVALID_PAGE_TOKEN

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.metadata = {"field": "page_token", "rule": "page_token.valid"}
        self.violations = [Violation("page_token", "page_token.valid", self.message)]


class InvalidUpdateMask(YinlingError):
    """The update mask names a field that does not exist or cannot be set."""

    reason = ErrorReason.INVALID_UPDATE_MASK

    def __init__(self, path: str) -> None:
        message = f'"{path}" is not a field that can be set; leave it out of the update mask'
        super().__init__(
            message,
            metadata={"field": "update_mask", "rule": "update_mask.known", "path": path},
            violations=[Violation("update_mask", "update_mask.known", message)],
        )


class UnreadableFile(YinlingError):
    """The file is not a workbook or CSV file that can be read."""

    reason = ErrorReason.UNREADABLE_FILE


class Unauthenticated(YinlingError):
    """Sign in first."""

    reason = ErrorReason.UNAUTHENTICATED


class Forbidden(YinlingError):
    """You may not do this."""

    reason = ErrorReason.FORBIDDEN


class NotFound(YinlingError):
    """There is no such thing, or none that you may see."""

    reason = ErrorReason.NOT_FOUND

    def __init__(self, resource: str, id: str) -> None:  # noqa: A002 - the name that the resource has for it
        super().__init__(f"there is no {resource} {id} that you may see", metadata={"resource": resource, "id": id})


class AlreadyExists(YinlingError):
    """There is one like it already."""

    reason = ErrorReason.ALREADY_EXISTS

    def __init__(self, resource: str, key: str) -> None:
        super().__init__(f"there is a {resource} {key} already", metadata={"resource": resource, "key": key})


class StaleEtag(YinlingError):
    """It was changed since you read it; read it again and repeat your change."""

    reason = ErrorReason.STALE_ETAG


class WrongState(YinlingError):
    """The state does not allow this."""

    reason = ErrorReason.WRONG_STATE

    def __init__(self, state: str, needs: str) -> None:
        super().__init__(f"it is {state}; this needs {needs}", metadata={"state": state, "needs": needs})


class HoursExceeded(YinlingError):
    """The hours that a person gives in a week do not allow it.

    Args:
        week_start: Monday, as ISO 8601.
        free_minutes: So long it may be.
        week: What the week would have, all enterprises together, and what the person gives, in minutes. None where
            that is not for whoever is refused.
    """

    reason = ErrorReason.HOURS_EXCEEDED

    def __init__(self, week_start: str, free_minutes: int, week: tuple[int, int] | None = None) -> None:
        found = f"{free_minutes} minutes are free"
        metadata = {"week_start": week_start, "free_minutes": str(free_minutes)}
        if week is not None:
            minutes, allowed = week
            found = f"it would be {minutes} minutes of the {allowed} that the person gives, and {found}"
            metadata |= {"minutes": str(minutes), "allowed_minutes": str(allowed)}
        advice = "choose another week, make it shorter, or ask the person to give more"
        super().__init__(f"in the week of {week_start} {found}; {advice}", metadata=metadata)


class IndexBehind(YinlingError):
    """The index has not reached the revision asked for; try again."""

    reason = ErrorReason.INDEX_BEHIND

    def __init__(self, revision: int, asked: int) -> None:
        super().__init__(
            f"the index is at revision {revision}, asked for {asked}; try again",
            metadata={"revision": str(revision), "asked": str(asked)},
            retry_after=1.0,
        )


class DatabaseUnavailable(YinlingError):
    """The database does not answer; try again shortly."""

    reason = ErrorReason.DATABASE_UNAVAILABLE

    def __init__(self, message: str = "") -> None:
        super().__init__(message, retry_after=2.0)


class ServiceUnavailable(YinlingError):
    """A service does not answer; try again shortly."""

    reason = ErrorReason.SERVICE_UNAVAILABLE

    def __init__(self, message: str = "", *, metadata: dict[str, str] | None = None) -> None:
        super().__init__(message, metadata=metadata, retry_after=2.0)


class DeadlineExceeded(YinlingError):
    """There was no answer in time; try again shortly."""

    reason = ErrorReason.DEADLINE_EXCEEDED

    def __init__(self, message: str = "") -> None:
        super().__init__(message, retry_after=2.0)


class TooManyRequests(YinlingError):
    """Too many calls; wait before the next."""

    reason = ErrorReason.TOO_MANY_REQUESTS


class StorageFull(YinlingError):
    """The disk is full or cannot be written; nothing was changed."""

    reason = ErrorReason.STORAGE_FULL


class Internal(YinlingError):
    """A fault of ours; the log has it under the request id."""

    reason = ErrorReason.INTERNAL
