"""What an import makes of profiles: pure, given what is stored. One that is there just so is left alone."""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import uuid4

from yinling_common.errors import InvalidField, Violation
from yinling_talent import rules
from yinling_talent.consent import Wordings
from yinling_talent.domain import (
    Consent,
    ImportedRow,
    ImportRow,
    Outcome,
    Profile,
    changed,
    number_key,
    person_key,
    same_name,
    two_people,
)

Result = ImportedRow | InvalidField


class NumberTaken(InvalidField):
    """The row's employee number belongs to somebody else of the organisation, who stays as they are.

    Attributes:
        holder: Name of whom it belongs to. Whoever imports keeps that profile too.
    """

    def __init__(self, number: str, holder: str) -> None:
        self.holder = holder
        text = (
            f'is {number}, which belongs to "{holder}", who has another name and another year of birth; mend the '
            "number, or, where it is one person, first change the name in their profile"
        )
        super().__init__([Violation("profile.employee_number", "employee_number.taken", text)])


@dataclasses.dataclass
class Plan:
    """The answer to each row, in order, and the profiles to write; `originals` are the stored ones by id."""

    results: list[Result] = dataclasses.field(default_factory=list)
    inserts: list[Profile] = dataclasses.field(default_factory=list)
    updates: list[Profile] = dataclasses.field(default_factory=list)
    originals: dict[str, Profile] = dataclasses.field(default_factory=dict)


class _People:
    """Profiles by id, and by the keys of a roster."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.by_id: dict[str, Profile] = {}
        self._numbers: dict[tuple[str, str], str] = {}
        self._persons: dict[tuple[str, str], list[str]] = defaultdict(list)
        for profile in profiles:
            self.put(profile)

    def put(self, profile: Profile) -> None:
        old = self.by_id.get(profile.id)
        if old is not None:
            self._numbers.pop((old.organisation, number_key(old)), None)
            same = self._persons[old.organisation, person_key(old)]
            if old.id in same:
                same.remove(old.id)
        self.by_id[profile.id] = profile
        if number := number_key(profile):
            self._numbers[profile.organisation, number] = profile.id
        else:
            self._persons[profile.organisation, person_key(profile)].append(profile.id)

    def find(self, profile: Profile) -> Profile | None:
        """The stored profile of the same person, by the number or, where there is none, by the person key.

        A number seen for the first time goes to the one profile without a number that agrees in name, birth year
        and former employer: the office has filled in what its first roster left out.
        """
        same = self._persons.get((profile.organisation, person_key(profile)), [])
        number = number_key(profile)
        if not number:
            return self.by_id[same[0]] if same else None
        if found := self._numbers.get((profile.organisation, number)):
            return self.by_id[found]
        if len(same) == 1 and profile.birth_year and profile.former_employer:
            return self.by_id[same[0]]
        return None


def plan(rows: Sequence[ImportRow], stored: Iterable[Profile], wordings: Wordings, now: dt.datetime) -> Plan:
    """Apply rows one after the other, so that of several with one key the last counts.

    Args:
        rows: Each already normalised by itself.
        stored: Every stored profile that shares a key with one of the rows.
        wordings: Of the consent.
        now: For the times.

    Returns:
        An `InvalidField` stands in the place of a row that does not go together with what is stored.
    """
    before = sorted(stored, key=lambda profile: (profile.create_time or now, profile.id))
    people = _People(before)
    result = Plan()
    for row in rows:
        old = people.find(row.profile)
        try:
            new, answer = _apply(row, old, wordings, now)
        except InvalidField as error:
            result.results.append(error)
            continue
        if answer.outcome is not Outcome.UNCHANGED:
            people.put(new)
        result.results.append(answer)
    originals = result.originals = {profile.id: profile for profile in before}
    for profile in people.by_id.values():
        original = originals.get(profile.id)
        if original is None:
            result.inserts.append(dataclasses.replace(profile, version=1, create_time=now, update_time=now))
        elif profile != original:  # equal again where a later row took back what an earlier one changed
            result.updates.append(dataclasses.replace(profile, version=original.version + 1, update_time=now))
    return result


def _apply(row: ImportRow, old: Profile | None, wordings: Wordings, now: dt.datetime) -> tuple[Profile, ImportedRow]:
    numbered = bool(number_key(row.profile))
    if old is None:
        new = dataclasses.replace(changed(Profile(), row.profile, row.stated | _KEY_FIELDS), id=str(uuid4()))
        new = wordings.settle(new, Consent(), now)
        return new, ImportedRow(new.id, Outcome.CREATED)
    if numbered and two_people(row.profile, old):
        raise NumberTaken(row.profile.employee_number, old.name)
    renamed_from = "" if same_name(row.profile.name, old.name) else old.name
    stated = row.stated | {"employee_number"} if numbered else row.stated - {"employee_number"}
    new = wordings.settle(changed(old, row.profile, stated), old.consent, now)
    kept = old.consent.withdrawn and new.consent.granted
    if kept:  # a roster on paper is older than what the person has said since
        new = dataclasses.replace(new, consent=old.consent)
    rules.check_together(new, "profile.", now.date())
    outcome = Outcome.UNCHANGED if new == old else Outcome.UPDATED
    return new, ImportedRow(new.id, outcome, consent_kept=kept, renamed_from=renamed_from)


_KEY_FIELDS = frozenset({"organisation", "employee_number", "name"})
