"""Terms of facets as sections of a snapshot: cutting texts takes as long as everything else at a restart together.

Each term is written once, and by its number from there on. Numbers are little-endian.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from yinling_matching.lexical import Prepared

_WORDS, _LENGTHS, _NUMBERS, _REPEATED = "terms", "terms.lengths", "terms.numbers", "terms.repeated"
_U4 = "<u4"


def write_terms(terms: Sequence[Prepared]) -> Iterator[tuple[str, bytes]]:
    """Sections by their names."""
    number: dict[str, int] = {}
    numbers: list[int] = []
    repeated: list[tuple[int, int, int]] = []
    for facet, one in enumerate(terms):
        for word, count in one.counts.items():
            numbers.append(number.setdefault(word, len(number)))
            if count > 1:
                repeated.append((facet, numbers[-1], count))
    yield _WORDS, json.dumps(list(number)).encode()
    yield _LENGTHS, np.array([len(one.counts) for one in terms], _U4).tobytes()
    yield _NUMBERS, np.array(numbers, _U4).tobytes()
    yield _REPEATED, np.array(repeated, _U4).tobytes()


def read_terms(sections: Mapping[str, memoryview]) -> list[Prepared]:
    """What was written, of each facet in turn. A term is in memory once, however many facets hold it."""
    word = json.loads(bytes(sections[_WORDS])).__getitem__
    numbers = np.frombuffer(sections[_NUMBERS], _U4).tolist()
    terms: list[Prepared] = []
    start = 0
    for length in np.frombuffer(sections[_LENGTHS], _U4).tolist():
        terms.append(Prepared(dict.fromkeys(map(word, numbers[start : start + length]), 1)))
        start += length
    for facet, number, count in np.frombuffer(sections[_REPEATED], _U4).reshape(-1, 3).tolist():
        terms[facet].counts[word(number)] = count
    return terms
