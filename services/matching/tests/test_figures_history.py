"""Figures of a small history, each worked out by hand; and of a large one, whose parts must add up to the whole.

In China's time, in March 2026. 攀钢集团 and 别的集团 ask; 矿务局 keeps x1 to x4, 水电局 y1 and y2.

* R1 (攀钢): made on 27 February as a draft, opened 2 March 10:00. x1 is shown 12:00 and y1 on the 3rd. x1 is invited on
  the 3rd at 10:00, accepts on the 5th at 10:00 (E1), and R1 is filled.
* R2 (攀钢, wants 2): made and opened 10 March 9:00; x2, x3 shown 9:30. x2, x3, x4, y1 are invited at 10:00. y1
  declines after 1 hour, too far; x2, x3, x4 after 24, 48, 72, no time. x4 offers on the 15th at 8:00, is confirmed at
  20:00 (E2). y2 offers on the 16th, and is turned down by the close on the 20th.
* R3 (别的): opened 31 March 23:30; y1 shown an hour later, in April. x1 is invited on 2 April.
* R4 (别的): a draft of 5 March.
* R5 (攀钢, wants 2): opened 10 February; x2 invited on the 20th, accepts on the 22nd (E0), which ends early on 1 March;
  closed on 15 March.
* R6 (攀钢): opened 20 March 8:00; x3 offers at 12:00, is confirmed on the 21st at 12:00 (E6), and R6 is filled.
* E2 ends early on the 25th, no fit; E1 is completed on 5 April.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from yinling_common.database import Database
from yinling_common.identity import Identity, Role, as_identity
from yinling_common.migrations import migrate
from yinling_common.testing import CloneDatabase
from yinling_matching.bootstrap import migration_files
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put
from yinling_matching.days import CHINA
from yinling_matching.domain import MentoringRequest, Person, RequestState
from yinling_matching.engaging.invitations import Invitations
from yinling_matching.engaging.once import Call
from yinling_matching.engaging.opt_ins import OptIns
from yinling_matching.engaging.people import People
from yinling_matching.engaging.places import Places
from yinling_matching.engaging.request_life import RequestLife
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    RequestMove,
)
from yinling_matching.engaging.under_way import Engagements
from yinling_matching.engaging.unit import Decisions
from yinling_matching.exposure.repository import Showing, SqlLedgerRepository
from yinling_matching.figures.domain import By, Count, Counted, Figures, Folded, Period, Rating, Scope, TimeTo
from yinling_matching.figures.repository import FiguresRepository
from yinling_matching.figures.testing import DAYS, ENTERPRISES, SINCE, History
from yinling_matching.handlers import Requests
from yinling_matching.index import FlatIndex
from yinling_matching.repository import SqlRequestRepository
from yinling_matching.settings import SCHEMA

OURS, OTHERS = "攀钢集团", "别的集团"
MINES, WATER = "矿务局", "水电局"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
HOUR = timedelta(hours=1)
ALL = Scope(By.ENTERPRISE, "", Role.ADMIN)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


def hr(organisation: str) -> Identity:
    return Identity("hr", Role.HR, organisation=organisation)


@dataclass
class Past:
    """Does things when the clock says."""

    database: Database
    people: dict[str, Person]

    def __post_init__(self) -> None:
        self.now = at(1, 1)
        catalogue = Catalogue(lambda: FlatIndex(2))
        puts = [Put(Indexed(person, (), ()), np.zeros((0, 2), np.float32)) for person in self.people.values()]
        catalogue.apply(puts, 1)
        decisions = Decisions(self.database, People(catalogue), Places(self.database, catalogue), now=lambda: self.now)
        self.requests = Requests(SqlRequestRepository(self.database), now=lambda: self.now)
        self.life = RequestLife(decisions)
        self.invitations = Invitations(decisions, time_to_answer=timedelta(days=7))
        self.opt_ins = OptIns(decisions)
        self.engagements = Engagements(decisions)
        self.ledger = SqlLedgerRepository(self.database)

    async def ask(self, moment: datetime, organisation: str, *, draft: bool = False, wanted: int = 1) -> str:
        self.now = moment
        state = RequestState.DRAFT if draft else RequestState.OPEN
        with as_identity(hr(organisation)):
            made = await self.requests.create(
                MentoringRequest(organisation, "矿井通风", state=state, mentors_wanted=wanted)
            )
        return made.id

    async def move(self, moment: datetime, request_id: str, move: RequestMove) -> None:
        self.now = moment
        with as_identity(hr(OURS)):
            await self.life.move(Call("move"), request_id, move)

    async def show(self, moment: datetime, request_id: str, *names: str) -> None:
        day = moment.astimezone(CHINA).date()
        shown = [Showing(request_id, self.people[name].id, day, n, moment) for n, name in enumerate(names, start=1)]
        await self.ledger.show(shown)

    async def invite(self, moment: datetime, organisation: str, request_id: str, *names: str) -> dict[str, str]:
        self.now = moment
        ids = [self.people[name].id for name in names]
        with as_identity(hr(organisation)):
            sent = await self.invitations.invite(Call("invite"), request_id, ids, "")
        return {name: one.id for name, one in zip(names, sent, strict=True)}

    async def accept(self, moment: datetime, name: str, invitation_id: str) -> str:
        self.now = moment
        with self._as(name):
            return (await self.invitations.accept(Call("accept"), invitation_id)).id

    async def decline(self, moment: datetime, name: str, invitation_id: str, reason: DeclineReason) -> None:
        self.now = moment
        with self._as(name):
            await self.invitations.decline(Call("decline"), invitation_id, reason, "")

    async def offer(self, moment: datetime, name: str, request_id: str) -> str:
        self.now = moment
        with self._as(name):
            return (await self.opt_ins.offer(Call("offer"), request_id, self.people[name].id, "")).id

    async def confirm(self, moment: datetime, opt_in_id: str) -> str:
        self.now = moment
        with as_identity(hr(OURS)):
            return (await self.opt_ins.confirm(Call("confirm"), opt_in_id)).id

    async def end(self, moment: datetime, engagement_id: str, reason: EndReason | None) -> None:
        self.now = moment
        with as_identity(hr(OURS)):
            if reason is None:
                await self.engagements.complete(Call("complete"), engagement_id)
            else:
                await self.engagements.end(Call("end"), engagement_id, reason, "")

    async def meet(self, start: datetime, engagement_id: str, minutes: int, state: int = 2) -> None:
        async with self.database.transaction() as conn:
            await conn.execute(
                "INSERT INTO mentoring_sessions SELECT %s, id, mentoring_request_id, organisation, profile_id, office,"
                " %s, %s, %s, '', '', '', 1, %s, %s, '' FROM engagements WHERE id = %s",
                [uuid4(), state, start, minutes, start, start, engagement_id],
            )

    async def say(self, engagement_id: str, side: int, *answers: int, phase: int = 2) -> None:
        async with self.database.transaction() as conn:
            await conn.execute(
                "INSERT INTO engagement_feedback SELECT id, %s, %s, profile_id, %s, %s, %s, '', %s, %s"
                " FROM engagements WHERE id = %s",
                [phase, side, *answers, at(3, 28), at(3, 28), engagement_id],
            )

    def _as(self, name: str) -> Any:
        return as_identity(Identity(name, Role.RETIREE, profile_id=self.people[name].id))


@pytest.fixture
async def past(database: Database) -> Past:
    offices = dict.fromkeys(("x1", "x2", "x3", "x4"), MINES) | dict.fromkeys(("y1", "y2"), WATER)
    return Past(database, {name: Person(str(uuid4()), office, name, capacity=2) for name, office in offices.items()})


@pytest.fixture
async def history(past: Past) -> Past:
    """What the module says."""
    r5 = await past.ask(at(2, 10), OURS, wanted=2)
    before = await past.invite(at(2, 20), OURS, r5, "x2")
    e0 = await past.accept(at(2, 22), "x2", before["x2"])
    r1 = await past.ask(at(2, 27, 9), OURS, draft=True)
    await past.end(at(3, 1, 12), e0, EndReason.PERSONAL)
    await past.move(at(3, 2, 10), r1, RequestMove.PUBLISH)
    await past.show(at(3, 2, 12), r1, "x1")
    await past.show(at(3, 3), r1, "y1", "x1")
    asked = await past.invite(at(3, 3, 10), OURS, r1, "x1")
    e1 = await past.accept(at(3, 5, 10), "x1", asked["x1"])
    await past.ask(at(3, 5), OTHERS, draft=True)
    r2 = await past.ask(at(3, 10, 9), OURS, wanted=2)
    await past.show(at(3, 10, 9, 30), r2, "x2", "x3")
    asked = await past.invite(at(3, 10, 10), OURS, r2, "x2", "x3", "x4", "y1")
    await past.decline(at(3, 10, 11), "y1", asked["y1"], DeclineReason.TOO_FAR)
    for day, name in ((11, "x2"), (12, "x3"), (13, "x4")):
        await past.decline(at(3, day, 10), name, asked[name], DeclineReason.NO_TIME)
    await past.move(at(3, 15), r5, RequestMove.CLOSE)
    e2 = await past.confirm(at(3, 15, 20), await past.offer(at(3, 15, 8), "x4", r2))
    await past.offer(at(3, 16, 8), "y2", r2)
    await past.move(at(3, 20, 6), r2, RequestMove.CLOSE)
    r6 = await past.ask(at(3, 20, 8), OURS)
    await past.confirm(at(3, 21, 12), await past.offer(at(3, 20, 12), "x3", r6))
    await past.end(at(3, 25), e2, EndReason.NO_FIT)
    r3 = await past.ask(at(3, 31, 23, 30), OTHERS)
    await past.show(at(4, 1, 0, 30), r3, "y1")
    await past.invite(at(4, 2), OTHERS, r3, "x1")
    await past.end(at(4, 5), e1, None)

    await past.meet(at(3, 6, 9), e1, 90)
    await past.meet(at(3, 31, 23, 45), e1, 60)
    await past.meet(at(4, 1, 0, 15), e1, 45)
    await past.meet(at(3, 10, 9), e1, 30, state=3)
    await past.meet(at(3, 16, 9), e2, 30)
    await past.say(e1, 1, 5, 4, 0)
    await past.say(e1, 1, 1, 1, 1, phase=1)
    await past.say(e2, 1, 1, 2, 3)
    await past.say(e0, 1, 0, 0, 4)
    await past.say(e1, 2, 5, 5, 5)
    await past.say(e2, 2, 0, 0, 0)
    await past.say(e0, 2, 4, 4, 4)
    return past


async def count(past: Past, scope: Scope, period: Period = MARCH) -> Counted:
    office = [person.id for person in past.people.values() if person.organisation == scope.office]
    return await FiguresRepository(past.database).count(scope, period, office)


async def test_every_figure_of_everybody(history: Past) -> None:
    found = await count(history, ALL)
    assert found == Counted(
        requests=[
            Count(state, 1)
            for state in (RequestState.DRAFT, RequestState.OPEN, RequestState.FILLED, RequestState.CLOSED)
        ],
        open_requests=1,
        time_to_suggestion=TimeTo(2, HOUR / 2, 2 * HOUR),
        time_to_reply=TimeTo(7, 24 * HOUR, 72 * HOUR),  # 1, 12, 24, 24, 48, 48, 72
        time_to_engagement=TimeTo(3, 72 * HOUR, 131 * HOUR),  # 28, 72, 131; R5 had its first in February
        invitations=[Count(InvitationState.ACCEPTED, 1), Count(InvitationState.DECLINED, 4)],
        opt_ins=[Count(OptInState.CONFIRMED, 2), Count(OptInState.TURNED_DOWN, 1)],
        decline_reasons=[Count(DeclineReason.NO_TIME, 3, 3), Count(DeclineReason.TOO_FAR, 1, 1)],
        turn_down_reasons=[Count(ClosedBecause.REQUEST_CLOSED, 1, 1)],
        engagements=[
            Count(EngagementState.ACTIVE, 1),
            Count(EngagementState.COMPLETED, 1),
            Count(EngagementState.ENDED_EARLY, 1),
        ],
        end_reasons=[Count(EndReason.NO_FIT, 1, 1)],
        hours_given=3.0,
        mentors_active=2,
        people_shown=4,
        enterprise_rating=Rating((4.5 + 2 + 4) / 3, 3),
        mentor_rating=Rating(4.5, 2),
    )
    assert found.fill_rate == pytest.approx(1 / 3)
    assert found.acceptance_rate == pytest.approx(1 / 5)


async def test_an_enterprise_has_its_own_requests(history: Past) -> None:
    ours = await count(history, Scope(By.ENTERPRISE, OURS, Role.HR))
    assert ours.requests == [Count(RequestState.FILLED, 1), Count(RequestState.CLOSED, 1)]
    assert (ours.open_requests, ours.fill_rate, ours.people_shown) == (0, 0.5, 4)
    assert ours.time_to_reply == TimeTo(7, 24 * HOUR, 72 * HOUR)
    others = await count(history, Scope(By.ENTERPRISE, OTHERS, Role.HR))
    assert others.requests == [Count(RequestState.DRAFT, 1), Count(RequestState.OPEN, 1)]
    assert (others.open_requests, others.fill_rate, others.people_shown) == (1, 0.0, 0)
    assert (others.invitations, others.engagements, others.time_to_suggestion) == ([], [], TimeTo())
    april = await count(history, Scope(By.ENTERPRISE, OTHERS, Role.HR), Period(date(2026, 4, 1), date(2026, 4, 30)))
    assert (april.invitations, april.people_shown) == ([Count(InvitationState.SENT, 1)], 1)
    assert april.time_to_suggestion == TimeTo(1, HOUR, HOUR)


async def test_an_office_has_its_own_people(history: Past) -> None:
    mines = await count(history, Scope(By.OFFICE, MINES, Role.COORDINATOR))
    # R3 concerns it since x1 was invited, if later.
    assert [one.what for one in mines.requests] == [RequestState.OPEN, RequestState.FILLED, RequestState.CLOSED]
    assert mines.decline_reasons == [Count(DeclineReason.NO_TIME, 3, 3)]
    assert (mines.people_shown, mines.mentors_active, mines.hours_given) == (3, 2, 3.0)
    assert mines.time_to_suggestion == TimeTo(2, HOUR / 2, 2 * HOUR)
    water = await count(history, Scope(By.OFFICE, WATER, Role.COORDINATOR))
    # R1 and R3, for y1 was shown, and R2; R1 was made in February.
    assert water.requests == [Count(RequestState.OPEN, 1), Count(RequestState.CLOSED, 1)]
    # The first of its people was shown for R1 14 hours after the opening; who was first there is not theirs.
    assert water.time_to_suggestion == TimeTo(1, 14 * HOUR, 14 * HOUR)
    assert (water.opt_ins, water.engagements) == ([Count(OptInState.TURNED_DOWN, 1)], [])
    assert (water.people_shown, water.hours_given) == (1, 0.0)


async def test_reasons_of_few_are_told_to_their_office_alone(history: Past) -> None:
    for scope in (ALL, Scope(By.ENTERPRISE, OURS, Role.HR)):
        counted = await count(history, scope)
        found = Figures(MARCH, scope, counted, 6)
        assert found.told(counted.decline_reasons) == [Count(DeclineReason.NO_TIME, 3, 3), Folded(1)]
        assert found.told(counted.turn_down_reasons) == [Folded(1)]
        assert found.told(counted.requests[:0]) == []
        assert (found.rating(counted.enterprise_rating), found.rating(counted.mentor_rating)) == (3.5, 0.0)
    scope = Scope(By.OFFICE, WATER, Role.COORDINATOR)
    counted = await count(history, scope)
    assert Figures(MARCH, scope, counted, 2).told(counted.decline_reasons) == [Count(DeclineReason.TOO_FAR, 1, 1)]


async def test_who_said_the_same_again_and_again_is_one_of_few(history: Past) -> None:
    async with history.database.transaction() as conn:
        await conn.execute(
            "UPDATE invitations SET profile_id = (SELECT profile_id FROM invitations WHERE decline_reason = 1 LIMIT 1)"
            " WHERE decline_reason = 1"
        )
    scope = Scope(By.ENTERPRISE, OURS, Role.HR)
    counted = await count(history, scope)
    assert Count(DeclineReason.NO_TIME, 3, 1) in counted.decline_reasons
    assert Figures(MARCH, scope, counted, 6).told(counted.decline_reasons) == [Folded(4)]


async def test_what_one_side_wrote_counts_once_the_other_has_written(history: Past) -> None:
    async with history.database.transaction() as conn:
        await conn.execute("DELETE FROM engagement_feedback WHERE side = 2 AND goals = 4")
    counted = await count(history, ALL)
    assert (counted.enterprise_rating, counted.mentor_rating) == (Rating((4.5 + 2) / 2, 2), Rating(5.0, 1))


@pytest.mark.parametrize("first", [1, 2])
async def test_a_rating_counts_from_when_the_second_wrote(history: Past, first: int) -> None:
    """Whichever side that was: what one wrote in March, and the other in April, is a rating of April."""
    april = Period(date(2026, 4, 1), date(2026, 4, 30))
    async with history.database.transaction() as conn:
        await conn.execute(
            "UPDATE engagement_feedback SET create_time = CASE WHEN side = %s THEN %s ELSE %s END"
            " WHERE phase = 2 AND goals = 5",  # of E1, both sides
            [first, at(3, 28), at(4, 1)],
        )
    march = await count(history, ALL)
    assert (march.enterprise_rating, march.mentor_rating) == (Rating((2 + 4) / 2, 2), Rating(4.0, 1))
    later = await count(history, ALL, april)
    assert (later.enterprise_rating, later.mentor_rating) == (Rating(4.5, 1), Rating(5.0, 1))
    before = await count(history, ALL, Period(date(2026, 2, 1), date(2026, 3, 27)))
    assert (before.enterprise_rating, before.mentor_rating) == (Rating(), Rating())


async def test_what_was_said_halfway_is_no_rating_of_the_end(history: Past) -> None:
    before = await count(history, ALL)
    async with history.database.transaction() as conn:
        await conn.execute("DELETE FROM engagement_feedback WHERE phase = 1")
        await conn.execute(
            "INSERT INTO engagement_feedback SELECT engagement_id, 1, side, profile_id, 1, 1, 1, '', create_time,"
            " update_time FROM engagement_feedback"
        )
    counted = await count(history, ALL)
    assert counted.enterprise_rating == before.enterprise_rating != Rating()
    assert counted.mentor_rating == before.mentor_rating


async def test_nothing_comes_of_an_empty_period(history: Past) -> None:
    for scope in (ALL, Scope(By.ENTERPRISE, "无名集团", Role.ADMIN), Scope(By.OFFICE, "无名局", Role.ADMIN)):
        found = await count(history, scope, Period(date(2020, 1, 1), date(2020, 1, 1)))
        assert (found.fill_rate, found.acceptance_rate, found.hours_given) == (0.0, 0.0, 0.0)
        assert found.time_to_reply == TimeTo()
        assert found.enterprise_rating == Rating()


async def test_what_was_asked_in_a_period(history: Past) -> None:
    repository = FiguresRepository(history.database)

    async def titles(scope: Scope, period: Period) -> tuple[int, int]:
        asked = await repository.asked(scope, period)
        return len(asked.requests), len(asked.unfilled)

    assert await titles(ALL, MARCH) == (5, 3)  # all but the draft; R1 and R6 were filled
    assert await titles(Scope(By.ENTERPRISE, OURS, Role.HR), MARCH) == (4, 2)
    assert await titles(ALL, Period(date(2026, 3, 21), date(2026, 3, 31))) == (2, 1)  # R6 was open on the 21st
    assert await titles(ALL, Period(date(2026, 2, 1), date(2026, 2, 28))) == (1, 1)
    first_week = Period(date(2026, 3, 1), date(2026, 3, 4))
    assert await titles(ALL, first_week) == (2, 2)  # R1 was filled later


async def test_a_request_opened_again_is_open_since_the_first_time(past: Past) -> None:
    request_id = await past.ask(at(3, 1), OURS)
    await past.move(at(3, 5), request_id, RequestMove.CLOSE)
    assert await _times(past, request_id) == (at(3, 1), at(3, 5))
    await past.move(at(3, 7), request_id, RequestMove.REOPEN)
    assert await _times(past, request_id) == (at(3, 1), None)
    draft = await past.ask(at(3, 1), OURS, draft=True)
    assert await _times(past, draft) == (None, None)


async def _times(past: Past, request_id: str) -> tuple[datetime | None, datetime | None]:
    async with past.database.connection() as conn:
        found = await conn.execute("SELECT open_time, end_time FROM mentoring_requests WHERE id = %s", [request_id])
        row = await found.fetchone()
    assert row
    return row["open_time"], row["end_time"]


async def test_what_was_there_before_is_filled_in(clone_database: CloneDatabase, tmp_path: Path) -> None:
    files = migration_files()
    for file in files.iterdir():
        if file.name < "0008":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    url = await clone_database({SCHEMA: tmp_path})
    made, changed, opened, ended = at(1, 1), at(1, 9), at(1, 3), at(1, 7)
    states = (RequestState.DRAFT, RequestState.OPEN, RequestState.CLOSED)
    async with Database(url, schema=SCHEMA) as database:
        async with database.transaction() as conn:
            for audited in (False, True):
                for state in states:
                    id_ = uuid4()
                    await conn.execute(
                        "INSERT INTO mentoring_requests VALUES (%s, '甲', %s, '', '[]', '', '', 0, 0, '{}', '{}', 0, 0,"
                        " '', NULL, '{}', %s, %s, %s, '')",
                        [id_, f"{state.name} {audited}", state.value, made, changed],
                    )
                    for before, after, time in (("draft", "open", opened), ("open", "closed", ended)):
                        if audited and after in {"open", state.name.lower()} and state is not RequestState.DRAFT:
                            await conn.execute(
                                "INSERT INTO audit_log (time, subject, role, organisation, resource, resource_id,"
                                " action, before, after, mentoring_request_id, fields)"
                                " VALUES (%s, '', '', '', 'mentoring_request', %s, '', %s, %s, %s, '{}')",
                                [time, id_, before, after, id_],
                            )
        await migrate(url, SCHEMA, files)
        async with database.connection() as conn:
            rows = await (await conn.execute("SELECT title, open_time, end_time FROM mentoring_requests")).fetchall()
    assert {row["title"]: (row["open_time"], row["end_time"]) for row in rows} == {
        "DRAFT False": (None, None),
        "OPEN False": (made, None),
        "CLOSED False": (made, changed),
        "DRAFT True": (None, None),
        "OPEN True": (opened, None),
        "CLOSED True": (opened, ended),
    }


async def test_a_showing_of_before_has_no_moment(past: Past) -> None:
    request_id = await past.ask(at(3, 1), OURS)
    await past.show(at(3, 2), request_id, "x1")
    async with past.database.transaction() as conn:
        await conn.execute("UPDATE exposures SET create_time = NULL")
    await past.show(at(3, 3), request_id, "x1", "x2")
    found = await count(past, ALL)
    assert (found.time_to_suggestion, found.people_shown) == (TimeTo(), 2)


async def test_the_parts_add_up_to_the_whole(database: Database) -> None:
    people = [(str(UUID(int=number)), f"局{number % 4}") for number in range(60)]
    async with database.transaction() as conn:
        written = await History(people, seed=5).write(conn, requests=200, events=5000)
    assert min(written.values()) > 50, written
    repository = FiguresRepository(database)
    first = SINCE.astimezone(CHINA).date() - timedelta(days=1)
    last = first + timedelta(days=DAYS + 200)
    whole = Period(first, last)

    async def totals(scope: Scope, period: Period) -> dict[str, float]:
        of_office = [id_ for id_, office in people if office == scope.office]
        found = await repository.count(scope, period, of_office)
        lists = ("invitations", "opt_ins", "decline_reasons", "turn_down_reasons", "engagements", "end_reasons")
        added: dict[str, float] = {
            f"{name} {one.what!r}": one.count for name in lists for one in getattr(found, name)
        } | {"hours": found.hours_given, "replies": found.time_to_reply.count}
        # Requests concern several offices, and their first engagement is not the first of each.
        if not scope.office:
            added |= {f"requests {one.what!r}": one.count for one in found.requests}
            added |= {"open": found.open_requests, "engaged": found.time_to_engagement.count}
            added |= {"suggested": found.time_to_suggestion.count}
        return added

    def summed(parts: list[dict[str, float]]) -> dict[str, float]:
        return {name: sum(part.get(name, 0) for part in parts) for part in parts for name in part}

    everything = await totals(ALL, whole)
    assert everything["hours"] > 100
    enterprises = [Scope(By.ENTERPRISE, name, Role.ADMIN) for name in ENTERPRISES]
    assert summed([await totals(scope, whole) for scope in enterprises]) == pytest.approx(everything)
    offices = summed([await totals(Scope(By.OFFICE, f"局{n}", Role.ADMIN), whole) for n in range(4)])
    assert offices == pytest.approx({name: everything[name] for name in offices})
    middle = first + timedelta(days=77)
    halves = summed([await totals(ALL, Period(first, middle)), await totals(ALL, Period(middle + timedelta(1), last))])
    assert halves.pop("open") == 2 * everything.pop("open")  # now, whatever the period
    assert halves == pytest.approx(everything)
    # Within one list too: whoever declined gave a reason, and whoever was turned down was so by hand or by a close.
    found = await repository.count(ALL, whole, [])
    assert sum(one.count for one in found.decline_reasons) == _of(found.invitations, InvitationState.DECLINED)
    assert sum(one.count for one in found.turn_down_reasons) == _of(found.opt_ins, OptInState.TURNED_DOWN)
    assert sum(one.count for one in found.end_reasons) == _of(found.engagements, EngagementState.ENDED_EARLY)
    folded = Figures(whole, ALL, found, 60).told(found.decline_reasons)
    assert sum(one.count for one in folded) == sum(one.count for one in found.decline_reasons)


def _of(counts: Any, what: Any) -> int:
    return sum(one.count for one in counts if one.what is what)
