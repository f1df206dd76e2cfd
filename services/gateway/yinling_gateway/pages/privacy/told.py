"""The log in plain words: who did what."""

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1.audit_pb2 import AuditEntry

from yinling_gateway.pages.texts import Texts


def _(text: str) -> str:
    """Mark a text for extraction; it is translated where it is shown."""
    return text


_DONE: dict[tuple[str, str], str] = {
    ("profile", "read"): _("looked at the profile"),
    ("profile", "create"): _("put the profile into the roster"),
    ("profile", "update"): _("changed the profile"),
    ("profile", "import"): _("changed the profile by importing a roster"),
    ("profile", "delete"): _("deleted the profile"),
    ("profile", "export"): _("was handed out all data"),
    ("engagement", "read_contact"): _("read telephone, e-mail and WeChat for an engagement"),
    ("mentoring_request", "suggest"): _("was shown the profile as a suggestion"),
    ("invitation", "read"): _("looked at an invitation"),
    ("opt_in", "read"): _("looked at an offer to help"),
    ("engagement", "read"): _("looked at an engagement and its goals"),
    ("mentoring_session", "read"): _("looked at the sessions"),
    ("feedback", "read"): _("read the feedback"),
    ("invitation", "invite"): _("sent an invitation"),
    ("invitation", "accept"): _("accepted an invitation"),
    ("invitation", "decline"): _("declined an invitation"),
    ("invitation", "withdraw"): _("took an invitation back"),
    ("invitation", "remind"): _("reminded of an invitation"),
    ("invitation", "expire"): _("closed an invitation that nobody had answered in time"),
    ("opt_in", "offer"): _("sent an offer to help"),
    ("opt_in", "confirm"): _("accepted an offer to help"),
    ("opt_in", "turn_down"): _("turned an offer to help down"),
    ("opt_in", "withdraw"): _("took an offer to help back"),
    ("engagement", "engage"): _("began an engagement"),
    ("engagement", "update"): _("changed an engagement"),
    ("engagement", "pause"): _("paused an engagement"),
    ("engagement", "resume"): _("went on with an engagement"),
    ("engagement", "complete"): _("completed an engagement"),
    ("engagement", "end"): _("ended an engagement early"),
    ("mentoring_session", "plan"): _("planned a session"),
    ("mentoring_session", "log"): _("wrote a session down"),
    ("mentoring_session", "hold"): _("wrote down that a session took place"),
    ("mentoring_session", "update"): _("changed a session"),
    ("mentoring_session", "cancel"): _("cancelled a session"),
    ("mentoring_session", "cancel_with_engagement"): _("ended the engagement, which cancelled a session still to come"),
    ("feedback", "write_halfway"): _("gave feedback halfway"),
    ("feedback", "write_end"): _("gave feedback at the end"),
}
_CLOSED = _("closed what was waiting for an answer")
_GAVE, _TOOK = _("agreed that enterprises may find the profile"), _("changed or took back the consent")
_ENTERPRISE, _OFFICE = _("%(organisation)s, an enterprise"), _("%(organisation)s, the retiree office")
_OTHERWISE = _("changed something")

_FIELDS: dict[str, str] = {
    "organisation": _("Organisation"),
    "employee_number": _("Employee number"),
    "name": _("Name"),
    "gender": _("Gender"),
    "birth_year": _("Year of birth"),
    "city": _("City"),
    "former_employer": _("Employer before retirement"),
    "last_position": _("Position before retirement"),
    "title_level": _("Title level"),
    "industry": _("Industry"),
    "years": _("Years of experience"),
    "skills": _("Skills"),
    "experience": _("Experience"),
    "credentials": _("Titles and certificates"),
    "bio": _("In my own words"),
    "modes": _("Way of working"),
    "hours_per_week": _("Hours a week"),
    "travel": _("Travel"),
    "max_distance_km": _("How far from home"),
    "limits": _("What I cannot do"),
    "other_limits": _("What I cannot do"),
    "languages": _("Languages"),
    "wishes": _("My wishes"),
    "capacity": _("At once"),
    "available_from": _("From when"),
    "available_to": _("Until when"),
    "paused": _("Break"),
    "consent.granted": _("Consent"),
    "consent.wording_version": _("Consent"),
    "contact.phone": _("Telephone"),
    "contact.email": _("E-mail"),
    "contact.wechat": _("WeChat"),
    "contact.address": _("Address"),
    "goals": _("Goals"),
    "planned_end_date": _("Planned last day"),
    "enterprise_contact": _("Contact at the enterprise"),
}


@dataclass(frozen=True)
class Told:
    """One line of the log.

    Attributes:
        fields: What changed, in words.
        looked: Somebody else looked at it, and changed nothing.
    """

    time: Timestamp
    who: str
    what: str
    fields: str
    looked: bool


def told(entry: AuditEntry, texts: Texts, *, own: bool) -> Told:
    """An entry in words. `own`: the reader is the person whom it is about."""
    fields = [texts.gettext(_FIELDS[name]) for name in entry.fields if name in _FIELDS]
    listed = texts.listed(dict.fromkeys(fields)) if entry.action in {"update", "import"} else ""
    return Told(
        time=entry.time,
        who=_who(entry, texts, own=own),
        what=texts.gettext(_what(entry)),
        fields=listed,
        looked=entry.action in {"read", "read_contact", "suggest", "export"},
    )


def _what(entry: AuditEntry) -> str:
    if entry.action.startswith("close_"):
        return _CLOSED
    if entry.resource == "profile" and entry.action == "update" and _only_consent(entry.fields):
        return _GAVE if "consent.wording_version" in entry.fields else _TOOK
    return _DONE.get((entry.resource, entry.action), _OTHERWISE)


def _only_consent(fields: Sequence[str]) -> bool:
    return bool(fields) and all(name.startswith("consent.") for name in fields)


def _who(entry: AuditEntry, texts: Texts, *, own: bool) -> str:
    if entry.subject.startswith("gateway.") or (entry.role == "service" and not entry.organisation):
        return texts.gettext("The platform itself")
    if entry.role == "service":
        return texts.gettext(_ENTERPRISE) % {"organisation": entry.organisation}
    if entry.role == "retiree":
        return texts.gettext("You yourself") if own else texts.gettext("The person")
    if entry.role == "admin":
        return texts.gettext("An administrator of the platform")
    message = _OFFICE if entry.role == "coordinator" else _ENTERPRISE
    return texts.gettext(message) % {"organisation": entry.organisation}
