"""The snapshot: what is saved comes back, and nothing else is taken for it."""

import errno
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinling_common.types import Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_matching.catalogue.catalogue import Indexed
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.catalogue.snapshot import FORMAT, Content, SnapshotFile
from yinling_matching.converters import profiles
from yinling_matching.domain import Credential, ExperienceItem, Person
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.lexical import prepare
from yinling_matching.vectors import passage_key

MODEL = FakeEmbedder(16)
FULL = Person(
    id="3f0c2a52-0000-4000-8000-000000000001",
    organisation="矿务局",
    name="王工",
    city="攀枝花",
    former_employer="攀枝花煤业",
    last_position="通风科科长",
    title_level=TitleLevel.SENIOR,
    industry="煤炭",
    years=35,
    skills=("矿井通风", "瓦斯治理"),
    experience=(ExperienceItem("通风改造", "攀枝花煤业", 1990, 1995, "主持"),),
    credentials=(Credential("注册安全工程师", "人社部", 2004),),
    bio="三十五年井下通风",
    modes=frozenset({Mode.REMOTE}),
    hours_per_week=8,
    travel=TravelRange.PROVINCE,
    max_distance_km=300,
    limits=frozenset({PhysicalDemand.UNDERGROUND}),
    other_limits=("驾车",),
    languages=("zh", "en"),
    wishes="带徒弟",
    capacity=0,
    available_from=date(2026, 1, 1),
    available_to=date(2027, 1, 1),
    paused=True,
)
PEOPLE = [FULL, Person(id="p2"), *(Person(id=f"q{n}", skills=(f"绝活，绝活{n}",)) for n in range(20))]


def content(people: list[Person], revision: int = 7) -> Content:
    indexed = []
    for person in people:
        facets = tuple(facets_of(person))
        indexed.append(Indexed(person, facets, tuple(passage_key(facet.text) for facet in facets)))
    texts = [facet.text for one in indexed for facet in one.facets]
    terms = prepare(facet.text for one in indexed for facet in one.evidence)
    return Content(revision, indexed, MODEL.encode_passages(texts), datetime(2026, 6, 1, tzinfo=UTC), terms)


def file_in(directory: Path) -> SnapshotFile:
    return SnapshotFile(directory, MODEL.name, 16)


def set_aside(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.bad-*"))


@pytest.mark.parametrize("people", [PEOPLE, [], [Person(id="p2")]])
def test_what_is_saved_comes_back(tmp_path: Path, people: list[Person]) -> None:
    saved = content(people)
    file = file_in(tmp_path / "new" / "directory")
    assert file.load() is None
    file.save(saved)
    loaded = file.load()
    assert loaded is not None
    assert (loaded.revision, loaded.people, loaded.time) == (saved.revision, saved.people, saved.time)
    assert loaded.terms == saved.terms
    assert any(count > 1 for one in loaded.terms or () for count in one.counts.values()) == (people == PEOPLE)
    np.testing.assert_array_equal(loaded.vectors, saved.vectors)


@given(
    st.builds(
        Person,
        id=st.uuids().map(str),
        name=st.text(max_size=5),
        title_level=st.sampled_from(TitleLevel),
        skills=st.lists(st.text(max_size=5), max_size=3).map(tuple),
        modes=st.frozensets(st.sampled_from([Mode.ON_SITE, Mode.REMOTE])),
        travel=st.sampled_from(TravelRange),
        max_distance_km=st.integers(0, 6000),
        limits=st.frozensets(st.sampled_from(PhysicalDemand)),
        capacity=st.none() | st.integers(0, 20),
        available_from=st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
        paused=st.booleans(),
    )
)
def test_a_person_as_bytes(person: Person) -> None:
    assert profiles.from_bytes(profiles.to_bytes(person)) == person


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(data=st.data())
def test_damage_is_noticed_wherever_it_is(tmp_path: Path, data: st.DataObject) -> None:
    file = file_in(tmp_path)
    file.save(content(PEOPLE))
    whole = file.path.read_bytes()
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    file.path.write_bytes(damaged)
    assert file.load() is None
    assert not file.path.exists()
    assert set_aside(tmp_path)
    assert len(set_aside(tmp_path)) <= 2  # bad ones do not fill the disk


@pytest.mark.parametrize(
    "other", [SnapshotFile(Path(), "another-model", 16), SnapshotFile(Path(), MODEL.name, 32)], ids=["name", "length"]
)
def test_another_models_snapshot_is_set_aside(tmp_path: Path, other: SnapshotFile) -> None:
    file_in(tmp_path).save(content(PEOPLE))
    other.path = tmp_path / "catalogue.snapshot"
    assert other.load() is None
    assert len(set_aside(tmp_path)) == 1


def test_another_format_is_set_aside(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.save(content(PEOPLE))
    file.path.write_bytes(file.path.read_bytes().replace(b"snapshot %d\n" % FORMAT, b"snapshot %d\n" % (FORMAT + 1), 1))
    assert file.load() is None
    assert len(set_aside(tmp_path)) == 1


def test_facets_that_are_cut_differently_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_in(tmp_path)
    file.save(content(PEOPLE))
    monkeypatch.setattr("yinling_matching.catalogue.snapshot.facets_of", lambda person: facets_of(person)[1:])
    assert file.load() is None
    assert len(set_aside(tmp_path)) == 1


def test_texts_that_are_cut_differently_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, saved = file_in(tmp_path), content(PEOPLE)
    file.save(saved)
    monkeypatch.setattr("yinling_matching.catalogue.snapshot.cutting", lambda: "another version")
    loaded = file.load()
    assert loaded is not None
    assert (loaded.people, loaded.terms) == (saved.people, None)


def test_one_without_terms_is_read(tmp_path: Path) -> None:
    file, saved = file_in(tmp_path), replace(content(PEOPLE), terms=None)
    file.save(saved)
    loaded = file.load()
    assert loaded is not None
    assert (loaded.people, loaded.terms) == (saved.people, None)


def test_terms_of_others_are_not_taken(tmp_path: Path) -> None:
    file, saved = file_in(tmp_path), content(PEOPLE)
    file.save(replace(saved, terms=content(PEOPLE[1:]).terms))
    assert file.load() is None
    assert len(set_aside(tmp_path)) == 1


def test_a_full_disk_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_in(tmp_path)
    file.save(content(PEOPLE, revision=1))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        file.save(content(PEOPLE, revision=2))
    loaded = file.load()
    assert loaded is not None
    assert loaded.revision == 1
    assert os.listdir(tmp_path) == ["catalogue.snapshot"]  # noqa: PTH208 - names are enough


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    old, fresh = (tmp_path / f"catalogue.snapshot.tmp-{name}" for name in ("old", "fresh"))
    old.touch()
    fresh.touch()  # another replica writes it just now
    os.utime(old, (0, 0))
    file_in(tmp_path).load()
    assert not old.exists()
    assert fresh.exists()


def test_a_directory_in_its_place_is_no_end(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.path.mkdir()
    assert file.load() is None
