"""The tables of what stands between a request and a person, each as the dataclass that a row becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import IntEnum
from typing import Any, Generic

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from yinling_common.database import Connection
from yinling_matching.engaging.domain import (
    Engagement,
    EnterpriseContact,
    Goal,
    Invitation,
    Kind,
    MentoringSession,
    OptIn,
)
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    SessionState,
    Side,
    TurnDownReason,
)

Position = tuple[datetime, str]
"""The time by which a list is ordered, and id: the place in it."""

_IDS = frozenset({"id", "mentoring_request_id", "profile_id", "engagement_id", "invitation_id", "opt_in_id"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. Empty means any.

    Attributes:
        organisation: Of this enterprise.
        office: Of people kept by this organisation.
        profile_id: Of this person.
        mentoring_request_id: Of this request.
        engagement_id: Of this engagement; of sessions alone.
        states: In one of these.
        since: At this time or later, by that of the list's order.
        until: Before this time.
    """

    organisation: str = ""
    office: str = ""
    profile_id: str = ""
    mentoring_request_id: str = ""
    engagement_id: str = ""
    states: frozenset[IntEnum] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


class Table(Generic[Kind]):
    """A table whose columns are the fields of a dataclass.

    Args:
        name: Of the table.
        resource: What the audit and errors call one of them.
        kind: The dataclass. An empty id is NULL in the table.
        enums: Of the columns that hold one.
        live: The last of the states in which one is not over.
        json: Of the columns that hold JSON, what it becomes.
        order: The column by which lists are ordered.
    """

    def __init__(
        self,
        name: str,
        resource: str,
        kind: type[Kind],
        enums: Mapping[str, type[IntEnum]],
        *,
        live: IntEnum,
        json: Mapping[str, TypeAdapter[Any]] | None = None,
        order: str = "create_time",
    ) -> None:
        self._live = live.value
        self.name = name
        self.resource = resource
        self.order = order
        self._kind = kind
        self._enums = enums
        self._json = json or {}
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

    async def insert(self, conn: Connection, thing: Kind) -> None:
        """Keep a new one."""
        await conn.execute(self._insert, self._values(thing))

    async def update(self, conn: Connection, thing: Kind) -> None:
        """Replace one that is locked."""
        await conn.execute(self._update, self._values(thing))

    async def get(self, conn: Connection, id_: str, *, lock: bool = False) -> Kind | None:
        """Read one; with `lock` nobody else changes it until the transaction ends."""
        query = f"{self._select} WHERE id = %s{' FOR UPDATE' if lock else ''}"
        row = await (await conn.execute(query.encode(), [id_])).fetchone()
        return self._thing(row) if row else None

    async def live(self, conn: Connection, mentoring_request_id: str, profile_ids: Sequence[str] = ()) -> list[Kind]:
        """Those of a request that are not over, of some people or of everybody, locked in the order of their ids."""
        query = (
            f"{self._select} WHERE mentoring_request_id = %s AND state <= %s"
            " AND (%s::uuid[] IS NULL OR profile_id = ANY(%s::uuid[])) ORDER BY id FOR UPDATE"
        )
        people = list(profile_ids) or None
        rows = await (await conn.execute(query.encode(), [mentoring_request_id, self._live, people, people])).fetchall()
        return [self._thing(row) for row in rows]

    async def live_of(self, conn: Connection, engagement_id: str, state: IntEnum) -> list[Kind]:
        """Those of a locked engagement that are in one state; of sessions alone."""
        query = f"{self._select} WHERE engagement_id = %s AND state = %s ORDER BY id"
        rows = await (await conn.execute(query.encode(), [engagement_id, state.value])).fetchall()
        return [self._thing(row) for row in rows]

    async def list(self, conn: Connection, wanted: Wanted, after: Position | None, limit: int) -> list[Kind]:
        """The newest first, those behind `after`."""
        conditions, values = ["true"], list[object]()
        for column in ("organisation", "office", "profile_id", "mentoring_request_id", "engagement_id"):
            if value := getattr(wanted, column):
                conditions.append(f"{column} = %s")
                values.append(value)
        for bound, comparison in ((wanted.since, ">="), (wanted.until, "<")):
            if bound is not None:
                conditions.append(f"{self.order} {comparison} %s")
                values.append(bound)
        if wanted.states:
            conditions.append("state = ANY(%s)")
            values.append([state.value for state in wanted.states])
        if after is not None:
            conditions.append(f"({self.order}, id) < (%s, %s)")
            values.extend(after)
        query = f"{self._select} WHERE {' AND '.join(conditions)} ORDER BY {self.order} DESC, id DESC LIMIT %s"
        rows = await (await conn.execute(query.encode(), [*values, limit])).fetchall()
        return [self._thing(row) for row in rows]

    def _values(self, thing: Kind) -> dict[str, Any]:
        return {column: self._written(column, getattr(thing, column)) for column in self._columns}

    def _written(self, column: str, value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
        if column in _IDS:
            return value or None
        if column in self._enums:
            return value.value
        return Jsonb(self._json[column].dump_python(value, mode="json")) if column in self._json else value

    def _thing(self, row: DictRow) -> Kind:
        return self._kind(**{column: self._read(column, value) for column, value in row.items()})

    def _read(self, column: str, value: Any) -> Any:  # noqa: ANN401 - as above
        if column in _IDS:
            return str(value or "")
        if column in self._enums:
            return self._enums[column](value)
        return self._json[column].validate_python(value) if column in self._json else value


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
    json={"goals": TypeAdapter(tuple[Goal, ...]), "enterprise_contact": TypeAdapter(EnterpriseContact)},
)
SESSIONS = Table(
    "mentoring_sessions",
    "mentoring_session",
    MentoringSession,
    {"state": SessionState, "logged_by": Side},
    live=SessionState.HELD,
    order="start_time",
)
