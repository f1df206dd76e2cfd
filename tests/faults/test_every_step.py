"""A process dies at each step from a person's yes to the enterprise's mail. After a restart all of it happened, once.

The steps stand in yinling_common/faults.py. What is checked after each is told at `Machine.check`.
"""

import signal
from typing import Any

import httpx
import pytest

from tests.faults.machine import Machine
from yinling_common.faults import POINTS

pytestmark = pytest.mark.faults

BEFORE_COMMIT = [
    name for name in POINTS if name.split(".")[0] in {"decision", "accept", "engage"} and name != "decision.committed"
]
OUTBOX = [name for name in POINTS if name.split(".")[0] in {"claim", "acknowledge"}]
GATEWAY = [name for name in POINTS if name.split(".")[0] in {"collect", "mail", "webhook"}]
TIMERS = [name for name in POINTS if name.startswith("timer.")]


def test_every_point_is_gone_through_here() -> None:
    assert {*BEFORE_COMMIT, "decision.committed", *OUTBOX, *GATEWAY, *TIMERS} == set(POINTS)


@pytest.mark.parametrize("point", [*BEFORE_COMMIT, "decision.committed"])
def test_matching_dies_while_somebody_says_yes(machine: Machine, new_key: Any, point: str) -> None:
    request, (first, _), (person, _) = machine.asked()
    key = new_key()
    machine.matching.arm(point)
    try:
        answer = machine.rest("POST", f"/invitations/{first}:accept", "office-1", headers={"Idempotency-Key": key})
        assert answer.status_code == 503, answer.text
    except httpx.TransportError:  # the gateway lives, so this would be wrong
        pytest.fail("the gateway did not answer")
    machine.matching.died()
    happened = point == "decision.committed"
    assert outcome(machine, request, first, person) == ([2, 1, 1, 3, 1, 1] if happened else [1, 0, 0, 0, 0, 0])
    machine.matching.start()
    made = machine.accept(first, key)()
    assert machine.accept(first, key)() == made  # and once more
    assert outcome(machine, request, first, person) == [2, 1, 1, 3, 1, 1]
    machine.settled()


@pytest.mark.parametrize("point", OUTBOX)
def test_matching_dies_while_notices_are_handed_out(machine: Machine, new_key: Any, point: str) -> None:
    _, (first, _), _ = machine.asked()
    machine.settled()
    machine.gateway.signal(signal.SIGSTOP)
    machine.accept_directly(first, new_key())
    machine.matching.arm(point)
    machine.gateway.signal(signal.SIGCONT)
    machine.matching.died()
    machine.matching.start()
    machine.settled()


@pytest.mark.parametrize("point", GATEWAY)
def test_the_gateway_dies_while_it_delivers(machine: Machine, new_key: Any, point: str) -> None:
    _, (first, _), _ = machine.asked()
    machine.settled()
    mails = len(machine.post.mails)
    machine.gateway.arm(point)
    machine.accept_directly(first, new_key())
    machine.gateway.died()
    machine.gateway.start()
    machine.settled()
    assert len(machine.post.mails) > mails


@pytest.mark.parametrize("point", TIMERS)
def test_matching_dies_while_an_invitation_expires(machine: Machine, point: str) -> None:
    _, (first, second), _ = machine.asked()
    machine.settled()
    machine.matching.arm(point)
    machine.rows("UPDATE matching.invitations SET expire_time = now() WHERE id = ANY(%s) RETURNING id", [first, second])
    machine.matching.died()
    states = machine.rows("SELECT state FROM matching.invitations WHERE id = ANY(%s)", [first, second])
    assert sorted(row["state"] for row in states) == ([1, 4] if point == "timer.committed" else [1, 1])
    machine.matching.start()
    machine.until(lambda: not machine.rows("SELECT FROM matching.invitations WHERE state = 1 AND expire_time < now()"))
    machine.settled()


def outcome(machine: Machine, request: str, invitation: str, person: str) -> list[int]:
    """State of the invitation; engagements; audit entries of the engagement; notices told or waiting of the yes, the
    filled request and the other invitation; places taken; keys that are kept. All of it, or nothing.
    """
    (row,) = machine.rows(
        """
        SELECT i.state,
            (SELECT count(*) FROM matching.engagements WHERE invitation_id = i.id) AS engagements,
            (SELECT count(*) FROM matching.audit_log WHERE mentoring_request_id = i.mentoring_request_id
                AND resource = 'engagement') AS audit,
            (SELECT count(DISTINCT id) FROM (
                SELECT id, kind, mentoring_request_id::text FROM matching.notices
                UNION ALL SELECT id, kind, mentoring_request_id FROM gateway.notice_events
            ) told WHERE mentoring_request_id = i.mentoring_request_id::text AND kind IN (4, 6, 22)) AS told,
            (SELECT coalesce(max(taken), 0) FROM matching.people_places WHERE profile_id = i.profile_id) AS taken,
            (SELECT count(*) FROM matching.idempotency_keys WHERE method = 'AcceptInvitationRequest'
                AND reply->>'invitation_id' = i.id::text) AS keys
        FROM matching.invitations i WHERE i.id = %s
        """,
        invitation,
    )
    return list(row.values())
