"""Cuts the manuals of scientific libraries, which are installed anyway, into pairs.

Occupations alone teach a model to tell fields apart, and to forget what differs within one. Pages about methods and
algorithms keep that: each is told from the others of its kind.
"""

import ast
import random
import re
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from bench.encoder.pairs import Pair, Pairs

LIBRARIES = {
    "sklearn": 450,
    "scipy": 450,
    "networkx": 450,
    "sympy": 350,
    "torch": 350,
    "transformers": 450,
    "numpy": 250,
    "pandas": 150,
    "mpmath": 100,
    "sentence_transformers": 150,
}
"""At most so many pages of each."""

_WORDS = 100
_END = re.compile(r"\s*(Examples?|References|See Also)\b")
_LIST = re.compile(r"\s*(Parameters|Returns|Args|Attributes|Raises|Yields|Methods|Warns)\b\s*:?\s*(\n|$)")


def manuals(rng: random.Random) -> Pairs:
    """The two halves of each page, and its first line with the rest."""
    pairs: Pairs = {"manual-halves": [], "manual-heads": []}
    pages = list(_pages())
    rng.shuffle(pages)
    taken: Counter[str] = Counter()
    for number, (library, paragraphs) in enumerate(pages):
        sentences = [s for p in paragraphs for s in p.split(". ") if len(s.split()) > 4]
        if len(sentences) < 2 or taken[library] >= LIBRARIES[library]:
            continue
        taken[library] += 1
        half = len(sentences) // 2
        pairs["manual-halves"].append(
            Pair(number, _cut(". ".join(sentences[:half])), _cut(". ".join(sentences[half:])))
        )
        pairs["manual-heads"].append(Pair(number, _cut(paragraphs[0], 25), _cut(" ".join(paragraphs[1:]))))
    return pairs


def _pages() -> Iterator[tuple[str, list[str]]]:
    seen = set()
    for library in LIBRARIES:
        found = find_spec(library)
        if found is None or not found.submodule_search_locations:
            raise ModuleNotFoundError(f"{library} is not installed: its manual is part of what is learnt from")
        for path in sorted(Path(found.submodule_search_locations[0]).rglob("*.py")):
            if "tests" in path.parts or path.name.startswith("test"):
                continue
            for text in _docstrings(path):
                paragraphs = _paragraphs(text)
                words = sum(len(paragraph.split()) for paragraph in paragraphs)
                if len(paragraphs) > 1 and words >= 70 and paragraphs[1][:60] not in seen:
                    seen.add(paragraphs[1][:60])
                    yield library, paragraphs


def _docstrings(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return  # templates, and files for other versions of Python
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            text = ast.get_docstring(node)
            if text and len(text) >= 300:
                yield text


def _paragraphs(text: str) -> list[str]:
    """The prose of a docstring: no lists of parameters, no code, no formulas."""
    kept = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if _END.match(paragraph):
            break
        if _LIST.match(paragraph) or ">>>" in paragraph or " : " in paragraph:
            continue
        plain = re.sub(r":\w+:`~?([^`<]*)[^`]*`", r"\1", paragraph)
        plain = re.sub(r"\[\d+\]_?|[`*$\\]+", "", plain)
        plain = " ".join(plain.split())
        letters = sum(char.isalpha() or char == " " for char in plain)
        if len(plain.split()) >= 8 and letters > 0.85 * len(plain):
            kept.append(plain)
    return kept


def _cut(text: str, words: int = _WORDS) -> str:
    return " ".join(text.split()[:words])
