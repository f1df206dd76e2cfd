"""What is asked of the catalogue here: who keeps a person's profile, their name, and how much they give."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from yinling_matching.catalogue import Catalogue
from yinling_matching.rules import DEFAULT_CAPACITY


@dataclass(frozen=True, slots=True)
class Known:
    """A person who is here.

    Attributes:
        office: The organisation that keeps the profile.
        capacity: Engagements at once.
        hours_per_week: 0 where not stated.
    """

    office: str
    capacity: int
    name: str = ""
    hours_per_week: int = 0


class People:
    """Reads the catalogue off the event loop."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def find(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        """Those who are here, by id."""
        return await asyncio.to_thread(self._find, profile_ids)

    def _find(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        with self._catalogue.reading() as view:
            entries = [entry for id_ in profile_ids if (entry := view.entry(id_))]
            people = [entry.indexed.person for entry in entries]
        return {
            person.id: Known(
                person.organisation,
                DEFAULT_CAPACITY if person.capacity is None else person.capacity,
                person.name,
                person.hours_per_week,
            )
            for person in people
        }
