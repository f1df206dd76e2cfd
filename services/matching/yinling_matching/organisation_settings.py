"""Use cases about organisations' settings, and the weights that hold for their requests."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from yinling_common import logs
from yinling_common.errors import Forbidden, InvalidField, Violation, YinlingError
from yinling_common.identity import Role, require
from yinling_common.text import clean
from yinling_matching.domain import OrganisationSettings, check_etag
from yinling_matching.ranking.weights import NO_WEIGHTS, Weights
from yinling_matching.settings_repository import SettingsRepository

KEPT_SECONDS = 3.0
"""How long weights that were read hold without being read again: another replica's write is seen that much later."""

_PATIENCE = 0.3
"""Seconds that a suggestion waits for the table, as for the vectors of its points."""

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    weights: Weights
    until: float


class SettingsOfOrganisations:
    """Reads and writes settings for the caller.

    Args:
        repository: Keeps them.
        now: The time.
        clock: Seconds, for how long weights hold.
    """

    def __init__(
        self,
        repository: SettingsRepository,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._repository = repository
        self._now = now
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def get(self, organisation: str) -> OrganisationSettings:
        """An organisation's settings; nothing set where it never made any."""
        name = _own("organisation", organisation)
        kept = await self._repository.get(name)
        self._remember(name, kept.weights)
        return kept

    async def update(self, given: OrganisationSettings) -> OrganisationSettings:
        """Write an organisation's settings as a whole. Raises StaleEtag where they changed since they were read."""
        name = _own("settings.organisation", given.organisation)

        def revise(kept: OrganisationSettings) -> OrganisationSettings:
            check_etag(kept.etag, given.etag)
            return replace(kept, weights=given.weights, update_time=self._now(), etag=secrets.token_hex(8))

        written = await self._repository.update(name, revise)
        self._remember(name, written.weights)
        return written

    async def weights_of(self, organisation: str) -> Weights:
        """What one organisation set; see `weights_of_several`."""
        return (await self.weights_of_several([organisation]))[organisation]

    async def weights_of_several(self, organisations: Collection[str]) -> dict[str, Weights]:
        """What organisations set, as of some seconds ago at most; their own process's writes at once.

        It does not ask who the caller is: it is for suggestions, not for answers. Where the table does not answer in
        time the weights known last hold, or none: a suggestion with the default weights is better than no suggestion.
        """
        names = {organisation: clean(organisation) for organisation in organisations}
        known = {name: self._known.get(name) for name in names.values() if name}
        now = self._clock()
        missing = [name for name, one in known.items() if one is None or now >= one.until]
        found = await self._read(missing) if missing else None
        hold = {name: one.weights for name, one in known.items() if one is not None}
        for name in missing:
            written = self._known.get(name)
            if written is not None and written is not known[name]:  # meanwhile, and what was read may be older
                hold[name] = written.weights
                continue
            hold[name] = hold.get(name, NO_WEIGHTS) if found is None else found.get(name, NO_WEIGHTS)
            self._remember(name, hold[name])
        return {organisation: hold.get(name, NO_WEIGHTS) for organisation, name in names.items()}

    async def _read(self, names: Sequence[str]) -> Mapping[str, Weights] | None:
        """What the table says, without those who never set anything; None where it does not answer in time."""
        asked = asyncio.create_task(self._ask(names))
        # Left alone when time is up, like the vectors' table: cancelling a frozen server takes seconds.
        in_time, _ = await asyncio.wait({asked}, timeout=_PATIENCE)
        found = asked.result() if in_time else None
        if found is None:
            logs.get().warning("settings.table_not_read", organisation=names[0], organisations=len(names))
        return found

    async def _ask(self, names: Sequence[str]) -> Mapping[str, Weights] | None:
        try:
            return {one.organisation: one.weights for one in await self._repository.get_several(names)}
        except YinlingError:
            return None

    def _remember(self, name: str, weights: Weights) -> None:
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[name] = _Known(weights, self._clock() + KEPT_SECONDS)


def _own(field: str, organisation: str) -> str:
    """The organisation's name, which the caller may read and write the settings of."""
    caller = require(Role.HR, Role.ADMIN)
    name = clean(organisation)
    if not name:
        message = "must not be empty; give the name of the organisation"
        raise InvalidField([Violation(field, "string.min_len", message)])
    if caller.role is not Role.ADMIN and caller.organisation != name:
        message = "you can read and write the settings of your own organisation only"
        raise Forbidden(message, metadata={"role": caller.role})
    return name
