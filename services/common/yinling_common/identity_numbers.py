"""Identity card numbers (身份证号): found so that they are refused or masked, never stored."""

import re
import unicodedata
from collections.abc import Iterator

# First two digits: the provinces. Then the rest of the area code, the date of birth and a serial number; the old
# form has a year of two digits and no check character. Spaces and dashes between the groups occur in print. Letters
# may stand right before and after the new form ("ID5104…"); the old one is too loose for that.
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP = r"[ \-]?"
_NUMBER = re.compile(
    rf"(?<!\d){_PROVINCE}\d{{4}}{_GAP}(?:18|19|20)\d\d{_DAY}{_GAP}\d{{3}}[0-9Xx](?!\d)"
    rf"|(?<![0-9A-Za-z]){_PROVINCE}\d{{4}}{_GAP}\d\d{_DAY}{_GAP}\d{{3}}(?![0-9A-Za-z])"
)
_MAYBE = re.compile(r"\d{6}")  # of any width
_BARE = re.compile(r"\d{15}|\d{17}[0-9X]")


def is_identity_number(value: str) -> bool:
    """Whether a whole value, an employee number say, has the shape of one: 15 digits, or 17 and a digit or X."""
    compact = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", value)).upper()
    return _BARE.fullmatch(compact) is not None


def contains_identity_number(text: str) -> bool:
    """Whether a text has one in it. The check digit is not looked at: a mistyped one gives a person away too."""
    return next(_spans(text), None) is not None


def mask_identity_numbers(text: str) -> str:
    """The text with all but the first two characters of each of them starred."""
    for start, end in reversed(list(_spans(text))):
        text = text[: start + 2] + "*" * (end - start - 2) + text[end:]
    return text


def _spans(text: str) -> Iterator[tuple[int, int]]:
    if not _MAYBE.search(text):
        return
    # Full-width digits are folded one by one, so that positions stay those of the text.
    narrow = "".join(_narrow(c) for c in text)
    for match in _NUMBER.finditer(narrow):
        yield match.span()


def _narrow(character: str) -> str:
    if character.isascii():
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
