"""What is asked of the catalogue here: who keeps a person's profile, their name, and how much they give."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yinling_common.errors import ServiceUnavailable
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.rules.pairs import DEFAULT_CAPACITY


@dataclass(frozen=True, slots=True)
class Known:
    """A person who is here.

    Attributes:
        office: The organisation that keeps the profile.
        capacity: Engagements at once.
        hours_per_week: 0 where not stated.
        revision: Of the feed, as of which that is so.
    """

    office: str
    capacity: int
    name: str = ""
    hours_per_week: int = 0
    revision: int = 0


class People:
    """Reads the catalogue off the event loop.

    Args:
        catalogue: Who there is.
        complete: Whether it holds everybody: just after a start it does not yet.
    """

    def __init__(self, catalogue: Catalogue, complete: Callable[[], bool] = lambda: True) -> None:
        self._catalogue = catalogue
        self._complete = complete

    async def expect(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        """Those who are here, by id.

        Raises:
            ServiceUnavailable: Somebody is missing who may only not have been read yet: nobody is told that they are
                gone because this process has just started.
        """
        complete = self._complete()  # asked first: what is read later is then all there is
        found = await self.find(profile_ids)
        if not complete and any(id_ not in found for id_ in profile_ids):
            raise ServiceUnavailable("the people are still being read after a start; try again in a moment")
        return found

    async def gone(self, profile_id: str) -> bool | None:
        """Whether somebody is no longer here; None where they may only not have been read yet."""
        complete = self._complete()  # asked first, as above
        if await self.find([profile_id]):
            return False
        return True if complete else None

    async def find(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        """Those who are here, by id."""
        return await asyncio.to_thread(self._find, profile_ids)

    def _find(self, profile_ids: Sequence[str]) -> dict[str, Known]:
        with self._catalogue.reading() as view:
            entries = [entry for id_ in profile_ids if (entry := view.entry(id_))]
            people = [entry.indexed.person for entry in entries]
            revision = view.revision
        return {
            person.id: Known(
                person.organisation,
                DEFAULT_CAPACITY if person.capacity is None else person.capacity,
                person.name,
                person.hours_per_week,
                revision,
            )
            for person in people
        }
