"""A history by chance, for tests and for measuring: rows as the service would have written them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from yinling_common.database import Connection
from yinling_matching.domain import RequestState
from yinling_matching.engaging.states import EngagementState, InvitationState, OptInState

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""When it begins."""

DAYS = 180
"""How long it lasts."""

ENTERPRISES = tuple(f"第{number}集团" for number in range(1, 11))
"""Who asks."""

_TABLES = ("invitations", "opt_ins", "engagements", "mentoring_sessions", "exposures", "engagement_feedback")


class History:
    """Makes it.

    Args:
        people: Ids and offices.
        seed: The same one gives the same history.
        enterprises: Who asks.
        since: When it begins.
    """

    def __init__(
        self,
        people: Sequence[tuple[str, str]],
        seed: int = 0,
        *,
        enterprises: Sequence[str] = ENTERPRISES,
        since: datetime = SINCE,
    ) -> None:
        self._people = people
        self._enterprises = enterprises
        self._since = since
        self._chance = random.Random(seed)
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("mentoring_requests", *_TABLES)}

    async def write(self, conn: Connection, requests: int, events: int) -> dict[str, int]:
        """Write so many requests, and so many of everything else together; returns the rows of each table."""
        for number in range(requests):
            self._request(number)
        each = events // max(1, requests)
        for request in self._rows["mentoring_requests"]:
            before = self._events()
            while self._events() - before < each:
                self._something(request)
        for table, rows in self._rows.items():
            if not rows:
                continue
            names = list(rows[0])
            copy = f"COPY {table} ({', '.join(names)}) FROM STDIN"
            async with conn.cursor() as cursor, cursor.copy(copy.encode()) as copying:
                for row in rows:
                    await copying.write_row([row[name] for name in names])
        await conn.execute("ANALYZE")
        return {table: len(rows) for table, rows in self._rows.items()}

    def _events(self) -> int:
        return sum(len(self._rows[table]) for table in _TABLES)

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _later(self, moment: datetime, days: float) -> datetime:
        return moment + timedelta(days=self._chance.random() * days)

    def _request(self, number: int) -> None:
        made = self._later(self._since, DAYS)
        self._rows["mentoring_requests"].append(
            {
                "id": self._id(),
                "organisation": self._chance.choice(self._enterprises),
                "title": f"需求{number}",
                "description": "",
                "requirements": Jsonb([{"text": f"技能{self._chance.randrange(300)}", "importance": 1}]),
                "industry": "",
                "city": "",
                "mode": 0,
                "hours_per_week": 0,
                "physical_demands": [],
                "other_demands": [],
                "mentees": 0,
                "months": 0,
                "language": "",
                "blocked_profile_ids": [],
                "state": self._chance.choice(list(RequestState)[1:]).value,
                "create_time": made,
                "update_time": self._later(made, 30),
                "etag": str(number),
            }
        )

    def _something(self, request: dict[str, Any]) -> None:
        """What may have happened between a request and a person."""
        person, office = self._chance.choice(self._people)
        first = self._later(request["create_time"], 30)
        between = {
            "mentoring_request_id": request["id"],
            "organisation": request["organisation"],
            "profile_id": person,
            "office": office,
            "create_time": first,
            "update_time": self._later(first, 7),
        }
        shown = {"request_id": request["id"], "profile_id": person}
        if any(shown.items() <= row.items() for row in self._rows["exposures"][-50:]):
            return
        day = (first + timedelta(hours=8)).date()
        self._rows["exposures"].append(shown | {"first_day": day, "best_place": 1, "revision": 0, "create_time": first})
        engagement = self._id()
        if self._chance.random() < 0.5:
            state = self._chance.choice([s for s in InvitationState if s is not InvitationState.SENT])
            engaged = state is InvitationState.ACCEPTED
            self._rows["invitations"].append(
                {"id": self._id(), **between, "message": "", "state": state.value, "decline_words": ""}
                | {"decline_reason": self._chance.randint(1, 6) if state is InvitationState.DECLINED else 0}
                | {"closed_because": 0, "engagement_id": engagement if engaged else None, "expire_time": first}
            )
            source = {"invitation_id": self._rows["invitations"][-1]["id"], "opt_in_id": None}
        else:
            answer = self._chance.choice([s for s in OptInState if s is not OptInState.OFFERED])
            engaged = answer is OptInState.CONFIRMED
            by_hand = answer is OptInState.TURNED_DOWN and self._chance.random() < 0.5
            closed = answer is OptInState.TURNED_DOWN and not by_hand
            self._rows["opt_ins"].append(
                {"id": self._id(), **between, "message": "", "state": answer.value, "turn_down_words": ""}
                | {"turn_down_reason": self._chance.randint(1, 5) if by_hand else 0}
                | {"closed_because": 1 if closed else 0, "engagement_id": engagement if engaged else None}
            )
            source = {"invitation_id": None, "opt_in_id": self._rows["opt_ins"][-1]["id"]}
        if engaged:
            self._engagement(engagement, between | {"create_time": between["update_time"]}, source)

    def _engagement(self, id_: UUID, between: dict[str, Any], source: dict[str, Any]) -> None:
        state = self._chance.choice([EngagementState.COMPLETED, EngagementState.ENDED_EARLY])
        begun = between["create_time"]
        ended = self._later(begun, 60)
        early = state is EngagementState.ENDED_EARLY
        self._rows["engagements"].append(
            {"id": id_, **between, **source, "state": state.value, "end_words": "", "end_time": ended}
            | {"end_reason": self._chance.randint(1, 5) if early else 0, "update_time": ended}
        )
        for _ in range(self._chance.randint(0, 6)):
            start = self._later(begun, 60)
            self._rows["mentoring_sessions"].append(
                {"id": self._id(), "engagement_id": id_, **between, "state": self._chance.choice([2, 2, 3])}
                | {"start_time": start, "minutes": self._chance.choice([30, 60, 90]), "summary": "", "next_step": ""}
                | {"place": "", "logged_by": 1, "etag": "", "create_time": start, "update_time": start}
            )
        for side in (1, 2):
            answers = {name: self._chance.randint(0, 5) for name in ("goals", "cooperation", "again")}
            self._rows["engagement_feedback"].append(
                {"engagement_id": id_, "phase": 2, "side": side, "profile_id": between["profile_id"], **answers}
                | {"words": "", "create_time": ended, "update_time": ended}
            )
