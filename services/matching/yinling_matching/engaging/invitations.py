"""Use cases of invitations: an enterprise asks, and a person answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import IntEnum
from uuid import uuid4

from yinling_common.errors import InvalidField, NotFound, Violation, WrongState
from yinling_common.faults import point
from yinling_common.identity import Role, current, require
from yinling_common.text import clean
from yinling_matching.domain import MentoringRequest, new_etag
from yinling_matching.engaging.audit import REQUEST
from yinling_matching.engaging.domain import Engagement, Invitation, OptIn, Thing
from yinling_matching.engaging.once import ENGAGEMENT, INVITATION, SEVERAL_INVITATIONS, Call
from yinling_matching.engaging.shared import between, next_state, written
from yinling_matching.engaging.states import (
    INVITATION_MOVES,
    DeclineReason,
    InvitationMove,
    InvitationState,
    Party,
    named,
    party_of,
)
from yinling_matching.engaging.tables import INVITATIONS
from yinling_matching.engaging.telling import reason as told
from yinling_matching.engaging.unit import Decisions, Unit, check_open
from yinling_matching.notices.domain import Audience, NoticeKind


class Invitations:
    """Invites, and takes the answers, for the caller.

    Args:
        decisions: Runs them.
        time_to_answer: So long an invitation can be accepted.
    """

    def __init__(self, decisions: Decisions, *, time_to_answer: timedelta) -> None:
        self._decisions = decisions
        self._time_to_answer = time_to_answer

    async def invite(self, call: Call, request_id: str, profile_ids: Sequence[str], message: str) -> list[Invitation]:
        """Ask several people for a request, all or none."""
        caller = require(Role.HR)
        wanted = [profile_id.lower() for profile_id in profile_ids]

        async def decide(unit: Unit) -> list[Invitation]:
            request = await unit.request(request_id)
            if party_of(caller, request.organisation, "", "") is not Party.ENTERPRISE:
                raise NotFound(REQUEST, request_id)
            check_open(request, unit.now)
            standing = await between(unit, request, wanted)
            people = await unit.here(wanted)
            check_people(wanted, people, request, standing)
            invitations = [
                Invitation(
                    id=str(uuid4()),
                    mentoring_request_id=request.id,
                    organisation=request.organisation,
                    profile_id=profile_id,
                    office=people[profile_id].office,
                    message=clean(message),
                    expire_time=unit.now + self._time_to_answer,
                    create_time=unit.now,
                    update_time=unit.now,
                )
                for profile_id in wanted
            ]
            for invitation in invitations:
                await INVITATIONS.insert(unit.conn, invitation)
                await unit.record(INVITATIONS, invitation, "invite", None)
                until = invitation.expire_time.isoformat()
                await unit.tell(NoticeKind.INVITATION_RECEIVED, Audience.PERSON, request, invitation, expire_time=until)
            return invitations

        return await self._decisions.once(caller, call, SEVERAL_INVITATIONS, decide)

    async def accept(self, call: Call, invitation_id: str) -> Engagement:
        """The person says yes."""
        caller = current()

        async def decide(unit: Unit) -> Engagement:
            request, kept = await unit.both(INVITATIONS, invitation_id)
            point("accept.locked")
            state = next_state(INVITATION_MOVES[InvitationMove.ACCEPT], caller, call, kept, kept.state)
            if kept.expire_time <= unit.now:
                raise WrongState(named(InvitationState.EXPIRED), "an answer before its expire_time")
            engagement = await unit.engage(request, kept)
            accepted = replace(kept, state=state, engagement_id=engagement.id, update_time=unit.now, etag=new_etag())
            await INVITATIONS.update(unit.conn, accepted)
            point("accept.written")
            await unit.record(INVITATIONS, accepted, InvitationMove.ACCEPT, kept.state)
            point("accept.recorded")
            await unit.engaged(request, engagement)
            return engagement

        return await self._decisions.once(caller, call, ENGAGEMENT, decide)

    async def decline(self, call: Call, invitation_id: str, reason: DeclineReason, words: str) -> Invitation:
        """The person says no."""
        words = written(words, needed=reason is DeclineReason.OTHER)
        move = InvitationMove.DECLINE
        return await self._end(call, invitation_id, move, decline_reason=reason, decline_words=words)

    async def withdraw(self, call: Call, invitation_id: str) -> Invitation:
        """The enterprise takes it back."""
        return await self._end(call, invitation_id, InvitationMove.WITHDRAW)

    async def expire(self, call: Call, invitation_id: str) -> Invitation:
        """Nobody answered in time."""
        return await self._end(call, invitation_id, InvitationMove.EXPIRE)

    async def _end(self, call: Call, invitation_id: str, name: InvitationMove, **why: IntEnum | str) -> Invitation:
        caller = current()

        async def decide(unit: Unit) -> Invitation:
            request, kept = await unit.both(INVITATIONS, invitation_id)
            state = next_state(INVITATION_MOVES[name], caller, call, kept, kept.state)
            if name is InvitationMove.EXPIRE and unit.now < kept.expire_time:
                raise WrongState(named(kept.state), "its expire_time to have passed")
            ended = replace(kept, state=state, update_time=unit.now, etag=new_etag(), **why)  # type: ignore[arg-type] # of its fields
            await INVITATIONS.update(unit.conn, ended)
            await unit.record(INVITATIONS, ended, name, kept.state)
            kind, audience = _TOLD[name]
            await unit.tell(kind, audience, request, ended, reason=told(ended.decline_reason))
            return ended

        return await self._decisions.once(caller, call, INVITATION, decide)


_TOLD = {
    InvitationMove.DECLINE: (NoticeKind.INVITATION_DECLINED, Audience.ENTERPRISE),
    InvitationMove.WITHDRAW: (NoticeKind.INVITATION_CLOSED, Audience.PERSON),
    InvitationMove.EXPIRE: (NoticeKind.INVITATION_EXPIRED, Audience.ENTERPRISE),
}
_RULES: dict[type[Thing], str] = {
    Invitation: "invitation.exists",
    OptIn: "opt_in.exists",
    Engagement: "engagement.exists",
}
_ADVICE = {
    "profile.unknown": "there is no such person, or they have taken their consent back; leave them out",
    "profile.blocked": "the request says that this person must not be suggested; leave them out",
    "profile.repeated": "is named twice; leave it out once",
    "invitation.exists": "this person is asked already, and has not answered yet; leave them out",
    "opt_in.exists": "this person has offered themselves; confirm the opt-in instead",
    "engagement.exists": "this person is engaged for the request already; leave them out",
}


def check_people(
    wanted: Sequence[str], here: Collection[str], request: MentoringRequest, between: Mapping[str, Thing]
) -> None:
    """Raise InvalidField where some of the people cannot be invited, for all of them at once.

    Args:
        wanted: Who is to be invited.
        here: Those of them who are here.
        request: For what.
        between: What is between the request and them already.
    """
    wrong = {}
    for n, profile_id in enumerate(wanted):
        if profile_id in wanted[:n]:
            wrong[n] = "profile.repeated"
        elif profile_id in between:
            wrong[n] = _RULES[type(between[profile_id])]
        elif profile_id not in here:
            wrong[n] = "profile.unknown"
        elif profile_id in request.blocked_profile_ids:
            wrong[n] = "profile.blocked"
    if wrong:
        raise InvalidField([Violation(f"profile_ids[{n}]", rule, _ADVICE[rule]) for n, rule in wrong.items()])
