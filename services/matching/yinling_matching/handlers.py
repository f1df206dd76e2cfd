"""Use cases about mentoring requests: who may do what, and what must hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from yinling_common import paging
from yinling_common.cities import closest, resolve
from yinling_common.errors import Forbidden, InvalidField, InvalidPageToken, InvalidUpdateMask, NotFound, Violation
from yinling_common.identity import Identity, Role, current, require
from yinling_common.text import clean
from yinling_matching.days import CHINA
from yinling_matching.domain import MentoringRequest, RequestState, check_etag, first_state, new_etag, next_state
from yinling_matching.engaging.once import NO_CALL, Call
from yinling_matching.ranking.weights import NO_WEIGHTS
from yinling_matching.repository import Position, RequestFilter, RequestRepository, position_of

SETTABLE = (
    "organisation", "title", "description", "requirements", "industry", "city", "mode", "hours_per_week",
    "physical_demands", "other_demands", "mentees", "months", "language", "start_date", "blocked_profile_ids", "wishes",
    "min_years", "min_title_level", "max_distance_km", "weights", "mentors_wanted", "expire_date", "state",
)  # fmt: skip
"""Fields that an update can name."""

_LIST = "mentoring_requests"


@dataclass(frozen=True, slots=True)
class Page:
    """Some requests, and the token of the next ones."""

    requests: list[MentoringRequest]
    next_page_token: str


class Requests:
    """Creates, reads, changes and deletes requests for the caller.

    Args:
        repository: Keeps them.
        on_kept: Told of every new state, for example to prepare for suggestions. It must not wait.
        now: The time.
    """

    def __init__(
        self,
        repository: RequestRepository,
        on_kept: Callable[[MentoringRequest], None] = lambda request: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._repository = repository
        self._on_kept = on_kept
        self._now = now

    async def create(self, given: MentoringRequest, call: Call = NO_CALL) -> MentoringRequest:
        """Keep a new request; the same call sent again keeps none, and is answered the same."""
        caller = require(Role.HR, Role.ADMIN)
        now = self._now()
        request = replace(
            canonical(given),
            id=str(uuid4()),
            state=first_state(given.state),
            create_time=now,
            update_time=now,
            etag=new_etag(),
        )
        _check_required(request)
        _check_own(caller, request)
        # Only of a new call: one that is sent again may come when the day has passed.
        kept = await self._repository.create(request, caller, call, lambda new: check_expire_date(new, now))
        self._on_kept(kept)
        return kept

    async def get(self, request_id: str) -> MentoringRequest:
        """One request that the caller may see."""
        caller = current()
        request = await self._repository.get(request_id)
        if request is None or not (_sees(caller, request) or await self._has_part(caller, request)):
            raise NotFound("mentoring_request", request_id)
        return as_seen(caller, request)

    async def list(self, organisation: str, state: RequestState, page_size: int, page_token: str) -> Page:
        """The requests that the caller may see, the newest first."""
        caller = current()
        wanted = _visible(caller, organisation, state)
        filters = {"organisation": organisation, "state": int(state), "caller": [caller.role, caller.organisation]}
        after = _position(paging.decode(page_token, _LIST, filters))
        if wanted is None:
            return Page([], "")
        size = paging.page_size(page_size)
        found = await self._repository.list(wanted, after, size + 1)
        token = ""
        if len(found) > size:
            moment, last_id = position_of(found[size - 1])
            token = paging.encode(_LIST, filters, [moment.isoformat(), last_id])
        return Page([as_seen(caller, request) for request in found[:size]], token)

    async def update(self, given: MentoringRequest, mask: Sequence[str], call: Call = NO_CALL) -> MentoringRequest:
        """Change the fields that the mask names; all that can be set for an empty one or "*"."""
        caller = require(Role.HR, Role.ADMIN)
        paths = _paths(mask)
        _check_id(given.id)
        cleaned = canonical(given if "city" in paths else replace(given, city=""))

        def revise(kept: MentoringRequest) -> MentoringRequest:
            self._check_writable(caller, kept, given.etag)
            revised = replace(kept, **{path: getattr(cleaned, path) for path in paths if path != "state"})
            if "state" in paths:
                revised = replace(revised, state=next_state(kept.state, given.state))
            _check_required(revised)
            _check_own(caller, revised)
            # A draft may keep the day that it was given; what is opened, or given another day, may not.
            opened = revised.state is RequestState.OPEN and kept.state is not RequestState.OPEN
            if opened or revised.expire_date != kept.expire_date:
                check_expire_date(revised, self._now())
            return replace(revised, update_time=self._now(), etag=new_etag())

        updated = await self._repository.update(given.id, revise, caller, call)
        self._on_kept(updated)
        return updated

    async def delete(self, request_id: str, etag: str) -> None:
        """Delete a request."""
        caller = require(Role.HR, Role.ADMIN)
        if not await self._repository.delete(request_id, lambda kept: self._check_writable(caller, kept, etag), caller):
            raise NotFound("mentoring_request", request_id)

    async def _has_part(self, caller: Identity, request: MentoringRequest) -> bool:
        """Whether the caller was asked, offered themselves or is engaged, or one of the people whom they keep."""
        match caller.role:
            case Role.RETIREE if caller.profile_id:
                return await self._repository.has_part(request.id, caller.profile_id.lower(), "")
            case Role.COORDINATOR if caller.organisation:
                return await self._repository.has_part(request.id, "", caller.organisation)
        return False

    @staticmethod
    def _check_writable(caller: Identity, kept: MentoringRequest, etag: str) -> None:
        if not _sees(caller, kept):
            raise NotFound("mentoring_request", kept.id)
        check_etag(kept.etag, etag)


def as_seen(caller: Identity, request: MentoringRequest) -> MentoringRequest:
    """A request without what is the enterprise's own business: whom it does not want, and how it weighs."""
    if caller.role in {Role.RETIREE, Role.COORDINATOR}:
        return replace(request, blocked_profile_ids=frozenset(), weights=NO_WEIGHTS)
    return request


