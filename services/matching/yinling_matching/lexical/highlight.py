"""The words of a facet that answer a query by their letters, as the person wrote them."""

from bisect import bisect_right
from dataclasses import dataclass

from yinling_matching.lexical.classes import Term, TermClass
from yinling_matching.lexical.normalise import with_origins
from yinling_matching.lexical.query import Query, ask
from yinling_matching.lexical.terms import terms_of_normalised


@dataclass(frozen=True, slots=True)
class Shared:
    """Letters of a facet that a query has too.

    Attributes:
        text: As written in the facet.
        start: Where it begins there.
        end: Where it ends.
        kind: The highest class of its terms, as the query has them.
    """

    text: str
    start: int
    end: int
    kind: TermClass


def shared(query: str | Query, facet: str) -> list[Shared]:
    """What a facet shares with a query, by its place. Words that touch are put together: 综采工作面."""
    asked = query if isinstance(query, Query) else ask(query)
    text, origins = with_origins(facet)
    found: list[Shared] = []
    group: list[Term] = []
    for term in [one for one in terms_of_normalised(text) if one.key in asked.kinds]:
        if group and term.start > max(one.end for one in group):
            found.append(_shared(group, asked.kinds, facet, origins))
            group = []
        group.append(term)
    if group:
        found.append(_shared(group, asked.kinds, facet, origins))
    return found


def shared_terms(query: str | Query, facet: str) -> list[str]:
    """The same as texts to show, each once: codes first, then names, then words of more than one character."""
    found = sorted(shared(query, facet), key=lambda one: -one.kind)
    return list(dict.fromkeys(one.text for one in found if len(one.text) > 1))


def _shared(group: list[Term], kinds: dict[str, TermClass], facet: str, origins: list[int]) -> Shared:
    begin = origins[group[0].start]
    last = origins[max(term.end for term in group) - 1]
    finish = origins[bisect_right(origins, last)]  # a character may have become several
    written = facet[begin:finish]
    text = written.rstrip()
    return Shared(text, begin, begin + len(text), max(kinds[term.key] for term in group))
