"""One decision: a transaction in which what it rests on is locked, always in the same order.

The order is: the call's key, the request, what stands between the two sides, the person's office, their places, the
position of all places. Whoever touches an invitation, an opt-in or an engagement has locked its request, so no two wait
for each other.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum
from uuid import uuid4

from pydantic import TypeAdapter

from yinling_common.database import Connection, Database
from yinling_common.errors import NotFound, WrongState
from yinling_common.faults import point
from yinling_common.identity import Identity, Role
from yinling_matching import days
from yinling_matching.domain import MentoringRequest, RequestState, new_etag
from yinling_matching.engaging.audit import OURSELVES, REQUEST, record
from yinling_matching.engaging.changing import engaged, places_wanted
from yinling_matching.engaging.domain import Engagement, Invitation, Kind, OptIn, Step, Thing
from yinling_matching.engaging.offices import hold
from yinling_matching.engaging.once import Call, T, answered, taken_before
from yinling_matching.engaging.people import Known, People
from yinling_matching.engaging.places import Places, count_places, lock_places
from yinling_matching.engaging.states import EngagementState, Party, named, party_of
from yinling_matching.engaging.tables import ENGAGEMENTS, Table
from yinling_matching.engaging.telling import tell_of
from yinling_matching.handlers import has_expired
from yinling_matching.notices.domain import Audience, NoticeKind
from yinling_matching.privacy.erased import erased
from yinling_matching.request_rows import change_request, lock_request


@dataclass
class Unit:
    """What a decision can read and write.

    Attributes:
        conn: In the transaction.
        by: Who decides.
        now: When.
        people: Who is here.
    """

    conn: Connection
    by: Identity
    now: datetime
    people: People

    async def request(self, request_id: str) -> MentoringRequest:
        """A request, locked. Raises NotFound; whether the caller may see it is not asked."""
        request = await lock_request(self.conn, request_id)
        if request is None:
            raise NotFound(REQUEST, request_id)
        return request

    async def change(
        self, kept: MentoringRequest, revised: MentoringRequest, by: Identity | None = None
    ) -> MentoringRequest:
        """Replace a locked request; returns what it became. `by` stands for whoever decides."""
        revised = replace(revised, update_time=self.now, etag=new_etag())
        return await change_request(self.conn, kept, revised, by or self.by)

    async def both(self, table: Table[Kind], id_: str) -> tuple[MentoringRequest, Kind]:
        """Something that the caller has a part in, and its request, both locked. Raises NotFound."""
        seen = await table.get(self.conn, id_)
        if seen is None or not sees(self.by, seen):
            raise NotFound(table.resource, id_)
        request = await self.request(seen.mentoring_request_id)
        locked = await table.get(self.conn, id_, lock=True)
        if locked is None or not sees(self.by, locked):  # the person moved to another office meanwhile, or was erased
            raise NotFound(table.resource, id_)
        return request, locked

    async def person(self, profile_id: str) -> Known:
        """A person. Raises WrongState where they are no longer here."""
        person = (await self.people.expect([profile_id])).get(profile_id)
        if person is None:
            raise WrongState("person_gone", "the person's profile, with their consent")
        return person

    async def here(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        """Those of some people who are here, by id; rows about them can be written. The request is locked.

        Of their offices that which rows are to have: a replica that is behind may know an older one.
        """
        people = await self.people.expect(profile_ids)
        gone = await erased(self.conn, people)
        return await hold(self.conn, {id_: person for id_, person in people.items() if id_ not in gone})

    async def record(
        self, table: Table[Kind], thing: Kind, action: str, before: IntEnum | None, changed: Sequence[str] = ()
    ) -> None:
        """Write a step down, with the names of the fields that it changed."""
        step = Step(
            by=self.by,
            resource=table.resource,
            resource_id=thing.id,
            action=action,
            before=named(before) if before is not None else "",
            after=named(thing.state),
            mentoring_request_id=thing.mentoring_request_id,
            profile_id=thing.profile_id,
            fields=dict.fromkeys(changed),
        )
        await record(self.conn, step, self.now)

    async def tell(
        self, kind: NoticeKind, audience: Audience, request: MentoringRequest, thing: Thing, **facts: str
    ) -> None:
        """Tell one side of a step; see `tell_of`."""
        await tell_of(self.conn, kind, audience, request, thing, by=self.by, now=self.now, **facts)

    async def engage(self, request: MentoringRequest, thing: Invitation | OptIn) -> Engagement:
        """Both said yes: make the engagement. The request and what it came from are locked.

        Write the engagement's id into that; then call `engaged`.

        Raises:
            WrongState: The request is not open, or no place of the request or of the person is free.
        """
        check_open(request, self.now)
        if (taken := await engaged(self.conn, request.id)) >= places_wanted(request):
            raise WrongState(named(RequestState.FILLED), f"a free place; all {taken} are taken")
        places = await lock_places(self.conn, thing.profile_id)
        point("engage.places_locked")
        person = await self.person(thing.profile_id)
        if places >= person.capacity:
            raise WrongState("person_full", f"a free place of the person; all {person.capacity} are taken")
        engagement = Engagement(
            id=str(uuid4()),
            mentoring_request_id=request.id,
            organisation=thing.organisation,
            profile_id=thing.profile_id,
            office=thing.office,
            create_time=self.now,
            update_time=self.now,
            state=EngagementState.ACTIVE,
            invitation_id=thing.id if isinstance(thing, Invitation) else "",
            opt_in_id=thing.id if isinstance(thing, OptIn) else "",
            planned_end_date=days.months_later(
                max(self.now.astimezone(days.CHINA).date(), request.start_date or date.min), request.months
            ),
        )
        await ENGAGEMENTS.insert(self.conn, engagement)
        point("engage.written")
        await self.record(ENGAGEMENTS, engagement, "engage", None)
        point("engage.recorded")
        if isinstance(thing, Invitation):
            await self.tell(NoticeKind.INVITATION_ACCEPTED, Audience.ENTERPRISE, request, engagement)
        else:
            await self.tell(NoticeKind.OPT_IN_CONFIRMED, Audience.PERSON, request, engagement)
        point("engage.told")
        return engagement

    async def engaged(self, request: MentoringRequest, engagement: Engagement) -> None:
        """What follows from an engagement: the request may be filled, and a place of the person is taken."""
        if await engaged(self.conn, request.id) >= places_wanted(request):
            # The logs of the others, whose invitations close now, do not name the person who said yes.
            by = self.by if self.by.role is Role.HR else OURSELVES
            await self.change(request, replace(request, state=RequestState.FILLED), by)
        point("engage.filled")
        await count_places(self.conn, engagement.profile_id)
        point("engage.counted")


class Decisions:
    """Runs decisions.

    Args:
        database: Where they are kept.
        people: Who is here.
        places: Woken after each.
        now: The time.
    """

    def __init__(
        self,
        database: Database,
        people: People,
        places: Places,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database = database
        self.people = people
        self._places = places
        self.now = now

    async def once(self, by: Identity, call: Call, reply: TypeAdapter[T], decide: Callable[[Unit], Awaitable[T]]) -> T:
        """Decide in a transaction, and keep what is answered, so that the same call sent again decides nothing.

        What `decide` raises passes through, and nothing is written, the key of the call included.
        """
        async with self.database.transaction() as conn:
            unit = Unit(conn, by, self.now(), self.people)
            before = await taken_before(conn, call, by, unit.now)
            if before is not None:
                return reply.validate_python(before)
            point("decision.key_taken")
            answer = await decide(unit)
            point("decision.decided")
            await answered(conn, call, by, answer, reply)
            point("decision.before_commit")
        point("decision.committed")
        self._places.wake()
        return answer

    async def ourselves(self, decide: Callable[[Unit], Awaitable[int]]) -> int:
        """Decide what nobody asked for."""
        async with self.database.transaction() as conn:
            return await decide(Unit(conn, OURSELVES, self.now(), self.people))


def party_in(caller: Identity, thing: Thing) -> Party | None:
    """On whose side the caller is of something; None where they have no part in it."""
    return party_of(caller, thing.organisation, thing.profile_id, thing.office)


def sees(caller: Identity, thing: Thing) -> bool:
    """Whether the caller has a part in something."""
    return party_in(caller, thing) is not None


def check_open(request: MentoringRequest, now: datetime) -> None:
    """Raise WrongState unless people can be found for a request."""
    if request.state is not RequestState.OPEN:
        raise WrongState(named(request.state), "an open request")
    if has_expired(request, now):
        raise WrongState(named(RequestState.EXPIRED), "a request whose expire_date has not passed")
