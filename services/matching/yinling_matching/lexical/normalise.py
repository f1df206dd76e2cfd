"""One form for texts that a reader takes for the same: width, case, traditional characters, dashes and spaces."""

import re
import unicodedata
from functools import cache
from itertools import accumulate

from opencc import OpenCC

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, as the inside of a character class."""

_HAN = re.compile(f"[{HAN}]")
_BROKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")  # control characters, halves of surrogate pairs
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
_DASH = re.compile("[-\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]+")
_SPACE = re.compile(r"\s+")


def normalised(text: str) -> str:
    """NFKC, simplified characters, casefolded, one kind of dash, single spaces. A few µs for a facet."""
    return _tidy(_standard(text)).strip()


def with_origins(text: str) -> tuple[str, list[int]]:
    """Normalised text and, for each of its characters, where in the original it comes from.

    Slower than `normalised`, and not always letter for letter the same: each character with its accents is taken by
    itself. The last entry is the length of the original, so that the end of a span can be looked up too.
    """
    pieces: list[str] = []
    origins: list[int] = []
    for start, cluster in _clusters(text):
        standard = _tidy(_standard(cluster))
        if standard in {" ", "-"} and pieces and pieces[-1].endswith(standard):
            continue
        pieces.append(standard)
        origins += [start] * len(standard)
    return "".join(pieces), [*origins, len(text)]


def simplified(text: str) -> str:
    """Traditional characters replaced, by the tables of OpenCC. A kept library, Apache 2.0."""
    return _converter().convert(text) if _HAN.search(text) else text


def _standard(text: str) -> str:
    if not text.isprintable():
        text = _BROKEN.sub(" ", text)
    if text.isascii():
        return text.casefold()
    text = _INVISIBLE.sub("", text)
    text = simplified(unicodedata.normalize("NFKC", text))
    folded = text.casefold()
    # Folding can undo the composition, as in "ŉ".
    return folded if folded == text else unicodedata.normalize("NFKC", folded)


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", _DASH.sub("-", text.replace("∕", "/").replace("⁄", "/")))


def _clusters(text: str) -> list[tuple[int, str]]:
    """Characters with the accents that follow them, and where they begin."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.combining(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    starts = accumulate((len(cluster) for cluster in clusters), initial=0)
    return list(zip(starts, clusters, strict=False))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
