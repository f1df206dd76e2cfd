"""The part of a long text that is worth showing."""

import re
from itertools import pairwise

from yinling_common.text import fold

LONGEST = 300
"""Characters of a person's own words that are shown."""

_SENTENCE_END = re.compile(r"[。！？；!?;\n]+|\.\s")


def excerpt(text: str, about: str) -> str:
    """At most `LONGEST` characters of a text, beginning with a sentence: those that share most with what was asked.

    Where nothing is shared, as between two languages, the text's beginning.
    """
    if len(text) <= LONGEST:
        return text
    asked = set(map("".join, pairwise(fold(about)))) or {fold(about)}
    starts = [0, *(end.end() for end in _SENTENCE_END.finditer(text) if end.end() < len(text))]
    room = LONGEST - 2  # for the marks that something is left out

    def shared(start: int) -> int:
        window = fold(text[start : start + room])
        return sum(pair in window for pair in asked)

    start = max(starts, key=shared)  # the first of equals
    shown = text[start : start + room].strip()
    return ("…" if start else "") + shown + ("…" if start + room < len(text) else "")
