"""Short and long forms that mean the same. The table is `data/abbreviations.tsv`; it says itself how it is written.

How its entries were chosen: a short form is in it only where somebody in this field would write it for the long form
without explaining it, and where its other meanings are rare in profiles and requests. So these are not in it: GIS
(map or switchgear), SIS (safety system or plant information), CT and PT (transformer or medicine or testing), CMA
(accountant or laboratory), WPS (welding or office software), CMM (measuring or software), VP (a person or a product),
EMS, SCR, MT, IT (reads as "it"). A position is not made a certificate: 岩土工程师 is not 注册岩土工程师. It is no
dictionary: a translation is in it only where both languages are written in Chinese companies; meaning across languages
is what the vectors are for.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from yinling_matching.lexical.classes import TermClass
from yinling_matching.lexical.normalise import HAN, normalised

_LONG_CHINESE = re.compile(f"[{HAN}]{{3,}}")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One meaning.

    Attributes:
        long: The long form, normalised: what stands for all of them.
        kind: The class of its term. None for a phrase that only looks like an abbreviation and is left alone.
        forms: All ways to write it, normalised, the long one included.
    """

    long: str
    kind: TermClass | None
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An abbreviation or its long form, where it stands in a text."""

    meaning: Abbreviation
    start: int
    end: int


class Boundaries(NamedTuple):
    """The words of a text.

    Attributes:
        starts: Where they begin.
        ends: Where they end.
        within: Words within words, which count too: 质检 in 质检科.
    """

    starts: set[int]
    ends: set[int]
    within: set[tuple[int, int]]


@cache
def abbreviations() -> tuple[Abbreviation, ...]:
    """All meanings of the table. Raises ValueError where a form stands for two of them."""
    path = files("yinling_matching.lexical") / "data" / "abbreviations.tsv"
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    kinds = {"name": TermClass.NAME, "word": TermClass.WORD, "keep": None}
    found: list[Abbreviation] = []
    owner: dict[str, str] = {}
    for kind, long, others in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        written = [normalised(form) for form in ([] if kinds[kind] is None else [long]) + others.split("|") if form]
        forms = tuple(dict.fromkeys(variant for form in written for variant in _variants(form)))
        for form in forms:
            if owner.setdefault(form, long) != long:
                raise ValueError(f"“{form}” stands for both {owner[form]} and {long}")
        found.append(Abbreviation(normalised(long), kinds[kind], forms))
    return tuple(found)


def find(text: str, boundaries: Callable[[], Boundaries]) -> list[Found]:
    """The abbreviations in a normalised text, from left to right, the longest first, none within another.

    One of two Chinese characters, or with Latin ones, must begin and end where a word does: 高工 is not in 提高工作.
    Longer Chinese ones say enough by themselves: the dictionary cuts 从事物联网 after 事物.

    Args:
        text: Normalised.
        boundaries: Finds its words. Most texts have nothing that could be an abbreviation, and need not be asked.
    """
    table = _by_beginning()
    words: Boundaries | None = None
    found: list[Found] = []
    done = 0
    for match in _beginnings().finditer(text):
        start = match.start()
        if start < done:
            continue
        for form, meaning, plain in table.get(text[start : start + 2], ()):
            if not text.startswith(form, start):
                continue
            words = words or boundaries()
            end = start + len(form)
            if form.isascii() and text.startswith("s", end) and end + 1 in words.ends:
                end += 1  # plural
            at_words = start in words.starts and (end in words.ends or not form[-1].isalnum())
            if plain or at_words or (start, end) in words.within:
                done = end
                found.append(Found(meaning, start, end))
                break
    return [one for one in found if one.meaning.kind is not None]


@cache
def _beginnings() -> re.Pattern[str]:
    """Where a form could begin, by its first two characters; some that cannot are found too."""
    first, second = (re.escape("".join({pair[place] for pair in _by_beginning()})) for place in (0, 1))
    return re.compile(f"[{first}](?=[{second}])")


@cache
def _by_beginning() -> dict[str, list[tuple[str, Abbreviation, bool]]]:
    """The forms by their first two characters, the longest first; and whether they may stand within words."""
    table: dict[str, list[tuple[str, Abbreviation, bool]]] = {}
    pairs = [(form, meaning) for meaning in abbreviations() for form in meaning.forms]
    for form, meaning in sorted(pairs, key=lambda pair: -len(pair[0])):
        table.setdefault(form[:2], []).append((form, meaning, _LONG_CHINESE.fullmatch(form) is not None))
    return table


def _variants(form: str) -> Iterator[str]:
    """A form of several Latin words with spaces and with hyphens: non destructive, non-destructive."""
    words = form.split(" ")
    if len(words) > 3:
        yield form
        return
    for joints in product(" -", repeat=len(words) - 1):
        yield "".join(word + joint for word, joint in zip(words, (*joints, ""), strict=True))
