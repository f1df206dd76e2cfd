"""A text as the terms that it can be found by."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import rjieba

from yinling_matching.lexical import codes
from yinling_matching.lexical.abbreviations import Boundaries, find
from yinling_matching.lexical.classes import Term, TermClass
from yinling_matching.lexical.normalise import HAN, normalised
from yinling_matching.lexical.stopwords import STOP_WORDS
from yinling_matching.remembering import remembered

INNER = 0.3
"""Weight of a word within a word."""

SECOND = 0.5
"""Weight of what a code is besides itself, and of the words of an abbreviation's long form, all together."""

_RUN = re.compile(rf"(?P<han>[{HAN}]+)|[^\W_{HAN}]+(?:[-./_&][^\W_{HAN}]+)*(?:\+\+|#)?")
_PIECE = re.compile(r"(?:[^\W_]|[-_]|(?<=\d)\.(?=\d)|\+\+|#)+")
_WORD = re.compile(r"[^\W\d_]+(?:\+\+|#)?")
_ALNUM = re.compile(r"[^\W_]+")
_CAPITAL_WITHIN = re.compile(r".[^A-Z]*[A-Z]", re.DOTALL)


def terms(text: str) -> list[Term]:
    """The terms of a text, by their place. Some overlap: 工程师 is found by 工程 too. About 40 µs for a facet.

    - Abbreviations count as their long forms, whose words are terms as well.
    - Chinese is cut by the dictionary of jieba, without its guesses, as these depend on what stands beside a word.
      What the dictionary does not know falls into single characters; neighbours of these make a term (反风, 悬料).
    - Codes are whole and without punctuation, see `codes`. Latin words are folded and lose their plural s.
    """
    return terms_of_normalised(normalised(text), written_in_capitals(text))


def terms_of_normalised(text: str, names: frozenset[str] = frozenset()) -> list[Term]:
    """As `terms`, for a text that is normalised already; the Latin words in `names` are names."""
    return sorted(_terms(text, names), key=lambda term: (term.start, -term.end))


def keys_of_normalised(text: str) -> list[str]:
    """The keys alone, in no order."""
    return [term.key for term in _terms(text, frozenset())]


def written_in_capitals(text: str) -> frozenset[str]:
    """The Latin words with a capital after their first letter. Where all letters are capitals it says nothing."""
    standard = unicodedata.normalize("NFKC", text)
    if standard == standard.lower() or not any(character.islower() for character in text):
        return frozenset()
    return frozenset(word.casefold() for word in _ALNUM.findall(standard) if _CAPITAL_WITHIN.match(word))


def _terms(text: str, names: frozenset[str]) -> list[Term]:
    runs = _runs(text)
    found = find(text, lambda: _boundaries(text, runs))
    result: list[Term] = []
    taken: list[tuple[int, int]] = []
    for one in found:
        result.append(Term(one.meaning.long, one.meaning.kind or TermClass.WORD, one.start, one.end))
        if " " in (phrase := text[one.start : one.end]) and phrase.isascii():
            continue  # the words of an English phrase are terms as they stand
        parts = _parts(one.meaning.long)
        result += [Term(part, TermClass.WORD, one.start, one.end, SECOND / len(parts)) for part in parts]
        taken.append((one.start, one.end))
    codes_and_names = _latin(text, runs, dict(taken), names)
    result += codes_and_names
    taken += [(term.start, term.end) for term in codes_and_names if term.kind is TermClass.CODE]
    places = {place for start, end in taken for place in range(start, end)}
    for begin, words in runs.han:
        result += _chinese(begin, words, places)
    return result


class _Runs(NamedTuple):
    """A text, cut where the script changes.

    Attributes:
        han: Where each run of Chinese begins, and its words.
        other: Where each other run begins and ends.
    """

    han: list[tuple[int, list[str]]]
    other: list[tuple[int, int]]


def _runs(text: str) -> _Runs:
    han: list[tuple[int, list[str]]] = []
    other: list[tuple[int, int]] = []
    for match in _RUN.finditer(text):
        if match.lastgroup == "han":
            han.append((match.start(), rjieba.cut(match.group(), False)))
        else:
            other.append(match.span())
    return _Runs(han, other)


