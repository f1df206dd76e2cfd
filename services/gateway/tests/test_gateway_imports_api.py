"""Roster imports over REST."""

import asyncio
import json
import tempfile
from pathlib import Path

import httpx
import psycopg
import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness, running_gateway, sign_in
from yinling_gateway.testing.harness import ORGANISATION

GOOD = "姓名,工号,城市\n王建国,1,攀枝花\n李敏,2,成都\n,3,成都\n"
LONG = "姓名,工号\n" + "".join(f"第{n}人,{n}\n" for n in range(2000))
"""Takes minutes, where each row takes a moment."""


async def test_an_upload_is_taken_and_reported(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        job = await _upload(client, GOOD.encode())
        assert job.status_code == 202, job.text
        assert job.headers["location"] == f"/api/v1/imports/{job.json()['id']}"
        done = await _ended(client, job)
        assert done["state"] == "done"
        assert done["organisation"] == ORGANISATION
        assert done["rows_done"] == done["rows_total"] == 3
        assert {name: done["summary"][name] for name in ("rows", "created", "failed")} == {
            "rows": 3,
            "created": 2,
            "failed": 1,
        }
        assert done["issues"] == 1
        issue = done["issue_page"][0]
        assert (issue["row"], issue["column"], issue["severity"]) == (4, "姓名", "error")
        assert issue["reason"]
        assert issue["advice"]
        copy = await client.get(done["annotated_url"])
        assert copy.content == b"PK annotated"
        assert "attachment" in copy.headers["content-disposition"]
        assert "%E5%90%8D%E5%86%8C" in copy.headers["content-disposition"]
        listed = (await client.get("/api/v1/imports")).json()["imports"]
        assert [j["id"] for j in listed] == [done["id"]]
        again = await _ended(client, await _upload(client, GOOD.encode()))
        assert again["summary"]["created"] == 0
        assert again["summary"]["unchanged"] == 2


async def test_an_identity_number_in_the_name_of_a_file_is_not_kept(gateway: Harness) -> None:
    files = {"file": ("王建国510402195001011234.csv", GOOD.encode())}
    async with gateway.signed_in(Role.COORDINATOR) as client:
        done = await _ended(client, await client.post("/api/v1/imports", files=files))
        listed = (await client.get("/api/v1/imports")).json()["imports"]
    assert done["filename"] == listed[0]["filename"] == f"王建国51{'*' * 16}.csv"
    assert "195001011234" not in json.dumps([done, listed])


@pytest.mark.parametrize("content", [b"%PDF-1.7 renamed", b"\x00\x01\xff"])
async def test_a_file_that_is_no_roster_is_refused_and_leaves_nothing(gateway: Harness, content: bytes) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        refused = await _upload(client, content)
        assert refused.status_code == 422, refused.text
        assert refused.json()["reason"] == "UNREADABLE_FILE"
        assert (await client.get("/api/v1/imports")).json()["imports"] == []
    assert not gateway.services.talent.profiles.items


@pytest.mark.parametrize("size", [100, 3 << 20], ids=["kept in memory", "kept on the disk while it comes in"])
async def test_a_full_disk_is_told_and_leaves_nothing(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        with monkeypatch.context() as full:
            full.setattr(tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("w+b", 0))  # noqa: SIM115 - its maker closes it
            refused = await _upload(client, GOOD.encode().ljust(size))
        assert refused.status_code == 507, refused.text
        assert refused.json()["reason"] == "STORAGE_FULL"
        assert (await client.get("/api/v1/imports")).json()["imports"] == []
        assert (await _ended(client, await _upload(client, GOOD.encode())))["summary"]["created"] == 2
    assert len(gateway.services.talent.profiles.items) == 2


async def test_an_empty_file_no_file_and_too_much_file(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        empty = await _upload(client, b"")
        assert empty.status_code == 422
        assert (empty.json()["errors"][0]["field"], empty.json()["errors"][0]["rule"]) == ("file", "file.empty")
        for data in ({}, {"file": "text"}):
            missing = await client.post("/api/v1/imports", data=data, files={"other": b"x"})
            assert missing.status_code in {400, 422}, missing.text
        large = await _upload(client, b"x" * (gateway.parts.settings.max_upload + 1))
        assert large.status_code == 413
        flag = await client.post("/api/v1/imports", data={"validate_only": "maybe"}, files={"file": ("a.csv", b"x")})
        assert flag.json()["errors"][0]["field"] == "validate_only"


async def test_a_refusal_arrives_though_much_is_still_to_be_sent(gateway: Harness) -> None:
    files = {"file": ("名" * 256 + ".csv", b"x" * 3_000_000)}
    async with gateway.signed_in(Role.COORDINATOR) as client:
        for _ in range(5):
            refused = await client.post("/api/v1/imports", files=files)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")


async def test_checking_alone_writes_nothing(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        done = await _ended(client, await _upload(client, GOOD.encode(), validate_only="true"))
    assert done["summary"]["created"] == 2
    assert done["validate_only"] is True
    assert not gateway.services.talent.profiles.items


async def test_progress_comes_as_events(gateway: Harness) -> None:
    gateway.services.talent.import_delay = 0.1
    async with gateway.signed_in(Role.COORDINATOR) as client:
        job = (await _upload(client, LONG.encode())).json()
        events = []
        async with client.stream("GET", f"/api/v1/imports/{job['id']}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    events.append(line.removeprefix("event: "))
                    if events.count("progress") == 2:
                        gateway.services.talent.import_delay = 0
                elif line.startswith("data: "):
                    last = json.loads(line.removeprefix("data: "))
    assert events[-1] == "end"
    assert events.count("progress") >= 2
    assert last["state"] == "done"
    assert last["rows_done"] == 2000


async def test_another_organisations_import_is_not_there(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        job = (await _upload(client, GOOD.encode())).json()
    async with gateway.signed_in(Role.COORDINATOR, "other", organisation="鞍钢集团") as other:
        for path in ("", "/events", "/annotated"):
            assert (await other.get(f"/api/v1/imports/{job['id']}{path}")).status_code == 404
        assert (await other.get("/api/v1/imports")).json()["imports"] == []
    async with gateway.signed_in(Role.ADMIN) as admin:
        assert (await admin.get(f"/api/v1/imports/{job['id']}")).status_code == 200


async def test_an_administrators_import_is_for_administrators_alone(gateway: Harness) -> None:
    """It may hold people of any organisation, though it was uploaded for one."""
    async with gateway.signed_in(Role.ADMIN) as admin:
        job = await _upload(admin, GOOD.encode(), organisation=ORGANISATION)
        done = await _ended(admin, job)
        assert done["organisation"] == ORGANISATION
        assert (await admin.get(done["annotated_url"])).status_code == 200
        assert [j["id"] for j in (await admin.get("/api/v1/imports")).json()["imports"]] == [done["id"]]
    async with gateway.signed_in(Role.COORDINATOR) as client:
        for path in ("", "/events", "/annotated"):
            assert (await client.get(f"/api/v1/imports/{done['id']}{path}")).status_code == 404
        assert (await client.get(f"/imports/{done['id']}")).status_code == 404
        assert (await client.get("/api/v1/imports")).json()["imports"] == []


async def test_an_upload_for_another_organisation_stands_in_no_list_of_theirs(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused when its turn comes; until then, and then, it is the uploader's own."""
    async with (
        gateway.signed_in(Role.COORDINATOR) as client,
        gateway.signed_in(Role.COORDINATOR, "other", organisation="鞍钢集团") as other,
    ):
        monkeypatch.setattr(gateway.parts.imports, "_turn", asyncio.Semaphore(0))
        monkeypatch.setattr(gateway.parts.settings, "import_answer_wait", 0.0)
        job = await _upload(client, GOOD.encode(), organisation="鞍钢集团")
        assert (await other.get("/api/v1/imports")).json()["imports"] == []
        assert job.status_code == 202, job.text
        assert [j["id"] for j in (await client.get("/api/v1/imports")).json()["imports"]] == [job.json()["id"]]


async def test_issues_come_in_pages(gateway: Harness) -> None:
    rows = "姓名,工号\n" + "".join(f",{n}\n" for n in range(5))
    async with gateway.signed_in(Role.COORDINATOR) as client:
        job = await _ended(client, await _upload(client, rows.encode()))
        seen, token = [], ""
        while True:
            parameters = {"page_size": 2, "page_token": token}
            page = (await client.get(f"/api/v1/imports/{job['id']}", params=parameters)).json()
            seen += [issue["row"] for issue in page["issue_page"]]
            token = page["next_page_token"]
            if not token:
                break
    assert seen == [2, 3, 4, 5, 6]


async def test_talent_away_at_the_start_is_503_and_later_a_failed_job(gateway: Harness) -> None:
    gateway.services.talent.import_delay = 0.3
    async with gateway.signed_in(Role.COORDINATOR) as client:
        job = await _upload(client, LONG.encode())
        assert job.status_code == 202
        await gateway.services.talent_server.stop()
        failed = await _ended(client, job)
        assert failed["state"] == "failed"
        assert failed["problem"]["reason"] == "SERVICE_UNAVAILABLE"
        away = await _upload(client, GOOD.encode())
        assert away.status_code == 503
        assert "retry-after" in away.headers
        assert len((await client.get("/api/v1/imports")).json()["imports"]) == 1


async def test_an_import_whose_gateway_died_is_marked_and_others_are_left(
    gateway: Harness, gateway_database: str
) -> None:
    gateway.services.talent.import_delay = 0.3
    insert = (
        "INSERT INTO gateway.imports (organisation, by_admin, filename, size, validate_only, state, heartbeat_time)"
        " VALUES (%s, false, 'a.csv', 1, false, 'running', now() - interval '1 hour') RETURNING id"
    )
    async with gateway.signed_in(Role.COORDINATOR) as client:
        running = (await _upload(client, LONG.encode())).json()["id"]
        async with await psycopg.AsyncConnection.connect(gateway_database) as connection:
            row = await (await connection.execute(insert, [ORGANISATION])).fetchone()
            assert row is not None
            await connection.commit()
        dead = f"/api/v1/imports/{row[0]}"
        async with asyncio.timeout(60):
            while (await client.get(dead)).json()["state"] != "interrupted":  # noqa: ASYNC110 - what the gateway does by itself
                await asyncio.sleep(0.1)
        assert (await client.get(f"/api/v1/imports/{running}")).json()["state"] == "running"


async def test_a_gateway_that_stops_marks_its_imports(gateway: Harness) -> None:
    gateway.services.talent.import_delay = 0.3
    async with running_gateway(gateway.parts.settings, gateway.services) as second:
        await second.account(Role.COORDINATOR)
        async with second.client() as client:
            await sign_in(client, "coordinator")
            job = (await _upload(client, LONG.encode())).json()
            assert job["state"] == "running"
    async with gateway.client() as client:
        await sign_in(client, "coordinator")
        stopped = (await client.get(f"/api/v1/imports/{job['id']}")).json()
    assert stopped["state"] == "interrupted"


async def test_the_template_is_a_download(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        template = await client.get("/api/v1/roster-template")
    assert template.content == b"PK template"
    assert template.headers["content-type"].endswith("spreadsheetml.sheet")


async def _upload(client: httpx.AsyncClient, content: bytes, **data: str) -> httpx.Response:
    return await client.post("/api/v1/imports", data=data, files={"file": ("名册.csv", content)})


async def _ended(client: httpx.AsyncClient, job: httpx.Response) -> dict:  # type: ignore[type-arg] # JSON
    async with asyncio.timeout(60):
        while True:
            state: dict = (await client.get(job.headers["location"])).json()  # type: ignore[type-arg] # JSON
            if state["state"] != "running":
                return state
            await asyncio.sleep(0.05)
