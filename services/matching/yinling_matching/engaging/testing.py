"""Helps tests to bring two sides together, and to check that what must always hold holds."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from typing_extensions import override
from yinling.matching.v1 import engagement_pb2 as messages
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.errors import NotFound
from yinling_common.identity import Identity, Role
from yinling_matching.converters.values import timestamp
from yinling_matching.domain import Person
from yinling_matching.engaging.contacts import Contact, Contacts
from yinling_matching.notices.testing import check_notices

COMPANY, OFFICE = "攀钢集团", "矿务局"

HR = Identity("hr-1", Role.HR, organisation=COMPANY)
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation=OFFICE)
OTHER_COORDINATOR = Identity("co-2", Role.COORDINATOR, organisation="别的局")
ADMIN = Identity("admin", Role.ADMIN)
SERVICE = Identity("matching", Role.SERVICE)


class FakeContacts(Contacts):
    """Contacts in a dict.

    Attributes:
        kept: By person.
        readers: Account and engagement of each read.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Contact] = {}
        self.readers: list[tuple[str, str]] = []

    @override
    async def of(self, profile_id: str, reader: Identity, engagement_id: str) -> Contact:
        if profile_id not in self.kept:
            raise NotFound("profile", profile_id)
        self.readers.append((reader.subject, engagement_id))
        return self.kept[profile_id]


CallMethod = Callable[..., Awaitable[Any]]
"""(method, request message, caller) to the answer."""


def retiree(person: Person) -> Identity:
    """A person as a caller."""
    return Identity(f"r-{person.id}", Role.RETIREE, profile_id=person.id)


def somebody(capacity: int | None = None, hours_per_week: int = 0) -> Person:
    """A person whom a request may find."""
    return Person(
        str(uuid4()),
        organisation=OFFICE,
        name="老张",
        last_position="通风工程师",
        capacity=capacity,
        hours_per_week=hours_per_week,
    )


