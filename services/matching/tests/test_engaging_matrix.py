"""Every state, every transition, every role, against the real service: what is done, and what is refused and how."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_pb2 as pb

from yinling_common.database import Database
from yinling_common.identity import Identity, Role
from yinling_matching.engaging.closing import Closing
from yinling_matching.engaging.contacts import Contact
from yinling_matching.engaging.testing import (
    ADMIN,
    COORDINATOR,
    HR,
    OTHER_COORDINATOR,
    OTHER_HR,
    SERVICE,
    FakeContacts,
    Sides,
    check_invariants,
    retiree,
    somebody,
)

PERSON = somebody(capacity=30_000)
MENTOR, OTHER_MENTOR = retiree(PERSON), retiree(somebody())
CALLERS = {
    "hr": HR,
    "other hr": OTHER_HR,
    "hr of nothing": Identity("hr-3", Role.HR),
    "mentor": MENTOR,
    "other mentor": OTHER_MENTOR,
    "retiree without a profile": Identity("r-0", Role.RETIREE),
    "office": COORDINATOR,
    "other office": OTHER_COORDINATOR,
    "admin": ADMIN,
    "service": SERVICE,
}
OWNERS, PEOPLE, TIMER = {"hr", "admin"}, {"mentor", "office"}, {"service", "admin"}
PARTIES = OWNERS | PEOPLE | TIMER
SIDES = {"hr"} | PEOPLE
STALE = "0" * 16
REQUEST_BECOMES = {
    "FILLED": "UPDATE mentoring_requests SET state = 3 WHERE id = %s",
    "CLOSED": "UPDATE mentoring_requests SET state = 4 WHERE id = %s",
    "EXPIRED": "UPDATE mentoring_requests SET state = 5 WHERE id = %s",
}

# Method: (states it starts from, the state after, who may, further fields). Written out here, not taken from the code.
Moves = dict[str, tuple[set[str], str, set[str], dict[str, Any]]]
REQUEST: Moves = {
    "PublishMentoringRequest": ({"DRAFT"}, "OPEN", OWNERS, {}),
    "CloseMentoringRequest": ({"OPEN"}, "CLOSED", OWNERS, {}),
    "ReopenMentoringRequest": ({"FILLED", "CLOSED", "EXPIRED"}, "OPEN", OWNERS, {}),
    "FillMentoringRequest": ({"OPEN"}, "FILLED", OWNERS, {}),
    "ExpireMentoringRequest": ({"OPEN"}, "EXPIRED", TIMER, {}),
}
INVITATION: Moves = {
    "AcceptInvitation": ({"SENT"}, "ACCEPTED", PEOPLE, {}),
    "DeclineInvitation": ({"SENT"}, "DECLINED", PEOPLE, {"reason": engagement.DECLINE_REASON_TOO_FAR}),
    "WithdrawInvitation": ({"SENT"}, "WITHDRAWN", OWNERS, {}),
    "ExpireInvitation": ({"SENT"}, "EXPIRED", TIMER, {}),
}
OPT_IN: Moves = {
    "ConfirmOptIn": ({"OFFERED"}, "CONFIRMED", {"hr"}, {}),
    "TurnDownOptIn": ({"OFFERED"}, "TURNED_DOWN", {"hr"}, {"reason": engagement.TURN_DOWN_REASON_NEED_CHANGED}),
    "WithdrawOptIn": ({"OFFERED"}, "WITHDRAWN", PEOPLE, {}),
}
ENGAGEMENT: Moves = {
    "PauseEngagement": ({"ACTIVE"}, "PAUSED", OWNERS | PEOPLE, {}),
    "ResumeEngagement": ({"PAUSED"}, "ACTIVE", OWNERS | PEOPLE, {}),
    "CompleteEngagement": ({"ACTIVE", "PAUSED"}, "COMPLETED", OWNERS, {}),
    "EndEngagement": (
        {"ACTIVE", "PAUSED"}, "ENDED_EARLY", OWNERS | PEOPLE, {"reason": engagement.END_REASON_NO_FIT}
    ),
}  # fmt: skip
SESSION: Moves = {
    "HoldMentoringSession": ({"PLANNED"}, "HELD", SIDES, {}),
    "CancelMentoringSession": ({"PLANNED", "HELD"}, "CANCELLED", SIDES, {}),
}

# What both sides do with an engagement: (states in which it can be done, who may).
Acts = dict[str, tuple[set[str], set[str]]]
UNDER_WAY, OVER = {"ACTIVE", "PAUSED"}, {"COMPLETED", "ENDED_EARLY"}
ACTS: Acts = {
    "plan goals": (UNDER_WAY, SIDES),
    "say whom to turn to": (UNDER_WAY, {"hr"}),
    "reach the mentor": (UNDER_WAY, {"hr"}),
    "plan a session": ({"ACTIVE"}, SIDES),
    "log a session": (UNDER_WAY, SIDES),
    "change a session": (UNDER_WAY, SIDES),
    "hold a session": (UNDER_WAY | OVER, SIDES),
    "cancel a session": (UNDER_WAY | OVER, SIDES),
    "say how it goes": (UNDER_WAY, SIDES),
    "say how it went": (OVER, SIDES),
    "read what was said": (UNDER_WAY | OVER, SIDES),
}
GUARDED = {"plan goals", "say whom to turn to", "change a session", "hold a session", "cancel a session"}


class World(Sides):
    """Brings things into states."""

    def __init__(self, matching: Any, database: Database, contacts: FakeContacts) -> None:
        super().__init__(matching.call)
        self.contacts = contacts
        self.matching = matching
        self.database = database
        self.logged = 0

    async def sql(self, statement: str, id_: str) -> None:
        async with self.database.transaction() as conn:
            await conn.execute(statement.encode(), [id_])

    async def request(self, state: str) -> str:
        made = await self.create(
            state=pb.MentoringRequest.STATE_DRAFT if state == "DRAFT" else pb.MentoringRequest.STATE_OPEN
        )
        match state:
            case "FILLED":
                await self.do("FillMentoringRequest", made.id, HR)
            case "CLOSED":
                await self.do("CloseMentoringRequest", made.id, HR)
            case "EXPIRED":
                await self.late("ExpireMentoringRequest", made.id)
                await self.do("ExpireMentoringRequest", made.id, SERVICE)
                await self.sql("UPDATE mentoring_requests SET expire_date = NULL WHERE id = %s", made.id)
        return made.id

    async def invitation(self, state: str) -> str:
        (sent,) = await self.invite((await self.create()).id, PERSON)
        by = {"ACCEPTED": MENTOR, "DECLINED": MENTOR, "WITHDRAWN": HR, "EXPIRED": SERVICE}
        for method, (_, after, _, fields) in INVITATION.items():
            if after == state:
                await self.late(method, sent.id)
                await self.do(method, sent.id, by[state], **fields)
        return sent.id

    async def opt_in(self, state: str) -> str:
        made = await self.offer((await self.create()).id, PERSON)
        for method, (_, after, _, fields) in OPT_IN.items():
            if after == state:
                await self.do(method, made.id, MENTOR if state == "WITHDRAWN" else HR, **fields)
        return made.id

    async def engagement(self, state: str) -> str:
        (sent,) = await self.invite((await self.create()).id, PERSON)
        made = await self.do("AcceptInvitation", sent.id, MENTOR)
        for method, (_, after, _, fields) in ENGAGEMENT.items():
            if after == state != "ACTIVE":
                await self.do(method, made.id, HR, **fields)
        return made.id

    async def session(self, state: str, engagement_id: str = "") -> str:
        """A session in a state, of an engagement of its own where none is given. It began an hour ago."""
        engagement_id = engagement_id or await self.engagement("ACTIVE")
        self.logged += 1
        kept = (await self.log(engagement_id, datetime.now(UTC) + timedelta(hours=self.logged), minutes=1)).session
        for method, (_, after, _, _) in SESSION.items():
            if after == state:
                await self.late(method, kept.id)
                await self.do(method, kept.id, HR)
        return kept.id

    async def act(self, name: str, engagement_id: str, caller: Identity, session_id: str, etag: str = "") -> Any:
        """Do one of the acts with an engagement, or with a session of it."""
        asked: Any = None
        self.logged += 1
        match name.split():
            case ["plan", "goals"] | ["say", "whom", *_]:
                given = engagement.Engagement(id=engagement_id, etag=etag)
                given.goals.add(text="带徒")
                given.enterprise_contact.name = "李处长"
                mask = FieldMask(paths=["goals" if name == "plan goals" else "enterprise_contact"])
                asked = engagement_pb.UpdateEngagementRequest(engagement=given, update_mask=mask)
            case ["reach", *_]:
                asked = engagement_pb.GetMentorContactRequest(engagement_id=engagement_id)
            case ["read", *_]:
                asked = engagement_pb.ListEngagementFeedbackRequest(engagement_id=engagement_id)
            case ["change", *_]:
                session = engagement.MentoringSession(id=session_id, summary=f"备课{self.logged}", etag=etag)
                mask = FieldMask(paths=["summary"])
                asked = engagement_pb.UpdateMentoringSessionRequest(session=session, update_mask=mask)
            case ["hold" | "cancel" as how, *_]:
                asked = getattr(engagement_pb, f"{how.title()}MentoringSessionRequest")(id=session_id, etag=etag)
            case ["plan" | "log" as how, *_]:
                apart = timedelta(hours=self.logged) if how == "plan" else -timedelta(hours=2, minutes=2 * self.logged)
                return await self.log(engagement_id, datetime.now(UTC) + apart, caller, minutes=1)
            case _:
                phase = engagement.FEEDBACK_PHASE_HALFWAY if "goes" in name else engagement.FEEDBACK_PHASE_END
                return await self.feedback(engagement_id, caller, phase, 4, 4, 4)
        return await self.matching.call(type(asked).__name__.removesuffix("Request"), asked, caller)

    async def for_act(self, name: str, state: str) -> tuple[str, str]:
        """An engagement in a state and a session of it that was held, or where it is to be held, was to begin."""
        id_ = await self.engagement("ACTIVE")
        session_id = await self.session("PLANNED" if name == "hold a session" else "HELD", id_)
        await self.late("HoldMentoringSession", session_id)
        for method, (_, after, _, fields) in ENGAGEMENT.items():
            if after == state != "ACTIVE":
                await self.do(method, id_, HR, **fields)
        return id_, session_id

    async def late(self, method: str, id_: str) -> None:
        """Time passes, where a move waits for it."""
        if method == "HoldMentoringSession":
            await self.sql("UPDATE mentoring_sessions SET start_time = now() - interval '1 hour' WHERE id = %s", id_)
        if method == "ExpireMentoringRequest":
            await self.sql("UPDATE mentoring_requests SET expire_date = '2020-01-01' WHERE id = %s", id_)
        if method == "ExpireInvitation":
            await self.sql("UPDATE invitations SET expire_time = now() WHERE id = %s", id_)


@pytest.fixture
async def world(start_matching: Callable[..., Any], database: Database) -> AsyncIterator[World]:
    contacts = FakeContacts()
    contacts.kept[PERSON.id] = Contact("13900000000")
    async with start_matching(contacts=contacts) as matching:
        matching.feed.put(PERSON)
        await matching.caught_up()
        yield World(matching, database, contacts)


async def every_pair(
    world: World,
    states: list[str],
    moves: Moves,
    make: Callable[[str], Awaitable[str]],
    read: str,
    *,
    sees: Callable[[str, str], str],
) -> None:
    """`sees(caller, state)` is "" for a caller who has a part in it, or the reason of the refusal."""
    done = refused = 0
    for state in states:
        for method, (origins, after, may, fields) in moves.items():
            id_ = await make(state)
            await world.late(method, id_)
            for name, caller in CALLERS.items():
                where = f"{method} of {state} by {name}"
                expected = sees(name, state) or ("" if name in may else "FORBIDDEN")
                if not expected and state in origins:
                    fresh = await make(state)
                    await world.late(method, fresh)
                    error = await world.matching.refusal(world.do(method, fresh, caller, etag=STALE, **fields))
                    assert error.reason == "STALE_ETAG", where
                    etag = (await world.do(read, fresh, ADMIN)).etag
                    await world.do(method, fresh, caller, etag=etag, **fields)
                    found = await world.do(read, fresh, ADMIN)
                    assert type(found).State.Name(found.state) == f"STATE_{after}", where
                    done += 1
                    continue
                if not expected:
                    # Who may do it, and read an older state, is told that, whatever the state is now.
                    error = await world.matching.refusal(world.do(method, id_, caller, etag=STALE, **fields))
                    assert error.reason == "STALE_ETAG", where
                error = await world.matching.refusal(world.do(method, id_, caller, **fields))
                assert error.reason == (expected or "WRONG_STATE"), where
                if not expected:
                    assert error.metadata["state"] == state.lower(), where
                refused += 1
            found = await world.do(read, id_, ADMIN)
            assert type(found).State.Name(found.state) == f"STATE_{state}", method
    assert done + refused == len(states) * len(moves) * len(CALLERS)
    assert done
    await check_invariants(world.database, {PERSON.id: 30_000})


async def test_requests(world: World) -> None:
    def sees(name: str, state: str) -> str:
        if name in OWNERS | TIMER:
            return ""
        return "FORBIDDEN" if state == "OPEN" and "hr" not in name else "NOT_FOUND"

    states = ["DRAFT", "OPEN", "FILLED", "CLOSED", "EXPIRED"]
    await every_pair(world, states, REQUEST, world.request, "GetMentoringRequest", sees=sees)


async def test_invitations(world: World) -> None:
    states = ["SENT", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN"]
    await every_pair(world, states, INVITATION, world.invitation, "GetInvitation", sees=parties_see)


async def test_opt_ins(world: World) -> None:
    states = ["OFFERED", "CONFIRMED", "TURNED_DOWN", "WITHDRAWN"]
    await every_pair(world, states, OPT_IN, world.opt_in, "GetOptIn", sees=parties_see)


async def test_engagements(world: World) -> None:
    states = ["ACTIVE", "PAUSED", "COMPLETED", "ENDED_EARLY"]
    await every_pair(world, states, ENGAGEMENT, world.engagement, "GetEngagement", sees=parties_see)


async def test_sessions(world: World) -> None:
    states = ["PLANNED", "HELD", "CANCELLED"]
    await every_pair(world, states, SESSION, world.session, "GetMentoringSession", sees=parties_see)


async def test_sessions_are_changed_until_they_are_cancelled(world: World) -> None:
    for state in ("PLANNED", "HELD", "CANCELLED"):
        session_id = await world.session(state)
        for name, caller in CALLERS.items():
            expected = parties_see(name, state) or ("" if name in SIDES else "FORBIDDEN")
            call = world.act("change a session", "", caller, session_id)
            if not expected and state != "CANCELLED":
                changed = (await call).session
                assert type(changed).State.Name(changed.state) == f"STATE_{state}"
                continue
            error = await world.matching.refusal(call)
            assert error.reason == (expected or "WRONG_STATE"), f"{state} by {name}"
            if not expected:
                assert error.metadata["state"] == "cancelled"


async def test_who_reads_what_is_between_two(world: World) -> None:
    things = {
        "Invitation": await world.invitation("SENT"),
        "OptIn": await world.opt_in("OFFERED"),
        "Engagement": await world.engagement("ACTIVE"),
        "MentoringSession": await world.session("HELD"),
    }
    for kind, id_ in things.items():
        for name, caller in CALLERS.items():
            call = world.do(f"Get{kind}", id_, caller)
            listing = getattr(engagement_pb, f"List{kind}sRequest")(page_size=200)
            listed = str(await world.matching.call(f"List{kind}s", listing, caller))
            assert (id_ in listed) == (name in PARTIES), f"{kind} by {name}"
            if name in PARTIES:
                assert (await call).id == id_
            else:
                assert (await world.matching.refusal(call)).reason == "NOT_FOUND"


@pytest.mark.parametrize("state", ["ACTIVE", "PAUSED", "COMPLETED", "ENDED_EARLY"])
async def test_what_both_sides_do_with_an_engagement(world: World, state: str) -> None:
    for act, (states, may) in ACTS.items():
        id_, session_id = await world.for_act(act, state)
        for name, caller in CALLERS.items():
            where = f"{act} of {state} by {name}"
            expected = parties_see(name, state) or ("" if name in may else "FORBIDDEN")
            if not expected and act in GUARDED:
                error = await world.matching.refusal(world.act(act, id_, caller, session_id, STALE))
                assert error.reason == "STALE_ETAG", where
            if not expected and state in states:
                fresh, fresh_session = await world.for_act(act, state)
                await world.act(act, fresh, caller, fresh_session)
                continue
            error = await world.matching.refusal(world.act(act, id_, caller, session_id))
            assert error.reason == (expected or "WRONG_STATE"), where
            if not expected:
                assert error.metadata["state"] == state.lower(), where
    await check_invariants(world.database, {PERSON.id: 30_000})


@pytest.mark.parametrize("state", ["FILLED", "CLOSED", "EXPIRED"])
async def test_an_engagement_goes_on_whatever_becomes_of_its_request(world: World, state: str) -> None:
    for act, (states, may) in ACTS.items():
        id_, session_id = await world.for_act(act, "ACTIVE" if "ACTIVE" in states else "COMPLETED")
        request = (await world.do("GetEngagement", id_, HR)).mentoring_request_id
        # The engagement filled it.
        await world.sql(REQUEST_BECOMES[state], request)
        once = act.startswith(("hold", "cancel"))
        for name in ["hr"] if once else sorted(may - {"office"}):
            await world.act(act, id_, CALLERS[name], session_id)


async def test_nothing_new_is_begun_with_who_is_gone(world: World) -> None:
    things = {act: await world.for_act(act, "ACTIVE" if "ACTIVE" in ACTS[act][0] else "COMPLETED") for act in ACTS}
    moves = {method: await world.engagement("PAUSED" if method[0] == "R" else "ACTIVE") for method in ENGAGEMENT}
    sent, made = await world.invitation("SENT"), await world.opt_in("OFFERED")
    world.matching.feed.remove(PERSON.id)
    await world.matching.caught_up()
    async with asyncio.timeout(60):
        # In either order.
        while (await world.do("GetOptIn", made, HR)).state != engagement.OptIn.STATE_WITHDRAWN:  # noqa: ASYNC110 - what the service does by itself
            await asyncio.sleep(0.02)
        while (await world.do("GetInvitation", sent, HR)).state != engagement.Invitation.STATE_WITHDRAWN:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    world.contacts.kept.clear()
    for act, (id_, session_id) in things.items():
        for name in ACTS[act][1]:
            if act in {"cancel a session", "read what was said"}:
                if act[0] == "r" or name == "hr":
                    await world.act(act, id_, CALLERS[name], session_id)
                continue
            error = await world.matching.refusal(world.act(act, id_, CALLERS[name], session_id))
            if act == "reach the mentor":
                assert error.reason == "NOT_FOUND"
            else:
                assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "person_gone"), f"{act} by {name}"
    for method, id_, caller in (("AcceptInvitation", sent, MENTOR), ("ConfirmOptIn", made, HR)):
        error = await world.matching.refusal(world.do(method, id_, caller))
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "withdrawn")
    for method, id_ in moves.items():  # what is under way can still be ended
        await world.do(method, id_, HR, **ENGAGEMENT[method][3])
    await check_invariants(world.database, {PERSON.id: 30_000}, unasked=set(moves.values()))


async def test_no_yes_counts_for_who_is_gone_before_what_waits_is_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, made = await world.invitation("SENT"), await world.opt_in("OFFERED")
    monkeypatch.setattr(Closing, "close_pending", AsyncMock(return_value=0))
    world.matching.feed.remove(PERSON.id)
    await world.matching.caught_up()
    for method, id_, caller in (
        ("AcceptInvitation", sent, MENTOR),
        ("AcceptInvitation", sent, COORDINATOR),
        ("ConfirmOptIn", made, HR),
    ):
        error = await world.matching.refusal(world.do(method, id_, caller))
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "person_gone")
    assert (await world.do("GetInvitation", sent, HR)).state == engagement.Invitation.STATE_SENT
    assert (await world.do("GetOptIn", made, HR)).state == engagement.OptIn.STATE_OFFERED
    await check_invariants(world.database, {PERSON.id: 30_000})


def parties_see(name: str, state: str) -> str:
    return "" if name in PARTIES else "NOT_FOUND"


@pytest.mark.parametrize("state", ["DRAFT", "OPEN", "FILLED", "CLOSED", "EXPIRED"])
async def test_who_may_begin_in_each_state_of_a_request(world: World, state: str) -> None:
    for name, caller in CALLERS.items():
        id_ = await world.request(state)
        if name == "hr":
            expected = "" if state == "OPEN" else "WRONG_STATE"
        else:
            expected = "NOT_FOUND" if "hr" in name else "FORBIDDEN"
        await refused_or_done(world, world.invite(id_, PERSON, caller=caller), expected, state)
        id_ = await world.request(state)
        if name in PEOPLE:
            expected = {"OPEN": "", "DRAFT": "NOT_FOUND"}.get(state, "WRONG_STATE")
        elif caller.role in {Role.RETIREE, Role.COORDINATOR}:
            expected = "NOT_FOUND"
        else:
            expected = "FORBIDDEN"
        await refused_or_done(world, world.offer(id_, PERSON, caller), expected, state)


async def refused_or_done(world: World, call: Awaitable[Any], expected: str, state: str) -> None:
    if not expected:
        await call
        return
    error = await world.matching.refusal(call)
    assert error.reason == expected
    if expected == "WRONG_STATE":
        assert error.metadata["state"] == state.lower()
