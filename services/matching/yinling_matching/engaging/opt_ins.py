"""Use cases of opt-ins: a person offers themselves, and the enterprise answers."""

from dataclasses import replace
from enum import IntEnum
from uuid import uuid4

from yinling_common.errors import AlreadyExists, NotFound
from yinling_common.identity import Role, current, require
from yinling_common.text import clean
from yinling_matching.domain import RequestState, new_etag
from yinling_matching.engaging.audit import REQUEST
from yinling_matching.engaging.domain import Engagement, Invitation, OptIn, Thing
from yinling_matching.engaging.once import ENGAGEMENT, OPT_IN, Call
from yinling_matching.engaging.shared import between, next_state, written
from yinling_matching.engaging.states import (
    OPT_IN_MOVES,
    OptInMove,
    TurnDownReason,
    party_of,
)
from yinling_matching.engaging.tables import OPT_INS
from yinling_matching.engaging.telling import reason as told
from yinling_matching.engaging.unit import Decisions, Unit, check_open
from yinling_matching.notices.domain import Audience, NoticeKind


class OptIns:
    """Offers, and the answers to them, for the caller. `decisions` runs them."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    async def offer(self, call: Call, request_id: str, profile_id: str, message: str) -> OptIn:
        """A person offers themselves for an open request."""
        caller = require(Role.RETIREE, Role.COORDINATOR)

        async def decide(unit: Unit) -> OptIn:
            known = (await unit.people.expect([profile_id])).get(profile_id)
            if known is None or party_of(caller, "", profile_id, known.office) is None:
                raise NotFound("profile", profile_id)
            request = await unit.request(request_id)
            if request.state is RequestState.DRAFT:  # nobody else knows of it yet
                raise NotFound(REQUEST, request_id)
            check_open(request, unit.now)
            for thing in (await between(unit, request, [profile_id])).values():
                raise AlreadyExists(_NAMES[type(thing)], thing.id)
            known = (await unit.here([profile_id])).get(profile_id)
            if known is None or party_of(caller, "", profile_id, known.office) is None:
                raise NotFound("profile", profile_id)
            opt_in = OptIn(
                id=str(uuid4()),
                mentoring_request_id=request.id,
                organisation=request.organisation,
                profile_id=profile_id,
                office=known.office,
                message=clean(message),
                create_time=unit.now,
                update_time=unit.now,
            )
            await OPT_INS.insert(unit.conn, opt_in)
            await unit.record(OPT_INS, opt_in, "offer", None)
            await unit.tell(NoticeKind.OPT_IN_RECEIVED, Audience.ENTERPRISE, request, opt_in)
            return opt_in

        return await self._decisions.once(caller, call, OPT_IN, decide)

    async def confirm(self, call: Call, opt_in_id: str) -> Engagement:
        """The enterprise says yes."""
        caller = current()

        async def decide(unit: Unit) -> Engagement:
            request, kept = await unit.both(OPT_INS, opt_in_id)
            state = next_state(OPT_IN_MOVES[OptInMove.CONFIRM], caller, call, kept, kept.state)
            engagement = await unit.engage(request, kept)
            confirmed = replace(kept, state=state, engagement_id=engagement.id, update_time=unit.now, etag=new_etag())
            await OPT_INS.update(unit.conn, confirmed)
            await unit.record(OPT_INS, confirmed, OptInMove.CONFIRM, kept.state)
            await unit.engaged(request, engagement)
            return engagement

        return await self._decisions.once(caller, call, ENGAGEMENT, decide)

    async def turn_down(self, call: Call, opt_in_id: str, reason: TurnDownReason, words: str) -> OptIn:
        """The enterprise says no."""
        words = written(words, needed=reason is TurnDownReason.OTHER)
        move = OptInMove.TURN_DOWN
        return await self._end(call, opt_in_id, move, turn_down_reason=reason, turn_down_words=words)

    async def withdraw(self, call: Call, opt_in_id: str) -> OptIn:
        """The person takes it back."""
        return await self._end(call, opt_in_id, OptInMove.WITHDRAW)

    async def _end(self, call: Call, opt_in_id: str, name: OptInMove, **why: IntEnum | str) -> OptIn:
        caller = current()

        async def decide(unit: Unit) -> OptIn:
            request, kept = await unit.both(OPT_INS, opt_in_id)
            state = next_state(OPT_IN_MOVES[name], caller, call, kept, kept.state)
            ended = replace(kept, state=state, update_time=unit.now, etag=new_etag(), **why)  # type: ignore[arg-type] # of its fields
            await OPT_INS.update(unit.conn, ended)
            await unit.record(OPT_INS, ended, name, kept.state)
            kind, audience = _TOLD[name]
            await unit.tell(kind, audience, request, ended, reason=told(ended.turn_down_reason))
            return ended

        return await self._decisions.once(caller, call, OPT_IN, decide)


_TOLD = {
    OptInMove.TURN_DOWN: (NoticeKind.OPT_IN_TURNED_DOWN, Audience.PERSON),
    OptInMove.WITHDRAW: (NoticeKind.OPT_IN_WITHDRAWN, Audience.ENTERPRISE),
}
_NAMES: dict[type[Thing], str] = {Invitation: "invitation", OptIn: "opt_in", Engagement: "engagement"}
