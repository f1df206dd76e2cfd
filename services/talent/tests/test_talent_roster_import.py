"""A roster file through the service: what is taken, what is told, and what a second go does."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import openpyxl
import psycopg
import pytest
from google.protobuf import field_mask_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.errors import ErrorReason
from yinling_common.interceptors import CALLS
from yinling_common.status import from_rpc_error
from yinling_talent import roster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

HEADERS = ["工号", "姓名", "出生年月", "居住地", "专长", "是否同意公开"]
PEOPLE = [
    ["G01", "李建国", "1952年3月", "攀枝花市", "高炉操作、炉况诊断", "是"],
    ["G02", "王秀英", "1955-06", "成都", "财务；审计", "是"],
    ["G03", "张卫东", "1950", "火星", "焊接", "是"],
    ["G04", "赵敏", "1949.10", "重庆市", "翻译", "否"],
    ["G02", "王秀英", "1955-06", "成都", "财务；审计；内控", "是"],
]


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.worksheets[0].append(list(row))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@dataclass
class Answer:
    progress: list[tuple[int, int]] = field(default_factory=list)
    issues: list[pb.RowIssue] = field(default_factory=list)
    copy: bytes = b""
    summary: pb.ImportSummary = field(default_factory=pb.ImportSummary)

    def counts(self) -> tuple[int, int, int, int, int, int]:
        s = self.summary
        return s.rows, s.created, s.updated, s.unchanged, s.failed, s.duplicates


async def upload(filename: str, content: bytes, **header: Any) -> AsyncIterator[pb.ImportRosterRequest]:
    yield pb.ImportRosterRequest(
        header=pb.ImportRosterHeader(**{"filename": filename, "organisation": "攀钢集团", **header})
    )
    for start in range(0, len(content), 60_000):
        yield pb.ImportRosterRequest(chunk=content[start : start + 60_000])


async def run(client: Any, filename: str, content: bytes, who: str = "coordinator", **header: Any) -> Answer:
    answer = Answer()
    async for event in client.stub.ImportRoster(upload(filename, content, **header), metadata=client.by(who)):
        match event.WhichOneof("event"):
            case "progress":
                answer.progress.append((event.progress.rows_done, event.progress.rows_total))
            case "issue":
                answer.issues.append(event.issue)
            case "annotated_chunk":
                answer.copy += event.annotated_chunk
            case "summary":
                answer.summary = event.summary
    return answer


async def everyone(client: Any) -> dict[str, talent_pb2.Profile]:
    page = await client.stub.ListProfiles(pb.ListProfilesRequest(page_size=200), metadata=client.by("admin"))
    return {p.name: p for p in page.profiles}


@pytest.mark.parametrize(("name", "make"), [("花名册.xlsx", as_xlsx), ("花名册.csv", as_csv)])
async def test_good_rows_are_taken_and_the_others_told(client: Any, name: str, make: Any) -> None:
    answer = await run(client, name, make([HEADERS, *PEOPLE]))
    assert answer.counts() == (5, 3, 0, 0, 1, 1)
    assert answer.summary.revision == 3
    assert answer.progress[0] == (0, 5)
    assert answer.progress[-1] == (5, 5)
    city = next(issue for issue in answer.issues if issue.rule == "city.unknown")
    assert (city.severity, city.row, city.column, city.value) == (pb.RowIssue.SEVERITY_ERROR, 4, "居住地", "火星")
    assert city.reason
    assert city.advice
    assert city.message_en
    duplicate = next(issue for issue in answer.issues if issue.rule == "row.duplicate")
    assert (duplicate.severity, duplicate.row) == (pb.RowIssue.SEVERITY_WARNING, 3)
    assert answer.summary.annotated_filename == "花名册-批注.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(answer.copy)).worksheets
    people = await everyone(client)
    assert set(people) == {"李建国", "王秀英", "赵敏"}
    assert list(people["王秀英"].skills) == ["财务", "审计", "内控"]
    assert (people["李建国"].city, people["李建国"].birth_year) == ("攀枝花", 1952)

    mended = [[*row] for row in PEOPLE]
    mended[2][3] = "绵阳"
    answer = await run(client, name, make([HEADERS, *mended]))
    assert answer.counts() == (5, 1, 0, 3, 0, 1)
    assert answer.summary.revision == 4
    answer = await run(client, name, make([HEADERS, *mended[:1], *mended[2:]]))
    assert answer.counts() == (4, 0, 0, 4, 0, 0)
    assert not answer.issues
    assert not answer.copy
    assert not answer.summary.annotated_filename


async def test_an_identity_number_in_the_name_of_a_file_comes_back_masked(client: Any) -> None:
    answer = await run(client, "李建国ID510402195203121234.csv", as_csv([HEADERS, *PEOPLE]))
    assert answer.summary.annotated_filename == f"李建国ID51{'*' * 16}-批注.xlsx"


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


open_path = Path.open


def open_full(path: Path, *arguments: Any, **named: Any) -> Any:
    return open_path(Path("/dev/full") if path.name == "roster.csv" else path, *arguments, **named)


@pytest.mark.parametrize(
    ("where", "name", "instead"),
    [(tempfile, "TemporaryDirectory", lambda **_: no_room()), (Path, "open", open_full)],
)
async def test_no_room_for_the_file_is_told_and_writes_nothing(
    client: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, instead: Any
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(where, name, instead)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await run(client, "a.csv", as_csv([HEADERS, *PEOPLE]))
    assert from_rpc_error(caught.value).reason == ErrorReason.STORAGE_FULL
    assert not await everyone(client)


async def test_without_a_copy_what_was_written_is_still_told(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "annotate", no_room)
    answer = await run(client, "a.csv", as_csv([HEADERS, *PEOPLE]))
    assert answer.counts() == (5, 3, 0, 0, 1, 1)
    assert (answer.copy, answer.summary.annotated_filename) == (b"", "")
    assert [i.rule for i in answer.issues if i.severity == pb.RowIssue.SEVERITY_WARNING][-1] == "copy.failed"
    assert len(await everyone(client)) == 3


async def test_what_the_roster_does_not_say_stays(client: Any) -> None:
    await run(client, "a.csv", as_csv([HEADERS, *PEOPLE[:1]]))
    before = (await everyone(client))["李建国"]
    change = talent_pb2.Profile(
        id=before.id,
        bio="我自己写的",
        contact=talent_pb2.Contact(phone="110"),
        consent=talent_pb2.Consent(granted=True),
    )
    mask = field_mask_pb2.FieldMask(paths=["bio", "contact.phone"])
    await client.stub.UpdateProfile(
        pb.UpdateProfileRequest(profile=change, update_mask=mask), metadata=client.by("retiree", before.id)
    )
    # Fewer columns, and a blank cell: neither erases anything.
    answer = await run(client, "b.csv", as_csv([["姓名", "工号", "专长", "居住地"], ["李建国", "G01", "高炉设计", ""]]))
    assert answer.counts() == (1, 0, 1, 0, 0, 0)
    after = (await everyone(client))["李建国"]
    assert (after.bio, after.contact.phone, after.city, after.birth_year) == ("我自己写的", "110", "攀枝花", 1952)
    assert after.consent == before.consent
    assert list(after.skills) == ["高炉设计"]


async def test_consent_taken_back_stays_so_and_is_told(client: Any) -> None:
    content = as_csv([HEADERS, *PEOPLE[:1]])
    await run(client, "a.csv", content)
    person = (await everyone(client))["李建国"]
    mask = field_mask_pb2.FieldMask(paths=["consent.granted"])
    await client.stub.UpdateProfile(
        pb.UpdateProfileRequest(profile=talent_pb2.Profile(id=person.id), update_mask=mask),
        metadata=client.by("retiree", person.id),
    )
    answer = await run(client, "a.csv", content)
    assert answer.counts() == (1, 0, 0, 1, 0, 0)
    assert [(i.rule, i.severity, i.row) for i in answer.issues] == [
        ("consent.withdrawn", pb.RowIssue.SEVERITY_WARNING, 2)
    ]
    assert not (await everyone(client))["李建国"].consent.granted


async def test_validate_only_counts_and_writes_nothing(client: Any) -> None:
    await run(client, "a.csv", as_csv([HEADERS, *PEOPLE[:1]]))
    answer = await run(client, "a.csv", as_csv([HEADERS, *PEOPLE]), validate_only=True)
    assert answer.counts() == (5, 2, 0, 1, 1, 1)
    assert answer.summary.revision == 0
    assert answer.copy
    assert set(await everyone(client)) == {"李建国"}


async def test_people_of_another_organisation_are_not_taken(client: Any) -> None:
    content = as_csv([["姓名", "单位", "专长"], ["甲", "宝武集团", "焊接"], ["乙", "", "焊接"]])
    answer = await run(client, "a.csv", content)
    assert answer.counts() == (2, 1, 0, 0, 1, 0)
    assert [(i.rule, i.row) for i in answer.issues] == [("organisation.own", 2)]
    answer = await run(client, "a.csv", content, who="admin")
    assert answer.counts() == (2, 1, 0, 1, 0, 0)
    assert (await everyone(client))["甲"].organisation == "宝武集团"


async def test_a_row_that_does_not_go_with_what_is_stored_is_told(client: Any) -> None:
    await run(client, "a.csv", as_csv([["姓名", "工号", "可用截止日期"], ["甲", "1", "2026-06-30"], ["乙", "2", ""]]))
    later = as_csv([["姓名", "工号", "可用起始日期"], ["甲", "1", "2026-09-01"], ["乙", "2", "2026-09-01"]])
    answer = await run(client, "b.csv", later)
    assert answer.counts() == (2, 0, 1, 0, 1, 0)
    assert [(i.rule, i.row) for i in answer.issues] == [("profile.available_order", 2)]


NUMBERED = ["工号", "姓名", "出生年份", "专长"]
ZHANG = ["T001", "张测试", 1960, "焊接"]
WANG = ["T001", "王测试", 1955, "财务"]


async def test_two_people_under_one_number_never_overwrite_each_other(client: Any) -> None:
    both = as_xlsx([NUMBERED, ZHANG, WANG])
    answer = await run(client, "a.xlsx", both)
    assert answer.counts() == (2, 1, 0, 0, 1, 0)
    (issue,) = answer.issues
    assert (issue.rule, issue.severity, issue.row) == ("employee_number.taken", pb.RowIssue.SEVERITY_ERROR, 3)
    assert "T001" in issue.reason
    assert "张测试" in issue.reason
    assert "1960" not in issue.reason + issue.advice + issue.message_en
    assert "改正工号" in issue.advice
    assert '"张测试"' in issue.message_en
    sheet = openpyxl.load_workbook(io.BytesIO(answer.copy)).worksheets[-1]
    assert any(issue.reason in [str(cell.value) for cell in row] for row in sheet.iter_rows())

    # Alone, the other way round, and as a check: whoever is kept stays just so.
    kept = (await everyone(client))["张测试"]
    for rows, counts in (([WANG], (1, 0, 0, 0, 1, 0)), ([WANG, ZHANG], (2, 0, 0, 1, 1, 0))):
        for header in ({}, {"validate_only": True}):
            answer = await run(client, "b.xlsx", as_xlsx([NUMBERED, *rows]), **header)
            assert answer.counts() == counts
            assert [(i.rule, i.row) for i in answer.issues] == [("employee_number.taken", 2)]
    assert await everyone(client) == {"张测试": kept}
    again = await run(client, "a.xlsx", both)
    assert again.counts() == (2, 0, 0, 1, 1, 0)

    mended = await run(client, "a.xlsx", as_xlsx([NUMBERED, ZHANG, ["T002", *WANG[1:]]]))
    assert (mended.counts(), mended.issues) == ((2, 1, 0, 1, 0, 0), [])
    assert (await everyone(client))["张测试"] == kept


@pytest.mark.parametrize("year", ["", 1960])
async def test_another_name_under_a_number_is_taken_and_told(client: Any, year: Any) -> None:
    await run(client, "a.xlsx", as_xlsx([NUMBERED, ZHANG]))
    corrected = as_xlsx([NUMBERED, ["T001", "章测试", year, "焊接"]])
    answer = await run(client, "b.xlsx", corrected)
    assert answer.counts() == (1, 0, 1, 0, 0, 0)
    (issue,) = answer.issues
    assert (issue.rule, issue.severity, issue.row) == ("name.changed", pb.RowIssue.SEVERITY_WARNING, 2)
    for words in ("T001", "张测试", "章测试"):
        assert words in issue.reason
        assert words in issue.message_en
    (person,) = (await everyone(client)).values()
    assert (person.name, person.birth_year) == ("章测试", 1960)
    again = await run(client, "b.xlsx", corrected)
    assert (again.counts(), again.issues) == ((1, 0, 0, 1, 0, 0), [])


async def test_another_organisation_has_its_own_numbers(client: Any) -> None:
    await run(client, "a.xlsx", as_xlsx([NUMBERED, ZHANG]))
    answer = await run(client, "b.xlsx", as_xlsx([NUMBERED, WANG]), who="admin", organisation="宝武集团")
    assert (answer.counts(), answer.issues) == ((1, 1, 0, 0, 0, 0), [])
    assert set(await everyone(client)) == {"张测试", "王测试"}


async def test_the_contract_refuses_two_people_under_one_number_whole(client: Any) -> None:
    people = [
        talent_pb2.Profile(organisation="攀钢集团", employee_number="T001", name=name, birth_year=year)
        for name, year in (("张测试", 1960), ("王测试", 1955))
    ]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.stub.BatchImportProfiles(
            pb.BatchImportProfilesRequest(profiles=people), metadata=client.by("coordinator")
        )
    error = from_rpc_error(caught.value)
    assert [(v.field, v.rule) for v in error.violations] == [("profiles[1].employee_number", "employee_number.taken")]
    assert not await everyone(client)


@pytest.mark.parametrize(
    ("filename", "content", "rule"),
    [
        ("a.xlsx", b"%PDF-1.7 ...", "file.type"),
        ("a.xlsx", b"", "file.empty"),
        ("a.csv", "姓名,工号\n".encode(), "file.no_rows"),
        ("a.csv", b"x,y\n1,2\n", "file.no_header"),
        ("a.xlsx", as_xlsx([HEADERS, *PEOPLE])[:3000], "file.damaged"),
    ],
)
async def test_a_file_that_cannot_be_read(client: Any, filename: str, content: bytes, rule: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await run(client, filename, content)
    error = from_rpc_error(caught.value)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (error.reason, error.metadata["rule"]) == (ErrorReason.UNREADABLE_FILE, rule)


async def test_a_file_that_is_too_large(client: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await run(client, "a.csv", b"x" * (20 * 1024 * 1024 + 1))
    error = from_rpc_error(caught.value)
    assert [(v.field, v.rule) for v in error.violations] == [("chunk", "file.size")]


async def test_the_header_comes_first_and_once(client: Any) -> None:
    header = pb.ImportRosterRequest(header=pb.ImportRosterHeader(filename="a.csv", organisation="攀钢集团"))
    chunk = pb.ImportRosterRequest(chunk=b"x")
    for parts in ([chunk], [], [header, header], [header, pb.ImportRosterRequest()]):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.stub.ImportRoster(iter(parts), metadata=client.by("coordinator")).read()
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def many(count: int, **values: str) -> list[list[object]]:
    cities = ["成都", "重庆", "攀枝花", "武汉", "鞍山"]
    return [
        ["工号", "姓名", "出生年月", "居住地", "原工作单位", "专长", "简介", "是否同意公开"],
        *(
            [
                f"N{i:05}",
                f"{values.get('prefix', '李')}{i}",
                1940 + i % 20,
                cities[i % 5],
                "炼铁厂",
                f"高炉、技能{i % 97}",
                "从事高炉操作与炉况诊断三十年，主持过多次大修。" * 4,
                "是",
            ]
            for i in range(count)
        ),
    ]


@pytest.mark.timeout(300)
async def test_ten_thousand_rows(client: Any) -> None:
    name, content = "a.xlsx", as_xlsx(many(10_000))
    started = time.monotonic()
    answer = await run(client, name, content)
    took = time.monotonic() - started
    assert answer.counts() == (10_000, 10_000, 0, 0, 0, 0)
    assert len(answer.progress) >= 20
    assert answer.progress == sorted(answer.progress)
    started = time.monotonic()
    again = await run(client, name, content)
    print(f"{name}: {10_000 / took:.0f} rows/s new, {10_000 / (time.monotonic() - started):.0f} unchanged")  # noqa: T201 - a figure
    assert again.counts() == (10_000, 0, 0, 10_000, 0, 0)
    assert again.summary.revision == answer.summary.revision == 10_000

    call = client.stub.WatchProfiles(pb.WatchProfilesRequest(), metadata=client.by("service"))
    started = time.monotonic()
    revisions = []
    async for event in call:
        if event.WhichOneof("change") == "caught_up":
            break
        revisions.append(event.revision)
    print(f"feed: {10_000 / (time.monotonic() - started):.0f} profiles/s")  # noqa: T201 - a figure
    assert revisions == list(range(1, 10_001))
    call.cancel()


async def test_a_caller_who_goes_away_stops_the_import(client: Any, database_url: str) -> None:
    ended = CALLS.labels("ImportRoster", "CANCELLED")._value
    before = ended.get()
    call = client.stub.ImportRoster(upload("a.csv", as_csv(many(5_000))), metadata=client.by("coordinator"))
    async for event in call:
        if event.progress.rows_done:
            break
    call.cancel()
    async with asyncio.timeout(60):
        while ended.get() == before:  # noqa: ASYNC110 - what the server does by itself
            await asyncio.sleep(0.05)
    first = await count(database_url)
    assert 0 < first < 5_000
    assert first % 500 == 0
    answer = await run(client, "a.csv", as_csv(many(5_000)))
    assert answer.counts() == (5_000, 5_000 - first, 0, first, 0, 0)


async def test_an_upload_that_breaks_off_writes_nothing(client: Any, database_url: str) -> None:
    sent = asyncio.Event()

    async def broken() -> AsyncIterator[pb.ImportRosterRequest]:
        async for part in upload("a.csv", as_csv(many(2_000))):
            yield part
        sent.set()
        await asyncio.Event().wait()

    call = client.stub.ImportRoster(broken(), metadata=client.by("coordinator"))
    reading = asyncio.create_task(call.read())
    await sent.wait()
    call.cancel()
    await asyncio.wait([reading])
    assert (await run(client, "a.csv", as_csv(many(1)))).counts()[1] == 1  # whatever it did meanwhile
    assert await count(database_url) == 1


async def count(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url) as conn:
        row = await (await conn.execute("SELECT count(*) FROM talent.profiles")).fetchone()
    assert row is not None
    return int(row[0])


async def test_the_template_is_a_roster(client: Any) -> None:
    template = await client.stub.GetRosterTemplate(pb.GetRosterTemplateRequest(), metadata=client.by("coordinator"))
    assert template.filename.endswith(".xlsx")
    workbook = openpyxl.load_workbook(io.BytesIO(template.content))
    assert any(
        str(cell.value).startswith("姓名") for row in workbook.worksheets[0].iter_rows(max_row=5) for cell in row
    )
