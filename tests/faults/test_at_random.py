"""Somebody pulls the plug of any service at any moment, again and again, while people say yes."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.faults.machine import PATIENCE, Machine

pytestmark = pytest.mark.faults

ROUNDS, CHECKED_EVERY = 24, 6


def test_kill_9_at_any_moment(machine: Machine, new_key: Any) -> None:
    """Each round two requests have a place each, and two people for it who say yes at the same moment."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    chance = random.Random(seed)
    services = [machine.talent, machine.matching, machine.gateway]
    with ThreadPoolExecutor(4) as clients:
        for number in range(1, ROUNDS + 1):
            requests = [machine.asked() for _ in range(2)]
            answers = [
                [clients.submit(answer, machine, invitation, new_key()) for invitation in invitations]
                for _, invitations, _ in requests
            ]
            time.sleep(chance.uniform(0, 0.15))
            victims = chance.choice([*([one] for one in services), services[1:], services])
            for one in victims:
                one.kill()
            time.sleep(chance.uniform(0, 0.3))
            for one in victims:
                one.launch()
            for pair in answers:
                assert sorted(one.result(PATIENCE) for one in pair) == [201, 409]
            for one in victims:
                one.listens()
            if number % CHECKED_EVERY == 0:
                machine.settled()


def answer(machine: Machine, invitation: str, key: str) -> int:
    """Say yes with one key until there is an answer; its status."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            response = machine.rest(
                "POST", f"/invitations/{invitation}:accept", "office-1", headers={"Idempotency-Key": key}
            )
        except httpx.TransportError as error:
            said = repr(error)
        else:
            if response.status_code < 500:
                if response.status_code != 201:
                    assert response.json()["reason"] == "WRONG_STATE", response.text
                return int(response.status_code)
            said = response.text
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
