"""The only SQL of matching, behind abstract classes that `testing` has in memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from psycopg.errors import ForeignKeyViolation
from typing_extensions import override

from yinling_common.database import Database
from yinling_common.errors import NotFound, WrongState
from yinling_common.identity import Identity
from yinling_matching.domain import MentoringRequest, RequestState, ReviseRequest
from yinling_matching.engaging.audit import OURSELVES, record
from yinling_matching.engaging.audit import REQUEST as RESOURCE
from yinling_matching.engaging.once import NO_CALL, REQUEST, Call, answered, taken_before
from yinling_matching.engaging.states import named
from yinling_matching.request_rows import SELECT, change_request, insert_request, lock_request, request_of, step_of

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
    async def create(
        self,
        request: MentoringRequest,
        by: Identity = OURSELVES,
        call: Call = NO_CALL,
        check: CheckRequest = lambda request: None,
    ) -> MentoringRequest:
        """Keep a new one unless `check` raises; returns it, or what the same call was answered before.

        Args:
            request: What is to be kept.
            by: Who wants it, here and below: it is written into the history.
            call: By what it can be recognised when it is sent again, here and below.
            check: Asked where the call is new, about what may have changed since it was sent first.

        Raises:
            InvalidField: The call's key was used for another call.
        """

    @abstractmethod
    async def get(self, request_id: str) -> MentoringRequest | None:
        """Read one."""

    @abstractmethod
    async def update(
        self, request_id: str, revise: ReviseRequest, by: Identity = OURSELVES, call: Call = NO_CALL
    ) -> MentoringRequest:
        """Replace one by what `revise` makes of it, nobody else changing it meanwhile.

        What `revise` raises passes through, and nothing is written, the key of the call included.

        Raises:
            NotFound: There is none.
            InvalidField: The call's key was used for another call.
        """

    @abstractmethod
    async def has_part(self, request_id: str, profile_id: str, office: str) -> bool:
        """Whether a person was asked for a request, offered themselves or is engaged for it, whatever came of it.

        Args:
            request_id: The request.
            profile_id: The person; empty for any.
            office: The organisation that keeps the person's profile; empty for any.
        """

    @abstractmethod
    async def asked_for(self, request_id: str) -> frozenset[str]:
        """Everybody of whom that is so."""

    @abstractmethod
    async def delete(self, request_id: str, check: CheckRequest, by: Identity = OURSELVES) -> bool:
        """Delete one unless `check` raises; False where there is none.

        Raises:
            WrongState: People were invited for it, or offered themselves.
        """

    @abstractmethod
    async def list(self, wanted: RequestFilter, after: Position | None, limit: int) -> list[MentoringRequest]:
        """The newest first, those behind `after`."""

    @abstractmethod
    async def etags(self, wanted: RequestFilter) -> dict[str, str]:
        """The etag of each, by id: what tells at little cost which of them changed."""

    @abstractmethod
    async def version(self, wanted: RequestFilter) -> str:
        """Another one after each change of any of these requests: tells at less cost that none of them changed."""

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


_PARTS = " UNION ALL ".join(
    f"SELECT profile_id, office FROM {table} WHERE mentoring_request_id = %(request)s"  # noqa: S608 - ours alone
    for table in ("invitations", "opt_ins", "engagements")
)


class SqlRequestRepository(RequestRepository):
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def create(
        self,
        request: MentoringRequest,
        by: Identity = OURSELVES,
        call: Call = NO_CALL,
        check: CheckRequest = lambda request: None,
    ) -> MentoringRequest:
        async with self._database.transaction() as conn:
            if before := await taken_before(conn, call, by, datetime.now(UTC)):
                return REQUEST.validate_python(before)
            check(request)
            kept = await insert_request(conn, request, by)
            await answered(conn, call, by, kept, REQUEST)
            return kept

    @override
    async def get(self, request_id: str) -> MentoringRequest | None:
        async with self._database.connection() as conn:
            row = await (await conn.execute(SELECT + " WHERE id = %s", [request_id])).fetchone()
        return request_of(row) if row else None

    @override
    async def update(
        self, request_id: str, revise: ReviseRequest, by: Identity = OURSELVES, call: Call = NO_CALL
    ) -> MentoringRequest:
        async with self._database.transaction() as conn:
            if before := await taken_before(conn, call, by, datetime.now(UTC)):
                return REQUEST.validate_python(before)
            kept = await lock_request(conn, request_id)
            if kept is None:
                raise NotFound(RESOURCE, request_id)
            changed = await change_request(conn, kept, revise(kept), by)
            await answered(conn, call, by, changed, REQUEST)
            return changed

    @override
    async def has_part(self, request_id: str, profile_id: str, office: str) -> bool:
        query = (
            f"SELECT EXISTS (SELECT FROM ({_PARTS}) AS parts"  # noqa: S608 - ours alone
            # as text: an account may name a profile that is no UUID
            " WHERE (%(profile)s = '' OR profile_id::text = %(profile)s)"
            " AND (%(office)s = '' OR office = %(office)s)) AS found"
        )
        values = {"request": request_id, "profile": profile_id, "office": office}
        async with self._database.connection() as conn:
            row = await (await conn.execute(query.encode(), values)).fetchone()
        return bool(row and row["found"])

    @override
    async def asked_for(self, request_id: str) -> frozenset[str]:
        async with self._database.connection() as conn:
            rows = await (await conn.execute(_PARTS.encode(), {"request": request_id})).fetchall()
        return frozenset(str(row["profile_id"]) for row in rows)

    @override
    async def delete(self, request_id: str, check: CheckRequest, by: Identity = OURSELVES) -> bool:
        async with self._database.transaction() as conn:
            kept = await lock_request(conn, request_id)
            if kept is None:
                return False
            check(kept)
            try:
                await conn.execute("DELETE FROM mentoring_requests WHERE id = %s", [request_id])
            except ForeignKeyViolation as error:
                needs = "nobody to have been invited or to have offered themselves; close it instead"
                raise WrongState(named(kept.state), needs) from error
            await record(conn, step_of(kept, by, "delete", named(kept.state), ""), datetime.now(UTC))
            return True

    @override
    async def list(self, wanted: RequestFilter, after: Position | None, limit: int) -> list[MentoringRequest]:
        conditions, values = _conditions(wanted)
        if after is not None:
            conditions.append("(create_time, id) < (%s, %s)")
            values.extend(after)
        query = f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY create_time DESC, id DESC LIMIT %s"
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query.encode(), [*values, limit])).fetchall()
        return [request_of(row) for row in rows]

    @override
    async def etags(self, wanted: RequestFilter) -> dict[str, str]:
        conditions, values = _conditions(wanted)
        query = f"SELECT id, etag FROM mentoring_requests WHERE {' AND '.join(conditions)}"  # noqa: S608 - ours alone
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query.encode(), values)).fetchall()
        return {str(row["id"]): row["etag"] for row in rows}

    @override
    async def version(self, wanted: RequestFilter) -> str:
        conditions, values = _conditions(wanted)
        query = (
            "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(id || etag, 0)), 0) AS version"  # noqa: S608 - ours alone
            f" FROM mentoring_requests WHERE {' AND '.join(conditions)}"
        )
        async with self._database.connection() as conn:
            row = await (await conn.execute(query.encode(), values)).fetchone()
        return row["version"] if row else ""

    @override
    async def read(self, request_ids: Collection[str]) -> Sequence[MentoringRequest]:
        async with self._database.connection() as conn:
            rows = await (await conn.execute(SELECT + " WHERE id = ANY(%s)", [list(request_ids)])).fetchall()
        return [request_of(row) for row in rows]


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


def _conditions(wanted: RequestFilter) -> tuple[list[str], list[object]]:
    conditions, values = ["true"], list[object]()
    if wanted.organisation:
        conditions.append("organisation = %s")
        values.append(wanted.organisation)
    if wanted.states:
        conditions.append("state = ANY(%s)")
        values.append([state.value for state in wanted.states])
    return conditions, values
