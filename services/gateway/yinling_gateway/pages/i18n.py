"""Chinese and English: reads the catalogs and tells which language a reader wants."""

import io
from functools import cache
from importlib import resources

from babel.core import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DEFAULT = "zh_Hans"
LANGUAGES = {"zh_Hans": "中文", "en": "English"}
COOKIE = "yinling_language"
_CATALOGS = resources.files(__package__) / "locale"


def read_catalog(language: str) -> Catalog:
    """Read the committed catalog of a language."""
    with (_CATALOGS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> Translations:
    """Give the compiled catalog of a language. It is compiled once, in memory."""
    compiled = io.BytesIO()
    write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def locale(language: str) -> Locale:
    """Give the locale that dates and numbers are written in."""
    return Locale.parse(language)


def known(language: str | None) -> str | None:
    """Turn a stored or sent language into one of ours, or None: "zh", "zh-CN" and "zh_Hans" are all Chinese."""
    if not language:
        return None
    base = language.replace("_", "-").split("-")[0].lower()
    return {"zh": "zh_Hans", "en": "en"}.get(base)


def choose(cookie: str | None, account: str | None, accept_language: str) -> str:
    """Choose the language: the cookie, else the account's, else the browser's first that we have, else Chinese."""
    wanted: list[tuple[float, int, str]] = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), len(wanted), tag.split("-")[0].lower()))
        except ValueError:
            continue
    found = negotiate_locale([tag for _, _, tag in sorted(wanted) if tag], ["zh", "en"])
    return known(cookie) or known(account) or known(found) or DEFAULT
