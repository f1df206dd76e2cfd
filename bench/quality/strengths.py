"""From which strength on a requirement should count as answered: what musts of good and of wrong people come to."""

import numpy as np
from numpy.typing import NDArray

from bench.quality import judged
from bench.quality.offline import OfflineSet
from bench.quality.scales import Platt
from yinling_matching.ranking.matches import FOUND
from yinling_matching.scoring import PointKind

_STEPS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)


def found_table(sets: list[OfflineSet], scale: Platt) -> str:
    """Share of the musts that count as answered, by the grade of the person, for thresholds beside `FOUND`.

    Grade 3 answers all musts in full, grade 0 hardly any: people outside the pool are counted there.
    """
    one = next(one for one in sets if one.name == judged.NAME)
    grades = np.floor(judged.by_request(judged.grades(), one.queries, one.people) + 0.5)
    strengths: dict[int, list[NDArray[np.float64]]] = {grade: [] for grade in (3, 2, 1, 0)}
    for kinds, answers, of_query in zip(one.kinds, one.answers(), grades, strict=True):
        musts = scale(answers[[kind is PointKind.MUST for kind in kinds]].astype(np.float64))
        for grade, found in strengths.items():
            found.append(musts[:, of_query == grade].ravel())
    lines = [
        "| musts answered, from a strength of | grade 3 | grade 2 | grade 1 | grade 0 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for step in sorted({*_STEPS, FOUND}):
        cells = [f"{(np.concatenate(found) >= step).mean():.1%}" for found in strengths.values()]
        lines.append(f"| {step:g}{' (as it is)' if step == FOUND else ''} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
