"""Feedback of both sides through the real server: who reads what when, and how it counts."""

from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import pytest
from yinling.matching.v1 import engagement_pb2 as messages
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.testing import until
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import ADMIN, COORDINATOR, HR, OTHER_HR, SERVICE, Sides, retiree, somebody
from yinling_matching.notices.domain import NoticeKind

HALFWAY, END = messages.FEEDBACK_PHASE_HALFWAY, messages.FEEDBACK_PHASE_END
ENTERPRISE, MENTOR = messages.SIDE_ENTERPRISE, messages.SIDE_MENTOR
SECRET = "这句话还不能给对方看"


async def read(matching: Any, engagement_id: str, caller: Any) -> Any:
    asked = engagement_pb.ListEngagementFeedbackRequest(engagement_id=engagement_id)
    return await matching.call("ListEngagementFeedback", asked, caller)


async def said(matching: Any, engagement_id: str, caller: Any) -> list[tuple[int, int, str]]:
    return [(one.phase, one.side, one.words) for one in (await read(matching, engagement_id, caller)).feedback]


async def ratings(database: Database) -> list[float]:
    async with database.connection() as conn:
        return [row["rating"] async for row in await conn.execute("SELECT rating FROM feedback ORDER BY revision")]


async def test_neither_side_reads_the_other_before_both_have_written(
    matching: Any, sides: Sides, person: Person, database: Database
) -> None:
    made = await sides.engage(person)
    mentor = retiree(person)
    await sides.feedback(made.id, HR, HALFWAY, 0, 4, words=SECRET)
    assert await said(matching, made.id, mentor) == []
    assert await said(matching, made.id, HR) == [(HALFWAY, ENTERPRISE, SECRET)]
    found = await read(matching, made.id, mentor)
    assert [(one.phase, one.side, one.written) for one in found.standings] == [
        (HALFWAY, ENTERPRISE, True),
        (HALFWAY, MENTOR, False),
    ]
    again = await sides.feedback(made.id, HR, HALFWAY, 0, 3, words="说得早了")
    assert (again.side, again.cooperation, again.words) == (ENTERPRISE, 3, "说得早了")
    await sides.feedback(made.id, COORDINATOR, HALFWAY, 0, 5, words="很好")  # for a person who does not go online
    for caller in (HR, mentor, COORDINATOR):
        assert await said(matching, made.id, caller) == [(HALFWAY, ENTERPRISE, "说得早了"), (HALFWAY, MENTOR, "很好")]
    for caller in (HR, mentor):
        error = await matching.refusal(sides.feedback(made.id, caller, HALFWAY, 0, 1))
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "both_written")
    await sides.do("CompleteEngagement", made.id, HR)
    await sides.feedback(made.id, mentor, END, 5, 5, 4, words=SECRET)
    assert len(await said(matching, made.id, HR)) == 2
    assert [one.written for one in (await read(matching, made.id, HR)).standings] == [True, True, False, True]
    await sides.feedback(made.id, HR, END, 4, 5, 5)
    assert len(await said(matching, made.id, HR)) == 4
    async with database.connection() as conn:
        query = "SELECT kind, audience, facts->>'phase' AS phase FROM notices WHERE kind = %s ORDER BY number"
        rows = await conn.execute(query, [NoticeKind.FEEDBACK_READY.value])
        ready = [(row["audience"], row["phase"]) async for row in rows]
        log = await (await conn.execute("SELECT fields::text, action FROM audit_log")).fetchall()
    assert ready == [(1, "halfway"), (2, "halfway"), (1, "end"), (2, "end")]
    assert not any(SECRET in row["fields"] for row in log)
    assert [row["action"] for row in log if "write" in row["action"]] == ["write_halfway"] * 3 + ["write_end"] * 2


async def test_what_nobody_else_reads_stands_nowhere_else(
    matching: Any, sides: Sides, person: Person, database: Database
) -> None:
    """Not in lists, suggestions, notices, the log, or the replies kept for others."""
    made = await sides.engage(person, mentors_wanted=2)
    await sides.feedback(made.id, HR, HALFWAY, 1, 2, words=SECRET)
    answers = [
        await matching.call(f"List{name}", getattr(engagement_pb, f"List{name}Request")(), retiree(person))
        for name in ("Invitations", "OptIns", "Engagements", "MentoringSessions")
    ]
    answers.append(await sides.do("GetEngagement", made.id, retiree(person)))
    answers.append(await read(matching, made.id, retiree(person)))
    suggested = service_pb.SuggestMentorsRequest(request_id=made.mentoring_request_id)
    answers.append(await matching.call("SuggestMentors", suggested, HR))
    assert not any(SECRET in str(answer) or SECRET in repr(answer) for answer in answers)
    async with database.connection() as conn:
        tables = await conn.execute(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'matching'"
        )
        for row in await tables.fetchall():
            query = f"SELECT count(*) AS count FROM {row['name']} AS t WHERE t::text LIKE %s"  # noqa: S608 - of the catalogue
            found = await (await conn.execute(query.encode(), [f"%{SECRET}%"])).fetchone()
            assert found is not None
            assert found["count"] == (row["name"] == "engagement_feedback"), row["name"]


