import os
import subprocess
import sys
from pathlib import Path

import pytest

from yinling_runner.credentials import Credentials, SignIn, load, new_password, save
from yinling_runner.layout import SOCKET_PATH_LIMIT, DataDirectory, Running
from yinling_runner.problems import Problem
from yinling_runner.stack import Options, Stack
from yinling_runner.target import connect


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    data = DataDirectory(tmp_path / "data")
    data.create()
    return data


def test_nothing_runs_from_a_new_directory(data: DataDirectory) -> None:
    assert data.running() is None


def test_what_runs_is_found_again(data: DataDirectory) -> None:
    running = Running(os.getpid(), "http://127.0.0.1:1", {"talent": 2}, "postgresql://")
    data.write_running(running)
    assert data.running() == running
    data.clear_running()
    assert data.running() is None


def test_what_was_left_by_a_process_that_is_gone_does_not_run(data: DataDirectory) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    data.write_running(Running(gone.pid, "http://127.0.0.1:1", {}, ""))
    assert data.running() is None


def test_each_database_has_its_own_snapshots(data: DataDirectory) -> None:
    urls = ["", "postgresql://a:one@db/one", "postgresql://a:one@db/two", "postgresql://a:one@other/one", "not a url"]
    assert len({data.snapshots_of(url) for url in urls}) == len(urls)
    assert data.snapshots_of("") == data.snapshots
    assert data.snapshots_of("postgresql://a:another@db/one") == data.snapshots_of(urls[1])


def test_the_services_are_told_of_the_databases_snapshots(data: DataDirectory) -> None:
    url = "postgresql://a:one@db/one"
    for given, used in ((url, url), ("", "postgresql:///own")):
        stack = Stack(data, Options(database_url=given), lambda *line: None)
        assert stack._settings(used, 1)["YINLING_MATCHING_SNAPSHOT_DIR"] == str(data.snapshots_of(given))


def test_one_process_at_a_time_has_the_directory(data: DataDirectory) -> None:
    data.acquire()
    data.write_running(Running(os.getpid(), "http://127.0.0.1:1", {}, ""))
    with pytest.raises(Problem, match=rf"already runs from .*: process {os.getpid()}, at http://127.0.0.1:1"):
        DataDirectory(data.path).acquire()


def test_a_directory_that_cannot_be_made_is_a_problem_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem) as caught:
        DataDirectory(tmp_path / "file" / "data").create()
    assert "--data-dir" in caught.value.advice


def test_a_long_path_does_not_break_the_socket(tmp_path: Path) -> None:
    assert len(os.fsencode(DataDirectory(tmp_path / ("x" * 100)).socket_directory())) <= SOCKET_PATH_LIMIT


def test_secrets_come_back_and_are_readable_by_their_owner_alone(data: DataDirectory) -> None:
    kept = Credentials("ylk_1", [SignIn("hr", new_password(), "hr", "甲公司")])
    save(data, kept)
    assert load(data) == kept
    assert data.credentials.stat().st_mode & 0o777 == 0o600


def test_damaged_secrets_are_a_problem_with_advice(data: DataDirectory) -> None:
    data.credentials.write_text("{", encoding="utf-8")
    with pytest.raises(Problem, match="cannot be read") as caught:
        load(data)
    assert "move the file away" in caught.value.advice


def test_passwords_differ_and_are_long_enough() -> None:
    passwords = {new_password() for _ in range(100)}
    assert len(passwords) == 100
    assert min(map(len, passwords)) >= 16


def test_a_kept_key_goes_to_no_other_address(data: DataDirectory) -> None:
    save(data, Credentials("ylk_kept"))
    data.write_running(Running(os.getpid(), "http://127.0.0.1:1", {}, ""))
    with connect(data.path, "", "") as own:
        assert own.url == "http://127.0.0.1:1"
    with pytest.raises(Problem, match=r"no API key for http://example\.com"):
        connect(data.path, "http://example.com", "")
