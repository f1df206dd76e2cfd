"""Small, harmless changes of text."""

import unicodedata

_NOTHING = "无 没有 暂无 不详 未知 未填 没填 待定 待补充 不清楚 na none null nil"
WORDS_FOR_NOTHING = frozenset(_NOTHING.split())
"""What people write where they have nothing to say, folded. Whoever reads adds what says nothing in that place."""


def clean(text: str) -> str:
    """Without surrounding white space and without control characters; newlines and tabs inside stay."""
    if text.isprintable():  # nearly always; it rules out control characters and surrogates
        return text.strip()
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return kept.strip()


def fold(text: str) -> str:
    """A key for comparing: full and half width, upper and lower case and all white space count as the same."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
