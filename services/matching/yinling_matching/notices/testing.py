"""Helps tests to see what was told, and to check that every step told what it must, and nothing else."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from yinling_common.database import Database
from yinling_matching.notices.domain import Audience, NoticeKind

Told = tuple[NoticeKind, Audience, str]
"""What of, whom, and the id of the thing."""

_PERSON, _ENTERPRISE = Audience.PERSON, Audience.ENTERPRISE

_BY_STEP = {
    ("mentoring_request", "fill"): [(NoticeKind.REQUEST_FILLED, _ENTERPRISE)],
    ("mentoring_request", "expire"): [(NoticeKind.REQUEST_EXPIRED, _ENTERPRISE)],
    ("invitation", "invite"): [(NoticeKind.INVITATION_RECEIVED, _PERSON)],
    ("invitation", "decline"): [(NoticeKind.INVITATION_DECLINED, _ENTERPRISE)],
    ("invitation", "withdraw"): [(NoticeKind.INVITATION_CLOSED, _PERSON)],
    ("invitation", "expire"): [(NoticeKind.INVITATION_EXPIRED, _ENTERPRISE)],
    ("opt_in", "offer"): [(NoticeKind.OPT_IN_RECEIVED, _ENTERPRISE)],
    ("opt_in", "turn_down"): [(NoticeKind.OPT_IN_TURNED_DOWN, _PERSON)],
    ("opt_in", "withdraw"): [(NoticeKind.OPT_IN_WITHDRAWN, _ENTERPRISE)],
    ("invitation", "close_person_gone"): [(NoticeKind.INVITATION_CLOSED, _ENTERPRISE)],
    ("opt_in", "close_person_gone"): [(NoticeKind.OPT_IN_WITHDRAWN, _ENTERPRISE)],
} | {
    (resource, f"close_{why}"): [(kind, _PERSON)]
    for resource, kind in (
        ("invitation", NoticeKind.INVITATION_CLOSED),
        ("opt_in", NoticeKind.OPT_IN_TURNED_DOWN),
    )
    for why in ("filled", "request_closed", "request_expired")
}
_TO_THE_OTHER_SIDE = {
    ("engagement", "pause"): NoticeKind.ENGAGEMENT_PAUSED,
    ("engagement", "resume"): NoticeKind.ENGAGEMENT_RESUMED,
    ("engagement", "end"): NoticeKind.ENGAGEMENT_ENDED,
    ("mentoring_session", "log"): NoticeKind.SESSION_LOGGED,
    ("mentoring_session", "hold"): NoticeKind.SESSION_LOGGED,
}
_OTHER_SIDE = {"hr": [_PERSON], "retiree": [_ENTERPRISE], "coordinator": [_ENTERPRISE]}
_ASKED = [(NoticeKind.FEEDBACK_ASKED, _PERSON), (NoticeKind.FEEDBACK_ASKED, _ENTERPRISE)]
# What no step of the audit writes: timers do, and what both sides write of an engagement.
_ELSEWHERE = {
    NoticeKind.INVITATION_REMINDER,
    NoticeKind.SESSION_PLANNED,
    NoticeKind.SESSION_CANCELLED,
    NoticeKind.SESSION_REMINDER,
    NoticeKind.FEEDBACK_GIVEN,
    NoticeKind.FEEDBACK_READY,
    NoticeKind.HOURS_NEAR_LIMIT,
}


async def told(database: Database) -> list[dict[str, Any]]:
    """Every notice that waits, the oldest first, as a row with its kind and audience as enums."""
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT * FROM notices ORDER BY number")).fetchall()
    return [row | {"kind": NoticeKind(row["kind"]), "audience": Audience(row["audience"])} for row in rows]


async def check_notices(
    database: Database, delivered: Sequence[Mapping[str, Any]] | None = None, unasked: Collection[str] = ()
) -> None:
    """Raise AssertionError unless every step of the audit told exactly what it must.

    Args:
        database: Of matching.
        delivered: The notices where they were delivered to, all of them; None where nobody has acknowledged any yet.
        unasked: Ids of engagements of people who had gone when they ended: of these nobody is asked for feedback.
    """
    rows = await told(database) if delivered is None else delivered
    async with database.connection() as conn:
        query = (
            "SELECT a.resource, a.action, a.role, a.resource_id, e.invitation_id FROM audit_log a"
            " LEFT JOIN engagements e ON e.id = a.resource_id"
        )
        steps = await (await conn.execute(query)).fetchall()
    expected: Counter[Told] = Counter()
    for step in steps:
        id_, told_ = str(step["resource_id"]), _of_step(step)
        expected.update(
            (kind, audience, id_) for kind, audience in told_ if id_ not in unasked or (kind, audience) not in _ASKED
        )
    found = Counter(
        (NoticeKind(row["kind"]), Audience(row["audience"]), str(row["resource_id"]))
        for row in rows
        if row["kind"] not in _ELSEWHERE and row["facts"].get("phase") != "halfway" and "again" not in row["facts"]
    )
    if found != expected:
        raise AssertionError(f"not told: {expected - found}; told for no reason: {found - expected}")


def _of_step(step: dict[str, Any]) -> list[tuple[NoticeKind, Audience]]:
    action = step["action"]
    if action == "engage":
        if step["invitation_id"]:
            return [(NoticeKind.INVITATION_ACCEPTED, _ENTERPRISE)]
        return [(NoticeKind.OPT_IN_CONFIRMED, _PERSON)]
    if action == "complete":
        return [(NoticeKind.ENGAGEMENT_COMPLETED, _PERSON), *_ASKED]
    kind = _TO_THE_OTHER_SIDE.get((step["resource"], action))
    if kind is None:
        return _BY_STEP.get((step["resource"], action), [])
    audiences = _OTHER_SIDE.get(step["role"], [_PERSON, _ENTERPRISE])
    return [(kind, audience) for audience in audiences] + (_ASKED if action == "end" else [])
