"""docker-compose.yml as an operator uses it. The order of the tests matters."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from yinling_runner import sample
from yinling_runner.client import ApiProblem, Client
from yinling_runner.testing import until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]

RUNNING = ("postgres", "talent", "matching", "gateway")
DEADLINE = 30.0
"""Seconds within which every answer must come, whatever is away; most take five. Others may be working here too."""


def ask(compose: Any, request_id: str) -> dict[str, Any]:
    with compose.client() as api:
        answer: dict[str, Any] = api.get(f"/api/v1/mentoring-requests/{request_id}/suggestions", limit=5)
        return answer


def refused(compose: Any, path: str) -> httpx.Response:
    """The 503 that a path is answered with, in time and with advice when to try again."""
    asked = time.monotonic()
    response = httpx.get(
        f"{compose.url}{path}", headers={"X-API-Key": compose.admin_key}, timeout=2 * DEADLINE, trust_env=False
    )
    assert time.monotonic() - asked < DEADLINE
    assert response.status_code == 503, response.text
    assert int(response.headers["Retry-After"]) >= 1
    assert response.headers["Content-Type"] == "application/problem+json"
    return response


@pytest.fixture(scope="module")
def request_id(compose: Any) -> str:
    """A request that HR has posted after the roster was imported, both through the published port."""
    with compose.client() as api:
        job = api.import_roster(sample.roster_path(), organisation="试用单位", progress=lambda done, total: None)
        assert job["state"] == "done", job
        assert job["summary"]["failed"] == 0
        assert job["summary"]["created"] >= 200
        body = sample.requests()[0]
        hr = {"username": "hr", "password": "a password of HR", "role": "hr", "organisation": body["organisation"]}
        api.post("/api/v1/accounts", hr)
        api.post("/api/v1/accounts", hr | {"username": "office", "role": "coordinator"})
    with Client(compose.url) as person:
        me = person.post("/api/v1/auth/sign-in", {"username": "hr", "password": hr["password"]})
        headers = {"X-CSRF-Token": me["csrf_token"]}
        posted = person.call("POST", "/api/v1/mentoring-requests", json=body, headers=headers).json()
    until(compose.ready, 300)  # ready: the index has everybody
    return str(posted["id"])


def test_mentors_are_found_with_reasons(compose: Any, request_id: str) -> None:
    answer = ask(compose, request_id)
    assert answer["verdict"] == "ranked"
    assert any(evidence["found"] for evidence in answer["suggestions"][0]["evidence"])


def test_the_gateway_alone_is_published(compose: Any) -> None:
    published = {
        service: compose.inspect(container)["HostConfig"]["PortBindings"]
        for service in RUNNING
        for container in compose.containers(service)
    }
    assert [service for service, ports in published.items() if ports] == ["gateway"]
    assert published["gateway"] == {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(compose.port)}]}
    networks = compose.inspect(compose.containers("postgres")[0])["NetworkSettings"]["Networks"]
    assert list(networks) == ["yinling-test_back"]


@pytest.mark.parametrize("service", RUNNING)
def test_containers_can_do_little(compose: Any, service: str) -> None:
    assert compose("exec", "-T", service, "id", "-u").strip() not in {"", "0"}
    for path in ("/written", "/opt/written", "/usr/written"):
        assert "written" not in compose(
            "exec", "-T", service, "sh", "-c", f"touch {path} 2>/dev/null && ls {path}", check=False
        )
    host = compose.inspect(compose.containers(service)[0])["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] > 0


def test_a_service_reaches_its_own_schema_alone(compose: Any) -> None:
    script = (
        "import os, psycopg; url = open('/run/secrets/talent_database_url').read().strip()\n"
        "with psycopg.connect(url) as connection:\n"
        "    print(connection.execute('SELECT count(*) FROM talent.migrations').fetchone()[0])\n"
        "    connection.execute('SELECT * FROM gateway.migrations')\n"
    )
    said = compose("exec", "-T", "talent", "sh", "-c", f'python -c "{script}" 2>&1', check=False)
    assert said.splitlines()[0].isdigit(), said
    assert "permission denied for schema gateway" in said


def test_images_without_the_model_have_no_torch(compose: Any) -> None:
    for service in ("talent", "gateway"):
        said = compose("exec", "-T", service, "sh", "-c", "python -c 'import torch' 2>&1", check=False)
        assert "No module named 'torch'" in said


def test_without_matching_there_is_a_clear_error_and_then_recovery(compose: Any, request_id: str) -> None:
    before = ask(compose, request_id)
    compose.docker("kill", "--signal", "KILL", *compose.containers("matching"))
    problem = refused(compose, f"/api/v1/mentoring-requests/{request_id}/suggestions").json()
    assert problem["reason"] in {"SERVICE_UNAVAILABLE", "DEADLINE_EXCEEDED"}
    with compose.client() as api:
        assert api.get("/api/v1/profiles", page_size=1)["profiles"], "profiles do not need matching"
    compose("start", "matching")  # Docker restarts what crashes, not what somebody killed through it
    until(compose.ready, 300)
    after = ask(compose, request_id)
    assert after["people"] == before["people"]
    assert [s["profile_id"] for s in after["suggestions"]] == [s["profile_id"] for s in before["suggestions"]]
    with compose.client() as api:
        assert api.get("/api/v1/index-status")["texts_embedded"] == 0, "the snapshot or the kept vectors were not used"


def test_without_talent_people_are_still_suggested(compose: Any, request_id: str) -> None:
    compose.docker("kill", "--signal", "KILL", *compose.containers("talent"))
    refused(compose, "/api/v1/profiles")
    time.sleep(1)  # for so long an answer of /readyz is given again
    until(lambda: not compose.ready(), 300)
    refused(compose, "/readyz")
    assert ask(compose, request_id)["suggestions"]
    compose("start", "talent")
    until(compose.ready, 300)


def test_what_crashes_is_started_again(compose: Any) -> None:
    container = compose.containers("talent")[0]
    pid = compose.inspect(container)["State"]["Pid"]
    if not Path(f"/proc/{pid}").exists():
        pytest.skip("the engine runs on another machine")
    os.kill(pid, signal.SIGKILL)
    until(lambda: compose.inspect(container)["RestartCount"] >= 1, 300)
    until(compose.ready, 300)


def test_without_postgresql_there_is_a_clear_error_and_then_recovery(compose: Any, request_id: str) -> None:
    before = ask(compose, request_id)
    with compose.client() as api:
        profiles = len(list(api.pages("/api/v1/profiles", "profiles")))
    compose.docker("kill", "--signal", "KILL", *compose.containers("postgres"))
    problem = refused(compose, "/api/v1/profiles").json()
    assert problem["reason"] in {"DATABASE_UNAVAILABLE", "SERVICE_UNAVAILABLE", "DEADLINE_EXCEEDED"}
    time.sleep(1)  # for so long an answer of /readyz is given again
    until(lambda: not compose.ready(), 300)
    refused(compose, "/readyz")
    compose("start", "postgres")
    until(compose.ready, 300)
    after = ask(compose, request_id)
    assert after["people"] == before["people"]
    with compose.client() as api:
        assert len(list(api.pages("/api/v1/profiles", "profiles"))) == profiles


def test_with_two_replicas_of_matching_one_can_be_lost(compose: Any, request_id: str) -> None:
    first = compose.containers("matching")
    compose("up", "-d", "--wait", "--no-recreate", "--scale", "matching=2", timeout=300)
    assert len(compose.containers("matching")) == 2
    for _ in range(10):
        assert ask(compose, request_id)["suggestions"]
    compose.docker("kill", "--signal", "KILL", *first)

    def answered() -> bool:
        with contextlib.suppress(ApiProblem):
            return bool(ask(compose, request_id)["suggestions"])
        return False

    until(answered, 300)
    for _ in range(10):
        assert ask(compose, request_id)["suggestions"]


def test_a_backup_comes_back_on_an_empty_volume(compose: Any, request_id: str, tmp_path: Path) -> None:
    """As docs/operations.md tells it. The last test: everything is thrown away on the way."""
    before = ask(compose, request_id)
    dump = "pg_dump -U yinling -Fc yinling | base64"
    (tmp_path / "dump").write_text(compose("exec", "-T", "postgres", "sh", "-c", dump))
    compose("down", "-v", timeout=180)
    compose("up", "-d", "--wait", "postgres")
    restore = "base64 -d | pg_restore -U yinling -d yinling --clean --if-exists --exit-on-error"
    compose("exec", "-T", "postgres", "sh", "-c", restore, stdin=(tmp_path / "dump").read_text())
    compose("up", "-d", "--wait", timeout=600)
    until(compose.ready, 300)
    after = ask(compose, request_id)
    assert after["people"] == before["people"]
    assert [s["profile_id"] for s in after["suggestions"]] == [s["profile_id"] for s in before["suggestions"]]
    with compose.client() as api:
        assert api.get("/api/v1/index-status")["texts_embedded"] == 0
