"""Who stands in a roster more than once, and who only shares a number with somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from yinling_common import text
from yinling_talent.domain import Profile, number_key, roster_key


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands in a row, as far as telling people apart needs it."""

    key: tuple[str, str, str]
    number: str
    name: str
    birth_year: int

    @classmethod
    def of(cls, profile: Profile) -> "Person":
        """The person of a profile that need not be whole."""
        number = profile.employee_number if number_key(profile) else ""
        return cls(roster_key(profile), number, profile.name, profile.birth_year)


@dataclass(slots=True)
class _Later:
    """Those of one key in later rows, the last of each first."""

    names: set[str] = field(default_factory=set)
    years: dict[int, Person] = field(default_factory=dict)
    last: Person | None = None

    def same(self, person: Person) -> Person | None:
        """Whom the row repeats: nobody where all others differ in name and, both known, in birth year."""
        if not person.number:
            return self.last
        if text.fold(person.name) in self.names:
            return person
        if not person.birth_year:
            return self.last
        return self.years.get(person.birth_year) or self.years.get(0)

    def put(self, person: Person) -> None:
        self.names.add(text.fold(person.name))
        self.years.setdefault(person.birth_year, person)
        self.last = self.last or person


def repeated(people: Sequence[Person]) -> dict[int, Person]:
    """For each row whose person comes again: its position, and that person as a later row has them."""
    later: dict[tuple[str, str, str], _Later] = {}
    found: dict[int, Person] = {}
    for position in range(len(people) - 1, -1, -1):
        person = people[position]
        if not person.number and person.key[2].startswith("\x1f"):
            continue  # no name: nobody
        others = later.setdefault(person.key, _Later())
        if same := others.same(person):
            found[position] = same
        others.put(person)
    return found
