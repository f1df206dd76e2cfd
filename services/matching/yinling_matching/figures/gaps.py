"""What is asked for and nobody offers, and what is offered and nobody asks for.

Somebody offers what is asked where they answer it more likely than not, by the best of their facets and by their words,
as in a suggestion. Somebody asks for a skill where it alone would answer a text of a request so. Unmet is what nobody
answers, or nobody who would work on site in that city. A suggestion shows evidence from `matches.FOUND` on, which is
less: of one person it says what there is to look at, but the best of hundreds who know nothing of it comes to as much.

Thousands of people and hundreds of requests are some hundred million comparisons: matrix products, a few texts at a
time. Between them the catalogue is free for others, and may change: what was found before stands.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import resolve
from yinling_common.types import Mode
from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.catalogue.facets import FacetKind
from yinling_matching.catalogue.slots import Selection
from yinling_matching.domain import MentoringRequest
from yinling_matching.figures.asking import AskedPoint
from yinling_matching.lexical import Query
from yinling_matching.lexical.normalise import HAN
from yinling_matching.rules.columns import PeopleColumns
from yinling_matching.scoring import WORDS
from yinling_matching.scoring.scale import MIDDLE

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

_AT_ONCE = 16
"""More are quicker together, and hold the catalogue longer: so many for about as long as two suggestions."""

_ENOUGH = np.float32(MIDDLE)
"""What a point is answered with at least, on the scale of cosines: as likely as not. Of fifteen trades that nobody in
the sample roster has, nine stay below this, six below `FOUND`; so do two of the ninety requirements of the sample
requests that somebody meets."""

_FOREIGN = np.float32(0.15)
"""So much less is enough for a text without a Chinese character. It shares no word with a Chinese profile, and words
add 0.2 and more to a good answer. In the sample 边坡稳定 answers "Slope stability of open-pit benches" so."""

_CHINESE = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Unmet:
    """A text that nobody answers, or nobody who would come to this city; and the ids of the requests that hold it."""

    text: str
    vector: Floats
    city: str
    requests: frozenset[str]


@dataclass(frozen=True, slots=True)
class Idle:
    """A skill that nobody asks for, and who offers it: ids and cities."""

    text: str
    vector: Floats
    people: dict[str, str]


def find_gaps(catalogue: Catalogue, points: Sequence[AskedPoint], office: str) -> tuple[list[Unmet], list[Idle]]:
    """Compare what is asked with everybody. It takes a while: call it from a thread of its own.

    Args:
        catalogue: Who there is.
        points: What is asked; where there is nothing, nothing is said of what is offered.
        office: Only its people offer in vain; empty for everybody.
    """
    unmet: list[Unmet] = []
    asked = _AskedFor()
    for first in range(0, len(points), _AT_ONCE):
        with catalogue.reading() as view:
            unmet += _compare(view, points[first : first + _AT_ONCE], asked)
    return unmet, _idle(catalogue, asked.texts, office) if points else []


class _AskedFor:
    """The skills that somebody asks for, by their texts: places in the index may change hands meanwhile."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self._state: tuple[int, int, int] | None = None
        self._known: Mask = np.zeros(0, np.bool_)  # by slot, for as long as the catalogue stays as it is

    def add(self, view: View, slots: Ids) -> None:
        """Those in some slots."""
        state = (view.generation, view.revision, len(view))
        if state != self._state:
            self._state, self._known = state, np.zeros(len(view.owner), np.bool_)
        new = slots[~self._known[slots]]
        self._known[new] = True
        for slot in new.tolist():
            entry = view.at(int(view.owner[slot]))
            facet = entry.indexed.facets[int(np.searchsorted(entry.slots, slot))]
            if facet.kind is FacetKind.SKILL:
                self.texts.add(facet.text)


