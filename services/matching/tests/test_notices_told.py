"""Every step tells whom it must, in its own transaction: no more, no less, and nothing for a call sent again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import ANY
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.identity import as_identity
from yinling_matching.domain import Person
from yinling_matching.engaging.once import Call
from yinling_matching.engaging.testing import (
    ADMIN,
    COMPANY,
    COORDINATOR,
    HR,
    OFFICE,
    Sides,
    check_invariants,
    retiree,
    somebody,
)
from yinling_matching.engaging.unit import Unit
from yinling_matching.notices.domain import Audience, NoticeKind
from yinling_matching.notices.testing import told

PERSON, ENTERPRISE = Audience.PERSON, Audience.ENTERPRISE


async def come(matching: Any, *people: Person) -> None:
    matching.feed.put(*people)
    await matching.caught_up()


async def news(database: Database) -> list[tuple[NoticeKind, Audience, str, dict[str, str]]]:
    """What was told since the last time, without the title that all facts have."""
    rows = await told(database)
    async with database.connection() as conn:
        await conn.execute("DELETE FROM notices")
    for row in rows:
        assert row["facts"].pop("title") == "矿井通风"
        assert (row["organisation"], row["office"]) in {(COMPANY, OFFICE), (COMPANY, "")}
        assert (row["profile_id"] is None) == (row["resource"] == "mentoring_request")
    return [(row["kind"], row["audience"], row["subject"], row["facts"]) for row in rows]


async def test_an_invitation_and_its_answers(matching: Any, sides: Sides, database: Database) -> None:
    first, _, third = people = [somebody() for _ in range(3)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=1)
    assert await news(database) == []
    sent = await sides.invite(request.id, *people)
    until = sent[0].expire_time.ToDatetime(UTC).isoformat()
    assert await news(database) == [(NoticeKind.INVITATION_RECEIVED, PERSON, "hr-1", {"expire_time": until})] * 3
    no_time = engagement.DECLINE_REASON_NO_TIME
    await sides.do("DeclineInvitation", sent[0].id, retiree(first), reason=no_time, words="外孙女要上学了")
    assert await news(database) == [
        (NoticeKind.INVITATION_DECLINED, ENTERPRISE, f"r-{first.id}", {"reason": "no_time"})
    ]
    made = await sides.do("AcceptInvitation", sent[1].id, COORDINATOR)
    rows = await told(database)
    assert (rows[0]["resource"], str(rows[0]["resource_id"])) == ("engagement", made.id)
    assert str(rows[2]["resource_id"]) == sent[2].id
    assert await news(database) == [
        (NoticeKind.INVITATION_ACCEPTED, ENTERPRISE, "co-1", {}),
        (NoticeKind.REQUEST_FILLED, ENTERPRISE, "matching", {}),
        (NoticeKind.INVITATION_CLOSED, PERSON, "matching", {"because": "filled"}),
    ]
    other = await sides.create()
    (sent_again,) = await sides.invite(other.id, third)
    await news(database)
    await sides.do("WithdrawInvitation", sent_again.id, HR)
    assert await news(database) == [(NoticeKind.INVITATION_CLOSED, PERSON, "hr-1", {})]


async def test_an_offer_and_its_answers(matching: Any, sides: Sides, database: Database) -> None:
    first, second, _ = people = [somebody() for _ in range(3)]
    await come(matching, *people)
    request = await sides.create()
    offers = [await sides.offer(request.id, person) for person in people]
    assert await news(database) == [(NoticeKind.OPT_IN_RECEIVED, ENTERPRISE, f"r-{person.id}", {}) for person in people]
    await sides.do("WithdrawOptIn", offers[0].id, retiree(first))
    assert await news(database) == [(NoticeKind.OPT_IN_WITHDRAWN, ENTERPRISE, f"r-{first.id}", {})]
    why = engagement.TURN_DOWN_REASON_OTHER_EXPERIENCE
    await sides.do("TurnDownOptIn", offers[1].id, HR, reason=why, words="要井下经验")
    assert await news(database) == [(NoticeKind.OPT_IN_TURNED_DOWN, PERSON, "hr-1", {"reason": "other_experience"})]
    last = await sides.offer(request.id, second, COORDINATOR)
    await news(database)
    await sides.do("ConfirmOptIn", offers[2].id, HR)
    assert await news(database) == [
        (NoticeKind.OPT_IN_CONFIRMED, PERSON, "hr-1", {}),
        (NoticeKind.REQUEST_FILLED, ENTERPRISE, "hr-1", {}),
        (NoticeKind.OPT_IN_TURNED_DOWN, PERSON, "hr-1", {"because": "filled"}),
    ]
    assert (await sides.do("GetOptIn", last.id, HR)).state == engagement.OptIn.STATE_TURNED_DOWN


async def test_an_engagement_on_its_way(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody(capacity=9)
    await come(matching, person)

    async def engaged() -> str:
        request = await sides.create()
        (sent,) = await sides.invite(request.id, person)
        made = await sides.do("AcceptInvitation", sent.id, retiree(person))
        await news(database)
        return str(made.id)

    first, second = await engaged(), await engaged()
    for caller, audiences in ((HR, [PERSON]), (COORDINATOR, [ENTERPRISE]), (ADMIN, [PERSON, ENTERPRISE])):
        await sides.do("PauseEngagement", first, caller)
        await sides.do("ResumeEngagement", first, caller)
        kinds = (NoticeKind.ENGAGEMENT_PAUSED, NoticeKind.ENGAGEMENT_RESUMED)
        assert await news(database) == [(kind, one, caller.subject, {}) for kind in kinds for one in audiences]
    asked = [(NoticeKind.FEEDBACK_ASKED, side, "matching", {"phase": "end"}) for side in (PERSON, ENTERPRISE)]
    await sides.do("CompleteEngagement", first, HR)
    assert await news(database) == [(NoticeKind.ENGAGEMENT_COMPLETED, PERSON, "hr-1", {}), *asked]
    await sides.do(
        "EndEngagement", second, retiree(person), reason=engagement.END_REASON_MENTOR_PLANS, words="回老家了"
    )
    ended = (NoticeKind.ENGAGEMENT_ENDED, ENTERPRISE, f"r-{person.id}", {"reason": "mentor_plans"})
    assert await news(database) == [ended, *asked]


@pytest.mark.parametrize("way", ["CloseMentoringRequest", "FillMentoringRequest", "update"])
async def test_what_waits_for_a_request_is_told_that_it_ended(
    matching: Any, sides: Sides, database: Database, way: str
) -> None:
    first, second = people = [somebody() for _ in range(2)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=3)
    await sides.invite(request.id, first)
    await sides.offer(request.id, second)
    await news(database)
    if way == "update":
        revised = pb.MentoringRequest(id=request.id, state=pb.MentoringRequest.STATE_CLOSED)
        asked = service_pb.UpdateMentoringRequestRequest(
            mentoring_request=revised, update_mask=FieldMask(paths=["state"])
        )
        await matching.call("UpdateMentoringRequest", asked, HR)
    else:
        await sides.do(way, request.id, HR)
    filled = way == "FillMentoringRequest"
    because = {"because": "filled" if filled else "request_closed"}
    assert await news(database) == [
        *([(NoticeKind.REQUEST_FILLED, ENTERPRISE, "hr-1", {})] if filled else []),
        (NoticeKind.INVITATION_CLOSED, PERSON, "hr-1", because),
        (NoticeKind.OPT_IN_TURNED_DOWN, PERSON, "hr-1", because),
    ]
    await sides.do("ReopenMentoringRequest", request.id, HR)
    assert await news(database) == []


async def test_time_passes(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    await news(database)
    past = datetime.now(UTC) - timedelta(days=1)
    async with database.connection() as conn:
        await conn.execute("UPDATE invitations SET expire_time = %s", [past])
    await sides.do("ExpireInvitation", sent.id, ADMIN)
    assert await news(database) == [(NoticeKind.INVITATION_EXPIRED, ENTERPRISE, "admin", {})]
    await sides.invite(request.id, person)
    await news(database)
    async with database.connection() as conn:
        await conn.execute("UPDATE mentoring_requests SET expire_date = %s", [date(2026, 1, 1)])
    await sides.do("ExpireMentoringRequest", request.id, ADMIN)
    assert await news(database) == [
        (NoticeKind.REQUEST_EXPIRED, ENTERPRISE, "admin", {}),
        (NoticeKind.INVITATION_CLOSED, PERSON, "admin", {"because": "request_expired"}),
    ]


async def test_who_is_gone_is_told_nothing_more(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    asking, offered = await sides.create(), await sides.create()
    await sides.invite(asking.id, person)
    await sides.offer(offered.id, person)
    await news(database)
    assert await matching.parts.closing.close_pending(person.id) == 2
    gone = {"because": "person_gone"}
    assert sorted(await news(database), key=lambda one: one[0]) == [
        (NoticeKind.INVITATION_CLOSED, ENTERPRISE, "matching", gone),
        (NoticeKind.OPT_IN_WITHDRAWN, ENTERPRISE, "matching", gone),
    ]


async def test_a_call_sent_again_tells_nothing_again(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    keys = [str(uuid4()) for _ in range(3)]
    for _ in range(2):
        (sent,) = await sides.invite(request.id, person, key=keys[0])
    for _ in range(2):
        made = await sides.do("AcceptInvitation", sent.id, retiree(person), request_id=keys[1])
    for _ in range(2):
        await sides.do("PauseEngagement", made.id, HR, request_id=keys[2])
    kinds = [row["kind"] for row in await told(database)]
    assert kinds == [
        NoticeKind.INVITATION_RECEIVED,
        NoticeKind.INVITATION_ACCEPTED,
        NoticeKind.REQUEST_FILLED,
        NoticeKind.ENGAGEMENT_PAUSED,
    ]
    await check_invariants(database, {person.id: 9})


async def test_what_fails_in_the_end_tells_nothing(
    matching: Any, sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    await news(database)

    async def fail(*_: Any) -> None:
        raise RuntimeError("in the very last statement")

    monkeypatch.setattr(Unit, "engaged", fail)
    invitations = matching.parts.engagement_servicer._invitations  # as wired
    with as_identity(retiree(person)), pytest.raises(RuntimeError):
        await invitations.accept(Call("AcceptInvitationRequest"), sent.id)
    assert await news(database) == []
    monkeypatch.undo()
    await sides.do("AcceptInvitation", sent.id, retiree(person))
    assert await news(database) == [
        (NoticeKind.INVITATION_ACCEPTED, ENTERPRISE, f"r-{person.id}", {}),
        (NoticeKind.REQUEST_FILLED, ENTERPRISE, ANY, {}),
    ]


async def test_no_word_of_anybody_is_in_a_notice(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create(description="井下瓦斯浓度高", mentors_wanted=2)
    (sent,) = await sides.invite(request.id, person)  # "请您出山"
    other = engagement.DECLINE_REASON_OTHER
    await sides.do("DeclineInvitation", sent.id, retiree(person), reason=other, words="我腰不好")
    made = await sides.offer(request.id, person)  # "我愿意"
    confirmed = await sides.do("ConfirmOptIn", made.id, HR)
    await sides.do("EndEngagement", confirmed.id, HR, reason=engagement.END_REASON_OTHER, words="换人了")
    text = repr(await told(database))
    for words in ("出山", "腰", "愿意", "换人", "瓦斯", person.name):
        assert words not in text
