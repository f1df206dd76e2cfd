"""The SQL of organisations' settings, behind an abstract class that `testing` has in memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from typing_extensions import override

from yinling_common.database import Database
from yinling_matching.domain import OrganisationSettings
from yinling_matching.ranking.weights import Weights

ReviseSettings = Callable[[OrganisationSettings], OrganisationSettings]
"""Makes the new settings from those that are kept."""


class SettingsRepository(ABC):
    """Keeps organisations' settings. Every call may raise DatabaseUnavailable."""

    @abstractmethod
    async def get(self, organisation: str) -> OrganisationSettings:
        """Read them; without an etag where nothing was ever written."""

    @abstractmethod
    async def get_several(self, organisations: Collection[str]) -> Sequence[OrganisationSettings]:
        """Read those of several at once, in no order; those that never made any are left out."""

    @abstractmethod
    async def update(self, organisation: str, revise: ReviseSettings) -> OrganisationSettings:
        """Replace them by what `revise` makes of them, nobody else changing them meanwhile.

        What `revise` raises passes through, and nothing is written.
        """


class SqlSettingsRepository(SettingsRepository):
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def get(self, organisation: str) -> OrganisationSettings:
        async with self._database.connection() as conn:
            row = await (await conn.execute(_SELECT + " = %s", [organisation])).fetchone()
        return _settings(row) if row else OrganisationSettings(organisation)

    @override
    async def get_several(self, organisations: Collection[str]) -> Sequence[OrganisationSettings]:
        async with self._database.connection() as conn:
            rows = await (await conn.execute(_SELECT + " = ANY(%s)", [list(organisations)])).fetchall()
        return [_settings(row) for row in rows]

    @override
    async def update(self, organisation: str, revise: ReviseSettings) -> OrganisationSettings:
        async with self._database.transaction() as conn:
            # A row to lock, so that of two first writers one waits for the other.
            first = await conn.execute(
                "INSERT INTO matching_settings (organisation, weights, update_time, etag) VALUES (%s, '{}', now(), '')"
                " ON CONFLICT DO NOTHING",
                [organisation],
            )
            row = await (await conn.execute(_SELECT + " = %s FOR UPDATE", [organisation])).fetchone()
            kept = _settings(row) if row and not first.rowcount else OrganisationSettings(organisation)
            revised = revise(kept)
            await conn.execute(
                "UPDATE matching_settings SET weights = %s, update_time = %s, etag = %s WHERE organisation = %s",
                [Jsonb(weights_to_json(revised.weights)), revised.update_time, revised.etag, organisation],
            )
            return revised


_SELECT = "SELECT organisation, weights, update_time, etag FROM matching_settings WHERE organisation"


def weights_to_json(weights: Weights) -> dict[str, float]:
    """Only what is set, so that a default that changes later changes for everybody who did not choose."""
    return {name: value for name, value in asdict(weights).items() if value is not None}


def weights_from_json(kept: Mapping[str, float]) -> Weights:
    """The weights that were kept. One that this version does not know is left out."""
    return Weights(**{field.name: float(kept[field.name]) for field in fields(Weights) if field.name in kept})


def _settings(row: DictRow) -> OrganisationSettings:
    return OrganisationSettings(
        organisation=row["organisation"],
        weights=weights_from_json(row["weights"]),
        update_time=row["update_time"],
        etag=row["etag"],
    )
