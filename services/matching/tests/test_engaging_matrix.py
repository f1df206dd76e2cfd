"""Every state, every transition, every role, against the real service: what is done, and what is refused and how."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import matching_pb2 as pb

from yinling_common.database import Database
from yinling_common.identity import Identity, Role
from yinling_matching.engaging.testing import (
    ADMIN,
    COORDINATOR,
    HR,
    OTHER_COORDINATOR,
    OTHER_HR,
    SERVICE,
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


class World(Sides):
    """Brings things into states."""

    def __init__(self, matching: Any, database: Database) -> None:
        super().__init__(matching.call)
        self.matching = matching
        self.database = database

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

    async def late(self, method: str, id_: str) -> None:
        """Time passes, where a move waits for it."""
        if method == "ExpireMentoringRequest":
            await self.sql("UPDATE mentoring_requests SET expire_date = '2020-01-01' WHERE id = %s", id_)
        if method == "ExpireInvitation":
            await self.sql("UPDATE invitations SET expire_time = now() WHERE id = %s", id_)


@pytest.fixture
async def world(matching: Any, database: Database) -> World:
    matching.feed.put(PERSON)
    await matching.caught_up()
    return World(matching, database)


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
                    await world.do(method, fresh, caller, **fields)
                    found = await world.do(read, fresh, ADMIN)
                    assert type(found).State.Name(found.state) == f"STATE_{after}", where
                    done += 1
                    continue
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
