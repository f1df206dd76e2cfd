"""When a session can be: within reason, and not at the time of another one of the same engagement."""

from datetime import datetime, timedelta

from yinling_common.database import Connection
from yinling_common.errors import InvalidField, Violation
from yinling_matching.days import CHINA
from yinling_matching.engaging.domain import Engagement, MentoringSession
from yinling_matching.engaging.states import SessionState

MOST_MINUTES = 720
BEFORE_THE_BEGINNING = timedelta(days=1)
"""A first meeting may be so many days before both had said yes, in China's calendar."""
LATEST = timedelta(days=730)

_START, _MINUTES = "session.start_time", "session.minutes"


def check_time(start: datetime | None) -> datetime:
    """Raise InvalidField where no time is given."""
    if start is None:
        raise _refusal(_START, "required", "say when it begins")
    return start


def check_minutes(minutes: int) -> None:
    """Raise InvalidField where no length is given."""
    if minutes < 1:
        raise _refusal(_MINUTES, "session.minutes", f"say how long, 1 to {MOST_MINUTES} minutes")


async def check_apart(conn: Connection, engagement: Engagement, session: MentoringSession, now: datetime) -> None:
    """Raise InvalidField where a session cannot be when it is said to be.

    Two sessions of one engagement do not overlap: as a rule the two sides wrote the same one down. Sessions of a
    person's different engagements may, for a lecture is held for several enterprises at once.
    """
    began = engagement.create_time.astimezone(CHINA).date()
    if session.start_time.astimezone(CHINA).date() < began - BEFORE_THE_BEGINNING:
        message = f"the engagement began on {began}; give a time that is not before the day before it"
        raise _refusal(_START, "session.before_engagement", message)
    if session.start_time > now + LATEST:
        raise _refusal(_START, "session.too_late", f"give a time within {LATEST.days} days from now")
    if session.state is SessionState.HELD and session.start_time > now:
        message = "it was held, so it cannot begin in the future; cancel it and plan another"
        raise _refusal(_START, "session.held_in_future", message)
    found = await conn.execute(
        "SELECT start_time, minutes FROM mentoring_sessions WHERE engagement_id = %s AND state <> %s AND id <> %s"
        " AND start_time < %s AND start_time + make_interval(mins => minutes) > %s ORDER BY start_time LIMIT 1",
        [
            engagement.id,
            SessionState.CANCELLED.value,
            session.id,
            session.start_time + timedelta(minutes=session.minutes),
            session.start_time,
        ],
    )
    if other := await found.fetchone():
        begins = f"{other['start_time'].astimezone(CHINA):%Y-%m-%d %H:%M}"
        message = f"there is a session from {begins} for {other['minutes']} minutes; change it, or choose another time"
        raise _refusal(_START, "session.overlap", message)


def _refusal(field: str, rule: str, message: str) -> InvalidField:
    return InvalidField([Violation(field, rule, message)])
