"""Figures as tables in words, for the page and for files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yinling.matching.v1 import engagement_pb2 as engaging
from yinling.matching.v1 import figures_service_pb2 as service
from yinling.matching.v1 import matching_pb2 as matching

from yinling_gateway.pages import labels
from yinling_gateway.pages.engaging import labels as engaging_labels
from yinling_gateway.pages.texts import Texts
from yinling_gateway.reports.figures import FEWER, Compared, acceptance_rate, fill_rate, seconds


def _(text: str) -> str:
    return text


_HOUR, _DAY = 3600.0, 86400.0

_FEWER = {FEWER: _("Reasons that fewer than three people gave")}


def _named(numbers: Mapping[str, int], words: Mapping[int, str]) -> dict[str, str]:
    return {name: words[number] for name, number in numbers.items() if number in words}


_WORDS: dict[str, dict[str, str]] = {
    "requests": _named(dict(matching.MentoringRequest.State.items()), labels.STATE),
    "invitations": _named(dict(engaging.Invitation.State.items()), engaging_labels.INVITATION_STATE),
    "opt_ins": _named(dict(engaging.OptIn.State.items()), engaging_labels.OPT_IN_STATE),
    "engagements": _named(dict(engaging.Engagement.State.items()), engaging_labels.ENGAGEMENT_STATE),
    "decline_reasons": _FEWER | _named(dict(engaging.DeclineReason.items()), engaging_labels.DECLINED_BECAUSE),
    "turn_down_reasons": _FEWER
    | _named(dict(engaging.TurnDownReason.items()), engaging_labels.TURNED_DOWN_BECAUSE)
    | _named(dict(engaging.ClosedBecause.items()), engaging_labels.CLOSED_BECAUSE),
    "end_reasons": _FEWER | _named(dict(engaging.EndReason.items()), engaging_labels.ENDED_BECAUSE),
}

_TITLES = {
    "requests": _("Requests made"),
    "invitations": _("Invitations sent"),
    "opt_ins": _("Offers made"),
    "engagements": _("Engagements begun"),
    "decline_reasons": _("Why invitations were declined"),
    "turn_down_reasons": _("Why offers were turned down"),
    "end_reasons": _("Why engagements ended early"),
}
STATES = ("requests", "invitations", "opt_ins", "engagements")
REASONS = ("decline_reasons", "turn_down_reasons", "end_reasons")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the overview.

    Attributes:
        key: Its name in the contract.
        words: What it is.
        value: As a number in its unit; None where there was nothing to be measured.
        unit: In words; empty for a plain count.
        before: The value of the period before.
        note: What else is to be said.
    """

    key: str
    words: str
    value: float | None
    unit: str
    before: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """How many of something; `share` is the part of the largest, for a bar, 0 to 1."""

    words: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Table:
    """Some lines that belong together. `total` is their sum, `before` that of the period before."""

    key: str
    title: str
    lines: Sequence[Line]
    total: int
    before: int


def overview(compared: Compared, texts: Texts) -> list[Figure]:
    """The figures that are one number each."""
    now, before = compared.now, compared.before
    say, percent, hours = texts.gettext, "%", texts.gettext(_("hours"))
    people = texts.gettext(_("people"))

    def took(key: str, words: str) -> Figure:
        found: service.TimeTo = getattr(now, key)
        measured, earlier = seconds(found), seconds(getattr(before, key))
        note = ""
        if measured:
            note = say(_("nine in ten within %(time)s; measured on %(count)d"))
            note %= {"time": duration(measured[1], texts), "count": found.count}
        return Figure(key, say(words), _hours(measured), hours, _hours(earlier), note)

    def rating(key: str, words: str) -> Figure:
        of_five = say(_("of 5"))
        return Figure(key, say(words), getattr(now, key) or None, of_five, getattr(before, key) or None)

    shown_note = say(_("of %(count)d who can be found")) % {"count": now.people}
    return [
        Figure("open_requests", say(_("Requests open now")), now.open_requests, "", None),
        Figure(
            "fill_rate",
            say(_("Requests that are filled")),
            _percent(fill_rate(now)),
            percent,
            _percent(fill_rate(before)),
        ),
        took("time_to_suggestion", _("To the first suggestion")),
        took("time_to_reply", _("To an answer")),
        took("time_to_engagement", _("To the first engagement")),
        Figure(
            "acceptance_rate",
            say(_("Invitations accepted, of those answered")),
            _percent(acceptance_rate(now)),
            percent,
            _percent(acceptance_rate(before)),
        ),
        Figure("hours_given", say(_("Hours of mentoring given")), now.hours_given, hours, before.hours_given),
        Figure("mentors_active", say(_("Mentors who gave them")), now.mentors_active, people, before.mentors_active),
        Figure("people_shown", say(_("People shown")), now.people_shown, people, before.people_shown, shown_note),
        rating("enterprise_rating", _("What enterprises say of mentors")),
        rating("mentor_rating", _("What mentors say of enterprises")),
    ]


def tables(compared: Compared, keys: Iterable[str], texts: Texts) -> list[Table]:
    """How what was made is spread over states or reasons."""
    found = []
    for key in keys:
        counts: Sequence[service.NamedCount] = getattr(compared.now, key)
        most = max((one.count for one in counts), default=0)
        words = _WORDS[key]
        lines = [
            Line(texts.gettext(words.get(one.name, one.name)), one.count, one.count / most if most else 0.0)
            for one in counts
        ]
        before = sum(one.count for one in getattr(compared.before, key))
        found.append(Table(key, texts.gettext(_TITLES[key]), lines, sum(line.count for line in lines), before))
    return found


def duration(took: float, texts: Texts) -> str:
    """Write seconds as people say them."""
    if took < _HOUR:
        return texts.ngettext("%(num)d minute", "%(num)d minutes", round(took / 60))
    if took < 2 * _DAY:
        return texts.gettext("%(n)s hours") % {"n": f"{took / _HOUR:.1f}"}
    return texts.gettext("%(n)s days") % {"n": f"{took / _DAY:.1f}"}


def written(figure: Figure, value: float | None, texts: Texts) -> str:
    """Write a value of a figure."""
    if value is None:
        return "–"
    if figure.key.startswith("time_to"):
        return duration(value * _HOUR, texts)
    if figure.key.endswith("_rate"):
        return f"{value:.0f} %"
    if figure.key.endswith("_rating") or figure.key == "hours_given":
        return f"{value:.1f}"
    return f"{value:.0f}"


def _hours(measured: tuple[float, float] | None) -> float | None:
    return None if measured is None else round(measured[0] / _HOUR, 2)


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)
