"""The SQL of the figures: what became of requests, invitations, opt-ins and engagements in a period.

Only the texts below go into the statements; every value is a parameter. What a figure counts stands in the contract.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from psycopg.rows import DictRow

from yinling_common.database import Connection, Database
from yinling_matching.domain import MentoringRequest, RequestState
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    TurnDownReason,
)
from yinling_matching.figures.domain import Count, Counted, Period, Rating, Scope, TimeTo
from yinling_matching.request_rows import SELECT, request_of

MOST_REQUESTS = 2000
"""So many requests, the newest, are looked at for their skills."""

_IN_PERIOD = "create_time >= %(start)s AND create_time < %(end)s"
_ENTERPRISE, _MENTOR = 1, 2  # sides of feedback

# Requests for which one of the people of an office was shown, invited or offered themselves.
_CONCERNED = """id IN (
    SELECT mentoring_request_id FROM invitations WHERE office = %(office)s
    UNION SELECT mentoring_request_id FROM opt_ins WHERE office = %(office)s
    UNION SELECT request_id FROM exposures WHERE profile_id = ANY(%(people)s::uuid[])
)"""

_LASTED = """SELECT count(*) AS count,
    percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY greatest(took, '0')) AS spread FROM ({}) AS measured"""

# Whoever was shown for a draft was there before it was opened: that took no time.
_TO_SUGGESTION = """
    SELECT shown.first - request.open_time AS took
    FROM (
        SELECT request_id, min(create_time) AS first FROM exposures
        WHERE {people} AND request_id IN (
            SELECT request_id FROM exposures WHERE first_day BETWEEN %(first)s AND %(last)s AND {people}
        )
        GROUP BY request_id HAVING bool_and(create_time IS NOT NULL)
    ) AS shown
    JOIN (SELECT id, open_time FROM mentoring_requests WHERE {requests}) AS request ON request.id = shown.request_id
    WHERE shown.first >= %(start)s AND shown.first < %(end)s AND request.open_time IS NOT NULL
"""

_TO_REPLY = """
    SELECT update_time - create_time AS took FROM invitations
    WHERE state IN (2, 3) AND update_time >= %(start)s AND update_time < %(end)s AND {things}
    UNION ALL
    SELECT update_time - create_time FROM opt_ins
    WHERE state IN (2, 3) AND closed_because = 0 AND update_time >= %(start)s AND update_time < %(end)s AND {things}
"""

_TO_ENGAGEMENT = """
    SELECT engaged.first - request.open_time AS took
    FROM (
        SELECT mentoring_request_id, min(create_time) AS first FROM engagements WHERE {things}
        GROUP BY mentoring_request_id
    ) AS engaged
    JOIN mentoring_requests AS request ON request.id = engaged.mentoring_request_id
    WHERE engaged.first >= %(start)s AND engaged.first < %(end)s AND request.open_time IS NOT NULL
"""

_OPEN = "SELECT count(*) AS count FROM mentoring_requests WHERE state = 2 AND {requests}"
_STATES = """SELECT state AS what, count(*) AS count FROM {table}
    WHERE {period} AND {scope} GROUP BY what ORDER BY what"""
_REASONS = """SELECT {reason} AS what, count(*) AS count, count(DISTINCT profile_id) AS people FROM {table}
    WHERE state = {state} AND {period} AND {scope} GROUP BY what ORDER BY what"""

_HOURS = """
    SELECT coalesce(sum(minutes), 0) / 60.0 AS hours, count(DISTINCT profile_id) AS people FROM mentoring_sessions
    WHERE state = 2 AND start_time >= %(start)s AND start_time < %(end)s AND {things}
"""

_SHOWN = """
    SELECT count(DISTINCT profile_id) AS people FROM exposures
    WHERE first_day BETWEEN %(first)s AND %(last)s AND {people} AND {of_enterprise}
"""

# Of an answer that was not given there is nothing; who gave none at all is left out.
# From when both have written: before that, two means read one after the other would tell what one side wrote.
_RATINGS = """
    SELECT side, avg(mean) AS mean, count(DISTINCT profile_id) AS people
    FROM (
        SELECT own.side, own.profile_id, (own.goals + own.cooperation + own.again)::float / nullif(
            (own.goals > 0)::int + (own.cooperation > 0)::int + (own.again > 0)::int, 0) AS mean
        FROM engagement_feedback own JOIN engagement_feedback other
            ON other.engagement_id = own.engagement_id AND other.phase = own.phase AND other.side <> own.side
        WHERE own.phase = 2 AND greatest(own.create_time, other.create_time) >= %(start)s
            AND greatest(own.create_time, other.create_time) < %(end)s
            AND own.engagement_id IN (SELECT id FROM engagements WHERE {things})
    ) AS answers
    WHERE mean IS NOT NULL GROUP BY side
"""

# Open on at least one day of the period; by its end drafts were not, and what was filled by then needs nobody.
_ASKED = f"""{SELECT} WHERE open_time < %(end)s AND (end_time IS NULL OR end_time >= %(start)s)
    AND (%(enterprise)s = '' OR organisation = %(enterprise)s) ORDER BY open_time DESC, id LIMIT %(most)s"""
_FILLED = "SELECT id FROM mentoring_requests WHERE state = 3 AND end_time >= %(start)s AND end_time < %(end)s"


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests that were open in a period, the newest first.

    Attributes:
        unfilled: Ids of those that were not filled by its end.
    """

    requests: Sequence[MentoringRequest]
    unfilled: frozenset[str]


