"""The only SQL of matching, behind abstract classes that `testing` has in memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from typing_extensions import override

from yinling_common.database import Connection, Database
from yinling_common.types import Mode, PhysicalDemand, TitleLevel
from yinling_matching.domain import HardRule, Importance, MentoringRequest, RequestState, Requirement, ReviseRequest
from yinling_matching.settings_repository import weights_from_json, weights_to_json

Floats = NDArray[np.float32]
CheckRequest = Callable[[MentoringRequest], None]
"""Raises where the request must not be touched."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests. Empty means any.

    Attributes:
        organisation: Of this one.
        states: In one of these.
    """

    organisation: str = ""
    states: frozenset[RequestState] = frozenset()


Position = tuple[datetime, str]
"""Creation time and id of a request: its place in a list."""


def position_of(request: MentoringRequest) -> Position:
    """The place of a kept request."""
    if request.create_time is None:
        raise ValueError("a request that is not kept has no place in a list")
    return request.create_time, request.id


class RequestRepository(ABC):
    """Keeps mentoring requests. Every call may raise DatabaseUnavailable."""

    @abstractmethod
    async def create(self, request: MentoringRequest) -> None:
        """Keep a new one."""

    @abstractmethod
    async def get(self, request_id: str) -> MentoringRequest | None:
        """Read one."""

    @abstractmethod
    async def update(self, request_id: str, revise: ReviseRequest) -> MentoringRequest | None:
        """Replace one by what `revise` makes of it, nobody else changing it meanwhile; None where there is none.

        What `revise` raises passes through, and nothing is written.
        """

    @abstractmethod
    async def delete(self, request_id: str, check: CheckRequest) -> bool:
        """Delete one unless `check` raises; False where there is none."""

    @abstractmethod
    async def list(self, wanted: RequestFilter, after: Position | None, limit: int) -> list[MentoringRequest]:
        """The newest first, those behind `after`."""

    @abstractmethod
    async def etags(self, wanted: RequestFilter) -> dict[str, str]:
        """The etag of each, by id: what tells at little cost which of them changed."""

    @abstractmethod
    async def read(self, request_ids: Collection[str]) -> Sequence[MentoringRequest]:
        """Read several at once, in no order; those that are not there are left out."""


class EmbeddingRepository(ABC):
    """Keeps vectors by model and key. Every call may raise DatabaseUnavailable."""

    @abstractmethod
    async def find(self, model: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        """The vectors of those keys that are there."""

    @abstractmethod
    async def store(self, model: str, vectors: Mapping[bytes, Floats]) -> None:
        """Keep vectors; those that are there stay as they are."""

    @abstractmethod
    async def record_position(self, follower: str, model: str, revision: int, people: int) -> None:
        """Note how far a follower has come."""


class SqlRequestRepository(RequestRepository):
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def create(self, request: MentoringRequest) -> None:
        async with self._database.transaction() as conn:
            await conn.execute(_INSERT, _values(request))

    @override
    async def get(self, request_id: str) -> MentoringRequest | None:
        async with self._database.connection() as conn:
            row = await (await conn.execute(_SELECT + " WHERE id = %s", [request_id])).fetchone()
        return _request(row) if row else None

    @override
    async def update(self, request_id: str, revise: ReviseRequest) -> MentoringRequest | None:
        async with self._database.transaction() as conn:
            kept = await _locked(conn, request_id)
            if kept is None:
                return None
            revised = revise(kept)
            await conn.execute(_UPDATE, _values(revised))
            return revised

    @override
    async def delete(self, request_id: str, check: CheckRequest) -> bool:
        async with self._database.transaction() as conn:
            kept = await _locked(conn, request_id)
            if kept is None:
                return False
            check(kept)
            await conn.execute("DELETE FROM mentoring_requests WHERE id = %s", [request_id])
            return True

    @override
    async def list(self, wanted: RequestFilter, after: Position | None, limit: int) -> list[MentoringRequest]:
        conditions, values = _conditions(wanted)
        if after is not None:
            conditions.append("(create_time, id) < (%s, %s)")
            values.extend(after)
        query = f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY create_time DESC, id DESC LIMIT %s"
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query.encode(), [*values, limit])).fetchall()
        return [_request(row) for row in rows]

    @override
    async def etags(self, wanted: RequestFilter) -> dict[str, str]:
        conditions, values = _conditions(wanted)
        query = f"SELECT id, etag FROM mentoring_requests WHERE {' AND '.join(conditions)}"  # noqa: S608 - ours alone
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query.encode(), values)).fetchall()
        return {str(row["id"]): row["etag"] for row in rows}

    @override
    async def read(self, request_ids: Collection[str]) -> Sequence[MentoringRequest]:
        async with self._database.connection() as conn:
            rows = await (await conn.execute(_SELECT + " WHERE id = ANY(%s)", [list(request_ids)])).fetchall()
        return [_request(row) for row in rows]


class SqlEmbeddingRepository(EmbeddingRepository):
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def find(self, model: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        query = "SELECT key, vector FROM embeddings WHERE model = %s AND key = ANY(%s)"
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query, [model, list(keys)], binary=True)).fetchall()
        return {bytes(row["key"]): np.frombuffer(row["vector"], dtype="<f4") for row in rows}

    @override
    async def store(self, model: str, vectors: Mapping[bytes, Floats]) -> None:
        # In the order of the keys, so that two writers wait for each other and never both.
        keys = sorted(vectors)
        values = [np.ascontiguousarray(vectors[key], dtype="<f4").tobytes() for key in keys]
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT INTO embeddings (model, key, vector)"
                " SELECT %s, * FROM unnest(%b::bytea[], %b::bytea[]) ON CONFLICT DO NOTHING",
                [model, keys, values],
            )

    @override
    async def record_position(self, follower: str, model: str, revision: int, people: int) -> None:
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT INTO feed_positions (follower, model, revision, people) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (follower) DO UPDATE SET model = excluded.model, revision = excluded.revision,"
                " people = excluded.people, update_time = now()",
                [follower, model, revision, people],
            )


_COLUMNS = (
    "id", "organisation", "title", "description", "requirements", "industry", "city", "mode", "hours_per_week",
    "physical_demands", "other_demands", "mentees", "months", "language", "start_date", "blocked_profile_ids",
    "wishes", "min_years", "min_title_level", "max_distance_km", "weights",
    "state", "create_time", "update_time", "etag",
)  # fmt: skip
# Only the names above go into the statements; every value is a parameter.
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM mentoring_requests"  # noqa: S608 - see above
_INSERT = (
    f"INSERT INTO mentoring_requests ({', '.join(_COLUMNS)})"  # noqa: S608 - see above
    f" VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
)
_UPDATE = f"UPDATE mentoring_requests SET {', '.join(f'{name} = %({name})s' for name in _COLUMNS)} WHERE id = %(id)s"  # noqa: S608 - see above


def _conditions(wanted: RequestFilter) -> tuple[list[str], list[object]]:
    conditions, values = ["true"], list[object]()
    if wanted.organisation:
        conditions.append("organisation = %s")
        values.append(wanted.organisation)
    if wanted.states:
        conditions.append("state = ANY(%s)")
        values.append([state.value for state in wanted.states])
    return conditions, values


async def _locked(conn: Connection, request_id: str) -> MentoringRequest | None:
    row = await (await conn.execute(_SELECT + " WHERE id = %s FOR UPDATE", [request_id])).fetchone()
    return _request(row) if row else None


def _values(request: MentoringRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _COLUMNS} | {
        "requirements": Jsonb([{"text": r.text, "importance": r.importance.value} for r in request.requirements]),
        "mode": request.mode.value,
        "physical_demands": sorted(demand.value for demand in request.physical_demands),
        "other_demands": list(request.other_demands),
        "blocked_profile_ids": sorted(request.blocked_profile_ids),
        "wishes": sorted(rule.value for rule in request.wishes),
        "min_title_level": request.min_title_level.value,
        "weights": Jsonb(weights_to_json(request.weights)),
        "state": request.state.value,
    }


def _request(row: DictRow) -> MentoringRequest:
    return MentoringRequest(
        **row
        | {
            "id": str(row["id"]),
            "requirements": tuple(Requirement(r["text"], Importance(r["importance"])) for r in row["requirements"]),
            "mode": Mode(row["mode"]),
            "physical_demands": frozenset(map(PhysicalDemand, row["physical_demands"])),
            "other_demands": tuple(row["other_demands"]),
            "blocked_profile_ids": frozenset(map(str, row["blocked_profile_ids"])),
            "wishes": frozenset(map(HardRule, row["wishes"])),
            "min_title_level": TitleLevel(row["min_title_level"]),
            "weights": weights_from_json(row["weights"]),
            "state": RequestState(row["state"]),
        }
    )
