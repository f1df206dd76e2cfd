"""Everybody who may be suggested, in memory: the person, the columns of the rules, the facets and their vectors.

What is read together must belong together: a facet found in the index must be that person's facet of that revision.
So one lock guards all of it. Readers share it for the 10 to 20 ms that a suggestion computes; a writer holds it alone
for the millisecond in which finished vectors are put in: embedding is done before, outside. Copies of the state per
reader would spare the lock, but at 90 MB for 10,000 people a change would cost more than it does now. Everything
here blocks: call it from a thread, never from the event loop.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from yinling_matching.domain import Person
from yinling_matching.eligibility import Columns
from yinling_matching.facets import Facet
from yinling_matching.index import VectorIndex
from yinling_matching.locks import ReadWriteLock

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A person as they are indexed.

    Attributes:
        person: The profile.
        facets: Their texts.
        keys: Under which the vector of each facet is stored (see `vectors`).
    """

    person: Person
    facets: tuple[Facet, ...]
    keys: tuple[bytes, ...]


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


@dataclass(frozen=True, slots=True)
class Put:
    """A person is new or changed.

    Attributes:
        indexed: The person.
        vectors: One row a facet.
        revision: Of the change; None for one that no removal can have overtaken.
    """

    indexed: Indexed
    vectors: Floats
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A person is gone, or took their consent back."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The facets of everybody, those of a person side by side.

    Attributes:
        slots: Of all facets, by row of their person.
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