class FiguresRepository:
    """Reads, of one state of the database. Every call may raise DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, scope: Scope, period: Period, people: Collection[str]) -> Counted:
        """Everything but the skills.

        Args:
            scope: Whose figures.
            period: When.
            people: Ids of the people of the office; not looked at where it is not about one.
        """
        of = _conditions(scope)
        values = {
            "start": period.start,
            "end": period.end,
            "first": period.first,
            "last": period.last,
            "enterprise": scope.enterprise,
            "office": scope.office,
            "people": list(people) if scope.office else [],
        }
        async with self._database.transaction() as conn:
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            read = _Read(conn, of, values)
            (open_now,) = await read.rows(_OPEN)
            (hours,) = await read.rows(_HOURS)
            (shown,) = await read.rows(_SHOWN)
            ratings = {row["side"]: Rating(float(row["mean"]), row["people"]) for row in await read.rows(_RATINGS)}
            return Counted(
                requests=await read.states("mentoring_requests", RequestState, "{requests}"),
                open_requests=open_now["count"],
                time_to_suggestion=await read.lasted(_TO_SUGGESTION),
                time_to_reply=await read.lasted(_TO_REPLY),
                time_to_engagement=await read.lasted(_TO_ENGAGEMENT),
                invitations=await read.states("invitations", InvitationState),
                opt_ins=await read.states("opt_ins", OptInState),
                decline_reasons=await read.reasons(
                    "invitations", InvitationState.DECLINED, DeclineReason, "decline_reason"
                ),
                turn_down_reasons=[
                    *await read.reasons("opt_ins", OptInState.TURNED_DOWN, TurnDownReason, "turn_down_reason"),
                    *await read.reasons("opt_ins", OptInState.TURNED_DOWN, ClosedBecause, "closed_because"),
                ],
                engagements=await read.states("engagements", EngagementState),
                end_reasons=await read.reasons("engagements", EngagementState.ENDED_EARLY, EndReason, "end_reason"),
                hours_given=float(hours["hours"]),
                mentors_active=hours["people"],
                people_shown=shown["people"],
                enterprise_rating=ratings.get(_ENTERPRISE, Rating()),
                mentor_rating=ratings.get(_MENTOR, Rating()),
            )

    async def asked(self, scope: Scope, period: Period) -> Asked:
        """The requests whose skills count: of the enterprise, or of all of them."""
        values = {"start": period.start, "end": period.end, "enterprise": scope.enterprise, "most": MOST_REQUESTS}
        async with self._database.connection() as conn:
            rows = await (await conn.execute(_ASKED.encode(), values)).fetchall()
            filled = {str(row["id"]) for row in await (await conn.execute(_FILLED, values)).fetchall()}
        requests = [request_of(row) for row in rows]
        return Asked(requests, frozenset(request.id for request in requests) - filled)


def _conditions(scope: Scope) -> Mapping[str, str]:
    """Which rows count: of requests, of what stands between the sides, and of exposures."""
    of_enterprise = "request_id IN (SELECT id FROM mentoring_requests WHERE organisation = %(enterprise)s)"
    if scope.enterprise:
        own = "organisation = %(enterprise)s"
        return {"requests": own, "things": own, "people": "true", "of_enterprise": of_enterprise}
    if scope.office:
        people = "profile_id = ANY(%(people)s::uuid[])"
        return {"requests": _CONCERNED, "things": "office = %(office)s", "people": people, "of_enterprise": "true"}
    return {"requests": "true", "things": "true", "people": "true", "of_enterprise": "true"}


class _Read:
    """Statements on one connection, for one scope and period."""

    def __init__(self, conn: Connection, of: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._conn, self._of, self._values = conn, of, values

    async def rows(self, statement: str) -> list[DictRow]:
        """Those of a statement with places for the conditions."""
        return await (await self._conn.execute(statement.format(**self._of).encode(), self._values)).fetchall()

    async def states(self, table: str, states: type[IntEnum], scope: str = "{things}") -> list[Count]:
        """What was made in the period, by where it stands."""
        statement = _STATES.format(table=table, period=_IN_PERIOD, scope=scope)
        return [Count(states(row["what"]), row["count"]) for row in await self.rows(statement)]

    async def reasons(self, table: str, state: IntEnum, reasons: type[IntEnum], column: str) -> list[Count]:
        """Why what was made in the period ended so."""
        statement = _REASONS.format(
            table=table, state=state.value, reason=column, period=_IN_PERIOD, scope="{things} AND " + column + " > 0"
        )
        return [Count(reasons(row["what"]), row["count"], row["people"]) for row in await self.rows(statement)]

    async def lasted(self, measured: str) -> TimeTo:
        """How long something took."""
        (row,) = await self.rows(_LASTED.format(measured))
        return TimeTo(row["count"], *row["spread"]) if row["count"] else TimeTo()
