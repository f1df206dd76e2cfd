"""The part of a long text that is worth showing."""

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yinling_matching.remembering import remembered

LONGEST = 300
"""Characters of a person's own words that are shown."""

_SENTENCE_END = re.compile(r"[。！？；!?;\n]+|\.\s")


def excerpt(text: str, about: str) -> str:
    """At most `LONGEST` characters of a text, beginning with a sentence: those that share most with what was asked.

    Where nothing is shared, as between two languages, the text's beginning.
    """
    if len(text) <= LONGEST:
        return text
    room = LONGEST - 2  # for the marks that something is left out
    shared = np.array([match.start() for match in _pairs(about).finditer(text)], dtype=np.int64)
    starts = _sentences(text)
    inside = np.searchsorted(shared, starts + room) - np.searchsorted(shared, starts)
    start = int(starts[inside.argmax()])  # the first of equals
    shown = text[start : start + room].strip()
    return ("…" if start else "") + shown + ("…" if start + room < len(text) else "")


@remembered(maxsize=256)
def _sentences(text: str) -> NDArray[np.int64]:
    """Where they begin. Kept for a while, as a person's words answer several points."""
    ends = (end.end() for end in _SENTENCE_END.finditer(text))
    return np.array([0, *(end for end in ends if end < len(text))], dtype=np.int64)


@remembered(maxsize=1024)
def _pairs(about: str) -> re.Pattern[str]:
    """Finds the pairs of characters of a text, which for Chinese are nearly its words."""
    words = "".join(about.split())
    pairs = sorted(set(map("".join, pairwise(words))) or {words})
    return re.compile("|".join(map(re.escape, pairs)) or r"(?!)", re.IGNORECASE)
