"""People as they are indexed, and how they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.facets import Facet
from yinling_matching.domain import Person
from yinling_matching.lexical import Prepared

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A person as they are indexed.

    Attributes:
        person: The profile.
        facets: Their texts; wishes come last.
        keys: Under which the vector of each facet is stored (see `vectors`).
    """

    person: Person
    facets: tuple[Facet, ...]
    keys: tuple[bytes, ...]
    evidence: tuple[Facet, ...] = field(init=False, compare=False)
    """The facets that can answer a request: all but the wishes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", tuple(facet for facet in self.facets if facet.kind.is_evidence))


@dataclass(frozen=True, slots=True)
class Entry:
    """A person and where they lie.

    Attributes:
        indexed: The person.
        row: In the columns.
        slots: In the index, one a facet, ascending.
    """

    indexed: Indexed
    row: int
    slots: Ids

    @property
    def evidence_slots(self) -> Ids:
        """Those of the facets that can answer a request."""
        return self.slots[: len(self.indexed.evidence)]


def evidence_slots_of(entries: Iterable[Entry]) -> Ids:
    """Those of all of some people, in turn."""
    return np.concatenate([np.zeros(0, np.int64), *(entry.evidence_slots for entry in entries)])


@dataclass(frozen=True, slots=True)
class Put:
    """A person is new or changed.

    Attributes:
        indexed: The person.
        vectors: One row a facet.
        revision: Of the change; None for one that no removal can have overtaken.
        terms: Of each facet that is evidence, made ahead, as it takes longer than putting them in; None: made then.
    """

    indexed: Indexed
    vectors: Floats
    revision: int | None = None
    terms: Sequence[Prepared] | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A person is gone, or took their consent back."""

    person_id: str
