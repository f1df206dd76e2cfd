"""Words as well as meaning: what is found by its letters. See `docs/architecture.md`."""

from yinling_matching.lexical.classes import Term, TermClass
from yinling_matching.lexical.highlight import Shared, shared, shared_terms
from yinling_matching.lexical.index import LexicalIndex, Matches, Prepared, prepare
from yinling_matching.lexical.query import LexicalScores, Query, ask
from yinling_matching.lexical.terms import terms

__all__ = [
    "LexicalIndex",
    "LexicalScores",
    "Matches",
    "Prepared",
    "Query",
    "Shared",
    "Term",
    "TermClass",
    "ask",
    "prepare",
    "shared",
    "shared_terms",
    "terms",
]
