"""What people may know and decide of what matching keeps about them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from yinling.matching.v1 import engagement_pb2
from yinling.matching.v1 import engagement_service_pb2 as engagement_service
from yinling.matching.v1 import matching_pb2 as pb_request
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.matching.v1 import privacy_service_pb2 as pb

from yinling_common import paging
from yinling_common.database import Database, connect_options
from yinling_common.errors import Forbidden, InvalidPageToken, NotFound, WrongState
from yinling_common.identity import Identity, Role, as_identity
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import (
    ADMIN,
    COORDINATOR,
    HR,
    OFFICE,
    OTHER_COORDINATOR,
    SERVICE,
    Sides,
    retiree,
)
from yinling_matching.privacy.sweeping import Sweeping
from yinling_matching.repository import SqlEmbeddingRepository

WORD = "独一无二词"
OTHER = "另一位的词"


def person(word: str = WORD, capacity: int | None = 3) -> Person:
    return Person(
        str(uuid4()), organisation=OFFICE, name=word, skills=(f"{word}绝活",), bio=f"{word}一辈子", capacity=capacity
    )


class Story:
    """Everything that can happen between an enterprise and two people."""

    def __init__(self, running: Any, first: Person, second: Person) -> None:
        self.running, self.first, self.second = running, first, second
        self.sides = Sides(running.call)
        self.engagement_id = ""

    async def happen(self) -> None:
        running, first, second = self.running, self.first, self.second
        await self.sides.create(blocked_profile_ids=[first.id, second.id])
        request = await self.open(mentors_wanted=3, requirements=[{"text": f"{WORD}绝活"}])
        suggested = matching_service.SuggestMentorsRequest(request_id=request)
        assert (await running.call("SuggestMentors", suggested)).suggestions
        await running.parts.ledger.write()
        for one in (first, second):
            (invitation,) = await self.sides.invite(request, one, key=str(uuid4()))
            mine = retiree(one)
            engagement = await self.sides.do("AcceptInvitation", invitation.id, mine, request_id=str(uuid4()))
            await self.under_way(engagement.id, one, mine)
            self.engagement_id = self.engagement_id or engagement.id
        declined = await self.open()
        (invitation,) = await self.sides.invite(declined, first)
        await self.sides.do(
            "DeclineInvitation", invitation.id, retiree(first), reason=6, words=WORD, request_id=str(uuid4())
        )
        offered = await self.open()
        opt_in = await self.sides.offer(offered, first, key=str(uuid4()))
        await self.sides.do("TurnDownOptIn", opt_in.id, HR, reason=5, words=WORD)
        await self.sides.invite(await self.open(), first)  # waits
        await self.sides.offer(await self.open(), first)  # waits too
        await running.parts.ledger.write()

    async def open(self, **fields: Any) -> str:
        return str((await self.sides.create(**fields)).id)

    async def under_way(self, engagement_id: str, one: Person, mine: Identity) -> None:
        word, call = one.name, self.running.call
        plan = engagement_pb2.Engagement(
            id=engagement_id,
            goals=[engagement_pb2.Goal(text=f"{word}目标", note=word)],
        )
        await call("UpdateEngagement", engagement_service.UpdateEngagementRequest(engagement=plan), mine)
        for days, session in ((-0.5, {"summary": word, "next_step": word}), (3, {"place": word})):
            start = datetime.now(UTC) + timedelta(days=days)
            message = engagement_pb2.MentoringSession(engagement_id=engagement_id, minutes=60, **session)
            message.state = 2 if days < 0 else 1  # type: ignore[assignment] # held, planned
            message.start_time.FromDatetime(start)
            request = engagement_service.LogMentoringSessionRequest(session=message, request_id=str(uuid4()))
            await call("LogMentoringSession", request, mine)
        for caller in (mine, HR):
            said = engagement_pb2.EngagementFeedback(
                engagement_id=engagement_id, phase=1, cooperation=5, words=f"{word}评价"
            )
            await call(
                "WriteEngagementFeedback", engagement_service.WriteEngagementFeedbackRequest(feedback=said), caller
            )


async def everything(url: str) -> dict[str, str]:
    """Every row of every table as text."""
    found = {}
    async with await psycopg.AsyncConnection.connect(url, **connect_options("matching")) as conn:
        tables = await (await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'matching'")).fetchall()
        for (name,) in (row.values() for row in tables):
            rows = await (await conn.execute(f"SELECT t::text AS row FROM {name} t")).fetchall()  # noqa: S608 - of the catalogue
            found[name] = "\n".join(row["row"] for row in rows)
    return found


def telling(rows: dict[str, str], *words: str) -> list[str]:
    return sorted(name for name, text in rows.items() if any(word in text for word in words))


async def erase(running: Any, profile_id: str, by: Identity = ADMIN) -> dict[str, int]:
    with as_identity(by):
        answer = await running.parts.privacy_servicer.ErasePerson(pb.ErasePersonRequest(profile_id=profile_id), None)
    return dict(answer.rows)


@asynccontextmanager
async def told(start_matching: Callable[..., Any], snapshot_dir: Path) -> AsyncIterator[Story]:
    async with start_matching(snapshot_dir=snapshot_dir) as running:
        first, second = person(), person(OTHER)
        running.feed.put(first, second)
        await running.caught_up()
        story = Story(running, first, second)
        await story.happen()
        yield story


async def test_nothing_tells_of_who_is_erased_and_counts_stay(
    start_matching: Callable[..., Any], matching_database: str, tmp_path: Path
) -> None:
    async with told(start_matching, tmp_path) as story:
        running, first, second = story.running, story.first, story.second
        await running.parts.keeper.save()
        snapshot = tmp_path / "catalogue.snapshot"
        (tmp_path / "catalogue.snapshot.bad-1").write_bytes(snapshot.read_bytes())
        assert first.id.encode() in snapshot.read_bytes()
        before = await everything(matching_database)
        assert set(telling(before, first.id)) >= {
            "audit_log", "engagement_feedback", "engagements", "exposures", "feedback", "idempotency_keys",
            "invitations", "mentoring_requests", "mentoring_sessions", "notices", "opt_ins", "people_places",
        }  # fmt: skip
        with pytest.raises(WrongState) as caught:
            await erase(running, first.id)
        assert caught.value.metadata["state"] == "in_the_feed"
        running.feed.remove(first.id)
        await running.caught_up()
        rows = await erase(running, first.id)
        assert rows["engagements"] == 1
        assert rows["invitations"] == 3
        assert rows["embeddings"] >= 2
        after = await everything(matching_database)
        # The requirement of a request that is open is the enterprise's own.
        assert telling(after, first.id) == []
        assert telling(after, WORD) == ["mentoring_requests"]
        assert f"r-{first.id}" not in after["audit_log"]
        assert after["audit_log"].count(HR.subject) == before["audit_log"].count(HR.subject) > 0
        for content in [path.read_bytes() for path in tmp_path.iterdir()]:  # noqa: ASYNC240 - small files
            assert first.id.encode() not in content
            assert WORD.encode() not in content
            assert second.id.encode() in content
        # Counts stay, and the other person with everything of theirs.
        for table in ("invitations", "opt_ins", "engagements", "mentoring_sessions", "engagement_feedback"):
            assert len(after[table].splitlines()) == len(before[table].splitlines())
        assert telling(after, second.id) == telling(before, second.id)
        assert telling(after, OTHER) == telling(before, OTHER)
        for table in ("mentoring_sessions", "engagement_feedback", "engagements"):
            assert after[table].count(OTHER) == before[table].count(OTHER) > 0
        with as_identity(HR):
            kept = await running.call("GetEngagement", engagement_service.GetEngagementRequest(id=story.engagement_id))
        assert (kept.state, kept.end_reason) == (4, 4)  # ended early, for personal reasons
        assert not kept.goals
        assert '""reason"": ""personal""' in after["notices"]
        # Done again it does nothing but tell all replicas once more to forget.
        assert await erase(running, first.id, SERVICE) == {}
        changing = {"feed_positions", "ledger_position"}
        assert (await everything(matching_database)).items() >= {
            k: v for k, v in after.items() if k not in changing
        }.items()


async def test_another_replicas_snapshot_is_without_them_at_its_next_write(
    start_matching: Callable[..., Any], tmp_path: Path
) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    async with (
        start_matching(snapshot_dir=ours) as running,
        start_matching(running.feed, snapshot_dir=other) as replica,
    ):
        one, second = person(), person(OTHER)
        running.feed.put(one, second)
        for each in (running, replica):
            await each.caught_up()
            await each.parts.keeper.save()
        kept = other / "catalogue.snapshot"
        assert one.id.encode() in kept.read_bytes()
        running.feed.remove(one.id)
        for each in (running, replica):
            await each.caught_up()
        await erase(running, one.id)
        assert one.id.encode() not in (ours / "catalogue.snapshot").read_bytes()
        # The removal alone is a change that it writes, after its interval.
        await replica.parts.keeper.save()
        assert one.id.encode() not in kept.read_bytes()
        assert second.id.encode() in kept.read_bytes()


async def test_a_disk_that_is_full_has_no_snapshot_rather_than_an_old_one(
    start_matching: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_matching(snapshot_dir=tmp_path) as running:
        one = person()
        running.feed.put(one)
        await running.caught_up()
        await running.parts.keeper.save()
        running.feed.remove(one.id)
        await running.caught_up()

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("yinling_matching.catalogue.snapshot.os.fsync", full)
        await erase(running, one.id)
        assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a few names


async def test_nothing_that_must_hold_is_broken_by_an_erasure(
    start_matching: Callable[..., Any], database: Database, tmp_path: Path
) -> None:
    async with told(start_matching, tmp_path) as story:
        story.running.feed.remove(story.first.id)
        await story.running.caught_up()
        await erase(story.running, story.first.id)
        async with database.connection() as conn:
            places = await (await conn.execute("SELECT profile_id, taken FROM people_places")).fetchall()
        assert [(str(row["profile_id"]), row["taken"]) for row in places] == [(story.second.id, 1)]


async def test_what_is_under_way_ends_and_its_place_is_free(matching: Any, database: Database) -> None:
    one, sides = person(capacity=1), Sides(matching.call)
    matching.feed.put(one)
    await matching.caught_up()
    request = await sides.create(mentors_wanted=1)
    (invitation,) = await sides.invite(request.id, one)
    engagement = await sides.do("AcceptInvitation", invitation.id, retiree(one))
    for days in (-0.5, 3):
        await sides.log(engagement.id, datetime.now(UTC) + timedelta(days=days))
    matching.feed.remove(one.id)
    await matching.caught_up()
    await erase(matching, one.id)
    other = person(OTHER, capacity=1)
    matching.feed.put(other)
    await matching.caught_up()
    await sides.do("ReopenMentoringRequest", request.id, HR)
    (invitation,) = await sides.invite(request.id, other)
    await sides.do("AcceptInvitation", invitation.id, retiree(other))
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT state FROM engagements ORDER BY create_time")).fetchall()
        sessions = await (await conn.execute("SELECT state FROM mentoring_sessions ORDER BY start_time")).fetchall()
    assert [row["state"] for row in rows] == [4, 1]
    assert [row["state"] for row in sessions] == [2, 3]  # what was held stays, what was planned is cancelled


@pytest.mark.parametrize("by", [HR, COORDINATOR, retiree(person())])
async def test_erasing_is_for_administrators_and_services(matching: Any, by: Identity) -> None:
    with pytest.raises(Forbidden):
        await erase(matching, str(uuid4()), by)


async def test_nobody_is_erased_before_it_is_known_who_is_in_the_feed(matching: Any) -> None:
    matching.parts.progress.restart()
    with pytest.raises(WrongState) as caught:
        await erase(matching, str(uuid4()))
    assert caught.value.metadata["state"] == "building"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET action = 'x'",
        "UPDATE audit_log SET profile_id = NULL",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET profile_id = NULL, action = 'x'",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET profile_id = gen_random_uuid()",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET profile_id = NULL, subject = 'x'",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET fields = '{\"x\": null}' WHERE profile_id IS NOT NULL",
        "SET yinling.erasing = 'on'; DELETE FROM audit_log",
        "SET yinling.erasing = 'on'; TRUNCATE audit_log",
    ],
)
async def test_nothing_is_taken_out_of_the_log(matching: Any, matching_database: str, statement: str) -> None:
    await Sides(matching.call).create()
    async with await psycopg.AsyncConnection.connect(matching_database, **connect_options("matching")) as conn:
        await conn.execute(
            "INSERT INTO audit_log (time, subject, role, organisation, resource, action, before, after, profile_id,"
            " fields) VALUES (now(), 'admin', 'admin', '', 'profile', 'export', '', '', gen_random_uuid(), '{}')"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute(statement.encode())


async def trail(running: Any, by: Identity, profile_id: str, size: int = 0, token: str = "") -> Any:
    request = pb.ListAuditEntriesRequest(profile_id=profile_id, page_size=size, page_token=token)
    with as_identity(by):
        return await running.parts.privacy_servicer.ListAuditEntries(request, None)


async def export(running: Any, by: Identity, profile_id: str) -> Any:
    with as_identity(by):
        return await running.parts.privacy_servicer.ExportPerson(pb.ExportPersonRequest(profile_id=profile_id), None)


async def test_a_person_reads_who_did_what_and_for_whom_they_were_shown(
    start_matching: Callable[..., Any], tmp_path: Path
) -> None:
    async with told(start_matching, tmp_path) as story:
        running, first = story.running, story.first
        mine = retiree(first)
        whole = await trail(running, mine, first.id, 200)
        actions = [(one.action, one.resource, one.role) for one in whole.entries]
        for expected in (
            ("suggest", "mentoring_request", "service"),
            ("invite", "invitation", "hr"),
            ("accept", "invitation", "retiree"),
            ("engage", "engagement", "retiree"),
            ("decline", "invitation", "retiree"),
            ("turn_down", "opt_in", "hr"),
        ):
            assert expected in actions
        shown = next(one for one in whole.entries if one.action == "suggest")
        assert shown.organisation == HR.organisation
        times = [one.time.ToDatetime() for one in whole.entries]
        assert times == sorted(times, reverse=True)
        assert WORD not in str(whole)
        paged, token = [], ""
        while True:
            page = await trail(running, mine, first.id, 3, token)
            paged += page.entries
            token = page.next_page_token
            if not token:
                break
        assert paged == list(whole.entries)
        moment = "2026-11-01T00:00:00+00:00"
        forged = paging.encode("privacy.audit", {"profile_id": first.id}, [moment, "a\x00"])
        for bad in ("x", "bm9uc2Vuc2U", forged):
            with pytest.raises(InvalidPageToken):
                await trail(running, mine, first.id, 3, bad)
        assert (
            (await trail(running, COORDINATOR, first.id, 200)) == (await trail(running, ADMIN, first.id, 200)) == whole
        )


async def test_everything_is_handed_out_to_the_person_and_their_office(
    start_matching: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with told(start_matching, tmp_path) as story:
        running, first = story.running, story.first
        own = await export(running, retiree(first), first.id)
        counts = (len(own.invitations), len(own.opt_ins), len(own.engagements), len(own.sessions), len(own.exposures))
        assert counts == (3, 2, 1, 2, 1)
        assert own.engagements[0].goals[0].text == f"{WORD}目标"
        assert {one.side for one in own.feedback} == {1, 2}  # both have written
        assert own.exposures[0].organisation == HR.organisation
        assert OTHER not in str(own)
        monkeypatch.setattr("yinling_matching.privacy.exporting._PORTION", 1)  # all of it, however much there is
        assert await export(running, retiree(first), first.id) == own
        entries = (await trail(running, ADMIN, first.id, 200)).entries
        assert "export" not in {one.action for one in entries}  # what people read about themselves is not told
        before = len(entries)
        assert await export(running, COORDINATOR, first.id) == own
        entries = (await trail(running, ADMIN, first.id, 200)).entries
        assert len(entries) == before + 1
        assert (entries[0].action, entries[0].resource, entries[0].subject) == ("export", "profile", "co-1")
        # Who has taken their consent back has a right to it all the same.
        running.feed.remove(first.id)
        await running.caught_up()
        assert len((await export(running, retiree(first), first.id)).engagements) == 1
        assert len((await export(running, COORDINATOR, first.id)).engagements) == 1


async def test_whom_a_draft_was_shown_reads_whose_it_is_and_not_what_it_says(matching: Any) -> None:
    one, sides = person(), Sides(matching.call)
    matching.feed.put(one)
    await matching.caught_up()
    draft = pb_request.MentoringRequest.STATE_DRAFT
    request = await sides.create(state=draft, title="还没公布的需求", requirements=[{"text": f"{WORD}绝活"}])
    asked = matching_service.SuggestMentorsRequest(request_id=request.id)
    assert (await matching.call("SuggestMentors", asked)).suggestions
    await matching.parts.ledger.write()
    for caller in (retiree(one), COORDINATOR):
        (shown,) = (await export(matching, caller, one.id)).exposures
        assert (shown.organisation, shown.mentoring_request_title) == (HR.organisation, "")
    await sides.do("PublishMentoringRequest", request.id, HR)
    (shown,) = (await export(matching, retiree(one), one.id)).exposures
    assert shown.mentoring_request_title == "还没公布的需求"


async def test_others_are_told_nothing(matching: Any) -> None:
    one = person()
    matching.feed.put(one)
    await matching.caught_up()
    for ask in (export, trail):
        for by, refusal in (
            (OTHER_COORDINATOR, NotFound),
            (Identity("r", Role.RETIREE, profile_id=str(uuid4())), NotFound),
            (HR, Forbidden),
            (SERVICE, Forbidden),
        ):
            with pytest.raises(refusal):
                await ask(matching, by, one.id)
    unknown = str(uuid4())
    assert not (await export(matching, COORDINATOR, unknown)).ListFields()
    assert not (await trail(matching, COORDINATOR, unknown)).entries


async def test_an_enterprises_feedback_is_not_handed_out_before_both_have_written(matching: Any) -> None:
    one, sides = person(), Sides(matching.call)
    matching.feed.put(one)
    await matching.caught_up()
    request = await sides.create()
    (invitation,) = await sides.invite(request.id, one)
    engagement = await sides.do("AcceptInvitation", invitation.id, retiree(one))
    said = engagement_pb2.EngagementFeedback(engagement_id=engagement.id, phase=1, cooperation=2, words="不太行")
    await matching.call("WriteEngagementFeedback", engagement_service.WriteEngagementFeedbackRequest(feedback=said), HR)
    assert not (await export(matching, retiree(one), one.id)).feedback
    mine = engagement_pb2.EngagementFeedback(engagement_id=engagement.id, phase=1, cooperation=4)
    request_ = engagement_service.WriteEngagementFeedbackRequest(feedback=mine)
    await matching.call("WriteEngagementFeedback", request_, retiree(one))
    await sides.do("CompleteEngagement", engagement.id, HR)
    await sides.feedback(engagement.id, HR, 2, 2, 2, 2)  # of the end the person has said nothing
    assert [one.phase for one in (await export(matching, retiree(one), one.id)).feedback] == [1, 1]


async def test_the_sweep_keeps_what_somebody_has_and_what_is_new(matching: Any, database: Database) -> None:
    one = person()
    matching.feed.put(one)
    await matching.caught_up()
    sides = Sides(matching.call)
    request = await sides.create(requirements=[{"text": "高炉操作"}])
    suggested = matching_service.SuggestMentorsRequest(request_id=request.id)
    await matching.call("SuggestMentors", suggested)
    await matching.parts.vectors.close()  # what was stored beside
    table = SqlEmbeddingRepository(database)
    vector = (await matching.parts.vectors.queries(["高炉操作"]))[0]
    dead = {bytes([n]) * 32: vector for n in range(12)}
    await table.store("another model", dead)

    async def keys() -> set[bytes]:
        async with database.connection() as conn:
            return {bytes(row["key"]) for row in await (await conn.execute("SELECT key FROM embeddings")).fetchall()}

    before = await keys()
    assert before > set(dead)
    async with database.transaction() as conn:  # one of them is of a writer who began after the sweep
        late = bytes([3]) * 32
        await conn.execute("UPDATE embeddings SET create_time = now() + interval '1 hour' WHERE key = %b", [late])
    sweeping: Sweeping = matching.parts.sweeping
    assert await sweeping.sweep() == len(dead) - 1
    assert await keys() == before - (set(dead) - {late})
    assert await sweeping.sweep() == 0


async def test_a_day_is_swept_once_by_all_replicas_together(matching: Any, database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute("UPDATE daily_work SET time = now() - interval '25 hours'")
    swept = []

    class Counting(Sweeping):
        async def sweep(self) -> int:
            swept.append(self)
            return 0

    def replica(*, complete: bool) -> Counting:
        return Counting(
            database=database,
            catalogue=matching.parts.catalogue,
            requests=None,
            complete=lambda: complete,  # type: ignore[arg-type]
        )

    await replica(complete=False)._daily()
    for _ in range(3):
        await replica(complete=True)._daily()
    assert len(swept) == 1
