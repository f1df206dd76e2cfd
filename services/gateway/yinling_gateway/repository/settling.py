"""Which notices' matter is settled, in PostgreSQL: they are marked as read."""

from datetime import datetime

from yinling_common.database import Connection
from yinling_gateway.notices.domain import Event
from yinling_gateway.notices.settling import RULES, Scope

# Two gateways may keep two events of one request at once; each must see the other's.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))"

_REQUEST = "mentoring_request_id = %(mentoring_request_id)s"
_PAIR = f"{_REQUEST} AND profile_id = %(profile_id)s"
_THING = f"{_PAIR} AND resource_id = %(resource_id)s"
_SAME = {
    # The one that settles is about no person: whoever is told of it, the accounts of the enterprise, is known by that.
    Scope.REQUEST: _REQUEST,
    Scope.PAIR: _PAIR,
    Scope.THING: _THING,
    Scope.PHASE: f"{_THING} AND audience = %(audience)s AND facts ->> 'phase' IS NOT DISTINCT FROM %(phase)s",
}

# Strictly earlier: what happened at the same moment belongs together.
_SETTLE = """
UPDATE notices SET read_time = %(now)s FROM notice_events
WHERE notices.event_id = notice_events.id AND notices.read_time IS NULL AND kind = ANY(%(kinds)s)
    AND notice_events.event_time < %(event_time)s AND {same} {whose}
"""
_OF_ENTERPRISE = (
    "AND notices.account_id IN (SELECT id FROM accounts WHERE role = 'hr' AND accounts.organisation = %(organisation)s)"
)

_SETTLED = """
SELECT FROM notice_events
WHERE kind = ANY(%(kinds)s) AND event_time > %(event_time)s AND {same} {whose} LIMIT 1
"""
_OF_NOBODY = "AND profile_id = ''"


async def settle(connection: Connection, event: Event, now: datetime) -> None:
    """Mark as read what an event settles, and the event's own notices where a later one came first.

    To be called in the transaction that keeps the event, when it and its notices are written.
    """
    values = _values(event)
    for rule in RULES:
        if rule.by == event.kind:
            query = _SETTLE.format(same=_SAME[rule.scope], whose=_OF_ENTERPRISE if rule.scope is Scope.REQUEST else "")
            await connection.execute(query, values | {"kinds": list(rule.settled), "now": now})
    if await is_settled(connection, event):
        query = "UPDATE notices SET read_time = %s WHERE event_id = %s AND read_time IS NULL"
        await connection.execute(query, [now, event.id])


async def is_settled(connection: Connection, event: Event) -> bool:
    """Whether what happened later settles an event; of that which is not kept yet nothing is known."""
    for rule in RULES:
        if event.kind in rule.settled:
            query = _SETTLED.format(same=_SAME[rule.scope], whose=_OF_NOBODY if rule.scope is Scope.REQUEST else "")
            found = await connection.execute(query, _values(event) | {"kinds": [rule.by]})
            if await found.fetchone() is not None:
                return True
    return False


async def lock(connection: Connection, event: Event) -> None:
    """Let the events of one request be kept one after another, until the transaction ends."""
    await connection.execute(_LOCK, [event.mentoring_request_id])


def _values(event: Event) -> dict[str, object]:
    return {
        "mentoring_request_id": event.mentoring_request_id,
        "organisation": event.organisation,
        "profile_id": event.profile_id,
        "resource_id": event.resource_id,
        "audience": event.audience.value,
        "phase": event.facts.get("phase"),
        "event_time": event.event_time,
    }
