"""What one cell says: text, numbers, yes or no, several values."""

import datetime as dt
import functools
import re
import unicodedata

from yinling_common.identity_numbers import contains_identity_number, is_identity_number, mask_identity_numbers
from yinling_common.text import WORDS_FOR_NOTHING, clean
from yinling_talent.roster.sheets import Value

_EMPTY_SIGNS = "n/a / // \\ - -- — —— . 。 ? ？"
NOTHING = WORDS_FOR_NOTHING.union(_EMPTY_SIGNS.split())
"""Words that stand for an empty cell."""
_LONGEST_NOTHING = 12  # with white space in them

_CJK = r"\u3400-\u9fff\uf900-\ufaff"
_GAPS = re.compile(rf"(?<=[{_CJK}·])\s+(?=[{_CJK}·])")
_NUMBERING = re.compile(
    r"(?:^|(?<=[\s;；。、,，]))(?:\d{1,2}\s*[.．)）](?!\d)|\d{1,2}\s*、(?=[㐀-鿿])|[（(]\d{1,2}[)）]|[①-⑳])\s*"
)
_BULLET = re.compile(r"^[\s•·●○■□▪◆◇★☆*\-–—]+")
_SHORT_CJK = re.compile(rf"[{_CJK}]{{2,8}}")
_YES_WORDS = "是 有 能 可 可以 愿意 公开 同意 已同意 同意公开 授权 已授权 已签 已签署 y yes true ok 1 √ ✓ ✔ ☑ v"
_NO_WORDS = (
    "否 不 无 没有 不能 不可 不可以 不愿意 不公开 不同意 未同意 不同意公开 不授权 未授权 未签 未签署 "
    "n no false 0 × ✗ ✘ x"
)
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
}
_CHINESE_NUMBER = re.compile(
    r"(?<![几数零〇一二两三四五六七八九十百周期])[零〇一二两三四五六七八九十百壹贰叁肆伍]+"
    r"(?=\s*(?:年|人|个|名|位|小时|周?岁|天|日|月|余|多|来|左右|以上|$))"
)
_DIGIT = re.compile(r"\d")
_STARS = re.compile(r"[0-9０-９]{2}\*{13,}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def text(value: Value) -> str:
    """A cell as text: whole numbers without ".0", days as 1955-03-12, without control characters."""
    if isinstance(value, str):
        return value.strip() if value.isprintable() else clean(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def redacted(value: str) -> str:
    """A text without identity card numbers; empty where it is one."""
    if not _DIGIT.search(value):
        return value
    if len(value) <= 40 and is_identity_number(value):
        return ""
    if not contains_identity_number(value):
        return value
    return _STARS.sub("", mask_identity_numbers(value)).strip()


def fold(value: str) -> str:
    """A text for comparing: half width, lower case, no white space."""
    return _fold(value) if len(value) <= 100 else _fold.__wrapped__(value)


@functools.lru_cache(maxsize=1 << 14)
def _fold(value: str) -> str:
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def is_nothing(value: str) -> bool:
    """Whether a text says that there is nothing ("", "无", "—")."""
    return not value or (len(value) <= _LONGEST_NOTHING and fold(value) in NOTHING)


def person_name(value: str) -> str:
    """A name without the spaces that line it up in print: "王  强" → "王强"; other scripts keep theirs."""
    return _GAPS.sub("", " ".join(unicodedata.normalize("NFKC", value).split()))


def items(value: str) -> list[str]:
    """The values of a cell that holds several: split at 、,，;；| and new lines, and at / between Chinese words.

    What stands in brackets stays together, and so do standards and short forms: "GB/T 19001", "TCP/IP", "CAD/CAM".
    """
    parts = _split(_NUMBERING.sub("\n", value))
    if len(parts) == 1:
        words = parts[0].split()
        if len(words) > 1 and all(_SHORT_CJK.fullmatch(word) for word in words):
            parts = words
    cleaned = (" ".join(_BULLET.sub("", part).split()).strip(" 。.;；,，、") for part in parts)
    return list(dict.fromkeys(part for part in cleaned if not is_nothing(part)))


def _split(value: str) -> list[str]:
    parts: list[str] = []
    start = depth = 0
    for at, character in enumerate(value):
        if character in "(（[【《「":
            depth += 1
        elif character in ")）]】》」":
            depth = max(0, depth - 1)
        elif _separates(value, at, character, depth):
            parts.append(value[start:at])
            start = at + 1
    parts.append(value[start:])
    return parts


def _separates(value: str, at: int, character: str, depth: int) -> bool:
    if character == "\n":
        return True
    if depth:
        return False
    before, after = value[at - 1 : at], value[at + 1 : at + 2]
    if character in "、，;；|｜\t":
        return True
    if character == ",":
        return not (before.isdigit() and after.isdigit())
    if character in "/／":
        return _is_cjk(before) and _is_cjk(after)
    return False


def _is_cjk(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def yes_or_no(value: Value) -> bool | None:
    """True, False, or None where the cell says neither."""
    if isinstance(value, bool):
        return value
    word = fold(text(value)).strip("。.!！()")
    return True if word in _YES else False if word in _NO else None


def chinese_number(word: str) -> int:
    """The number that "三十五" or "二〇" names."""
    if "十" not in word and "百" not in word:
        return int("".join(str(_DIGITS[c]) for c in word))
    total = current = 0
    for character in word:
        if character == "百":
            total, current = total + (current or 1) * 100, 0
        elif character == "十":
            total, current = total + (current or 1) * 10, 0
        else:
            current = _DIGITS[character]
    return total + current


def numbers(value: str) -> list[float]:
    """Every number in a text, digits of any width or Chinese ones: "约30年" → [30], "三十年" → [30]."""
    folded = unicodedata.normalize("NFKC", value)
    folded = _CHINESE_NUMBER.sub(lambda found: str(chinese_number(found.group())), folded)
    return [float(found[:12]) for found in _NUMBER.findall(folded)]


def whole_number(value: Value) -> int | None:
    """The number that a cell states, with or without words around it; of a range the lower end. None: there is none.

    A part of a year does not count: "30年6个月" → 30.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if abs(value) < 1e9 else None
    found = numbers(text(value))
    if not found or re.match(r"\s*[-−负]\s*\d", unicodedata.normalize("NFKC", text(value))):
        return None
    return int(found[0])
