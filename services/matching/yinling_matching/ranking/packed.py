"""Many requests in arrays, to be compared with one person at once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from yinling_matching.domain import MentoringRequest
from yinling_matching.lexical.asked import Asked
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.weights import NO_WEIGHTS, Effective, Weights
from yinling_matching.scoring import PointKind

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

_DEFAULTS = asdict(Effective())


@dataclass(frozen=True, slots=True)
class EffectiveOfMany:
    """The weights that hold for some requests, a value a request; as `Effective`."""

    about: Floats
    must: Floats
    nice: Floats
    words: Floats
    years: Floats
    title_level: Floats
    feedback: Floats
    wishes: Floats
    broken_wishes: Floats


class Packed:
    """Requests that are ready to be compared, in arrays: a row a request, and in turn the points of each.

    Attributes:
        questions: By row; None for a request that is not ready, and has no points here.
        ready: Which are.
        asks: Which of these say something, and so can be ranked.
        vectors: Of the points, shape (points, dimensions).
        owner: The row of each point.
        about: Which points say what a request is about; at most one of each request does.
        words: Of the points.
        min_years: By row; 0 where not asked.
        min_title_level: The same.
    """

    def __init__(self, requests: Sequence[MentoringRequest], questions: Sequence[Question | None]) -> None:
        made = [(row, one) for row, one in enumerate(questions) if one is not None]
        self.questions = questions
        self.ready = np.array([one is not None for one in questions], np.bool_)
        self.asks = np.array([one is not None and len(one.kinds) > 0 for one in questions], np.bool_)
        # Of none the length of a vector is not known, and does not matter.
        self.vectors = np.concatenate([one.vectors for _, one in made]) if made else np.zeros((0, 0), np.float32)
        self.owner = np.array([row for row, one in made for _ in one.kinds], np.int64)
        kinds = np.array([kind for _, one in made for kind in one.kinds], np.int64)
        self.about = kinds == PointKind.ABOUT
        self.words = Asked([query for _, one in made for query in one.queries])
        self.min_years = np.array([one.min_years for one in requests], np.float64)
        self.min_title_level = np.array([one.min_title_level for one in requests], np.float64)
        self._kinds = kinds
        self._own = {
            field.name: np.array([_number(getattr(one.weights, field.name)) for one in requests], np.float64)
            for field in fields(Weights)
        }
        names = {one.organisation: None for one in requests}
        self._names = {name: number for number, name in enumerate(names)}
        self._organisation = np.array([self._names[one.organisation] for one in requests], np.int64)

    def weights(self, set_by: Mapping[str, Weights]) -> EffectiveOfMany:
        """The weights that hold: a request's own, else its organisation's, else the default; as `effective`.

        Args:
            set_by: What organisations set; who is not there set nothing.
        """
        of_organisations = [set_by.get(name, NO_WEIGHTS) for name in self._names]
        found = {}
        for name, own in self._own.items():
            theirs = np.array([_number(getattr(one, name)) for one in of_organisations], np.float64)
            theirs = np.where(np.isnan(theirs), _DEFAULTS[name], theirs)
            found[name] = np.where(np.isnan(own), theirs[self._organisation], own)
        return EffectiveOfMany(**found)

    def shares(self, weights: EffectiveOfMany) -> Floats:
        """How much each point counts in what its request asks, shape (points,); those of a request add up to 1."""
        of_kind = {PointKind.ABOUT: weights.about, PointKind.MUST: weights.must, PointKind.NICE: weights.nice}
        shares = np.choose(self._kinds, [of_kind[kind][self.owner] for kind in sorted(PointKind)])
        totals = self.sums(shares)
        # As `fits_of` has it: of nothing but what is weighed with nothing all points count alike.
        shares = np.where(totals[self.owner] > 0, shares, 1.0)
        return shares / self.sums(shares)[self.owner]

    def sums(self, values: Floats) -> Floats:
        """Values of points added up by their request, shape (rows,); 0 for one without points."""
        return np.bincount(self.owner, values, len(self.questions)).astype(np.float64, copy=False)


def _number(weight: float | None) -> float:
    return np.nan if weight is None else weight
