"""Keeps the catalogs in step with the pages: `python -m yinling_gateway.pages.extract` updates them.

A new text must then be translated by hand in both catalogs; a test fails until that is done.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from yinling_gateway.pages import i18n

_HERE = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}


def messages() -> Catalog:
    """Collect every text of the pages."""
    catalog = Catalog(project="Yinling", charset="utf-8", fuzzy=False)
    for path, line, message, comments, context in extract_from_dir(
        _HERE, _METHODS, _OPTIONS, keywords=DEFAULT_KEYWORDS, strip_comment_tags=True
    ):
        catalog.add(message, None, [(path, line)], auto_comments=comments, context=context)
    return catalog


def main() -> int:
    """Write both catalogs anew: new texts come in empty, those that are gone go."""
    template = messages()
    for language in i18n.LANGUAGES:
        catalog = i18n.read_catalog(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if language == "en":
            for message in catalog:
                if message.id and not any(message.string or ()):
                    message.string = message.id
        with (_HERE / "locale" / language / "LC_MESSAGES" / "messages.po").open("wb") as file:
            write_po(file, catalog, width=0, no_location=True, omit_header=False, sort_output=True)
        empty = sum(1 for message in catalog if message.id and not all(message.string or ("",)))
        sys.stdout.write(f"{language}: {len(catalog)} texts, {empty} to be translated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
