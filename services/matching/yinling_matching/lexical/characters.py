"""Chinese characters as terms of their own, beside the words.

Short titles share characters where they share no word (铣工, 铣床操作员), and words are cut differently in different
sentences. A character says little, so it weighs less than a word, and one that stands everywhere says nothing.
"""

import re
from collections import Counter

from yinling_matching.lexical.normalise import HAN
from yinling_matching.lexical.stopwords import STOP_WORDS

CHARACTER = 0.5
"""Weight of a character beside 1 for a word."""

EVERYWHERE = 0.1
"""A character that more than this share of the facets hold is not looked up."""

_HAN = re.compile(f"[{HAN}]")


def characters(text: str) -> dict[str, int]:
    """The Chinese characters of a normalised text, and how often each stands there."""
    return {one: count for one, count in Counter(_HAN.findall(text)).items() if one not in STOP_WORDS}
