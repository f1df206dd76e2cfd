"""The history of a request: who did what and when, with the fields that changed in words."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as pb

from yinling_common.errors import YinlingError
from yinling_common.identity import Role
from yinling_gateway.pages import labels as words
from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.texts import Texts
from yinling_gateway.pages.visit import Visit

_SHORT = 160
"""Characters of a long text that the history shows of each version."""


@dataclass(frozen=True)
class Field:
    """A field that changed, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    change: pb.MentoringRequestChange
    action: str
    who: str
    fields: list[Field]


async def told(visit: Visit, changes: list[pb.MentoringRequestChange]) -> list[Entry]:
    """Changes as a reader reads them. Names are those of colleagues alone; others are called by their role."""
    names = await _names(visit, {change.subject for change in changes if change.role == Role.HR})
    return [
        Entry(
            change,
            visit.gettext(labels.ACTION.get(change.action, "")),
            _who(visit.texts, change, names),
            [field for field in (_field(visit.texts, one) for one in change.fields) if field.before != field.after],
        )
        for change in changes
    ]


async def _names(visit: Visit, subjects: set[str]) -> dict[str, str]:
    """Names of the accounts of the reader's own organisation; an administrator knows everybody's."""
    found = {}
    own, role = visit.identity.organisation, visit.identity.role
    for subject in subjects:
        with suppress(YinlingError):  # an account may be gone by now
            account = await visit.parts.accounts.get(subject)
            if role is Role.ADMIN or account.organisation == own:
                found[subject] = account.display_name or account.username
    return found


def _who(texts: Texts, change: pb.MentoringRequestChange, names: dict[str, str]) -> str:
    if change.role == Role.SERVICE:
        return texts.gettext("Yinling itself")
    role = texts.gettext(words.ROLE.get(change.role, ""))
    return names.get(change.subject, role)


def _field(texts: Texts, field: pb.MentoringRequestChange.Field) -> Field:
    name = texts.gettext(labels.FIELD.get(field.name, "")) or field.name
    say = _SAID.get(field.name, _plain)
    before, after = (say(texts, _json(value)) for value in (field.before, field.after))
    empty = texts.gettext("empty")
    return Field(name, before or empty, after or empty)


def _json(value: str) -> object:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value


def _plain(texts: Texts, value: object) -> str:
    if value in (None, "", 0, []):
        return ""
    if isinstance(value, list):
        return texts.listed(_plain(texts, one) for one in value)
    text = str(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _number_of(table: dict[int, str], unset: str = "") -> Callable[[Texts, object], str]:
    """Says a value, or a list of values, of an enum of the contract."""

    def say(texts: Texts, value: object) -> str:
        if isinstance(value, list):
            return texts.listed(say(texts, one) for one in value)
        return texts.gettext(table.get(value, "") if isinstance(value, int) and value else unset)

    return say


def _requirements(texts: Texts, value: object) -> str:
    rows = value if isinstance(value, list) else []
    told = []
    for row in rows:
        if isinstance(row, dict):
            level = texts.gettext(words.IMPORTANCE.get(int(row.get("importance") or 1), ""))
            told.append(f"{row.get('text', '')} ({level})")
    return texts.listed(told)


def _day(texts: Texts, value: object) -> str:
    if not isinstance(value, str):
        return ""
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        return value
    return texts.day(types.Date(year=found.year, month=found.month, day=found.day))


def _weights(texts: Texts, value: object) -> str:
    if not isinstance(value, dict):
        return ""
    return texts.listed(f"{number}" for number in value.values() if number is not None)


def _people(texts: Texts, value: object) -> str:
    count = len(value) if isinstance(value, list) else 0
    return texts.ngettext("%(num)d person", "%(num)d people", count) if count else ""


def _language(texts: Texts, value: object) -> str:
    return texts.language_name(str(value or "zh"))


_SAID: dict[str, Callable[[Texts, object], str]] = {
    "mode": _number_of(words.MODE, words.EITHER),
    "physical_demands": _number_of(words.PHYSICAL_DEMAND),
    "wishes": _number_of(words.HARD_RULE),
    "min_title_level": _number_of(words.TITLE_LEVEL),
    "requirements": _requirements,
    "language": _language,
    "start_date": _day,
    "expire_date": _day,
    "weights": _weights,
    "blocked_profile_ids": _people,
}
