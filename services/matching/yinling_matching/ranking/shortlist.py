"""Which of many requests may be among the best for a person: all of them compared at once, in arrays.

It says nothing that is shown. `rank_requests` compares the few that are left one by one, by the code that everything
else is compared by, and so the answer is the same as if it had compared them all; a test holds the two together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.catalogue.entries import Entry
from yinling_matching.catalogue.facets import FacetGroup
from yinling_matching.catalogue.traits import TraitsOf
from yinling_matching.domain import HardRule
from yinling_matching.lexical.asked import Weighed
from yinling_matching.lexical.few import Few
from yinling_matching.ranking.adjustments import BROKEN, WishCosines, level_short, wished, years_short
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.packed import EffectiveOfMany, Packed
from yinling_matching.ranking.wanted import OWN_CHOICE
from yinling_matching.ranking.weights import Weights
from yinling_matching.rules.request_columns import Suiting
from yinling_matching.scoring import answers_of_one, logits_of

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]

MARGIN = 1e-3
"""Log-odds by which a request may seem worse than the last that is shown, and is still compared one by one. Sums of
another order differ by a millionth, and cannot by more than a tenth of this."""


@dataclass(frozen=True, slots=True)
class _Side:
    """What is compared of a person; copies, so that the catalogue need not be held meanwhile.

    Attributes:
        vectors: Of the facets that are evidence, of the profile as a whole, and of what the person wants and avoids,
            in this order; shape (vectors, dimensions).
        ends: Where each of these groups but the last ends.
        words: Of the facets that are evidence; None where there are none.
        traits: Shape (1,) each.
    """

    vectors: NDArray[np.float32]
    ends: list[int]
    words: Few | None
    traits: TraitsOf


@dataclass(frozen=True, slots=True)
class Compared:
    """Some requests, and what the rules say of them and the person.

    Attributes:
        packed: The requests; those that suit must be ready.
        suiting: What the rules say.
    """

    packed: Packed
    suiting: Suiting


def shortlist(
    catalogue: Catalogue, person_id: str, batches: Sequence[Compared], set_by: Mapping[str, Weights], limit: int
) -> list[tuple[Question, float]] | None:
    """The requests that may be among the best, each with about its log-odds, in no order; None where nobody is there.

    Args:
        catalogue: Who there is.
        person_id: Who.
        batches: The requests.
        set_by: The weights that organisations set.
        limit: How many are shown at most.
    """
    found: list[tuple[Question, float]] = []
    for one in batches:
        with catalogue.reading() as view:
            entry = view.entry(person_id)
            if entry is None:
                return None
            side, asked = _side(view, entry), one.packed.words.weighed(view.lexical)
        found += _compare(one, side, asked, set_by, limit)
    return nearly_best(found, limit)


def nearly_best(found: list[tuple[Question, float]], limit: int) -> list[tuple[Question, float]]:
    """Those that are, or may be, among the best."""
    return [found[place] for place in _near(np.array([logit for _, logit in found]), limit)]


def _near(logits: Floats, limit: int) -> Ids:
    if len(logits) <= limit:
        return np.arange(len(logits))
    last = np.partition(logits, len(logits) - limit)[len(logits) - limit]
    return np.flatnonzero(logits >= last - MARGIN)


def _compare(
    one: Compared, side: _Side, asked: Weighed, set_by: Mapping[str, Weights], limit: int
) -> Iterator[tuple[Question, float]]:
    packed, suiting = one.packed, one.suiting
    if (suiting.suits & ~packed.ready).any():
        raise ValueError("a request that suits is not ready")
    rows = np.flatnonzero(suiting.suits & packed.asks)
    if side.words is None or not len(rows):
        return
    weights = packed.weights(set_by)
    of_facets, whole, wanted, avoided = np.split(packed.vectors @ side.vectors.T, side.ends, axis=1)
    words = packed.words.answers(asked, side.words)
    answers = answers_of_one(packed.about, of_facets, whole[:, 0], words, weights.words[packed.owner])
    logits = logits_of(packed.sums(packed.shares(weights) * answers))
    wishes = WishCosines(_of_request(packed, wanted), _of_request(packed, avoided))
    logits = (logits + _shifts(packed, side.traits, wishes, suiting.severity, weights))[rows]
    for place in _near(logits, limit):
        if question := packed.questions[rows[place]]:
            yield question, float(logits[place])


def _side(view: View, entry: Entry) -> _Side:
    groups = [facet.kind.group for facet in entry.indexed.facets]
    evidence, wanted, avoided = (
        entry.slots[np.array([one is group for one in groups], np.bool_)]
        for group in (FacetGroup.EVIDENCE, FacetGroup.WANTED, FacetGroup.AVOIDED)
    )
    row = np.array([entry.row])
    parts = [
        view.index.reconstruct(evidence),
        view.wholes.vectors(row),
        view.index.reconstruct(wanted),
        view.index.reconstruct(avoided),
    ]
    return _Side(
        np.concatenate(parts),
        np.cumsum([len(part) for part in parts])[:-1].tolist(),
        view.lexical.few(evidence, np.zeros(1, np.int64)) if len(evidence) else None,
        view.traits.at(row),
    )


def _of_request(packed: Packed, cosines: NDArray[np.float32]) -> Floats:
    """The best cosine of what each request is about, by row; NaN where it does not say or there is nothing to compare.

    Args:
        packed: The requests.
        cosines: Of their points and what a person wishes for, or does not; shape (points, wishes).
    """
    found = np.full(len(packed.questions), np.nan)
    if cosines.shape[1]:
        found[packed.owner[packed.about]] = cosines[packed.about].max(axis=1)
    return found


def _shifts(
    packed: Packed,
    traits: TraitsOf,
    wishes: WishCosines,
    severity: Mapping[HardRule, Floats],
    weights: EffectiveOfMany,
) -> Floats:
    """What else moves the scores, by row; as `shifts_of` with what `wanted.ranked` gives it."""
    years, level = packed.min_years, packed.min_title_level
    found = np.where(years > 0, weights.years * years_short(np.maximum(years, 1.0), traits)[0], 0.0)
    found += np.where(level > 0, weights.title_level * level_short(level, traits)[0], 0.0)
    found += OWN_CHOICE * weights.wishes * wished(wishes)
    for badly in severity.values():
        found += weights.broken_wishes * BROKEN * badly
    return found
