"""What readers work out about a posting once, and keep until it changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.bm25 import BM25

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Holders:
    """The people whose facets hold a term.

    Attributes:
        rows: Theirs, each once.
        place: Place in `rows` of each facet's person; None where nobody holds the term in two facets, and the rows are
            in the order of the facets.
    """

    rows: Rows
    place: Rows | None

    @classmethod
    def of(cls, rows: Rows) -> "Holders":
        """From the row of each facet's person."""
        order = None
        ordered = rows
        if (rows[1:] < rows[:-1]).any():
            order = np.argsort(rows, kind="stable")
            ordered = rows[order]
        new = np.ones(len(rows), np.bool_)
        np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
        if new.all():
            return cls(rows, None)
        place = np.cumsum(new, dtype=np.int32) - np.int32(1)
        if order is not None:
            in_order, place = place, np.empty_like(place)
            place[order] = in_order
        return cls(ordered[new], place)


@dataclass(frozen=True, slots=True)
class Parts:
    """What BM25 makes of a posting.

    Attributes:
        bm25: For which; the mean length of all facets moves it.
        of_facets: Of each facet.
        rows: The people's, each once.
        of_people: Of the facet of each of these people that has most.
    """

    bm25: BM25
    of_facets: Floats
    rows: Rows
    of_people: Floats

    @classmethod
    def of(cls, bm25: BM25, of_facets: Floats, holders: Holders) -> "Parts":
        """From those of the facets."""
        if holders.place is None:
            return cls(bm25, of_facets, holders.rows, of_facets)
        highest = np.zeros(len(holders.rows), np.float32)
        np.maximum.at(highest, holders.place, of_facets)
        return cls(bm25, of_facets, holders.rows, highest)
