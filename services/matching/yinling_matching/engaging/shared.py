"""What the use cases of both sides share."""

from collections.abc import Sequence

from yinling_common.errors import InvalidField, NotFound, Violation
from yinling_common.identity import Identity
from yinling_common.text import clean
from yinling_matching.domain import MentoringRequest, check_etag
from yinling_matching.engaging.domain import Thing
from yinling_matching.engaging.once import Call
from yinling_matching.engaging.states import SIDES, Move, Side, State, allow, moved, side_of
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, OPT_INS
from yinling_matching.engaging.unit import Unit, party_in


def next_state(move: Move[State], caller: Identity, call: Call, thing: Thing, state: State) -> State:
    """The state of something after the caller's move. Raises Forbidden, then StaleEtag, then WrongState."""
    party = party_in(caller, thing)
    if party is not None:  # who has no part in it was told that there is no such thing
        allow(move.parties, party)
    check_etag(thing.etag, call.etag)
    return moved(move, state)


def check_side(caller: Identity, thing: Thing) -> Side:
    """The side of a caller who has a part in something. Raises Forbidden for who is of neither."""
    party = party_in(caller, thing)
    if party is not None:
        allow(SIDES, party)
    side = side_of(party) if party else None
    if side is None:
        raise NotFound("engagement", thing.id)
    return side


def written(words: str, *, needed: bool) -> str:
    """Somebody's own words, trimmed. Raises InvalidField where they are needed and not there."""
    words = clean(words)
    if needed and not words:
        raise InvalidField([Violation("words", "words.required", "say in words why, or choose another reason")])
    return words


async def between(unit: Unit, request: MentoringRequest, profile_ids: Sequence[str]) -> dict[str, Thing]:
    """What there is between a locked request and some people that is not over, by person."""
    found: dict[str, Thing] = {}
    found |= {one.profile_id: one for one in await INVITATIONS.live(unit.conn, request.id, profile_ids)}
    found |= {one.profile_id: one for one in await OPT_INS.live(unit.conn, request.id, profile_ids)}
    found |= {one.profile_id: one for one in await ENGAGEMENTS.live(unit.conn, request.id, profile_ids)}
    return found
