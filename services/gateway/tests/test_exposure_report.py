"""Who is shown, by gender, age and organisation: the counting, over REST and on the page."""

from collections.abc import Sequence
from datetime import date

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1.matching_pb2 import Suggestion

from yinling_common.identity import Role
from yinling_gateway.reports.exposure import LEAST_PEOPLE, OTHERS, Group, ShownPerson, age_band, exposure_report
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION, PASSWORD

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 1)
FEMALE, MALE = types.GENDER_FEMALE, types.GENDER_MALE


def person(
    gender: int = FEMALE, birth_year: int = 1960, organisation: str = "矿务局", requests: int = 0, first_three: int = 0
) -> ShownPerson:
    return ShownPerson(gender, birth_year, organisation, requests, first_three)


def sizes(groups: Sequence[Group]) -> list[tuple[str | None, int]]:
    return [(group.name, group.people) for group in groups]


def test_people_are_counted_in_their_groups() -> None:
    people = [person(requests=3, first_three=2), *[person()] * 4, *[person(MALE, 1948, "水电局", 2, 1)] * 6]
    report = exposure_report(people, FIRST, LAST)
    assert report.everybody == Group("", people=11, shown=7, exposures=15, first_three=8)
    assert report.by_gender == [Group("female", 5, 1, 3, 2), Group("male", 6, 6, 12, 6)]
    assert report.by_age == [Group("65_69", 5, 1, 3, 2), Group("75_up", 6, 6, 12, 6)]
    assert report.by_organisation == [Group("水电局", 6, 6, 12, 6), Group("矿务局", 5, 1, 3, 2)]
    women = report.by_gender[0]
    assert (women.shown_share, women.exposures_a_head) == (0.2, 0.6)
    assert women.first_three_share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("age", "band"),
    [(59, "under_60"), (60, "60_64"), (64, "60_64"), (65, "65_69"), (70, "70_74"), (74, "70_74"), (75, "75_up")],
)
def test_ages_have_bands(age: int, band: str) -> None:
    assert age_band(age) == band


def test_nothing_is_said_of_a_few() -> None:
    units = {"甲": 9, "乙": 7, "丙": 4, "丁": 1, "戊": 6}
    people = [person(organisation=name) for name, count in units.items() for _ in range(count)]
    assert sizes(exposure_report(people, FIRST, LAST).by_organisation) == [("甲", 9), ("乙", 7), ("戊", 6), (OTHERS, 5)]
    # Three left over would be told by what is missing in the sum: the smallest other group is taken in.
    people = [one for one in people if one.organisation != "丙"]
    assert sizes(exposure_report(people, FIRST, LAST).by_organisation) == [("甲", 9), ("乙", 7), (OTHERS, 7)]


def test_the_few_who_are_all_there_are_one_group() -> None:
    assert sizes(exposure_report([person()] * 3, FIRST, LAST).by_gender) == [(OTHERS, 3)]
    assert exposure_report([], FIRST, LAST).by_gender == []
    nobody = exposure_report([], FIRST, LAST).everybody
    assert (nobody.shown_share, nobody.exposures_a_head, nobody.first_three_share) == (0, 0, 0)


def test_what_is_not_stated_is_a_group_of_its_own() -> None:
    people = [person(types.GENDER_UNSPECIFIED, 0)] * LEAST_PEOPLE + [person(MALE, 1970)] * LEAST_PEOPLE
    report = exposure_report(people, FIRST, LAST)
    assert sizes(report.by_gender) == [("male", 5), ("", 5)]
    assert sizes(report.by_age) == [("under_60", 5), ("", 5)]


@pytest.fixture
def shown(gateway: Harness) -> None:
    """Six women of one organisation, two of them shown, and five men of another."""
    talent, matching = gateway.services.talent, gateway.services.matching
    women = [talent.add(name=f"女{n}", gender=FEMALE, birth_year=1960) for n in range(6)]
    for n in range(5):
        talent.add(name=f"男{n}", gender=MALE, birth_year=1950, organisation="别的单位")
    for n in range(3):
        matching.shown[f"需求{n}"] = {one.id: Suggestion(profile_id=one.id) for one in women[: n + 1]}


@pytest.mark.usefixtures("shown")
async def test_the_report_over_rest(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as client:
        query = {"start_date": "2026-01-01", "end_date": "2026-06-30"}
        answer = await client.get("/api/v1/reports/exposure", params=query)
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert (report["start_date"], report["end_date"]) == ("2026-01-01", "2026-06-30")
        assert report["everybody"]["people"] == 11
        assert report["by_gender"][0] == {
            "group": "female",
            "people": 6,
            "shown": 3,
            "shown_share": 0.5,
            "exposures": 6,
            "exposures_a_head": 1.0,
            "first_three": 6,
            "first_three_share": 1.0,
        }
        assert [group["group"] for group in report["by_organisation"]] == [ORGANISATION, "别的单位"]
        one = await client.get("/api/v1/reports/exposure", params={"organisation": "别的单位"})
        assert one.json()["everybody"]["people"] == 5
        wrong = await client.get("/api/v1/reports/exposure", params={"end_date": "2026-02-30"})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["rule"] == "date.exists"


@pytest.mark.usefixtures("shown")
async def test_a_coordinator_gets_the_own_people(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as client:
        report = (await client.get("/api/v1/reports/exposure")).json()
        assert [(group["group"], group["people"]) for group in report["by_organisation"]] == [(ORGANISATION, 6)]


@pytest.mark.usefixtures("shown")
async def test_the_page(gateway: Harness) -> None:
    await gateway.account(Role.COORDINATOR)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in(Role.COORDINATOR.value, PASSWORD)
        assert 'href="/reports/exposure"' in browser.page.text
        await browser.open("/reports/exposure")
        for words in ("向企业展示的情况", "按性别", "女性", "65—69 岁", ORGANISATION, "50 %", "1.0"):
            assert words in browser.text, words
        assert "别的单位" not in browser.text
        await browser.open("/reports/exposure?start_date=2026-02-30")
        assert browser.page.status_code == 422
        assert "女性" not in browser.text


async def test_the_page_with_nobody(gateway: Harness) -> None:
    await gateway.account(Role.ADMIN)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in(Role.ADMIN.value, PASSWORD)
        await browser.open("/reports/exposure")
        assert browser.page.status_code == 200
        assert "按性别" in browser.text
