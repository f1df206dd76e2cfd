"""A query as its terms."""

from dataclasses import dataclass, field

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
    letters: frozenset[str] = field(init=False)
    """The terms that a facet which holds them all answers, whatever else it says: the codes. Names are among them where
    nothing but these is asked for."""

    def __post_init__(self) -> None:
        whole = {key: self.kinds[key] for key, weight in self.weights.items() if weight >= 1}
        least = TermClass.CODE if TermClass.WORD in whole.values() else TermClass.NAME
        object.__setattr__(self, "letters", frozenset(key for key, kind in whole.items() if kind >= least))


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
