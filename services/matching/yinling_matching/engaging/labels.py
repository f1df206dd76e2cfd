"""What stands beside a thing when it is shown, and is kept elsewhere: titles, names, and what was held."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from yinling_common.database import Database
from yinling_common.identity import current
from yinling_matching.engaging.domain import Engagement, Kind, Thing
from yinling_matching.engaging.people import People
from yinling_matching.engaging.states import UNDER_WAY, side_of
from yinling_matching.engaging.unit import party_in

Message = TypeVar("Message")


@dataclass(frozen=True, slots=True)
class Label:
    """What is shown with one thing.

    Attributes:
        title: Of its request.
        name: Of its person; empty where they are no longer here.
        held_minutes: Of an engagement: minutes of the sessions held.
        held_sessions: Likewise their number.
        contact: Of an engagement: whether the enterprise's contact is for the caller.
    """

    title: str = ""
    name: str = ""
    held_minutes: int = 0
    held_sessions: int = 0
    contact: bool = False


class Labels:
    """Looks up what is shown, once for a whole page.

    Args:
        database: For titles and sessions.
        people: For names.
    """

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def of(self, things: Sequence[Thing]) -> dict[str, Label]:
        """The labels, by the id of the thing."""
        if not things:
            return {}
        caller = current()
        engagements = [thing.id for thing in things if isinstance(thing, Engagement)]
        titles, held = await self._kept(list({thing.mentoring_request_id for thing in things}), engagements)
        here = await self._people.find(list({thing.profile_id for thing in things}))
        labels = {}
        for thing in things:
            minutes, sessions, under_way = held.get(thing.id, (0, 0, False))
            party = party_in(caller, thing)
            labels[thing.id] = Label(
                title=titles.get(thing.mentoring_request_id, ""),
                name=here[thing.profile_id].name if thing.profile_id in here else "",
                held_minutes=minutes,
                held_sessions=sessions,
                contact=under_way and party is not None and side_of(party) is not None,
            )
        return labels

    async def messages(self, things: Sequence[Kind], convert: Callable[[Kind, Label], Message]) -> list[Message]:
        """What is answered of some things."""
        labels = await self.of(things)
        return [convert(thing, labels[thing.id]) for thing in things]

    async def message(self, thing: Kind, convert: Callable[[Kind, Label], Message]) -> Message:
        """What is answered of one thing."""
        return convert(thing, (await self.of([thing]))[thing.id])

    async def _kept(
        self, requests: Sequence[str], engagements: Sequence[str]
    ) -> tuple[dict[str, str], dict[str, tuple[int, int, bool]]]:
        """Titles by request; minutes and number of the sessions held by engagement, and whether it is under way now.

        What is answered to a call that is sent again is the engagement as it was then.
        """
        async with self._database.connection() as conn:
            found = await conn.execute("SELECT id, title FROM mentoring_requests WHERE id = ANY(%s)", [requests])
            titles = {str(row["id"]): str(row["title"]) for row in await found.fetchall()}
            if not engagements:
                return titles, {}
            found = await conn.execute(
                "SELECT e.id, e.state, coalesce(sum(s.minutes), 0) AS minutes, count(s.id) AS sessions"
                " FROM engagements e LEFT JOIN mentoring_sessions s ON s.engagement_id = e.id AND s.state = 2"
                " WHERE e.id = ANY(%s) GROUP BY e.id",
                [engagements],
            )
            held = {
                str(row["id"]): (row["minutes"], row["sessions"], row["state"] in UNDER_WAY)
                for row in await found.fetchall()
            }
        return titles, held