def _boundaries(text: str, runs: _Runs) -> Boundaries:
    starts: set[int] = set()
    ends: set[int] = set()
    within: set[tuple[int, int]] = set()
    for begin, words in runs.han:
        at = begin
        for word in words:
            starts.add(at)
            if len(word) > 2:
                for offset, part in _inner(word):
                    within.add((at + offset, at + offset + len(part)))
            at += len(word)
            ends.add(at)
    for begin, end in runs.other:
        for piece in _ALNUM.finditer(text, begin, end):
            starts.add(piece.start())
            ends.add(piece.end())
    return Boundaries(starts, ends, within)


def _latin(text: str, runs: _Runs, taken: dict[int, int], names: frozenset[str]) -> list[Term]:
    """Codes and Latin words outside of what is taken (end by start, ascending)."""
    starts = [*taken, len(text)]
    result: list[Term] = []
    done = 0
    for begin, end in runs.other:
        at = max(begin, done)
        while at < end:
            if at in taken:
                at = done = taken[at]
                continue
            piece = _PIECE.match(text, at, min(starts[bisect_right(starts, at)], end))
            if piece is None or not text[at].isalnum():
                at += 1
                continue
            code = codes.at(text, at, piece.group())
            if code is not None:
                keys, done = code
                result += [Term(key, TermClass.CODE, at, done, SECOND if n else 1.0) for n, key in enumerate(keys)]
            else:
                done = piece.end()
                result += _latin_words(piece, names, chinese=bool(runs.han))
            at = done
    return result


def _latin_words(piece: re.Match[str], names: frozenset[str], *, chinese: bool) -> Iterator[Term]:
    for match in _WORD.finditer(piece.group()):
        word = match.group()
        if len(word) > 1 and word not in STOP_WORDS:
            kind = TermClass.NAME if chinese or word in names or not word.isalpha() else TermClass.WORD
            yield Term(codes.singular(word), kind, piece.start() + match.start(), piece.start() + match.end())


def _chinese(begin: int, words: list[str], taken: set[int]) -> Iterator[Term]:
    """Words, words within words, and pairs of neighbours that belong to no word; all outside of what is taken."""
    alone = ""
    at = begin
    for word in words:
        end = at + len(word)
        if len(word) == 1:
            if at not in taken and word not in STOP_WORDS:
                alone += word
                at = end
                continue
        elif word not in STOP_WORDS and not (at in taken and end - 1 in taken):
            yield Term(word, TermClass.WORD, at, end)
            if len(word) > 2:
                for offset, part in _inner(word):
                    yield Term(part, TermClass.WORD, at + offset, at + offset + len(part), INNER)
        if alone:
            yield from _pairs(alone, at - len(alone))
            alone = ""
        at = end
    if alone:
        yield from _pairs(alone, at - len(alone))


def _pairs(characters: str, begin: int) -> Iterator[Term]:
    if len(characters) == 1:
        yield Term(characters, TermClass.WORD, begin, begin + 1)
    for offset in range(len(characters) - 1):
        yield Term(characters[offset : offset + 2], TermClass.WORD, begin + offset, begin + offset + 2)


@remembered(maxsize=50_000)
def _inner(word: str) -> tuple[tuple[int, str], ...]:
    """The words within a word, and where. The middle of four characters is chance more often than a word."""
    found = rjieba.tokenize(word, "search", False)
    return tuple(
        (start, part)
        for part, start, _ in found
        if 1 < len(part) < len(word)
        and part not in STOP_WORDS
        and not (len(word) == 4 and len(part) == 2 and start == 1)
    )


@cache
def _parts(long: str) -> tuple[str, ...]:
    """The words of a long form, without itself."""
    runs = _runs(long)
    parts = _latin(long, runs, {}, frozenset())
    for begin, words in runs.han:
        parts += _chinese(begin, words, set())
    return tuple(dict.fromkeys(term.key for term in parts if term.key != long and len(term.key) > 1))
