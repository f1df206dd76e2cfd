"""A query as its terms, and what the scoring answers about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.characters import CHARACTER, characters
from yinling_matching.lexical.classes import TermClass
from yinling_matching.lexical.terms import terms

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    """A query's terms, each once.

    Attributes:
        weights: The weight of each. Codes come first, then names, then words.
        codes: How many are codes.
        names: How many are codes or names.
    """

    weights: dict[str, float]
    codes: int
    names: int


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """How facets answer queries, and how much the queries have to say.

    Attributes:
        coverage: BM25 of each facet divided by that of a facet that is the query's terms and nothing else; 0 to 1,
            shape (queries, facets). 0 for a query without terms.
        names: The same of codes and names alone. 0 for a query that has none.
        codes: The same of codes alone.
        terms: Terms of each query, shape (queries,), as all that follow.
        known: Terms of each query that any facet holds.
        rare: Those of them that few facets hold (RARE).
        mean_idf: Mean inverse document frequency of the terms that any facet holds, by weight; 0 where there is none.
        max_idf: The largest.
        known_share: Share of what the query says (weight times idf) that lies in terms that any facet holds.
        name_share: Share of it that lies in codes and names, known or not.
        code_share: Share of it that lies in codes, known or not.
    """

    coverage: Floats
    names: Floats
    codes: Floats
    terms: NDArray[np.int64]
    known: NDArray[np.int64]
    rare: NDArray[np.int64]
    mean_idf: Floats
    max_idf: Floats
    known_share: Floats
    name_share: Floats
    code_share: Floats


@dataclass(slots=True)
class Facts:
    """One query's numbers for `LexicalScores`, where they are explained."""

    terms: int = 0
    known: int = 0
    rare: int = 0
    mean_idf: float = 0.0
    max_idf: float = 0.0
    known_share: float = 0.0
    name_share: float = 0.0
    code_share: float = 0.0


def ask(text: str) -> Query:
    """Cut a query into terms. Of a term that stands there twice the larger weight and the higher class count."""
    weights: dict[str, float] = {}
    classes: dict[str, TermClass] = {}
    for term in terms(text):
        weights[term.key] = max(weights.get(term.key, 0.0), term.weight)
        classes[term.key] = max(classes.get(term.key, TermClass.WORD), term.kind)
    for character in characters(text):
        weights[character] = max(weights.get(character, 0.0), CHARACTER)
        classes.setdefault(character, TermClass.WORD)
    keys = sorted(weights, key=lambda key: -classes[key])
    kinds = list(classes.values())
    codes = kinds.count(TermClass.CODE)
    return Query({key: weights[key] for key in keys}, codes, codes + kinds.count(TermClass.NAME))


def facts(query: Query, frequencies: list[int], idf: list[float], rare: float) -> Facts:
    """What a query has to say.

    Args:
        query: The query.
        frequencies: How many facets hold each term.
        idf: Of each term.
        rare: A term is rare where not more than so many hold it.
    """
    if not idf:
        return Facts()
    weights = list(query.weights.values())
    said = [weight * one for weight, one in zip(weights, idf, strict=True)]
    total = sum(said) or 1.0
    known = [place for place, frequency in enumerate(frequencies) if frequency]
    known_said = sum(said[place] for place in known)
    return Facts(
        terms=len(idf),
        known=len(known),
        rare=sum(1 for place in known if frequencies[place] <= rare),
        mean_idf=known_said / sum(weights[place] for place in known) if known else 0.0,
        max_idf=max((idf[place] for place in known), default=0.0),
        known_share=known_said / total,
        name_share=sum(said[: query.names]) / total,
        code_share=sum(said[: query.codes]) / total,
    )
