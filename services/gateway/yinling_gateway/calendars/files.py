"""Mentoring sessions as iCalendar (RFC 5545). Times are in UTC, so that no time zone need be described."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vUri
from yinling.matching.v1.engagement_pb2 import MentoringSession

MEDIA_TYPE = "text/calendar; charset=utf-8"

_PRODUCT = "-//Yinling//Yinling 1//ZH"
_LINE_ENDS = str.maketrans({"\r": None, **{chr(code): " " for code in range(32) if chr(code) not in "\t\n\r"}})


@dataclass(frozen=True)
class Words:
    """What a calendar says, in one language."""

    calendar: str
    session: str
    next_step: str


WORDS = {
    "zh": Words("银龄辅导", "辅导：{title}", "下一步："),
    "en": Words("Yinling mentoring", "Mentoring: {title}", "Next: "),
}


@dataclass(frozen=True)
class Reader:
    """For whom a calendar is written.

    Attributes:
        locale: "zh" or "en".
        base_url: Address of the pages, without a slash at the end; events link there.
        is_mentor: Whether they are the mentor: others are told the mentor's name.
    """

    locale: str
    base_url: str
    is_mentor: bool

    @property
    def words(self) -> Words:
        """In their language."""
        return WORDS.get(self.locale, WORDS["zh"])


def calendar(sessions: Iterable[MentoringSession], reader: Reader, *, refresh: timedelta | None = None) -> bytes:
    """A calendar with an event for each session.

    Args:
        sessions: Cancelled ones too: subscribers learn of it so.
        reader: For whom.
        refresh: How often subscribers should look again; None for a file that is loaded once.
    """
    result = Calendar()
    result.add("prodid", _PRODUCT)
    result.add("version", "2.0")
    result.add("calscale", "GREGORIAN")
    result.add("method", "PUBLISH")
    if refresh is not None:
        result.add("name", reader.words.calendar)
        result.add("x-wr-calname", reader.words.calendar)
        result.add("refresh-interval", refresh, parameters={"value": "DURATION"})
        result.add("x-published-ttl", refresh)
    for session in sessions:
        result.add_component(_event(session, reader))
    content: bytes = result.to_ical()
    return content


def _event(session: MentoringSession, reader: Reader) -> Event:
    start, changed = _time(session.start_time.ToDatetime(UTC)), _time(session.update_time.ToDatetime(UTC))
    made = _time(session.create_time.ToDatetime(UTC))
    cancelled = session.state == MentoringSession.STATE_CANCELLED
    event = Event()
    event.add("uid", f"{session.id}@yinling")  # the same for everybody and for ever
    event.add("dtstamp", changed)
    event.add("created", made)
    event.add("last-modified", changed)
    event.add("sequence", max(0, int((changed - made).total_seconds())))  # greater with every change
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=session.minutes))
    title = reader.words.session.format(title=session.mentoring_request_title)
    if session.profile_name and not reader.is_mentor:
        title = f"{title} · {session.profile_name}"
    event.add("summary", _text(title))
    if description := _description(session, reader):
        event.add("description", description)
    if session.place:
        event.add("location", _text(session.place))
    if reader.base_url:
        event.add("url", vUri(f"{reader.base_url}/engagements/{session.engagement_id}"))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return event


def _description(session: MentoringSession, reader: Reader) -> str:
    parts: Sequence[str] = [
        session.summary,
        f"{reader.words.next_step}{session.next_step}" if session.next_step else "",
    ]
    return _text("\n".join(part for part in parts if part))


def _text(value: str) -> str:
    """Control characters are not allowed in a calendar, line feeds apart, which are escaped."""
    return value.translate(_LINE_ENDS)


def _time(value: datetime) -> datetime:
    """To the second: a calendar knows no fractions."""
    return value.replace(microsecond=0)