def canonical(given: MentoringRequest) -> MentoringRequest:
    """A request in its one form: trimmed, the city by its canonical name.

    Raises:
        InvalidField: There is no such city.
    """
    city = ""
    if written := clean(given.city):
        found = resolve(written)
        if found is None:
            near = closest(written)
            advice = f"did you mean {', '.join(near)}?" if near else "give a prefecture-level city, for example 攀枝花"
            message = f'there is no city "{written}", or more than one; {advice}'
            raise InvalidField([Violation("mentoring_request.city", "city.unknown", message)])
        city = found.name
    return replace(
        given,
        organisation=clean(given.organisation),
        title=clean(given.title),
        description=clean(given.description),
        requirements=tuple(replace(r, text=clean(r.text)) for r in given.requirements),
        industry=clean(given.industry),
        other_demands=tuple(clean(demand) for demand in given.other_demands),
        city=city,
    )


def check_expire_date(request: MentoringRequest, now: datetime) -> None:
    """Raise InvalidField where the last day of a request has passed."""
    if has_expired(request, now):
        message = f"{request.expire_date} has passed; give a day that has not, or none"
        raise InvalidField([Violation("mentoring_request.expire_date", "date.past", message)])


def has_expired(request: MentoringRequest, now: datetime) -> bool:
    """Whether the last day of a request has passed, in China."""
    return request.has_expired(now.astimezone(CHINA).date())


def _check_id(request_id: str) -> None:
    try:
        UUID(request_id)
    except ValueError as error:
        message = "must be the UUID of the request that is to be changed"
        raise InvalidField([Violation("mentoring_request.id", "string.uuid", message)]) from error


def _check_required(request: MentoringRequest) -> None:
    missing = [name for name in ("organisation", "title") if not getattr(request, name)]
    missing += [f"requirements[{n}].text" for n, requirement in enumerate(request.requirements) if not requirement.text]
    if missing:
        message = "must not be empty; fill it in"
        raise InvalidField([Violation(f"mentoring_request.{name}", "string.min_len", message) for name in missing])


def _check_own(caller: Identity, request: MentoringRequest) -> None:
    if caller.role is not Role.ADMIN and caller.organisation != request.organisation:
        raise Forbidden("you can write requests of your own organisation only", metadata={"role": caller.role})


def _sees(caller: Identity, request: MentoringRequest) -> bool:
    if caller.role is Role.HR:
        return caller.organisation == request.organisation
    return caller.role in {Role.ADMIN, Role.SERVICE} or request.state is RequestState.OPEN


def _visible(caller: Identity, organisation: str, state: RequestState) -> RequestFilter | None:
    """What a list may hold; None where nothing that was asked for may be seen."""
    states = frozenset({state} - {RequestState.UNSPECIFIED})
    if caller.role is Role.HR:
        if not caller.organisation or organisation not in {"", caller.organisation}:
            return None
        return RequestFilter(caller.organisation, states)
    if caller.role in {Role.ADMIN, Role.SERVICE}:
        return RequestFilter(organisation, states)
    only_open = frozenset({RequestState.OPEN})
    return RequestFilter(organisation, only_open) if states <= only_open else None


def _paths(mask: Sequence[str]) -> list[str]:
    paths = list(dict.fromkeys(mask))
    if paths in ([], ["*"]):
        return list(SETTABLE)
    for path in paths:
        if path not in SETTABLE:
            raise InvalidUpdateMask(path)
    return paths


def _position(key: Sequence[object] | None) -> Position | None:
    if key is None:
        return None
    try:
        moment, request_id = key
        return datetime.fromisoformat(str(moment)).astimezone(UTC), str(UUID(str(request_id)))
    except (ValueError, OverflowError) as error:  # OverflowError: a day before the calendar's first in another zone
        raise InvalidPageToken from error
