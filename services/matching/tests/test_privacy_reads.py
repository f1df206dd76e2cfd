"""Whoever looks at what is kept between a person and enterprises stands in the log that the person reads."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from yinling.matching.v1 import engagement_service_pb2 as pb
from yinling.matching.v1 import matching_pb2 as matching_pb
from yinling.matching.v1 import matching_service_pb2 as service_pb
from yinling.matching.v1 import privacy_service_pb2 as privacy_pb

from yinling_common.database import Database
from yinling_common.identity import Identity, as_identity
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import ADMIN, COORDINATOR, HR, OTHER_HR, SERVICE, Sides, retiree, somebody
from yinling_matching.privacy import reads
from yinling_matching.privacy.reads import Reads

Line = tuple[str, str, str, str]


async def looks(running: Any, person: Person) -> list[Line]:
    """Who looked at what, as the person reads it, the oldest first."""
    request = privacy_pb.ListAuditEntriesRequest(profile_id=person.id, page_size=200)
    with as_identity(retiree(person)):
        answer = await running.parts.privacy_servicer.ListAuditEntries(request, None)
    found = [one for one in answer.entries if one.action == "read"]
    assert all((one.resource_id, list(one.fields)) == ("", []) for one in found)
    return [(one.resource, one.subject, one.role, one.organisation) for one in reversed(found)]


@pytest.fixture(autouse=True)
def half_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings are written down as of half past, and on: no test begins in one hour and ends in another."""
    ahead = datetime.now(UTC).replace(minute=30) - datetime.now(UTC)

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # an ordinary datetime
            return datetime.now(tz) + ahead

    monkeypatch.setattr(reads, "datetime", Moved)


Reading = Callable[[Any, Sides, Person, Identity], Awaitable[Any]]


