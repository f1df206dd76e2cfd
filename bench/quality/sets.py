"""The labelled sets as profiles and requests. What they are and what they are judged by stands beside the data."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yinling.talent.v1 import talent_pb2

from yinling_matching.scoring import PointKind


@dataclass(frozen=True)
class Corpus:
    """People to be ranked.

    Attributes:
        organisation: Keeps them; no other set has it.
        profiles: Each with the set's own id as name and employee number.
    """

    organisation: str
    profiles: list[talent_pb2.Profile]


@dataclass(frozen=True)
class Query:
    """One request, with the set's own id. Only the judged set has requirements."""

    id: str
    title: str
    description: str = ""
    requirements: tuple[tuple[str, PointKind], ...] = ()


@dataclass(frozen=True)
class LabelledSet:
    """Requests and the people they are put to."""

    name: str
    corpus: Corpus
    queries: list[Query]


def read(data: Path) -> list[LabelledSet]:
    """All sets, in the order in which they are reported."""
    titles = {language: _titles(data, language) for language in ("zh", "en")}
    asked = {language: _title_queries(data, language) for language in ("zh", "en")}
    return [
        LabelledSet("expertise_en", _experts(data), _papers(data)),
        LabelledSet("titles_zh", titles["zh"], asked["zh"]),
        LabelledSet("titles_en", titles["en"], asked["en"]),
        LabelledSet("titles_zh_en", titles["en"], asked["zh"]),
        LabelledSet("titles_en_zh", titles["zh"], asked["en"]),
        LabelledSet("occupations", _occupations(data), _aliases(data)),
        LabelledSet("abstracts", _abstracts(data), _abstract_titles(data)),
    ]


def _experts(data: Path) -> Corpus:
    """An expert's papers are what they have done: one experience item each."""

    def profile(expert: dict[str, list[dict[str, str]]]) -> talent_pb2.Profile:
        return talent_pb2.Profile(
            experience=[
                talent_pb2.ExperienceItem(title=paper["title"], description=paper["abstract"] or "")
                for paper in expert["papers"]
            ]
        )

    return corpus_of("experts", [(e["id"], profile(e)) for e in _json_lines(data / "expertise_en" / "experts.jsonl")])


def _papers(data: Path) -> list[Query]:
    """A paper that needs a reviewer is a request for one who can judge it."""
    papers = _json_lines(data / "expertise_en" / "requests.jsonl")
    return [Query(paper["id"], paper["title"], paper["abstract"] or "") for paper in papers]


def _titles(data: Path, language: str) -> Corpus:
    rows = _table(data / "job_titles_zh_en" / f"corpus.{language}.tsv")
    return corpus_of(f"titles_{language}", [(r["c_id"], talent_pb2.Profile(last_position=r["jobtitle"])) for r in rows])


def _title_queries(data: Path, language: str) -> list[Query]:
    return [Query(r["q_id"], r["jobtitle"]) for r in _table(data / "job_titles_zh_en" / f"queries.{language}.tsv")]


def _occupations(data: Path) -> Corpus:
    """An occupation is somebody who has it: its name is their position, its tasks are what they did."""

    def profile(occupation: dict[str, str]) -> talent_pb2.Profile:
        tasks = occupation["tasks"]
        item = talent_pb2.ExperienceItem(title=occupation["name"], description=tasks)
        return talent_pb2.Profile(
            last_position=occupation["name"], bio=occupation["definition"], experience=[item] if tasks else []
        )

    # Two of them stand there twice, word for word.
    occupations = {o["code"]: o for o in _json_lines(data / "occupations_zh" / "occupations.jsonl")}
    return corpus_of("occupations", [(code, profile(o)) for code, o in occupations.items()])


def _aliases(data: Path) -> list[Query]:
    return [Query(row["alias"], row["alias"]) for row in _table(data / "occupations_zh" / "aliases.dev.tsv")]


def _abstracts(data: Path) -> Corpus:
    papers = _json_lines(data / "abstracts_zh" / "abstracts.dev.jsonl")
    return corpus_of("abstracts", [(str(p["id"]), talent_pb2.Profile(bio=p["abstract"])) for p in papers])


def _abstract_titles(data: Path) -> list[Query]:
    papers = _json_lines(data / "abstracts_zh" / "abstracts.dev.jsonl")
    return [Query(str(paper["id"]), paper["title"]) for paper in papers]


def corpus_of(name: str, profiles: list[tuple[str, talent_pb2.Profile]]) -> Corpus:
    """Profiles as those of an organisation of its own, each with the id by which the set knows it."""
    organisation = f"quality:{name}"
    for number, profile in profiles:
        profile.organisation = organisation
        profile.name = profile.employee_number = number
        profile.consent.granted = True
    return Corpus(organisation, [profile for _, profile in profiles])


def _json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
