"""The sample roster through the real model: nobody in it is taken for somebody else, and planted copies are found."""

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from yinling_matching.catalogue.facets import Facet, facets_of
from yinling_matching.converters.profiles import person
from yinling_matching.domain import Person
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.ranking.duplicates import LEAST_FACETS, grouped
from yinling_matching.vectors import Floats
from yinling_runner.sample import roster_path
from yinling_talent.converters import profile_to
from yinling_talent.roster import RosterRow, read_roster

pytestmark = pytest.mark.model


class Roster:
    """People and the vectors of their texts."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Floats] = {}
        rows = read_roster(roster_path(), "roster.xlsx", "", today=dt.date(2026, 11, 22))
        self.people = [person(profile_to(row.profile)) for row in rows if isinstance(row, RosterRow)]

    def groups(self, people: list[Person], limit: int = 10_000) -> list[list[int]]:
        profiles = [said(one) for one in people]
        texts = [facet.text for facets in profiles for facet in facets]
        missing = sorted(set(texts) - self._known.keys(), key=len)
        if missing:
            self._known |= zip(missing, self._embedder.encode_passages(missing), strict=True)
        return grouped(profiles, np.array([self._known[text] for text in texts]), limit)

    def grouped_with_original(self, change: Callable[[Person], Person]) -> float:
        """Of those who say enough, what part is found again behind somebody else."""
        telling = [one for one in self.people if len(said(one)) >= LEAST_FACETS]
        stranger = telling[0]
        found = [self.groups([one, stranger, change(one)])[0] == [0, 2] for one in telling[1:]]
        return sum(found) / len(found)


def said(one: Person) -> list[Facet]:
    """What is compared: wishes are not."""
    return [facet for facet in facets_of(one) if facet.kind.is_evidence]


@pytest.fixture(scope="module")
def roster() -> Iterator[Roster]:
    embedder = load_embedder()
    yield Roster(embedder)
    embedder.close()


def other_spelling(one: Person) -> Person:
    """The other employer wrote itself shorter, in the position and in the experience."""

    def written(name: str) -> str:
        return re.sub("集团|有限责任公司|股份有限公司|公司", "", name)

    experience = tuple(replace(item, organisation=written(item.organisation)) for item in one.experience)
    return replace(one, former_employer=written(one.former_employer), experience=experience)


def full_name(one: Person) -> Person:
    """The other employer wrote its whole name, and a skill less."""
    named = f"中国{one.former_employer}有限责任公司"
    return replace(one, former_employer=named, skills=one.skills[:-1] if len(one.skills) > 4 else one.skills)


def other_numbers(one: Person) -> Person:
    """A template, filled in with other numbers."""
    chance = random.Random(one.name)

    def changed(text: str) -> str:
        return re.sub(r"\d+", lambda match: str(int(match.group()) + chance.randint(1, 9)), text)

    experience = tuple(replace(item, description=changed(item.description)) for item in one.experience)
    return replace(one, bio=changed(one.bio), experience=experience, skills=tuple(map(changed, one.skills)))


def test_nobody_is_taken_for_somebody_else(roster: Roster) -> None:
    groups = roster.groups(roster.people)
    named = [[roster.people[n].name + roster.people[n].last_position for n in group] for group in groups]
    assert [group for group in named if len(group) > 1] == []


@pytest.mark.parametrize("change", [other_spelling, full_name, other_numbers])
def test_planted_copies_are_found(roster: Roster, change: Callable[[Person], Person]) -> None:
    assert roster.grouped_with_original(change) >= 0.98


def test_who_shares_all_but_their_own_experience_stays(roster: Roster) -> None:
    """Same position, employer, skills and certificates as somebody of their trade; experience and bio are their own."""
    by_industry: dict[str, Person] = {}
    looked_at = 0
    for one in roster.people:
        if len(said(one)) < LEAST_FACETS or not one.experience or not one.industry:
            continue
        other = by_industry.get(one.industry)
        by_industry[one.industry] = one
        if other is None:
            continue
        copied = {
            name: getattr(other, name)
            for name in ("skills", "last_position", "former_employer", "industry", "credentials")
        }
        looked_at += 1
        assert len(roster.groups([other, replace(one, **copied)])) == 2, (one.name, other.name)
    assert looked_at > 50
