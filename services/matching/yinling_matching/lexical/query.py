"""A query as its terms."""

from dataclasses import dataclass

from yinling_matching.lexical.characters import CHARACTER, characters
from yinling_matching.lexical.classes import TermClass
from yinling_matching.lexical.normalise import normalised
from yinling_matching.lexical.terms import terms_of_normalised, written_in_capitals


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A query's terms, each once. Two are equal where they are the same object, so that they can be looked up by.

    Attributes:
        weights: The weight of each.
        kinds: The class of each.
    """

    weights: dict[str, float]
    kinds: dict[str, TermClass]


def ask(text: str) -> Query:
    """Cut a query into terms. Of a term that stands there twice the larger weight and the higher class count."""
    weights: dict[str, float] = {}
    kinds: dict[str, TermClass] = {}
    plain = normalised(text)
    for term in terms_of_normalised(plain, written_in_capitals(text)):
        weights[term.key] = max(weights.get(term.key, 0.0), term.weight)
        kinds[term.key] = max(kinds.get(term.key, TermClass.WORD), term.kind)
    for character in characters(plain):
        weights[character] = max(weights.get(character, 0.0), CHARACTER)
        kinds.setdefault(character, TermClass.WORD)
    return Query(weights, kinds)
