"""What encoders do on the labelled sets: `python -m bench.encoder.compare --sources DIR --data ../shared/data`.

DIR as for `bench.encoder.train`. Prints a table for docs/benchmarks.md: the plain model, centred, and with matrices
learnt from all pairs, from some of them, and by simpler means.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

from bench.encoder.learning import Kind, embedded, learn
from bench.encoder.sets import Side, figures
from bench.encoder.sets import embedded as embedded_sets
from bench.encoder.train import add_arguments, centred, plain, read
from bench.encoder.vectors import Kept
from yinling_matching.embedding import Vectors
from yinling_matching.embedding.adapter import Adapter
from yinling_matching.embedding.centred import SHARE, languages, with_passages
from yinling_matching.embedding.reference import PASSAGES, QUERIES

COLUMNS = (
    ("expertise_en", "loss"),
    ("expertise_en", "easy"),
    ("expertise_en", "hard"),
    ("titles_zh", "MAP"),
    ("titles_en", "MAP"),
    ("titles_zh_en", "MAP"),
    ("titles_en_zh", "MAP"),
    ("occupations", "acc@1"),
    ("occupations", "MRR"),
    ("abstracts", "P@10"),
)
Way = Callable[[Side], Vectors]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.encoder.compare", description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    arguments = parser.parse_args()
    model = plain(arguments.threads)
    sets = embedded_sets(arguments.data, model, arguments.kept)
    sides = Kept(model, arguments.kept, "queries"), Kept(model, arguments.kept)
    asked = Side(list(QUERIES), sides[0](QUERIES), sides[1](QUERIES))
    found = Side(list(PASSAGES), None, sides[1](PASSAGES))
    kinds = embedded(read(arguments.sources), Kept(centred(arguments.threads), arguments.kept))
    print("| encoder | " + " | ".join(f"{name} {measure}" for name, measure in COLUMNS) + " |")
    print("| --- |" + " --- |" * len(COLUMNS))
    for label, way in _ways(asked, found, kinds):
        scores = figures(sets, way, arguments.data.resolve().parent / "tools" / "score_runs.py")
        print(f"| {label} | " + " | ".join(f"{scores[name][m]:.3f}"[1:] for name, m in COLUMNS) + " |", flush=True)


def _ways(asked: Side, found: Side, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Way]]:
    yield "plain, what is asked as a query", lambda side: side.passages if side.queries is None else side.queries
    yield "seen from both sides", _both
    before = _centred(asked, found, SHARE)
    yield f"and {SHARE:.0%} of the mean taken off, by language (as it was)", before
    for share in (0.5, 1.0):
        yield f"the same with {share:.0%}", _centred(asked, found, share)
    reference = np.concatenate([before(asked), before(found)])
    directions = np.linalg.svd(reference - reference.mean(axis=0), full_matrices=False)[2]
    for count in (1, 3, 8):
        top = directions[:count]
        yield f"all but the {count} strongest directions", _bent(before, -top.T @ top)
    yield "whitened by what differs within pairs", _bent(before, _whitening(kinds, 4.0))
    learnt = learn(kinds)
    yield "**learnt from all pairs**", _bent(before, learnt)
    values, vectors = np.linalg.eigh(learnt)
    strongest = np.argsort(-abs(values))[:64]
    low = (vectors[:, strongest] * values[strongest]) @ vectors[:, strongest].T
    yield "of that the 64 strongest directions", _bent(before, low)
    for temperature in (0.05, 0.2):
        yield f"learnt at temperature {temperature}", _bent(before, learn(kinds, runs=1, temperature=temperature))
    for label, prefixes in {
        "the 大典": ("dadian",),
        "ESCO, ISCO and O*NET": ("esco", "isco", "onet"),
        "manuals": ("manual",),
        "occupations and skills": ("dadian", "esco", "isco", "onet"),
    }.items():
        rest = {kind: pairs for kind, pairs in kinds.items() if not kind.startswith(prefixes)}
        yield f"learnt without {label}", _bent(before, learn(rest))


def _both(side: Side) -> Vectors:
    return side.passages if side.queries is None else with_passages(side.queries, side.passages)


def _centred(asked: Side, found: Side, share: float) -> Way:
    """As `CentredEmbedder` does it, with another share."""
    means = [
        np.stack([_both(side)[languages(side.texts) == language].mean(axis=0) for language in (0, 1)])
        for side in (asked, found)
    ]

    def way(side: Side) -> Vectors:
        taken_off = np.float32(share) * means[int(side.queries is None)]
        return _unit(_both(side) - taken_off[languages(side.texts)])

    return way


def _bent(before: Way, matrix: Vectors) -> Way:
    adapter = Adapter(matrix, made_for="")
    return lambda side: adapter(before(side))


def _whitening(kinds: Mapping[str, Kind], shrink: float) -> Vectors:
    """What is left of a direction is the less, the more the two texts of a pair differ in it."""
    differences = [kind.left - kind.right for kind in kinds.values()]
    spread = torch.stack([difference.T @ difference / len(difference) for difference in differences]).mean(dim=0)
    values, vectors = np.linalg.eigh(spread.numpy())
    scale = (values + shrink * values.mean()) ** -0.5
    matrix: Vectors = (vectors * (scale / scale.mean())) @ vectors.T - np.eye(len(values), dtype=np.float32)
    return matrix


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return unit


if __name__ == "__main__":
    main()