class Sides:
    """Calls the service as the two sides do. `call` is asked for each call."""

    def __init__(self, call: CallMethod) -> None:
        self._call = call

    async def create(self, caller: Identity = HR, **fields: Any) -> pb.MentoringRequest:  # noqa: ANN401 - see below
        """Make a request. The fields are the contract's, here and below."""
        request = pb.MentoringRequest(**{"organisation": COMPANY, "title": "矿井通风"} | fields)
        asked = service_pb.CreateMentoringRequestRequest(mentoring_request=request)
        made: pb.MentoringRequest = await self._call("CreateMentoringRequest", asked, caller)
        return made

    async def do(self, method: str, id_: str, caller: Identity, **fields: Any) -> Any:  # noqa: ANN401 - of the contract
        """Any call that is about one thing."""
        module = service_pb if hasattr(service_pb, f"{method}Request") else engagement_pb
        return await self._call(method, getattr(module, f"{method}Request")(id=id_, **fields), caller)

    async def invite(self, request_id: str, *people: Person, caller: Identity = HR, key: str = "") -> list[Any]:
        """Invite people; returns the invitations."""
        asked = engagement_pb.InviteMentorsRequest(
            mentoring_request_id=request_id, profile_ids=[one.id for one in people], message="请您出山", request_id=key
        )
        return list((await self._call("InviteMentors", asked, caller)).invitations)

    async def offer(self, request_id: str, person: Person, caller: Identity | None = None, key: str = "") -> Any:  # noqa: ANN401 - as above
        """A person offers themselves."""
        asked = engagement_pb.OfferMentoringRequest(
            mentoring_request_id=request_id, profile_id=person.id, message="我愿意", request_id=key
        )
        return await self._call("OfferMentoring", asked, caller or retiree(person))

    async def engage(self, person: Person, **fields: Any) -> Any:  # noqa: ANN401 - as above
        """Make a request, and an engagement of it."""
        (sent,) = await self.invite((await self.create(**fields)).id, person)
        return await self.do("AcceptInvitation", sent.id, retiree(person))

    async def log(
        self,
        engagement_id: str,
        start: datetime,
        caller: Identity = HR,
        *,
        minutes: int = 60,
        key: str = "",
        **words: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        """Log a session; returns it with the hours of its week."""
        session = messages.MentoringSession(
            engagement_id=engagement_id, minutes=minutes, start_time=timestamp(start), **words
        )
        asked = engagement_pb.LogMentoringSessionRequest(session=session, request_id=key)
        return await self._call("LogMentoringSession", asked, caller)

    async def feedback(
        self,
        engagement_id: str,
        caller: Identity,
        phase: messages.FeedbackPhase.ValueType,
        *answers: int,
        words: str = "",
    ) -> Any:  # noqa: ANN401 - as above
        """Say how it goes or went: goals, cooperation, again."""
        said = messages.EngagementFeedback(engagement_id=engagement_id, phase=phase, words=words)
        for name, answer in zip(("goals", "cooperation", "again"), answers, strict=False):
            setattr(said, name, answer)
        return await self._call(
            "WriteEngagementFeedback", engagement_pb.WriteEngagementFeedbackRequest(feedback=said), caller
        )


async def check_invariants(
    database: Database,
    capacity: Mapping[str, int],
    delivered: Sequence[Mapping[str, Any]] | None = None,
    unasked: Collection[str] = (),
) -> None:
    """Raise AssertionError where something does not hold that must hold after every transaction.

    Args:
        database: Of matching.
        capacity: Engagements at once, by person.
        delivered: The notices where they were delivered to; None where nobody has acknowledged any yet.
        unasked: Ids of engagements that ended when the person had gone.
    """
    async with database.connection() as conn:

        async def rows(query: str) -> list[dict[str, Any]]:
            return list(await (await conn.execute(query.encode())).fetchall())

        too_many = await rows(
            "SELECT r.id FROM mentoring_requests r JOIN engagements e ON e.mentoring_request_id = r.id"
            " WHERE e.state <> 4 GROUP BY r.id HAVING count(*) > greatest(r.mentors_wanted, 1)"
        )
        _expect(not too_many, "more engagements than a request wants", too_many)
        busy = await rows("SELECT profile_id, count(*) AS n FROM engagements WHERE state <= 2 GROUP BY profile_id")
        over = [row for row in busy if row["n"] > capacity[str(row["profile_id"])]]
        _expect(not over, "more engagements than a person gives places", over)
        miscounted = await rows(
            "SELECT p.profile_id FROM people_places p WHERE taken <>"
            " (SELECT count(*) FROM engagements e WHERE e.profile_id = p.profile_id AND e.state <= 2)"
        )
        _expect(not miscounted, "places are miscounted", miscounted)
        for table, column in (("invitations", "invitation_id"), ("opt_ins", "opt_in_id")):
            unlike = await rows(
                f"SELECT t.id, e.id AS other FROM {table} t FULL JOIN"  # noqa: S608 - names of ours
                f" (SELECT * FROM engagements WHERE {column} IS NOT NULL) e ON e.{column} = t.id"
                " WHERE (t.state = 2) IS DISTINCT FROM (e.id IS NOT NULL) OR t.engagement_id IS DISTINCT FROM e.id"
            )
            _expect(not unlike, f"{table} and engagements disagree", unlike)
            forgotten = await rows(
                f"SELECT t.id FROM {table} t JOIN mentoring_requests r ON r.id = t.mentoring_request_id"  # noqa: S608 - as above
                " WHERE t.state = 1 AND r.state <> 2"
            )
            _expect(not forgotten, f"{table} wait for a request that is not open", forgotten)
        await _check_audit(rows)
    await check_notices(database, delivered, unasked)


async def check_sessions(database: Database, hours: Mapping[str, int]) -> None:
    """Raise AssertionError where somebody gives more than they allow, sessions overlap, or are to come after the end.

    Args:
        database: Of matching.
        hours: Allowed a week, by person.
    """
    async with database.connection() as conn:
        found = await conn.execute(
            "SELECT profile_id, date_trunc('week', start_time AT TIME ZONE interval '8 hours') AS week,"
            " sum(minutes) AS minutes FROM mentoring_sessions WHERE state <> 3 GROUP BY 1, 2"
        )
        weeks = await found.fetchall()
        found = await conn.execute(
            "SELECT one.id, other.id AS other FROM mentoring_sessions one JOIN mentoring_sessions other"
            " ON one.engagement_id = other.engagement_id AND one.id < other.id AND one.state <> 3 AND other.state <> 3"
            " AND one.start_time < other.start_time + make_interval(mins => other.minutes)"
            " AND other.start_time < one.start_time + make_interval(mins => one.minutes)"
        )
        overlapping = await found.fetchall()
        found = await conn.execute(
            "SELECT s.id FROM mentoring_sessions s JOIN engagements e ON e.id = s.engagement_id"
            " WHERE s.state = 1 AND e.state > 2 AND s.start_time > now()"
        )
        after_the_end = await found.fetchall()
    over = [row for row in weeks if row["minutes"] > 60 * hours[str(row["profile_id"])]]
    _expect(not over, "more hours than a person gives", over)
    _expect(not overlapping, "sessions of an engagement overlap", overlapping)
    _expect(not after_the_end, "sessions are to come after the end", after_the_end)


async def _check_audit(rows: Callable[[str], Awaitable[list[dict[str, Any]]]]) -> None:
    """Each thing's steps form a chain from nothing to its present state."""
    names = {
        "mentoring_requests": ("draft", "open", "filled", "closed", "expired"),
        "invitations": ("sent", "accepted", "declined", "expired", "withdrawn"),
        "opt_ins": ("offered", "confirmed", "turned_down", "withdrawn"),
        "engagements": ("active", "paused", "completed", "ended_early"),
        "mentoring_sessions": ("planned", "held", "cancelled"),
    }
    steps: dict[str, list[dict[str, Any]]] = {}
    # That feedback was written is no step of its engagement, and that something was read is none of anything.
    for row in await rows(
        "SELECT resource_id, before, after FROM audit_log"
        " WHERE resource <> 'feedback' AND action <> 'read' ORDER BY number"
    ):
        steps.setdefault(str(row["resource_id"]), []).append(row)
    for table, states in names.items():
        for row in await rows(f"SELECT id, state FROM {table}"):  # noqa: S608 - names of ours
            chain = steps.get(str(row["id"]), [])
            state = ""
            for step in chain:
                _expect(step["before"] == state, f"a step of {table} is missing from the audit", chain)
                state = step["after"]
            _expect(state == states[row["state"] - 1], f"the last step of {table} is missing from the audit", chain)


def _expect(holds: bool, what: str, found: object) -> None:
    if not holds:
        raise AssertionError(f"{what}: {found}")