class View:
    """The state while it is held for reading. Do not keep it."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._catalogue = catalogue
        self.revision = catalogue.revision
        self.columns = catalogue._columns
        self.index = catalogue._index

    def __len__(self) -> int:
        return len(self._catalogue)

    def entries(self) -> Iterable[Entry]:
        """Everybody."""
        return self._catalogue._entries.values()

    def entry(self, person_id: str) -> Entry | None:
        """One person; None where they are not here."""
        return self._catalogue._entries.get(person_id)

    def at(self, row: int) -> Entry:
        """The person in a row."""
        return self._catalogue._by_row[row]

    def select(self, rows: Mask) -> Selection:
        """The facets of the people in some rows; people without facets are left out."""
        layout = self._catalogue._layout()
        wanted = rows[: len(layout.counts)] & (layout.counts > 0)
        chosen = np.flatnonzero(wanted)
        ends = np.cumsum(layout.counts[chosen])
        starts = ends - layout.counts[chosen]
        return Selection(chosen, layout.slots[wanted[layout.rows]], starts)


class Catalogue:
    """See the module. `make_index` makes an empty index; `generation` grows with each new beginning."""

    def __init__(self, make_index: Callable[[], VectorIndex]) -> None:
        self._make_index = make_index
        self._lock = ReadWriteLock()
        self._layout_lock = Lock()
        self.generation = 0
        self._withdrawn: dict[str, int] = {}  # revision of the removal, where that is newer than ours
        self._empty(0)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def facets(self) -> int:
        """Facets in the index."""
        return len(self._index)

    @contextmanager
    def reading(self) -> Iterator[View]:
        """The state, unchanging until the end of the block."""
        with self._lock.read():
            yield View(self)

    def apply(self, changes: Sequence[Put | Remove], revision: int) -> None:
        """Take changes in, all at once, and their revision. Whose known removal is newer than the Put stays out."""
        with self._lock.write():
            for change in changes:
                if not isinstance(change, Put):
                    self._remove(change.person_id)
                elif not self._overtaken(change):
                    self._put(change)
            self.revision = revision
            self._withdrawn = {id_: gone for id_, gone in self._withdrawn.items() if gone > revision}

    def withdraw(self, removals: Mapping[str, int], generation: int) -> int | None:
        """Take people out ahead of the changes before their removal; the revision stays.

        Args:
            removals: Revision of the removal, by person. One that is not newer than ours is passed over: the person may
                have come back since.
            generation: For which they are. Where it is another by now nothing is done, and None returned.

        Returns:
            How many were taken out.
        """
        with self._lock.write():
            if generation != self.generation:
                return None
            newer = {id_: removed for id_, removed in removals.items() if removed > self.revision}
            self._withdrawn |= newer
            before = len(self._entries)
            for person_id in newer:
                self._remove(person_id)
            return before - len(self._entries)

    def reset(self) -> None:
        """Forget everybody, to build from the beginning."""
        with self._lock.write():
            self._empty(0)

    def restore(self, people: Sequence[Indexed], vectors: Floats, revision: int) -> None:
        """Hold exactly these people; `vectors` has a row for each facet of each of them in turn."""
        with self._lock.write():
            self._empty(revision)
            first = 0
            for row, indexed in enumerate(people):
                slots = np.arange(first, first + len(indexed.facets), dtype=np.int64)
                first += len(indexed.facets)
                self._remember(Entry(indexed, row, slots))
            self._index.load(np.arange(first, dtype=np.int64), vectors)
            self._rows_used, self._slots_used = len(people), first
            self._owner = np.repeat(np.arange(len(people), dtype=np.int32), [len(i.facets) for i in people])

    def known(self, person_id: str) -> dict[bytes, Floats]:
        """The vectors of a person's facets by key, so that what did not change is not looked up again."""
        with self._lock.read():
            entry = self._entries.get(person_id)
            if entry is None:
                return {}
            return dict(zip(entry.indexed.keys, self._index.reconstruct(entry.slots), strict=True))

    def _empty(self, revision: int) -> None:
        self.revision = revision
        self.generation += 1
        self._withdrawn = {}
        self._index = self._make_index()
        self._columns = Columns()
        self._entries: dict[str, Entry] = {}
        self._by_row: dict[int, Entry] = {}
        self._free_rows: list[int] = []
        self._free_slots: list[int] = []
        self._rows_used = 0
        self._slots_used = 0
        self._owner = np.full(0, -1, dtype=np.int32)  # row of the person, by slot; -1 for a free slot
        self._cached_layout: Layout | None = None

    def _overtaken(self, change: Put) -> bool:
        return change.revision is not None and change.revision < self._withdrawn.get(change.indexed.person.id, 0)

    def _put(self, change: Put) -> None:
        old = self._entries.get(change.indexed.person.id)
        if old is not None:
            self._free(old.slots)
        row = old.row if old else self._take_row()
        slots = self._take_slots(len(change.indexed.facets))
        self._owner[slots] = row
        self._index.add(slots, change.vectors)
        self._remember(Entry(change.indexed, row, slots))
        self._cached_layout = None

    def _remember(self, entry: Entry) -> None:
        self._columns.set(entry.row, entry.indexed.person)
        self._entries[entry.indexed.person.id] = entry
        self._by_row[entry.row] = entry

    def _remove(self, person_id: str) -> None:
        entry = self._entries.pop(person_id, None)
        if entry is None:
            return
        self._free(entry.slots)
        del self._by_row[entry.row]
        self._columns.clear(entry.row, person_id)
        self._free_rows.append(entry.row)
        self._cached_layout = None

    def _free(self, slots: Ids) -> None:
        self._index.remove(slots)
        self._owner[slots] = -1
        self._free_slots.extend(slots.tolist())

    def _take_row(self) -> int:
        if self._free_rows:
            return self._free_rows.pop()
        self._rows_used += 1
        return self._rows_used - 1

    def _take_slots(self, count: int) -> Ids:
        again = [self._free_slots.pop() for _ in range(min(count, len(self._free_slots)))]
        new = range(self._slots_used, self._slots_used + count - len(again))
        self._slots_used += len(new)
        if self._slots_used > len(self._owner):
            more = max(self._slots_used, 2 * len(self._owner)) - len(self._owner)
            self._owner = np.concatenate([self._owner, np.full(more, -1, dtype=np.int32)])
        return np.array(sorted([*again, *new]), dtype=np.int64)

    def _layout(self) -> Layout:
        """Made by the first reader after a change: readers hold the lock, so it cannot age while it is made."""
        with self._layout_lock:
            if self._cached_layout is None:
                live = np.flatnonzero(self._owner >= 0)
                order = live[np.argsort(self._owner[live], kind="stable")]
                rows = self._owner[order]
                counts = np.bincount(rows, minlength=self._rows_used).astype(np.int64)
                self._cached_layout = Layout(order, rows, counts)
            return self._cached_layout
