"""Use cases of engagements: what both sides do with what they agreed on."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from yinling_common.errors import WrongState
from yinling_common.identity import current
from yinling_matching.domain import check_etag, new_etag
from yinling_matching.engaging.domain import Engagement
from yinling_matching.engaging.once import ENGAGEMENT, Call
from yinling_matching.engaging.places import count_places, lock_places
from yinling_matching.engaging.planning import Plan, changed_fields, named_by, revised
from yinling_matching.engaging.sessions import cancel_planned
from yinling_matching.engaging.shared import check_side, next_state, written
from yinling_matching.engaging.states import (
    ENGAGEMENT_MOVES,
    UNDER_WAY,
    EndReason,
    EngagementMove,
    EngagementState,
    named,
)
from yinling_matching.engaging.tables import ENGAGEMENTS
from yinling_matching.engaging.telling import ask_for_feedback, other_sides
from yinling_matching.engaging.telling import reason as told
from yinling_matching.engaging.unit import Decisions, Unit
from yinling_matching.notices.domain import Audience, NoticeKind

_OVER = {EngagementState.COMPLETED, EngagementState.ENDED_EARLY}
_TOLD = {
    EngagementMove.PAUSE: NoticeKind.ENGAGEMENT_PAUSED,
    EngagementMove.RESUME: NoticeKind.ENGAGEMENT_RESUMED,
    EngagementMove.COMPLETE: NoticeKind.ENGAGEMENT_COMPLETED,
    EngagementMove.END: NoticeKind.ENGAGEMENT_ENDED,
}


class Engagements:
    """Pauses, resumes, completes, ends and plans engagements for the caller. `decisions` runs them."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    async def pause(self, call: Call, engagement_id: str) -> Engagement:
        """Interrupt it; the person's place stays taken."""
        return await self._move(call, engagement_id, EngagementMove.PAUSE)

    async def resume(self, call: Call, engagement_id: str) -> Engagement:
        """Go on with it."""
        return await self._move(call, engagement_id, EngagementMove.RESUME)

    async def complete(self, call: Call, engagement_id: str) -> Engagement:
        """Finish it."""
        return await self._move(call, engagement_id, EngagementMove.COMPLETE)

    async def end(self, call: Call, engagement_id: str, reason: EndReason, words: str) -> Engagement:
        """End it before its goal."""
        words = written(words, needed=reason is EndReason.OTHER)
        return await self._move(
            call, engagement_id, EngagementMove.END, lambda kept: replace(kept, end_reason=reason, end_words=words)
        )

    async def update(self, call: Call, engagement_id: str, plan: Plan, mask: Sequence[str]) -> Engagement:
        """Change what the mask names of the plan; all that the caller may change for an empty one or "*"."""
        caller = current()

        async def decide(unit: Unit) -> Engagement:
            _, kept = await unit.both(ENGAGEMENTS, engagement_id)
            paths = named_by(mask, check_side(caller, kept))
            check_etag(kept.etag, call.etag)
            if kept.state not in UNDER_WAY:
                raise WrongState(named(kept.state), "active or paused")
            await unit.person(kept.profile_id)
            planned = revised(kept, plan, paths, unit.now)
            if changed := changed_fields(kept, planned):
                planned = replace(planned, etag=new_etag())
                await ENGAGEMENTS.update(unit.conn, planned)
                await unit.record(ENGAGEMENTS, planned, "update", kept.state, changed)
            return planned

        return await self._decisions.once(caller, call, ENGAGEMENT, decide)

    async def _move(
        self,
        call: Call,
        engagement_id: str,
        name: EngagementMove,
        revise: Callable[[Engagement], Engagement] = lambda kept: kept,
    ) -> Engagement:
        caller = current()

        async def decide(unit: Unit) -> Engagement:
            request, kept = await unit.both(ENGAGEMENTS, engagement_id)
            state = next_state(ENGAGEMENT_MOVES[name], caller, call, kept, kept.state)
            moved = replace(revise(kept), state=state, update_time=unit.now, etag=new_etag())
            if state in _OVER:
                moved = replace(moved, end_time=unit.now)
                await cancel_planned(unit, kept)
                await lock_places(unit.conn, kept.profile_id)
            await ENGAGEMENTS.update(unit.conn, moved)
            await unit.record(ENGAGEMENTS, moved, name, kept.state)
            thanked = name is EngagementMove.COMPLETE  # whoever completed it
            for audience in (Audience.PERSON,) if thanked else other_sides(caller, moved):
                await unit.tell(_TOLD[name], audience, request, moved, reason=told(moved.end_reason))
            if state in _OVER:
                if not await unit.people.gone(kept.profile_id):
                    await ask_for_feedback(unit.conn, request, moved, "end", unit.now)
                await count_places(unit.conn, kept.profile_id)
            return moved

        return await self._decisions.once(caller, call, ENGAGEMENT, decide)
