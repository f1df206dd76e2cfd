"""A mentoring request as a row of its table, and how one is written within a transaction."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from yinling_common.database import Connection
from yinling_common.identity import Identity
from yinling_common.types import Mode, PhysicalDemand, TitleLevel
from yinling_matching.domain import HardRule, Importance, MentoringRequest, RequestState, Requirement
from yinling_matching.engaging.audit import REQUEST, record
from yinling_matching.engaging.changing import after_change, settled
from yinling_matching.engaging.domain import Step
from yinling_matching.engaging.states import named
from yinling_matching.privacy.erased import erased
from yinling_matching.settings_repository import weights_from_json, weights_to_json

COLUMNS = (
    "id", "organisation", "title", "description", "requirements", "industry", "city", "mode", "hours_per_week",
    "physical_demands", "other_demands", "mentees", "months", "language", "start_date", "blocked_profile_ids",
    "wishes", "min_years", "min_title_level", "max_distance_km", "weights", "mentors_wanted", "expire_date",
    "state", "create_time", "update_time", "etag",
)  # fmt: skip
# Only the names above go into the statements; every value is a parameter.
SELECT = f"SELECT {', '.join(COLUMNS)}, open_time FROM mentoring_requests"  # noqa: S608 - see above
INSERT = (
    f"INSERT INTO mentoring_requests ({', '.join(COLUMNS)})"  # noqa: S608 - see above
    f" VALUES ({', '.join(f'%({name})s' for name in COLUMNS)}) RETURNING open_time"
)
UPDATE = (
    f"UPDATE mentoring_requests SET {', '.join(f'{name} = %({name})s' for name in COLUMNS)}"  # noqa: S608 - see above
    " WHERE id = %(id)s RETURNING open_time"
)


async def insert_request(
    conn: Connection, request: MentoringRequest, by: Identity, action: str = "create"
) -> MentoringRequest:
    """Keep a new request, within a transaction; returns it as it is kept."""
    request = await _written(conn, INSERT, request)
    await record(conn, step_of(request, by, action, "", named(request.state)), request.create_time or datetime.now(UTC))
    return request


async def lock_request(conn: Connection, request_id: str) -> MentoringRequest | None:
    """Read a request that nobody else changes until the transaction ends; None where there is none."""
    row = await (await conn.execute(SELECT + " WHERE id = %s FOR UPDATE", [request_id])).fetchone()
    return request_of(row) if row else None


async def change_request(
    conn: Connection, kept: MentoringRequest, revised: MentoringRequest, by: Identity
) -> MentoringRequest:
    """Replace a locked request, with all that must change with it; returns what it became."""
    now = revised.update_time or datetime.now(UTC)
    revised = await settled(conn, kept, revised)
    revised = await _written(conn, UPDATE, revised)
    await after_change(conn, kept, revised, by, now)
    return revised


def step_of(request: MentoringRequest, by: Identity, action: str, before: str, after: str) -> Step:
    """What the audit says of a step in its life."""
    return Step(by, REQUEST, request.id, action, before, after, mentoring_request_id=request.id)


async def _written(conn: Connection, query: str, request: MentoringRequest) -> MentoringRequest:
    """Write it; the database notes when it was first opened.

    Nobody is blocked who was erased: whoever wrote the request may have read it before that.
    """
    if gone := await erased(conn, request.blocked_profile_ids):
        request = replace(request, blocked_profile_ids=request.blocked_profile_ids - gone)
    row = await (await conn.execute(query, _values(request))).fetchone()
    return replace(request, open_time=row["open_time"] if row else None)


def _values(request: MentoringRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in COLUMNS} | {
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


def request_of(row: DictRow) -> MentoringRequest:
    """The request in a row."""
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