async def an_invitation(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    (sent,) = await sides.invite((await sides.create()).id, person)
    await sides.do("GetInvitation", sent.id, by)


async def invitations(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.invite((await sides.create()).id, person)
    await running.call("ListInvitations", pb.ListInvitationsRequest(), by)


async def an_opt_in(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.do("GetOptIn", (await sides.offer((await sides.create()).id, person)).id, by)


async def opt_ins(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.offer((await sides.create()).id, person)
    await running.call("ListOptIns", pb.ListOptInsRequest(), by)


async def an_engagement(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.do("GetEngagement", (await sides.engage(person)).id, by)


async def engagements(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.engage(person)
    await running.call("ListEngagements", pb.ListEngagementsRequest(), by)


async def a_session(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    logged = await sides.log((await sides.engage(person)).id, datetime.now(UTC) - timedelta(hours=2))
    await sides.do("GetMentoringSession", logged.session.id, by)


async def sessions(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    await sides.log((await sides.engage(person)).id, datetime.now(UTC) - timedelta(hours=2))
    await running.call("ListMentoringSessions", pb.ListMentoringSessionsRequest(), by)


async def feedback(running: Any, sides: Sides, person: Person, by: Identity) -> None:
    made = await sides.engage(person)
    for side in (HR, retiree(person)):
        await sides.feedback(made.id, side, 1, 0, 4, words="很好")  # type: ignore[arg-type] # halfway
    await running.call("ListEngagementFeedback", pb.ListEngagementFeedbackRequest(engagement_id=made.id), by)


_READINGS: list[tuple[Reading, str]] = [
    (an_invitation, "invitation"),
    (invitations, "invitation"),
    (an_opt_in, "opt_in"),
    (opt_ins, "opt_in"),
    (an_engagement, "engagement"),
    (engagements, "engagement"),
    (a_session, "mentoring_session"),
    (sessions, "mentoring_session"),
    (feedback, "feedback"),
]


@pytest.mark.parametrize(("reading", "resource"), _READINGS, ids=[one.__name__ for one, _ in _READINGS])
async def test_whoever_looks_is_written_down_and_the_person_is_not(
    matching: Any, sides: Sides, person: Person, reading: Reading, resource: str
) -> None:
    await reading(matching, sides, person, retiree(person))
    assert await looks(matching, person) == []
    for by in (HR, COORDINATOR):
        await reading(matching, sides, person, by)
    expected = [(resource, by.subject, by.role.value, by.organisation) for by in (HR, COORDINATOR)]
    assert await looks(matching, person) == expected
    if reading is not feedback:  # that is for the two sides alone
        for by in (ADMIN, SERVICE):
            await reading(matching, sides, person, by)
            expected.append((resource, by.subject, by.role.value, ""))
        assert await looks(matching, person) == expected


async def test_whoever_is_named_for_no_kept_request_reads_who_looked(
    matching: Any, sides: Sides, person: Person
) -> None:
    """Wording that is tried, a mentee of a cohort, what an administrator looks at: the ledger has none of them."""
    wanted = {"title": "通风", "requirements": [matching_pb.Requirement(text=person.last_position)]}
    trial = matching_pb.MentoringRequest(organisation=HR.organisation, **wanted)
    scores = service_pb.SuggestMentorsRequest(mentoring_request=trial, view=service_pb.SUGGESTION_VIEW_SCORES)
    assert (await matching.call("SuggestMentors", scores, HR)).suggestions  # which names nobody
    kept = service_pb.SuggestMentorsRequest(request_id=(await sides.create(**wanted)).id)
    assert (await matching.call("SuggestMentors", kept, HR)).suggestions
    assert await looks(matching, person) == []
    for _ in range(2):
        tried = service_pb.SuggestMentorsRequest(mentoring_request=trial)
        assert (await matching.call("SuggestMentors", tried, HR)).suggestions
    assert (await matching.call("SuggestMentors", kept, ADMIN)).suggestions
    mentee = matching_pb.CohortRequest(mentoring_request=matching_pb.MentoringRequest(**wanted))
    cohort = service_pb.AssignCohortRequest(requests=[mentee])
    assert (await matching.call("AssignCohort", cohort, OTHER_HR)).assignments
    assert await looks(matching, person) == [
        ("profile", HR.subject, "hr", HR.organisation),
        ("profile", ADMIN.subject, "admin", ""),
        ("profile", OTHER_HR.subject, "hr", OTHER_HR.organisation),
    ]


async def test_who_is_not_shown_anything_is_not_written_down(matching: Any, sides: Sides, person: Person) -> None:
    made = await sides.engage(person)
    error = await matching.refusal(sides.do("GetEngagement", made.id, OTHER_HR))
    assert error.reason == "NOT_FOUND"
    await matching.call("ListEngagements", pb.ListEngagementsRequest(), OTHER_HR)
    await matching.call("ListEngagementFeedback", pb.ListEngagementFeedbackRequest(engagement_id=made.id), HR)
    assert await looks(matching, person) == []


async def test_reading_on_writes_nothing_more_within_the_hour(
    matching: Any, sides: Sides, person: Person, start_matching: Any
) -> None:
    made = await sides.engage(person)
    for _ in range(3):
        await sides.do("GetEngagement", made.id, HR)
        await matching.call("ListEngagements", pb.ListEngagementsRequest(), HR)
    async with start_matching(matching.feed) as replica:  # it remembers nothing
        await Sides(replica.call).do("GetEngagement", made.id, HR)
    assert len(await looks(matching, person)) == 1


async def test_a_page_is_one_statement_and_the_next_hour_another_line(database: Database) -> None:
    now = datetime(2026, 11, 23, 8, 59, tzinfo=UTC)
    reads = Reads(lambda: now)
    people = [somebody().id for _ in range(200)]

    class Counting:
        def __init__(self, conn: Any) -> None:
            self.conn, self.statements = conn, 0

        async def execute(self, *args: Any) -> Any:
            self.statements += 1
            return await self.conn.execute(*args)

    async with database.connection() as conn:
        counting: Any = Counting(conn)
        await reads.note(counting, HR, "invitation", [*people, *people])
        assert counting.statements == 1
        await reads.note(counting, HR, "invitation", people)
        assert counting.statements == 1  # remembered
        for other in (COORDINATOR, Identity(HR.subject, HR.role, "别的集团")):
            await reads.note(counting, other, "invitation", people)
        await reads.note(counting, HR, "opt_in", people)
        now += timedelta(minutes=2)
        await reads.note(counting, HR, "invitation", people)
        assert counting.statements == 5
        found = await conn.execute("SELECT count(*) AS lines, count(DISTINCT hour) AS hours FROM audit_log")
        assert await found.fetchone() == {"lines": 1000, "hours": 2}


async def test_pages_that_overlap_do_not_wait_for_each_other_for_ever(database: Database) -> None:
    people = [somebody().id for _ in range(100)]

    async def read(turn: int) -> None:
        async with database.connection() as conn:
            await Reads().note(conn, HR, "engagement", people if turn % 2 else people[::-1])

    await asyncio.gather(*(read(turn) for turn in range(8)))
    async with database.connection() as conn:
        found = await conn.execute("SELECT count(*) AS lines FROM audit_log GROUP BY hour")
        assert {row["lines"] for row in await found.fetchall()} == {100}  # twice, where an hour began just now


async def test_what_cannot_be_written_down_is_not_shown(
    matching: Any, sides: Sides, person: Person, database: Database
) -> None:
    made = await sides.engage(person)
    async with database.connection() as conn:
        await conn.execute("ALTER TABLE audit_log RENAME TO elsewhere")
    error = await matching.refusal(sides.do("GetEngagement", made.id, HR))
    assert error.reason == "INTERNAL"
    assert (await sides.do("GetEngagement", made.id, retiree(person))).id == made.id
    async with database.connection() as conn:
        await conn.execute("ALTER TABLE elsewhere RENAME TO audit_log")
    await sides.do("GetEngagement", made.id, HR)
    assert len(await looks(matching, person)) == 1


async def test_how_to_reach_somebody_is_written_down_by_talent_alone(
    matching: Any, sides: Sides, person: Person
) -> None:
    made = await sides.engage(person)
    error = await matching.refusal(
        matching.call("GetMentorContact", pb.GetMentorContactRequest(engagement_id=made.id), HR)
    )
    assert error.reason == "NOT_FOUND"  # the fake talent knows no contact
    assert await looks(matching, person) == []
