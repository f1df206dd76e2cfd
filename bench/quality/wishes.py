"""How often a wish of a person moves the score that it should: `python -m bench.quality.wishes`.

`sample/wishes.tsv` holds what people write, each judged by one reader against every request of the two sample sets: the
requests that it is about, and those that it may be about too, which are not counted. Every other pair has nothing to do
with each other, and should stay as it is. The bounds in `yinling_matching.ranking.adjustments` were chosen on the part
"first"; the part "held out" was written and judged afterwards. They belong to the default model; another one needs its
own.
"""

import csv
import json
from collections import defaultdict
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yinling_matching.embedding import load_embedder
from yinling_matching.ranking.adjustments import AVOIDED_FROM, AVOIDED_FULL, WANTED_FROM, WANTED_FULL
from yinling_matching.ranking.wishes import wish_texts

HERE = Path(__file__).parent / "sample"
OWN = resources.files("yinling_runner.sample") / "requests.json"

BOUNDS = {"for": (WANTED_FROM, WANTED_FULL), "against": (AVOIDED_FROM, AVOIDED_FULL)}
SIDES = {"for": 0, "against": 1}


def main() -> None:
    """Embed, compare and count."""
    requests = json.loads(OWN.read_text(encoding="utf-8")) + json.loads((HERE / "requests.json").read_text())
    titles = [request["title"] for request in requests]
    embedder = load_embedder()
    about = embedder.encode_queries(
        ["\n".join(part for part in (one["title"], one.get("description", "")) if part) for one in requests]
    )
    cosines: dict[tuple[str, str, bool], list[float]] = defaultdict(list)
    with (HERE / "wishes.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            texts = wish_texts(row["wishes"])[SIDES[row["speaks"]]]
            best: NDArray[np.float32] = np.full(len(titles), -1, np.float32)  # without a subject nothing moves
            if texts:
                best = (about @ embedder.encode_passages(list(texts)).T).max(axis=1)
            hits, near = row["about"].split(" | "), row["near"].split(" | ")
            for title, cosine in zip(titles, best, strict=True):
                if title not in near:
                    cosines[row["part"], row["speaks"], title in hits].append(float(cosine))
    print("| part | speaks | pairs it is about | of them moved | fully | other pairs | of them moved | fully |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for part in ("first", "held out"):
        for speaks, bounds in BOUNDS.items():
            cells = []
            for is_about in (True, False):
                values = np.array(cosines[part, speaks, is_about])
                cells += [len(values), *(int((values > bound).sum()) for bound in bounds)]
            print(f"| {part} | {speaks} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
