"""Codes: standards, models, materials and ratings, made comparable however they are punctuated."""

import re

_PREFIXES = (
    "gbj|gbz|gb|gjb|gjj|jb|hgj|hg|sh|sy|dl|nb|yb|yd|mt|tb|jtg|jt|jgj|jg|cjj|cj|cecs|aq|ga|qb|fz|ly|ny|sl|hj|wb|bb|wh|ws"
    "|yy|cb|qj|jjg|jjf|tsg|iso|iecex|iec|din|en|astm|asme|ansi|api|jis|bs|ieee|iatf|ohsas|ts|cnas|sae|nfpa|nace|dnv|ul"
    "|vda|t|db|q"
)
_RECOMMENDED = "gb|jb|hg|sh|sy|dl|nb|yb|yd|mt|tb|jt|jg|cj|aq|ga|qb|fz|ly|ny|sl|hj|wb"
"""After these a T says that the standard is recommended, and is often written without the slash: GBT 19001."""

_STANDARD = re.compile(
    rf"(?P<prefix>{_PREFIXES})(?P<region>(?<=db)\d\d)?"
    rf"(?:/(?P<more>[a-z]{{1,6}})|(?<={_RECOMMENDED})t(?=[ -]?\d))?"
    r"[ -]{0,2}(?P<number>\d{2,6})(?P<parts>(?:\.\d{1,3})*)(?![a-z0-9])"
    r"(?:[-:](?:19|20)?\d\d(?!\d))?"
)
_SAME = {
    "gb19001": "iso9001",
    "gb24001": "iso14001",
    "gb45001": "iso45001",
    "gb28001": "ohsas18001",
    "gb22080": "iso27001",
    "gb27025": "iso17025",
    "gb23331": "iso50001",
    "gb22000": "iso22000",
}
"""Standards that were taken over word for word: whoever asks for one means the other."""

_UNIT = r"kva|mva|kvar|mvar|kv|mv|v|kw|mw|gw|mpa|kpa|gpa|pa|mm|cm|km|nm|um|khz|mhz|ghz|hz|kn|mn|t/h|m3/h|m3|m2|kg|gb|tb"
_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)"
_RATING = re.compile(rf"{_NUMBER} ?(?P<unit>{_UNIT})(?![a-z0-9])")
_HAN_RATING = re.compile(rf"{_NUMBER} ?(?P<unit>千伏安|兆伏安|千伏|兆瓦|千瓦|兆帕|千帕|毫米|立方米|吨|赫兹)(?!时)")
_HAN_UNITS = {
    "千伏安": "kva",
    "兆伏安": "mva",
    "千伏": "kv",
    "兆瓦": "mw",
    "千瓦": "kw",
    "兆帕": "mpa",
    "千帕": "kpa",
    "毫米": "mm",
    "立方米": "m3",
    "吨": "t",
    "赫兹": "hz",
}
_BARE = re.compile(r"(?P<number>\d{4,6})(?![\d.%]|-\d| ?[年万亿千百元人名台套吨公米小时个项次多余件户亩里度])")
_NUMBER_AFTER = re.compile(r" (?P<number>\d{3,4})(?![\da-z.%]| ?[年万亿千百元人名台套吨公米小时个项次多余件户亩里度])")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|s)$")
_LETTERS = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def at(text: str, start: int, piece: str) -> tuple[list[str], int] | None:
    """The code that begins at `start`: its keys, the first one its own, and its end. None where there is none.

    Args:
        text: Normalised.
        start: Where letters or digits begin.
        piece: What stands there up to the next space or slash.
    """
    if not _DIGIT.search(piece):
        return standard(text, start)
    return rating(text, start) or standard(text, start) or bare_number(text, start) or model(piece, text, start)


def standard(text: str, start: int) -> tuple[list[str], int] | None:
    """A standard that begins here: its keys and its end.

    GB/T 19001, gb19001, GBT19001 and GB/T19001-2016 have the same keys; so has ISO 9001, which is the same text. The
    year and whether it is recommended (/T) do not count. The bare number is a key too, as in "9001 认证".
    """
    match = _STANDARD.match(text, start)
    if match is None or _is_year(match["number"]):
        return None
    number = match["number"]
    base = match["prefix"] + (match["region"] or "") + number
    if match["prefix"] in {"q", "t"}:  # of a company or a society, which is named after the slash: q345 is a steel
        if not match["more"]:
            return None
        base = f"{match['prefix']}{match['more']}{number}"
    elif match["prefix"] == "db" and not match["region"]:
        return None
    base = _SAME.get(base, base)
    keys = [base]
    if match["parts"]:
        keys.append(base + match["parts"])
    if len(number) >= 4:
        keys.append(number)
    return keys, match.end()


def rating(text: str, start: int) -> tuple[list[str], int] | None:
    """A number with its unit that begins here, as in 35 kV or 35千伏."""
    match = _RATING.match(text, start) or _HAN_RATING.match(text, start)
    if match is None:
        return None
    unit = match["unit"]
    return [match["number"].replace(",", "") + _HAN_UNITS.get(unit, unit).replace("/", "")], match.end()


def bare_number(text: str, start: int) -> tuple[list[str], int] | None:
    """A number of four to six digits that begins here and counts nothing, as in "9001 认证"."""
    match = _BARE.match(text, start)
    return None if match is None or _is_year(match["number"]) else ([match["number"]], match.end())


def model(piece: str, text: str, start: int) -> tuple[list[str], int] | None:
    """A piece of letters, digits, hyphens and dots with at least one letter and one digit.

    S7-1500, S7 1500 and s71500 share a key; the first two have "s7" besides, for whoever asks for the series.

    Args:
        piece: What stands between spaces and slashes.
        text: Where it stands.
        start: Where.

    Returns:
        Its keys, best first, and its end; None where it is no code.
    """
    if not (_DIGIT.search(piece) and _LETTERS.search(piece)) or _ORDINAL.match(piece):
        return None
    end = start + len(piece)
    parts = [part for part in re.split("[-_]", piece) if part]
    if len(parts) == 1 and len(piece) <= 5:
        after = _NUMBER_AFTER.match(text, end)
        if after and not _is_year(after["number"]):
            return [piece + after["number"], piece], after.end()
    series = [part for part in parts[:-1] if len(part) > 1 and _LETTERS.search(part)]
    return list(dict.fromkeys(["".join(parts), *series])), end


def singular(word: str) -> str:
    """An English word without its plural s; the rules of the S stemmer, which is safe for names."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if not word.endswith(("eies", "aies")) else word[:-1]
    return word[:-1]


def _is_year(number: str) -> bool:
    return len(number) == 4 and "1900" <= number < "2100"
