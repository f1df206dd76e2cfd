"""The hours that a person gives: counted by week, over all engagements, against what the profile allows.

What others take is no enterprise's business. It is told its own minutes, that little is left, and, where it asks for
more than there is, how much is free, for without that it could plan nothing. The person and their office see it all.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from yinling_common.database import Connection
from yinling_common.errors import HoursExceeded
from yinling_matching.days import begin_of, week_of
from yinling_matching.engaging.domain import MentoringSession
from yinling_matching.engaging.states import SessionState

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekHours:
    """A week of a person.

    Attributes:
        week_start: Monday, in China.
        minutes: Of sessions held or planned, in all engagements.
        allowed_minutes: 0 for no limit.
        own_minutes: Those with the enterprise of the session that it was asked for.
    """

    week_start: date
    minutes: int
    allowed_minutes: int = 0
    own_minutes: int = 0

    @property
    def near_limit(self) -> bool:
        """Whether more than four fifths are taken."""
        return bool(self.allowed_minutes) and 5 * self.minutes > 4 * self.allowed_minutes

    @property
    def exceeded(self) -> bool:
        """Whether it is more than the person gives."""
        return bool(self.allowed_minutes) and self.minutes > self.allowed_minutes


async def spend(
    conn: Connection,
    before: MentoringSession | None,
    session: MentoringSession,
    hours_per_week: int,
    *,
    told: bool,
) -> tuple[WeekHours, bool]:
    """The week of a session with it, and whether this brings the week near the limit.

    The person's row of places must be locked: of two at once the second counts the first.

    Args:
        conn: In the transaction, before the session is written.
        before: The session as it is kept; None for a new one.
        session: As it is to be.
        hours_per_week: That the person gives; 0 where they did not say.
        told: Whether a refusal tells what the week has.

    Raises:
        HoursExceeded: The session would take more of the week than the person gives. What takes no more of it than it
            did is let through: the person may give less now than when it was planned.
    """
    monday = week_of(session.start_time)
    others, with_them = await _minutes_of_others(conn, session, monday)
    counted = before is not None and before.state is not SessionState.CANCELLED and week_of(before.start_time) == monday
    was = WeekHours(monday, others + (before.minutes if before is not None and counted else 0), hours_per_week * 60)
    week = WeekHours(monday, others + session.minutes, hours_per_week * 60, with_them + session.minutes)
    if week.exceeded and week.minutes > was.minutes:
        free = max(0, week.allowed_minutes - others)
        raise HoursExceeded(monday.isoformat(), free, (week.minutes, week.allowed_minutes) if told else None)
    return week, week.near_limit and not was.near_limit


async def _minutes_of_others(conn: Connection, session: MentoringSession, monday: date) -> tuple[int, int]:
    """Of the person's other sessions in the week, and of those with the same enterprise."""
    found = await conn.execute(
        "SELECT coalesce(sum(minutes), 0) AS minutes,"
        " coalesce(sum(minutes) FILTER (WHERE organisation = %s), 0) AS with_them FROM mentoring_sessions"
        " WHERE profile_id = %s AND state <> %s AND start_time >= %s AND start_time < %s AND id <> %s",
        [
            session.organisation,
            session.profile_id,
            SessionState.CANCELLED.value,
            begin_of(monday),
            begin_of(monday + _WEEK),
            session.id,
        ],
    )
    row = await found.fetchone()
    return (int(row["minutes"]), int(row["with_them"])) if row else (0, 0)
