"""Everybody who may be suggested, in memory: the person, the columns of the rules, the facets and their vectors.

What is read together must belong together: a facet found in the index must be that person's facet of that revision.
So one lock guards all of it. Readers share it for the 10 to 20 ms that a suggestion computes; a writer holds it alone
for the millisecond in which finished vectors are put in: embedding is done before, outside. Copies of the state per
reader would spare the lock, but at 90 MB for 10,000 people a change would cost more than it does now. Everything
here blocks: call it from a thread, never from the event loop.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.entries import Entry, Indexed, Put, Remove, evidence_slots_of
from yinling_matching.catalogue.facets import FacetGroup
from yinling_matching.catalogue.locks import ReadWriteLock
from yinling_matching.catalogue.slots import Selection, Slots
from yinling_matching.catalogue.traits import Traits
from yinling_matching.catalogue.wholes import Wholes
from yinling_matching.index import VectorIndex
from yinling_matching.lexical import LexicalIndex, Prepared, prepare
from yinling_matching.rules.bitmaps import Columns

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


class View:
    """The state while it is held for reading. Do not keep it."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._catalogue = catalogue
        self.revision = catalogue.revision
        self.generation = catalogue.generation
        self.columns = catalogue._columns
        self.index = catalogue._index
        self.lexical = catalogue._lexical
        self.traits = catalogue._traits
        self.wholes = catalogue._wholes
        self.owner = catalogue._slots.owner

    def __len__(self) -> int:
        return len(self._catalogue)

    def entries(self) -> Iterable[Entry]:
        """Everybody."""
        return self._catalogue._entries.values()

    def entry(self, person_id: str) -> Entry | None:
        """One person; None where they are not here."""
        return self._catalogue._entries.get(person_id)

    def taken(self, person_id: str) -> int:
        """How many of a person's places are taken."""
        return self._catalogue._taken.get(person_id, 0)

    def at(self, row: int) -> Entry:
        """The person in a row."""
        return self._catalogue._by_row[row]

    def select(self, rows: Mask, group: FacetGroup = FacetGroup.EVIDENCE) -> Selection:
        """The facets of the people in some rows; people without facets of the group are left out."""
        return self._catalogue._slots.select(rows, group)


class Catalogue:
    """See the module. `make_index` makes an empty index; `generation` grows with each new beginning."""

    def __init__(self, make_index: Callable[[], VectorIndex]) -> None:
        self._make_index = make_index
        self._lock = ReadWriteLock()
        self.generation = 0
        self._withdrawn: dict[str, int] = {}  # revision of the removal, where that is newer than ours
        self._taken: dict[str, int] = {}  # places, of those who have any taken; not from the feed, so it outlives all
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

    def set_taken(self, taken: Mapping[str, int], *, anew: bool = False) -> None:
        """Say how many places of some people are taken, whether they are here or not.

        Args:
            taken: Places, by person.
            anew: Nobody else has any taken.
        """
        with self._lock.write():
            changed = dict.fromkeys(self._taken if anew else (), 0) | dict(taken)
            for person_id, places in changed.items():
                self._taken[person_id] = places
                if entry := self._entries.get(person_id):
                    self._columns.take(entry.row, places)
            self._taken = {person_id: places for person_id, places in self._taken.items() if places}

    def reset(self) -> None:
        """Forget everybody, to build from the beginning."""
        with self._lock.write():
            self._empty(0)

    def restore(
        self, people: Sequence[Indexed], vectors: Floats, revision: int, terms: Sequence[Prepared] | None = None
    ) -> None:
        """Hold exactly these people.

        Args:
            people: Who.
            vectors: A row for each facet of each of them in turn.
            revision: Of the feed.
            terms: Of each facet that is evidence, in turn; None cuts the texts.
        """
        if terms is None:
            terms = [facet for indexed in people for facet in terms_of(indexed)]
        with self._lock.write():
            self._empty(revision)
            self._rows_used = len(people)
            for row, indexed in enumerate(people):
                slots = self._slots.take(row, [facet.kind.group for facet in indexed.facets])
                self._remember(Entry(indexed, row, slots), vectors[slots])
            self._lexical.load(evidence_slots_of(self._entries.values()), terms)
            self._index.load(np.arange(len(vectors), dtype=np.int64), vectors)

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
        self._traits = Traits()
        self._wholes = Wholes(self._index.dimensions)
        self._lexical = LexicalIndex()
        self._slots = Slots()
        self._entries: dict[str, Entry] = {}
        self._by_row: dict[int, Entry] = {}
        self._free_rows: list[int] = []
        self._rows_used = 0

    def _overtaken(self, change: Put) -> bool:
        return change.revision is not None and change.revision < self._withdrawn.get(change.indexed.person.id, 0)

    def _put(self, change: Put) -> None:
        old = self._entries.get(change.indexed.person.id)
        if old is not None:
            self._free(old.slots)
        row = old.row if old else self._take_row()
        slots = self._slots.take(row, [facet.kind.group for facet in change.indexed.facets])
        self._index.add(slots, change.vectors)
        terms = terms_of(change.indexed) if change.terms is None else change.terms
        entry = Entry(change.indexed, row, slots)
        self._remember(entry, change.vectors)
        self._lexical.add(entry.evidence_slots, terms)

    def _remember(self, entry: Entry, vectors: Floats) -> None:
        person = entry.indexed.person
        self._columns.set(entry.row, person, self._taken.get(person.id, 0))
        self._traits.set(entry.row, person)
        self._wholes.set(entry.row, vectors[: len(entry.indexed.evidence)])
        self._entries[entry.indexed.person.id] = entry
        self._by_row[entry.row] = entry

    def _remove(self, person_id: str) -> None:
        entry = self._entries.pop(person_id, None)
        if entry is None:
            return
        self._free(entry.slots)
        del self._by_row[entry.row]
        self._columns.clear(entry.row, person_id)
        self._traits.clear(entry.row, person_id)
        self._wholes.clear(entry.row)
        self._free_rows.append(entry.row)

    def _free(self, slots: Ids) -> None:
        self._index.remove(slots)
        self._lexical.remove(slots)
        self._slots.free(slots)

    def _take_row(self) -> int:
        if self._free_rows:
            return self._free_rows.pop()
        self._rows_used += 1
        return self._rows_used - 1


def terms_of(indexed: Indexed) -> list[Prepared]:
    """The terms of each facet that is evidence. Takes longer than putting them in: do it before."""
    return prepare(facet.text for facet in indexed.evidence)
