"""Words as well as meaning: what people and requests share by their letters.

`terms` cuts a text, `ask` a query; `LexicalIndex` holds the terms of all facets and tells how well people answer a
query; `shared_terms` shows which letters of a facet did. `docs/benchmarks.md` says why it is our own.
"""

from yinling_matching.lexical.classes import Term, TermClass
from yinling_matching.lexical.cutting import cutting
from yinling_matching.lexical.highlight import Shared, shared, shared_terms
from yinling_matching.lexical.index import LexicalIndex, Prepared, prepare
from yinling_matching.lexical.query import Query, ask
from yinling_matching.lexical.terms import terms

__all__ = [
    "LexicalIndex",
    "Prepared",
    "Query",
    "Shared",
    "Term",
    "TermClass",
    "ask",
    "cutting",
    "prepare",
    "shared",
    "shared_terms",
    "terms",
]
