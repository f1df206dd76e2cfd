"""Use cases of a request's life: opened, closed, filled, expired, opened again, copied; and its history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from yinling_common import paging
from yinling_common.errors import InvalidPageToken, NotFound, StaleEtag, WrongState
from yinling_common.identity import Identity, Role, current, require
from yinling_matching.domain import MentoringRequest, RequestState, new_etag
from yinling_matching.engaging.audit import REQUEST as RESOURCE
from yinling_matching.engaging.audit import changes
from yinling_matching.engaging.domain import Change
from yinling_matching.engaging.once import REQUEST, Call
from yinling_matching.engaging.states import REQUEST_MOVES, RequestMove, allow, moved, named, party_of
from yinling_matching.engaging.unit import Decisions, Unit
from yinling_matching.handlers import has_expired
from yinling_matching.request_rows import insert_request

_LIST = "mentoring_request_changes"


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, and the token of the next ones."""

    changes: Sequence[Change]
    next_page_token: str


class RequestLife:
    """Moves requests from state to state for the caller.

    Args:
        decisions: Runs them.
        on_kept: Told of every request that is opened or made, to prepare for suggestions. It must not wait.
    """

    def __init__(
        self, decisions: Decisions, on_kept: Callable[[MentoringRequest], None] = lambda request: None
    ) -> None:
        self._decisions = decisions
        self._on_kept = on_kept

    async def move(self, call: Call, request_id: str, name: RequestMove, etag: str = "") -> MentoringRequest:
        """Make a move.

        Raises NotFound, Forbidden, StaleEtag where a given etag does not hold, and WrongState where the move does not
        start from the present state.
        """
        caller = current()

        async def decide(unit: Unit) -> MentoringRequest:
            kept = await unit.request(request_id)
            _check_part(caller, kept, name)
            if etag and etag != kept.etag:
                raise StaleEtag
            move = REQUEST_MOVES[name]
            revised = replace(kept, state=moved(move, kept.state))
            expired = has_expired(kept, unit.now)
            if revised.state is RequestState.OPEN and expired:
                raise WrongState(named(kept.state), f"a later expire_date; {kept.expire_date} has passed")
            if name is RequestMove.EXPIRE and not expired:
                raise WrongState(named(kept.state), "its expire_date to have passed")
            return await unit.change(kept, revised)

        changed = await self._decisions.once(caller, call, REQUEST, decide)
        self._on_kept(changed)
        return changed

    async def duplicate(self, call: Call, request_id: str) -> MentoringRequest:
        """Make a draft like another request of the caller's organisation, without its last day."""
        caller = require(Role.HR, Role.ADMIN)

        async def decide(unit: Unit) -> MentoringRequest:
            kept = await unit.request(request_id)
            if party_of(caller, kept.organisation, "", "") is None:
                raise NotFound(RESOURCE, request_id)
            draft = replace(
                kept,
                id=str(uuid4()),
                state=RequestState.DRAFT,
                expire_date=None,
                create_time=unit.now,
                update_time=unit.now,
                etag=new_etag(),
            )
            return await insert_request(unit.conn, draft, caller, "duplicate")

        made = await self._decisions.once(caller, call, REQUEST, decide)
        self._on_kept(made)
        return made

    async def changes(self, request_id: str, page_size: int, page_token: str) -> Page:
        """What was done to a request, the newest first. That of a deleted one is for administrators alone."""
        caller = require(Role.HR, Role.ADMIN)
        filters = {"id": request_id, "caller": [caller.role, caller.organisation]}
        before = _number(paging.decode(page_token, _LIST, filters))
        size = paging.page_size(page_size)
        async with self._decisions.database.connection() as conn:
            found = await conn.execute("SELECT organisation FROM mentoring_requests WHERE id = %s", [request_id])
            row = await found.fetchone()
            if caller.role is not Role.ADMIN and (row is None or row["organisation"] != caller.organisation):
                raise NotFound(RESOURCE, request_id)
            entries = await changes(conn, request_id, before, size + 1)
        if row is None and not entries and before is None:
            raise NotFound(RESOURCE, request_id)
        token = paging.encode(_LIST, filters, [entries[size - 1].number]) if len(entries) > size else ""
        return Page(entries[:size], token)


def _check_part(caller: Identity, request: MentoringRequest, name: RequestMove) -> None:
    party = party_of(caller, request.organisation, "", "")
    if party is None:
        if caller.role is not Role.HR and request.state is RequestState.OPEN:
            require(Role.HR, Role.ADMIN)  # they may read it, so they are told why
        raise NotFound(RESOURCE, request.id)
    allow(REQUEST_MOVES[name].parties, party)


def _number(key: Sequence[object] | None) -> int | None:
    if key is None:
        return None
    try:
        (number,) = key
        return int(str(number))
    except ValueError as error:
        raise InvalidPageToken from error