def _compare(view: View, points: Sequence[AskedPoint], asked: _AskedFor) -> Iterator[Unmet]:
    everybody = view.select(view.columns.alive)
    if not len(everybody.rows):
        for point in points:
            yield from _unmet(view, point, everybody, np.zeros(0, np.bool_))
        return
    similarity = view.index.similarities(np.array([point.vector for point in points]), everybody.slots)
    weighted = [view.lexical.weighted(point.query) for point in points]
    many = view.lexical.many(view.owner)
    words = many.facets(weighted, everybody.slots)
    # As somebody would be answered with who had this facet alone.
    alone = similarity + np.float32(2 * WORDS) * words
    enough = np.array([_enough(point.told) for point in points], np.float32)
    asked.add(view, everybody.slots[(alone >= enough[:, None]).any(axis=0)])
    for row, point in enumerate(points):
        if not point.wanting:
            continue
        offers = np.maximum.reduceat(alone[row], everybody.starts) >= enough[row]
        if not list(_unmet(view, point, everybody, offers)):
            continue
        # Not quite everything yet: words of several facets count together.
        best, together = many.people([weighted[row]], everybody.rows)
        answers = np.maximum.reduceat(similarity[row], everybody.starts) + np.float32(WORDS) * (best + together)[0]
        offers |= answers >= enough[row]
        offers |= _by_letters(view, point.query, everybody, words[row])
        yield from _unmet(view, point, everybody, offers)


def _enough(text: str) -> np.float32:
    return _ENOUGH if _CHINESE.search(text) else _ENOUGH - _FOREIGN


def _by_letters(view: View, query: Query, everybody: Selection, words: Floats) -> Mask:
    """Who has a facet that holds all the letters of a text: that is an answer, whatever else it says."""
    found = np.zeros(len(everybody.rows), np.bool_)
    if query.letters:
        facets = np.flatnonzero(words > 0)
        slots = everybody.slots[facets].tolist()
        holds = [query.letters.issubset(view.lexical.terms_at(slot)) for slot in slots]
        found[np.searchsorted(everybody.starts, facets[holds], side="right") - 1] = True
    return found


def _unmet(view: View, point: AskedPoint, everybody: Selection, offers: Mask) -> Iterator[Unmet]:
    """Where a text is unmet: anywhere, or in some cities.

    Args:
        view: Held for reading.
        point: The text.
        everybody: Who was compared.
        offers: Who of them answers it.
    """
    if not offers.any():
        yield Unmet(point.told, point.vector, "", frozenset(request.id for request in point.wanting))
        return
    rows = everybody.rows[offers]
    nobody_comes: dict[str, set[str]] = {}
    for request in point.wanting:
        if not _would_come(view.columns, request, rows):
            nobody_comes.setdefault(request.city, set()).add(request.id)
    for city, requests in nobody_comes.items():
        yield Unmet(point.told, point.vector, city, frozenset(requests))


def _would_come(columns: PeopleColumns, request: MentoringRequest, rows: Ids) -> bool:
    """Whether any of some people would work where a request wants it; as the rules of mode and distance have it."""
    city = resolve(request.city)
    if request.mode is not Mode.ON_SITE or city is None:
        return True
    on_site = (columns.modes[rows] & np.uint8(1 << Mode.ON_SITE)) != 0
    farthest = np.minimum(columns.reach(city)[rows], request.max_distance_km or np.inf)
    too_far = columns.distances(request.city)[rows] > farthest  # of a city that is not known nothing is greater
    return bool((on_site & ~too_far).any())


def _idle(catalogue: Catalogue, asked: Collection[str], office: str) -> list[Idle]:
    people: dict[str, dict[str, str]] = {}
    slots: dict[str, int] = {}
    with catalogue.reading() as view:
        for entry in view.entries():
            person = entry.indexed.person
            if office not in {"", person.organisation}:
                continue
            for place, facet in enumerate(entry.indexed.facets):
                if facet.kind is FacetKind.SKILL and facet.text not in asked:
                    people.setdefault(facet.text, {})[person.id] = person.city
                    slots.setdefault(facet.text, int(entry.slots[place]))
        vectors = view.index.reconstruct(np.array(list(slots.values()), np.int64))
    return [Idle(text, vectors[row], people[text]) for row, text in enumerate(slots)]