async def test_feedback_that_is_refused(matching: Any, sides: Sides, person: Person) -> None:
    made = await sides.engage(person)

    async def refused(call: Awaitable[Any]) -> tuple[str, str]:
        error = await matching.refusal(call)
        return str(error.reason), error.metadata.get("state", "")

    assert await refused(sides.feedback(made.id, HR, END, 5, 5, 5)) == ("WRONG_STATE", "active")
    await sides.do("PauseEngagement", made.id, HR)
    await sides.feedback(made.id, HR, HALFWAY, 0, 4)
    assert await refused(sides.feedback(made.id, OTHER_HR, HALFWAY, 0, 4)) == ("NOT_FOUND", "")
    for caller in (ADMIN, SERVICE):
        assert await refused(sides.feedback(made.id, caller, HALFWAY, 0, 4)) == ("FORBIDDEN", "")
        assert await refused(read(matching, made.id, caller)) == ("FORBIDDEN", "")
    assert await refused(read(matching, made.id, OTHER_HR)) == ("NOT_FOUND", "")
    assert await refused(read(matching, str(uuid4()), HR)) == ("NOT_FOUND", "")
    await sides.do("EndEngagement", made.id, HR, reason=messages.END_REASON_NO_FIT)
    assert await refused(sides.feedback(made.id, HR, HALFWAY, 0, 4)) == ("WRONG_STATE", "ended_early")
    for phase, answers, missing in (
        (END, (1, 0, 0), ["feedback.cooperation", "feedback.again"]),
        (HALFWAY, (5, 0, 5), ["feedback.cooperation"]),
        (END, (1, 6, 1), ["feedback.cooperation"]),
        (messages.FEEDBACK_PHASE_UNSPECIFIED, (1, 1, 1), ["feedback.phase"]),
    ):
        error = await matching.refusal(sides.feedback(made.id, HR, phase, *answers))
        assert [one.field for one in error.violations] == missing
    key = str(uuid4())
    feedback = messages.EngagementFeedback(engagement_id=made.id, phase=END, goals=1, cooperation=2, again=3)
    asked = engagement_pb.WriteEngagementFeedbackRequest(feedback=feedback, request_id=key)
    first = await matching.call("WriteEngagementFeedback", asked, HR)
    assert await matching.call("WriteEngagementFeedback", asked, HR) == first
    matching.feed.remove(person.id)
    await matching.caught_up()
    assert await refused(sides.feedback(made.id, HR, END, 5, 5, 5)) == ("WRONG_STATE", "person_gone")


async def test_what_an_enterprise_says_counts_in_the_ranking(start_matching: Any, database: Database) -> None:
    async with start_matching() as matching, start_matching(matching.feed) as replica:
        sides, liked, disliked = Sides(matching.call), somebody(9), somebody(9)
        matching.feed.put(liked, disliked)
        await matching.caught_up()
        await replica.caught_up()
        for person, answers in ((liked, (5, 5, 4)), (disliked, (1, 2, 1))):
            made = await sides.engage(person)
            await sides.feedback(made.id, HR, HALFWAY, 0, 3)
            assert (await ratings(database))[-1] == 3
            await sides.feedback(made.id, retiree(person), HALFWAY, 1, 1, 1)  # the person's counts for nobody
            assert (await ratings(database))[-1] == 3
            await sides.do("CompleteEngagement", made.id, HR)
            await sides.feedback(made.id, HR, END, *answers)
            await sides.feedback(made.id, retiree(person), END, 2, 2, 2)  # likewise
        assert await ratings(database) == pytest.approx([14 / 3, 4 / 3])
        request = await sides.create()

        async def effects(service: Any) -> dict[str, float]:
            asked = service_pb.SuggestMentorsRequest(request_id=request.id)
            found = (await service.call("SuggestMentors", asked, HR)).suggestions
            return {
                one.profile_id: round(effect.effect, 3)
                for one in found
                for effect in one.adjustments
                if effect.kind == effect.KIND_FEEDBACK
            }

        told = await effects(matching)  # at once here
        assert told[liked.id] > 0 > told[disliked.id]
        # Shrunk: one voice beside five of the mean of all moves a sixth of the way.
        ledger = matching.parts.ledger
        deviations = ledger.feedback(ledger.numbers([liked.id, disliked.id])).tolist()
        assert deviations == pytest.approx([5 / 3 / 6, -5 / 3 / 6], abs=1e-3)

        async def heard() -> bool:
            return await effects(replica) == told

        await until(heard)


async def test_nothing_is_asked_for_that_is_refused(
    matching: Any, sides: Sides, person: Person, database: Database
) -> None:
    """A person takes their consent back while they work together, and afterwards."""
    before, under_way = await sides.engage(person), await sides.engage(person)
    await sides.do("CompleteEngagement", before.id, HR)
    await sides.feedback(before.id, HR, END, 5, 5, 5, words=SECRET)
    assert len((await read(matching, before.id, HR)).standings) == 4

    async def asked() -> set[str]:
        async with database.connection() as conn:
            query = "SELECT resource_id FROM notices WHERE kind = %s"
            return {str(row["resource_id"]) async for row in await conn.execute(query, [NoticeKind.FEEDBACK_ASKED])}

    assert await asked() == {before.id}
    matching.feed.remove(person.id)
    await matching.caught_up()
    await sides.do("EndEngagement", under_way.id, retiree(person), reason=messages.END_REASON_PERSONAL)
    assert await asked() == {before.id}
    for one, written in ((before, [(END, ENTERPRISE, True)]), (under_way, [])):
        for caller in (HR, retiree(person)):
            found = await read(matching, one.id, caller)
            assert [(each.phase, each.side, each.written) for each in found.standings] == written
            error = await matching.refusal(sides.feedback(one.id, caller, END, 5, 5, 5))
            assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "person_gone")
    assert await said(matching, before.id, HR) == [(END, ENTERPRISE, SECRET)]
    assert await said(matching, before.id, retiree(person)) == []
    matching.feed.put(person)  # they are back
    await matching.caught_up()
    await sides.feedback(before.id, retiree(person), END, 4, 4, 4)
    assert len(await said(matching, before.id, retiree(person))) == 2
