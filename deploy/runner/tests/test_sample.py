"""The sample data: enough of it, varied, and readable by the real import."""

import datetime
import re
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from yinling.matching.v1 import matching_pb2

from yinling_common import cities
from yinling_runner import sample
from yinling_runner.sample.source import ORGANISATIONS, Person, parse, people
from yinling_runner.sample.workbook import COLUMNS, build
from yinling_talent.roster import Issue, RosterRow, Severity, read_roster

SENTENCE = re.compile(r"[。！？；;\n]")
PROSE = ("工作经历", "个人简介", "服务意愿", "专长")


@pytest.fixture(scope="module")
def everybody() -> list[Person]:
    return people()


def prose(person: Person) -> str:
    return "\n".join(person[column] for column in PROSE)


def test_there_are_enough_people_of_every_kind(everybody: list[Person]) -> None:
    assert len(everybody) >= 220
    assert {person["所属单位"] for person in everybody} == set(ORGANISATIONS.values())
    assert len({person["现居城市"] for person in everybody}) >= 120
    assert len({person["行业"] for person in everybody}) >= 80
    assert sum(person["同意公开"] == "否" for person in everybody) >= 12
    assert sum(person["暂停"] == "是" for person in everybody) >= 3
    assert sum(len(prose(person)) >= 300 for person in everybody) >= 10
    assert sum(len(prose(person)) <= 8 for person in everybody) >= 15
    assert sum(bool(person["可用起始日期"]) for person in everybody) >= 8
    genders = Counter(person["性别"] for person in everybody)
    assert min(genders["男"], genders["女"]) >= 80


def test_names_are_unique_and_of_every_kind(everybody: list[Person]) -> None:
    names = [person["姓名"] for person in everybody]
    assert len(set(names)) == len(names)
    assert {len(name) for name in names} >= {2, 3, 4}
    assert sum("·" in name for name in names) >= 5
    assert sum(any(ord(character) > 0xFFFF for character in name) for name in names) >= 2


def test_cities_exist(everybody: list[Person]) -> None:
    assert [person["现居城市"] for person in everybody if cities.resolve(person["现居城市"]) is None] == []


def test_nobody_repeats_anybody(everybody: list[Person]) -> None:
    seen: Counter[str] = Counter()
    for person in everybody:
        seen.update({part.strip() for part in SENTENCE.split(prose(person)) if len(part.strip()) > 14})
    assert [sentence for sentence, count in seen.items() if count > 1] == []


def test_long_stretches_are_not_shared(everybody: list[Person]) -> None:
    owner: dict[str, str] = {}
    shared = set()
    for person in everybody:
        text = re.sub(r"\W", "", person["工作经历"] + person["个人简介"])
        for start in range(len(text) - 11):
            stretch = text[start : start + 12]
            if owner.setdefault(stretch, person["姓名"]) != person["姓名"]:
                shared.add(stretch)
    assert shared == set()


def test_the_workbook_is_built_from_the_source(tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    build(again)
    with zipfile.ZipFile(again) as new, zipfile.ZipFile(sample.roster_path()) as committed:
        assert {name: new.read(name) for name in new.namelist()} == {
            name: committed.read(name) for name in committed.namelist()
        }, "run python -m yinling_runner.sample"


def test_the_workbook_looks_like_one_of_an_office() -> None:
    sheet = openpyxl.load_workbook(sample.roster_path()).active
    assert sheet is not None
    assert "虚构" in str(sheet["A1"].value)
    assert len(sheet.merged_cells.ranges) == 2
    lines = list(sheet.iter_rows(min_row=4, values_only=True))
    births = {type(line[list(COLUMNS).index("出生日期")]) for line in lines}
    assert births >= {str, int, datetime.datetime}
    assert sum(not any(str(cell or "").strip() for cell in line) for line in lines) >= 3


def test_contact_details_are_plainly_not_real() -> None:
    sheet = openpyxl.load_workbook(sample.roster_path()).active
    assert sheet is not None
    headers = list(COLUMNS)
    for line in sheet.iter_rows(min_row=4, values_only=True):
        phone = str(line[headers.index("手机号码")] or "").replace(" ", "")
        assert phone == "" or phone.startswith("1390000")
        assert str(line[headers.index("电子邮箱")] or "@example.com").endswith("@example.com")


def test_the_real_import_takes_every_row(everybody: list[Person]) -> None:
    reader = read_roster(sample.roster_path(), "roster.xlsx", "缺省单位", today=datetime.date(2026, 12, 1))
    found = list(reader)
    rows = [each for each in found if isinstance(each, RosterRow)]
    assert [each for each in found if isinstance(each, Issue) and each.severity is Severity.ERROR] == []
    assert (len(rows), reader.failed, reader.duplicates, reader.ignored_columns) == (len(everybody), 0, 0, [])
    assert {row.profile.organisation for row in rows} == set(ORGANISATIONS.values())
    assert sum(not row.profile.consent.granted for row in rows) == sum(p["同意公开"] == "否" for p in everybody)
    unknown = {issue.value for issue in reader.issues if issue.rule == "languages.unknown"}
    assert len(unknown) <= 10, unknown
    born = {person["姓名"]: person["出生年月"][:4] for person in everybody}
    assert {row.profile.name: str(row.profile.birth_year or "") for row in rows} == born


def test_requests_are_valid() -> None:
    requests = sample.requests()
    assert len(requests) >= 30
    assert len({request["title"] for request in requests}) == len(requests)
    assert sum(request["title"].isascii() for request in requests) >= 6
    assert len({request.get("industry") for request in requests}) >= 20
    assert {request["organisation"] for request in requests} <= set(ORGANISATIONS.values())
    fields = set(matching_pb2.MentoringRequest.DESCRIPTOR.fields_by_name)
    for request in requests:
        assert set(request) <= fields
        assert cities.resolve(request["city"]) if request.get("city") else True
        assert request.get("mode", "on_site") in {"on_site", "remote"}
        assert {point["importance"] for point in request["requirements"]} <= {"must", "nice"}
        datetime.date.fromisoformat(request.get("start_date", "2026-01-01"))


def test_source_errors_name_the_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(parse("== 甲 | 男 | 1950 | 北京 | 矿\nnot a key"))
    with pytest.raises(ValueError, match="6 values for 5 columns"):
        list(parse("== 甲 | 男 | 1950 | 北京 | 矿 | 多"))
