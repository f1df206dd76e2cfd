"""A person whose every word is unmistakable is erased; then every table and every file is searched for the words.

The one trace that is allowed is the id in talent's `profile_changes`: the tombstone of the feed. A replica of matching
that was switched off for a month must still be told to forget that person when it comes back, and the feed can tell it
by the id alone: a random number to which nothing leads any more. Nobody can say whose it was.

PostgreSQL keeps deleted rows in its files until their room is used again, and in its write-ahead log until that is
recycled; backups keep them until they are thrown away. What is searched here is what can be asked for.
"""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from yinling.matching.v1 import matching_service_pb2 as matching

from tests.stack import Stack, running_stack
from yinling_common.database import connect_options
from yinling_common.identity import Role
from yinling_common.testing import CloneDatabase, Keys
from yinling_gateway.domain import CohortLine
from yinling_gateway.testing import sign_in

OFFICE, COMPANY = "攀钢集团", "云南铜业"
NAME = "欧阳独词"
MARK = "独词甲乙"
"""In every other text. The test's own name for the person shares no word with anybody else's texts."""

PERSON: dict[str, Any] = {
    "organisation": OFFICE,
    "employee_number": "DUCI-7788",
    "name": NAME,
    "city": "攀枝花",
    "former_employer": f"{MARK}原单位",
    "last_position": f"{MARK}职务",
    "industry": f"{MARK}行业",
    "skills": [f"{MARK}矿井通风"],
    "experience": [{"title": f"{MARK}主持", "organisation": f"{MARK}矿", "description": f"{MARK}经过"}],
    "credentials": [{"name": f"{MARK}证书", "issuer": f"{MARK}发证"}],
    "bio": f"{MARK}一辈子在井下。",
    "other_limits": [f"{MARK}腰"],
    "wishes": f"想带{MARK}徒弟，不想{MARK}出差",
    "travel": "nationwide",
    "capacity": 5,
    "consent": {"granted": True},
    "contact": {
        "phone": "13877886655",
        "email": "duci7788@example.com",
        "wechat": "duci_7788",
        "address": f"{MARK}路一号",
    },
}
WORDS = (NAME, MARK, "DUCI-7788", "duci7788", "duci_7788", "13877886655", "087177886655")
"""Long, or with letters that are not hexadecimal digits: none may stand in a random id by chance."""
OTHER = {
    "organisation": OFFICE,
    "name": "李敏",
    "skills": ["矿井通风"],
    "travel": "nationwide",
    "consent": {"granted": True},
}
ROSTER = f"姓名,工号,居住城市,专长,手机\n{NAME},DUCI-7788,{MARK}市,{MARK}焊接,13877886655\n"
DIRECTORY = "profile_changes"


