"""How a profile becomes the short texts that are embedded one by one."""

from dataclasses import dataclass
from enum import IntEnum

from yinling_matching.domain import Person


class FacetKind(IntEnum):
    """Part of a profile that is embedded by itself. The numbers are those of the contract, and are stored."""

    POSITION = 1
    SKILL = 2
    EXPERIENCE = 3
    CREDENTIAL = 4
    BIO = 5


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
    """Cut a profile into facets, each text once, in the order position, skills, experience, credentials, bio.

    Where a profile says nothing the list is empty: nothing can be said of the person.
    """
    position = _joined(person.last_position, person.former_employer, person.industry)
    wanted = [Facet(FacetKind.POSITION, position)]
    wanted += [Facet(FacetKind.SKILL, _joined(skill)) for skill in person.skills]
    wanted += [Facet(FacetKind.EXPERIENCE, _joined(e.title, e.organisation, e.description)) for e in person.experience]
    wanted += [Facet(FacetKind.CREDENTIAL, _joined(c.name, c.issuer)) for c in person.credentials]
    wanted.append(Facet(FacetKind.BIO, _joined(person.bio)))
    unique = {(facet.kind, facet.text): facet for facet in wanted if facet.text}
    return list(unique.values())


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
