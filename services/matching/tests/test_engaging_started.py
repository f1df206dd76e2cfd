"""Just after a start not everybody was read: nobody is told that a person is gone who is only not here yet."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from yinling_common.database import Database
from yinling_matching.engaging.testing import Sides, check_invariants, retiree, somebody


async def test_who_is_not_read_yet_is_not_gone(
    matching: Any, start_matching: Callable[..., Any], database: Database
) -> None:
    person, unknown = somebody(), somebody()
    matching.feed.put(person)
    await matching.caught_up()
    sides = Sides(matching.call)
    request = await sides.create(mentors_wanted=2)
    (sent,) = await sides.invite(request.id, person)
    key = str(uuid4())
    async with start_matching() as started:  # another replica, which has read nobody
        there = Sides(started.call)
        people = started.parts.closing._decisions.people  # as wired
        people._complete = lambda: False
        for call in (
            there.do("AcceptInvitation", sent.id, retiree(person), request_id=key),
            there.invite(request.id, person, unknown),
            there.offer(request.id, unknown),
        ):
            error = await started.refusal(call)
            assert error.reason == "SERVICE_UNAVAILABLE"
            assert "being read" in error.message
        started.feed.put(person)
        await started.caught_up()
        # Who is here can answer, whoever else is missing.
        made = await there.do("AcceptInvitation", sent.id, retiree(person), request_id=key)
        assert made.invitation_id == sent.id
        people._complete = lambda: True
        error = await started.refusal(there.invite(request.id, unknown))
        assert [one.rule for one in error.violations] == ["profile.unknown"]
    await check_invariants(database, {person.id: 9})
