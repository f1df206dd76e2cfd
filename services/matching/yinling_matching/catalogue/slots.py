"""Where facets lie in the index, and whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.facets import FacetGroup
from yinling_matching.catalogue.growing import grown

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Layout:
    """The facets of everybody, those of a person side by side.

    Attributes:
        slots: Of all facets of a group, by row of their person.
        rows: The person's row, for each of them.
        counts: Facets of each row.
    """

    slots: Ids
    rows: NDArray[np.int32]
    counts: Ids


@dataclass(frozen=True, slots=True)
class Selection:
    """The facets of some people, as the scoring wants them.

    Attributes:
        rows: The people.
        slots: Their facets, those of a person side by side.
        starts: Where each person's facets begin.
    """

    rows: Ids
    slots: Ids
    starts: Ids


class Slots:
    """Gives out places in the index. Free ones are used again, so that the index does not grow with every change.

    It does not lock: many may read at once, but nobody while somebody writes.
    """

    def __init__(self) -> None:
        self._free: list[int] = []
        self._used = 0
        self._rows = 0
        self._owner = np.full(0, -1, dtype=np.int32)  # row of the person, by slot; -1 for a free slot
        self._group = np.zeros(0, dtype=np.int8)
        self._layouts: dict[FacetGroup, Layout] = {}
        self._layout_lock = Lock()

    @property
    def owner(self) -> NDArray[np.int32]:
        """Row of the person by slot; -1 for a free slot."""
        return self._owner

    def take(self, row: int, groups: Sequence[FacetGroup]) -> Ids:
        """Slots for the facets of the person in a row, ascending."""
        again = [self._free.pop() for _ in range(min(len(groups), len(self._free)))]
        new = range(self._used, self._used + len(groups) - len(again))
        self._used += len(new)
        self._rows = max(self._rows, row + 1)
        self._owner = grown(self._owner, self._used, fill=-1)
        self._group = grown(self._group, self._used)
        slots = np.array(sorted([*again, *new]), dtype=np.int64)
        self._owner[slots] = row
        self._group[slots] = groups
        self._layouts.clear()
        return slots

    def free(self, slots: Ids) -> None:
        """Give slots back."""
        self._owner[slots] = -1
        self._free.extend(slots.tolist())
        self._layouts.clear()

    def layout(self, group: FacetGroup) -> Layout:
        """Made by the first reader after a change: readers hold the lock of the catalogue, so it cannot age."""
        with self._layout_lock:
            if group not in self._layouts:
                live = np.flatnonzero((self._owner >= 0) & (self._group == group))
                order = live[np.argsort(self._owner[live], kind="stable")]
                rows = self._owner[order]
                counts = np.bincount(rows, minlength=self._rows).astype(np.int64)
                self._layouts[group] = Layout(order, rows, counts)
            return self._layouts[group]

    def select(self, rows: Mask, group: FacetGroup) -> Selection:
        """The facets of the people in some rows; people without facets of the group are left out."""
        layout = self.layout(group)
        wanted = np.zeros(len(layout.counts), np.bool_)
        shared = min(len(rows), len(wanted))
        wanted[:shared] = rows[:shared] & (layout.counts[:shared] > 0)
        chosen = np.flatnonzero(wanted)
        ends = np.cumsum(layout.counts[chosen])
        starts = ends - layout.counts[chosen]
        return Selection(chosen, layout.slots[wanted[layout.rows]], starts)
