"""What the judged set says of a run, beside simple peers that rank the same people."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality import judged
from bench.quality.metrics import mean_of, ndcg, precision, quadratic_kappa
from bench.quality.sample.pool import by_bare_model, by_letters, sample_requests
from bench.quality.sets import LabelledSet
from yinling_matching.converters.profiles import person

Values = NDArray[np.float64]


def markdown(one: LabelledSet, run: Path) -> str:
    """Agreement of the readings, and the measures of the run and of its peers with their intervals."""
    requests, people = sample_requests(), [person(profile) for profile in one.corpus.profiles]
    rankings = {
        "Yinling": _of_run(one, run),
        "plain dense: the same model, one vector a request and one a person": by_bare_model(requests, people),
        "BM25 over words and pairs of characters": by_letters(requests, people),
    }
    return f"{agreement(judged.grades())}\n\n{measures(one, rankings)}"


def agreement(judgements: judged.Grades) -> str:
    """How far the two readings agree."""
    first, second = (np.array(grades, dtype=np.float64) for grades in zip(*judgements.values(), strict=True))
    either = (first > 0) | (second > 0)
    return (
        f"Two readings of {len(judgements)} pairs: quadratic kappa {quadratic_kappa(first, second, 3):.3f}; the same "
        f"grade for {(first == second).mean():.1%}, and for {(first == second)[either].mean():.1%} of the "
        f"{np.count_nonzero(either)} pairs that either graded above 0."
    )


def measures(one: LabelledSet, rankings: Mapping[str, Values]) -> str:
    """A table of rankings, each of shape (queries, people).

    Where nobody has a grade above 0 there is no nDCG. Of the first five hardly ever all can be good.
    """
    names = [profile.name for profile in one.corpus.profiles]
    grades = judged.by_request(judged.grades(), [query.id for query in one.queries], names)
    good = grades >= judged.GOOD
    lines = ["| sample, judged | nDCG@10 | P@5 |", "| --- | --- | --- |"]
    for name, scores in rankings.items():
        gain = mean_of(np.array([ndcg(*row) for row in zip(scores, grades, strict=True)]))
        first = mean_of(np.array([precision(*row) for row in zip(scores, good, strict=True)]))
        lines.append(f"| {name} | {gain} | {first} |")
    best = np.minimum(good.sum(axis=1), 5).mean() / 5
    lines.append(f"| the best there could be | 1.000 | {best:.3f} |")
    return "\n".join(lines) + "\n"


def _of_run(one: LabelledSet, run: Path) -> Values:
    rows = {query.id: row for row, query in enumerate(one.queries)}
    columns = {profile.name: column for column, profile in enumerate(one.corpus.profiles)}
    scores = np.full((len(rows), len(columns)), -np.inf)  # of people of whom nothing can be said
    with run.open(encoding="utf-8") as lines:
        for line in lines:
            query, _, name, _, score, _ = line.rsplit(maxsplit=5)
            scores[rows[query], columns[name]] = float(score)
    return scores
