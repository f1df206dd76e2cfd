"""How a profile becomes the short texts that are embedded one by one."""

from dataclasses import dataclass
from enum import IntEnum

from yinling_matching.domain import Person
from yinling_matching.ranking.saying import says_something
from yinling_matching.ranking.wishes import wish_texts


class FacetGroup(IntEnum):
    """What facets are compared with."""

    EVIDENCE = 0
    WANTED = 1
    AVOIDED = 2


class FacetKind(IntEnum):
    """Part of a profile that is embedded by itself. The numbers are those of the contract, and are stored.

    Wishes are not part of the contract: they are never shown as evidence.
    """

    POSITION = 1
    SKILL = 2
    EXPERIENCE = 3
    CREDENTIAL = 4
    BIO = 5
    WANTED = 6
    AVOIDED = 7

    @property
    def group(self) -> FacetGroup:
        """What it is compared with."""
        groups = {FacetKind.WANTED: FacetGroup.WANTED, FacetKind.AVOIDED: FacetGroup.AVOIDED}
        return groups.get(self, FacetGroup.EVIDENCE)

    @property
    def is_evidence(self) -> bool:
        """Whether it can answer a request."""
        return self.group is FacetGroup.EVIDENCE


@dataclass(frozen=True, slots=True)
class Facet:
    """One text to embed.

    Attributes:
        kind: Which part of the profile it is.
        text: What is embedded, and shown as the person's own words.
    """

    kind: FacetKind
    text: str


def facets_of(person: Person) -> list[Facet]:
    """Cut a profile into facets, each text once, in the order position, skills, experience, credentials, bio, wishes.

    Where a profile says nothing the list is empty, or has only wishes: nothing can be said of the person. A part that
    says nothing, as "无", is left out.
    """
    position = _joined(person.last_position, person.former_employer, person.industry)
    found = [Facet(FacetKind.POSITION, position)]
    found += [Facet(FacetKind.SKILL, _joined(skill)) for skill in person.skills]
    found += [Facet(FacetKind.EXPERIENCE, _joined(e.title, e.organisation, e.description)) for e in person.experience]
    found += [Facet(FacetKind.CREDENTIAL, _joined(c.name, c.issuer)) for c in person.credentials]
    found.append(Facet(FacetKind.BIO, _joined(person.bio)))
    likes, dislikes = wish_texts(person.wishes)
    found += [Facet(FacetKind.WANTED, text) for text in likes]
    found += [Facet(FacetKind.AVOIDED, text) for text in dislikes]
    unique = {(facet.kind, facet.text): facet for facet in found if facet.text}
    return list(unique.values())


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if says_something(part))