@pytest.fixture
async def stack(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> AsyncIterator[Stack]:
    """With a mail server that does not answer, so that mails wait; nothing settles by itself."""
    settings = {"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_tls": "none", "erasure_settle": 3600.0}
    async with running_stack(clone_database, keys, tmp_path, **settings) as running:
        yield running


class Story:
    """Everything that the person, their office and an enterprise can do."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.id = self.other_id = self.engagement = ""

    async def happen(self, office: httpx.AsyncClient, hr: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
        """Let it happen."""
        await self.import_roster(office)
        await self.tell_how(mine)
        blocking = await post(hr, "/mentoring-requests", request(blocked_profile_ids=[self.id, self.other_id]))
        changed = await hr.patch(
            f"/api/v1/mentoring-requests/{blocking['id']}", json={"blocked_profile_ids": [self.other_id]}
        )
        assert changed.status_code == 200, changed.text
        await post(hr, "/mentoring-requests", request(blocked_profile_ids=[self.id]))
        wanted = await post(hr, "/mentoring-requests", request(mentors_wanted=2))
        found = await hr.get(f"/api/v1/mentoring-requests/{wanted['id']}/suggestions")
        assert self.id in found.text, found.text
        await self.work_together(hr, mine, wanted["id"])
        await self.say_no(hr, mine)
        waiting = await post(hr, "/mentoring-requests", request())
        await self.invite(hr, waiting["id"])
        await post(mine, f"/mentoring-requests/{(await post(hr, '/mentoring-requests', request()))['id']}/opt-ins", {})
        await self.match_cohort(hr)
        await self.stack.matching.ledger.write()

    async def import_roster(self, office: httpx.AsyncClient) -> None:
        answer = await office.post("/api/v1/imports", files={"file": (f"{NAME}.csv", ROSTER.encode())})
        address = answer.headers["location"]
        for _ in range(1200):
            job = (await office.get(address)).json()
            if job["state"] != "running":
                break
            await asyncio.sleep(0.05)
        assert job["issues"], job
        assert job["annotated_url"], job

    async def tell_how(self, mine: httpx.AsyncClient) -> None:
        wanted = {"in_app": True, "email": True, "address": "duci7788@example.com"}
        answer = await mine.put("/api/v1/me/notice-preferences", json=wanted)
        assert answer.status_code == 200, answer.text
        async with self.stack.gateway.client() as stranger:
            guess = {"username": "duci7788", "password": "no"}
            wrong = await stranger.post("/api/v1/auth/sign-in", json=guess)
        assert wrong.status_code == 401

    async def invite(self, hr: httpx.AsyncClient, request_id: str) -> dict[str, Any]:
        body = {"profile_ids": [self.id], "message": f"请{MARK}老师出山"}
        answer = await post(hr, f"/mentoring-requests/{request_id}/invitations", body)
        invitation: dict[str, Any] = answer["invitations"][0]
        return invitation

    async def work_together(self, hr: httpx.AsyncClient, mine: httpx.AsyncClient, request_id: str) -> None:
        invitation = await self.invite(hr, request_id)
        engagement = await post(mine, f"/invitations/{invitation['id']}:accept", None)
        self.engagement = engagement["id"]
        plan = {
            "goals": [{"text": f"{MARK}目标", "progress": 10, "note": f"{MARK}说明"}],
            "enterprise_contact": {"name": f"{MARK}联系人", "phone": "087177886655", "email": "duci7788@example.org"},
        }
        changed = await hr.patch(f"/api/v1/engagements/{self.engagement}", json=plan)
        assert changed.status_code == 200, changed.text
        for hours in (-2, 60):
            start = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
            session = {"start_time": start, "minutes": 60, "summary": f"{MARK}讲课", "place": f"{MARK}会议室"}
            await post(mine, f"/engagements/{self.engagement}/sessions", session | {"next_step": f"{MARK}作业"})
        said = {"phase": "halfway", "cooperation": 5, "words": f"{MARK}评价"}
        for client in (mine, hr):
            await post(client, f"/engagements/{self.engagement}/feedback", said)
        contact = await hr.get(f"/api/v1/engagements/{self.engagement}/mentor-contact")
        assert "13877886655" in contact.text

    async def say_no(self, hr: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
        declined = await self.invite(hr, (await post(hr, "/mentoring-requests", request()))["id"])
        await post(mine, f"/invitations/{declined['id']}:decline", {"reason": "other", "words": f"{MARK}不去"})
        offered = (await post(hr, "/mentoring-requests", request()))["id"]
        opt_in = await post(mine, f"/mentoring-requests/{offered}/opt-ins", {"message": f"{MARK}愿意"})
        await post(hr, f"/opt-ins/{opt_in['id']}:turn-down", {"reason": "other", "words": f"{MARK}谢谢"})
        begun = await self.invite(hr, (await post(hr, "/mentoring-requests", request()))["id"])
        engagement = await post(mine, f"/invitations/{begun['id']}:accept", None)
        await post(mine, f"/engagements/{engagement['id']}:end", {"reason": "other", "words": f"{MARK}走了"})

    async def match_cohort(self, hr: httpx.AsyncClient) -> None:
        account = (await self.stack.gateway.parts.accounts.page(200, ""))[0]
        caller = next(one for one in account if one.role is Role.HR)
        asked = matching.AssignCohortRequest(
            requests=[
                {
                    "mentoring_request": {
                        "organisation": COMPANY,
                        "title": "矿井通风",
                        "requirements": [{"text": "矿井通风"}],
                    }
                }
            ],
            fixed=[{"request": 0, "profile_id": self.id}],
            forbidden=[{"request": 0, "profile_id": self.other_id}],
        )
        cohorts = self.stack.gateway.parts.cohorts
        cohort_id = await cohorts.start(caller, asked, [CohortLine(f"跟{NAME}学", "矿井通风", 1)], [f"{NAME}的另一行"])
        for _ in range(1200):
            if (cohort := await cohorts.get(caller, cohort_id)).state.value != "running":
                break
            await asyncio.sleep(0.05)
        assert cohort.response, cohort
        assert NAME.encode() in cohort.response


def request(**fields: Any) -> dict[str, Any]:
    return {"organisation": COMPANY, "title": "矿井通风传帮带", "requirements": [{"text": "矿井通风"}]} | fields


async def post(client: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": str(uuid4())} if path.count("/") > 1 else {}
    answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


def readings(value: Any) -> Iterator[bytes]:
    """A cell as it can be read: as text, or its bytes; of a workbook each part unpacked."""
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        yield content
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                yield from (book.read(name) for name in book.namelist())
    else:
        yield str(value).encode()


async def tables(conn: psycopg.AsyncConnection[Any]) -> dict[str, list[str]]:
    """Every table of ours, with its columns: bytes as they are, all else as text."""
    found = await conn.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    listed: dict[str, list[str]] = {}
    for row in await found.fetchall():
        cast = "" if row["data_type"] == "bytea" else "::text"
        listed.setdefault(row["table_name"], []).append(f'"{row["column_name"]}"{cast}')
    return listed


async def found(stack: Stack, *words: str) -> dict[str, set[str]]:
    """In which columns and files each word stands."""
    wanted = {word: word.encode() for word in words}
    places: dict[str, set[str]] = {word: set() for word in words}

    def look(place: str, value: Any) -> None:
        for reading in readings(value):
            for word, content in wanted.items():
                if content in reading:
                    places[word].add(place)

    for schema, url in (("talent", stack.talent_url), ("matching", stack.matching_url), ("gateway", stack.gateway_url)):
        async with await psycopg.AsyncConnection.connect(url, **connect_options(schema)) as conn:
            for table, columns in (await tables(conn)).items():
                listed = ", ".join(columns)
                rows = await (await conn.execute(f'SELECT {listed} FROM "{table}"')).fetchall()  # noqa: S608 - of the catalogue
                for row in rows:
                    for column, value in row.items():
                        look(f"{schema}.{table}.{column}", value)
    for path in stack.snapshot_dir.rglob("*"):
        if path.is_file():
            look(f"file {path.name}", path.read_bytes())
    return places


async def test_nothing_of_a_person_is_found_after_they_are_erased(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(stack)
    async with (
        stack.gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        stack.gateway.signed_in(Role.HR, organisation=COMPANY) as hr,
        stack.gateway.client() as mine,
    ):
        story.id, story.other_id = [(await post(office, "/profiles", one))["id"] for one in (PERSON, OTHER)]
        assert await stack.matching.progress.reached(2, 60)
        await story.invite(hr, (await post(hr, "/mentoring-requests", request()))["id"])
        await taken_in(stack)  # while they have no account, their office is told in their place
        await stack.gateway.account(
            Role.RETIREE, "duci7788", organisation=OFFICE, profile_id=story.id, display_name=NAME
        )
        await sign_in(mine, "duci7788")
        await story.happen(office, hr, mine)
        await taken_in(stack)
        await stack.matching.keeper.save()
        with stack.matching.catalogue.reading() as view:
            entry = view.entry(story.id)
            assert entry is not None
            keys = [bytes(key) for key in entry.indexed.keys]

        before = await found(stack, *WORDS, story.id)
        everywhere = set().union(*before.values())
        for place in (
"talent.profiles.name", "talent.profiles.search_text", "talent.audit_log.profile_id",
            "matching.invitations.message", "matching.invitations.decline_words",
            "matching.opt_ins.turn_down_words", "matching.opt_ins.message", "matching.engagements.goals",
            "matching.engagements.end_words", "matching.engagements.enterprise_contact",
            "matching.mentoring_sessions.summary",
            "matching.mentoring_sessions.place", "matching.mentoring_sessions.next_step",
            "matching.engagement_feedback.words", "matching.idempotency_keys.reply",
            "matching.audit_log.fields", "matching.exposures.profile_id", "matching.feedback.profile_id",
            "matching.people_places.profile_id", "matching.mentoring_requests.blocked_profile_ids",
            "gateway.accounts.username", "gateway.accounts.display_name",
            "gateway.sign_in_failures.key", "gateway.imports.filename", "gateway.imports.annotated",
            "gateway.import_issues.value", "gateway.cohorts.request", "gateway.cohorts.response",
            "gateway.cohorts.lines", "gateway.cohorts.left_out", "gateway.notice_events.profile_id",
            "gateway.notice_preferences.address", "gateway.notices.on_behalf_of", "gateway.deliveries.address",
            "file catalogue.snapshot",
        ):  # fmt: skip
            assert place in everywhere, f"the story does not reach {place}"
        assert await vectors(stack, keys) == len(set(keys))

        answer = await mine.post(f"/api/v1/profiles/{story.id}:erase", json={"confirm": f" {NAME} "})
        assert answer.status_code == 202, answer.text
        await ended(office, answer.headers["location"], "erased")

        after = await found(stack, *WORDS, story.id)
        # Until it is looked through once more, the erasure itself knows whom to look for.
        assert {place.rpartition(".")[0] for places in after.values() for place in places} == {
            "gateway.erasures",
            f"talent.{DIRECTORY}",
        }
        assert await vectors(stack, keys) == 0
        assert (await mine.get("/api/v1/auth/me")).status_code == 401

        async with await psycopg.AsyncConnection.connect(stack.gateway_url, **connect_options("gateway")) as conn:
            await conn.execute("UPDATE erasures SET due_time = now()")
        stack.gateway.parts.erasures.wake()
        await ended(office, answer.headers["location"], "done")
        after = await found(stack, *WORDS, story.id)
        assert {word: places for word, places in after.items() if places} == {
            story.id: {f"talent.{DIRECTORY}.profile_id"}
        }

        await room_is_given_back(stack)
        # Everybody else has what they had, and what was counted still counts.
        (job,) = (await office.get("/api/v1/imports")).json()["imports"]
        assert (job["filename"], job["summary"]["annotated_filename"], job["annotated_url"]) == ("-", "", None)
        assert (await office.get(f"/api/v1/profiles/{story.other_id}")).status_code == 200
        assert (await office.get(f"/api/v1/profiles/{story.id}")).status_code == 404
        kept = (await hr.get(f"/api/v1/engagements/{story.engagement}")).json()
        assert (kept["state"], kept["end_reason"]) == ("ended_early", "personal")
        assert (kept["goals"], kept["profile_name"], kept["enterprise_contact"]) == ([], "", None)
        told = (await hr.get("/api/v1/notices")).json()["notices"]
        assert any(one["kind"] == "engagement_ended" for one in told), told
    printed = capsys.readouterr()
    for word in WORDS:
        assert word not in printed.out + printed.err


async def taken_in(stack: Stack) -> None:
    """Wait until the gateway has taken every notice."""
    async with (
        await psycopg.AsyncConnection.connect(stack.matching_url, **connect_options("matching")) as conn,
        asyncio.timeout(60),
    ):
        while (await conn.execute("SELECT FROM notices")).rowcount:  # noqa: ASYNC110 - what the gateway does by itself
            await asyncio.sleep(0.05)


async def vectors(stack: Stack, keys: list[bytes]) -> int:
    """How many of some vectors there are."""
    async with await psycopg.AsyncConnection.connect(stack.matching_url, **connect_options("matching")) as conn:
        query = "SELECT count(*) AS n FROM embeddings WHERE key = ANY(%b::bytea[])"
        row = await (await conn.execute(query, [keys])).fetchone()
    return int(row["n"]) if row else -1


async def room_is_given_back(stack: Stack) -> None:
    """Wait until the deleted rows are gone from the tables that held the most; autovacuum may have been quicker."""
    for schema, url, tables in (
        ("talent", stack.talent_url, ["profiles", "audit_log"]),
        ("matching", stack.matching_url, ["invitations", "engagements", "mentoring_sessions", "audit_log"]),
        ("gateway", stack.gateway_url, ["accounts", "notice_events", "deliveries"]),
    ):
        async with await psycopg.AsyncConnection.connect(url, **connect_options(schema)) as conn:
            for _ in range(200):
                found = await conn.execute(
                    "SELECT relname FROM pg_stat_user_tables"
                    " WHERE relname = ANY(%s) AND vacuum_count + autovacuum_count = 0",
                    [tables],
                )
                if not (left := await found.fetchall()):
                    break
                await asyncio.sleep(0.1)
            assert left == [], schema


async def ended(client: httpx.AsyncClient, address: str, state: str) -> None:
    """Wait until an erasure is so far."""
    for _ in range(1200):
        answer = await client.get(address)
        assert answer.status_code == 200, answer.text
        if answer.json()["state"] == state:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(answer.text)
