"""The tables of invitations, opt-ins and engagements, each as the dataclass that a row becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import IntEnum
from typing import Any, Generic, TypeVar

from psycopg.rows import DictRow

from yinling_common.database import Connection
from yinling_matching.engaging.domain import Engagement, Invitation, OptIn, Thing
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    TurnDownReason,
)

T = TypeVar("T", bound=Thing)

Position = tuple[datetime, str]
"""Creation time and id: the place in a list."""

_IDS = frozenset({"id", "mentoring_request_id", "profile_id", "engagement_id", "invitation_id", "opt_in_id"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. Empty means any.

    Attributes:
        organisation: Of this enterprise.
        office: Of people kept by this organisation.
        profile_id: Of this person.
        mentoring_request_id: Of this request.
        states: In one of these.
    """

    organisation: str = ""
    office: str = ""
    profile_id: str = ""
    mentoring_request_id: str = ""
    states: frozenset[IntEnum] = frozenset()


class Table(Generic[T]):
    """A table whose columns are the fields of a dataclass.

    Args:
        name: Of the table.
        resource: What the audit and errors call one of them.
        kind: The dataclass. An empty id is NULL in the table.
        enums: Of the columns that hold one.
        live: The last of the states in which one is not over.
    """

    def __init__(
        self, name: str, resource: str, kind: type[T], enums: Mapping[str, type[IntEnum]], *, live: IntEnum
    ) -> None:
        self._live = live.value
        self.name = name
        self.resource = resource
        self._kind = kind
        self._enums = enums
        self._columns = [field.name for field in fields(kind)]
        # Only names of ours go into the statements; every value is a parameter.
        self._select = f"SELECT {', '.join(self._columns)} FROM {name}"  # noqa: S608 - see above
        self._insert = (
            f"INSERT INTO {name} ({', '.join(self._columns)})"  # noqa: S608 - see above
            f" VALUES ({', '.join(f'%({column})s' for column in self._columns)})"
        ).encode()
        self._update = (
            f"UPDATE {name} SET {', '.join(f'{column} = %({column})s' for column in self._columns)} WHERE id = %(id)s"  # noqa: S608 - see above
        ).encode()

    async def insert(self, conn: Connection, thing: T) -> None:
        """Keep a new one."""
        await conn.execute(self._insert, self._values(thing))

    async def update(self, conn: Connection, thing: T) -> None:
        """Replace one that is locked."""
        await conn.execute(self._update, self._values(thing))

    async def get(self, conn: Connection, id_: str, *, lock: bool = False) -> T | None:
        """Read one; with `lock` nobody else changes it until the transaction ends."""
        query = f"{self._select} WHERE id = %s{' FOR UPDATE' if lock else ''}"
        row = await (await conn.execute(query.encode(), [id_])).fetchone()
        return self._thing(row) if row else None

    async def live(self, conn: Connection, mentoring_request_id: str, profile_ids: Sequence[str] = ()) -> list[T]:
        """Those of a request that are not over, of some people or of everybody, locked in the order of their ids."""
        query = (
            f"{self._select} WHERE mentoring_request_id = %s AND state <= %s"
            " AND (%s::uuid[] IS NULL OR profile_id = ANY(%s::uuid[])) ORDER BY id FOR UPDATE"
        )
        people = list(profile_ids) or None
        rows = await (await conn.execute(query.encode(), [mentoring_request_id, self._live, people, people])).fetchall()
        return [self._thing(row) for row in rows]

    async def list(self, conn: Connection, wanted: Wanted, after: Position | None, limit: int) -> list[T]:
        """The newest first, those behind `after`."""
        conditions, values = ["true"], list[object]()
        for column in ("organisation", "office", "profile_id", "mentoring_request_id"):
            if value := getattr(wanted, column):
                conditions.append(f"{column} = %s")
                values.append(value)
        if wanted.states:
            conditions.append("state = ANY(%s)")
            values.append([state.value for state in wanted.states])
        if after is not None:
            conditions.append("(create_time, id) < (%s, %s)")
            values.extend(after)
        query = f"{self._select} WHERE {' AND '.join(conditions)} ORDER BY create_time DESC, id DESC LIMIT %s"
        rows = await (await conn.execute(query.encode(), [*values, limit])).fetchall()
        return [self._thing(row) for row in rows]

    def _values(self, thing: T) -> dict[str, Any]:
        values = {column: getattr(thing, column) for column in self._columns}
        return {
            column: (value or None) if column in _IDS else value.value if column in self._enums else value
            for column, value in values.items()
        }

    def _thing(self, row: DictRow) -> T:
        values: dict[str, Any] = {
            column: str(value or "")
            if column in _IDS
            else self._enums[column](value)
            if column in self._enums
            else value
            for column, value in row.items()
        }
        return self._kind(**values)


INVITATIONS = Table(
    "invitations",
    "invitation",
    Invitation,
    {"state": InvitationState, "decline_reason": DeclineReason, "closed_because": ClosedBecause},
    live=InvitationState.SENT,
)
OPT_INS = Table(
    "opt_ins",
    "opt_in",
    OptIn,
    {"state": OptInState, "turn_down_reason": TurnDownReason, "closed_because": ClosedBecause},
    live=OptInState.OFFERED,
)
ENGAGEMENTS = Table(
    "engagements",
    "engagement",
    Engagement,
    {"state": EngagementState, "end_reason": EndReason},
    live=EngagementState.PAUSED,
)
