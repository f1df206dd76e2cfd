"""How a profile becomes the short texts that are embedded one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


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


class ExperienceLike(Protocol):
    """One position, project or work."""

    @property
    def title(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def description(self) -> str: ...


class CredentialLike(Protocol):
    """A title or certificate."""

    @property
    def name(self) -> str: ...
    @property
    def issuer(self) -> str: ...


class ProfileLike(Protocol):
    """What a profile must have to be cut into facets."""

    @property
    def last_position(self) -> str: ...
    @property
    def former_employer(self) -> str: ...
    @property
    def industry(self) -> str: ...
    @property
    def skills(self) -> Sequence[str]: ...
    @property
    def experience(self) -> Sequence[ExperienceLike]: ...
    @property
    def credentials(self) -> Sequence[CredentialLike]: ...
    @property
    def bio(self) -> str: ...


def facets_of(profile: ProfileLike) -> list[Facet]:
    """Cut a profile into facets, each text once, in the order position, skills, experience, credentials, bio.

    Where a profile says nothing the list is empty: nothing can be said of the person.
    """
    position = _joined(profile.last_position, profile.former_employer, profile.industry)
    wanted = [Facet(FacetKind.POSITION, position)]
    wanted += [Facet(FacetKind.SKILL, _joined(skill)) for skill in profile.skills]
    wanted += [Facet(FacetKind.EXPERIENCE, _joined(e.title, e.organisation, e.description)) for e in profile.experience]
    wanted += [Facet(FacetKind.CREDENTIAL, _joined(c.name, c.issuer)) for c in profile.credentials]
    wanted.append(Facet(FacetKind.BIO, _joined(profile.bio)))
    unique = {(facet.kind, facet.text): facet for facet in wanted if facet.text}
    return list(unique.values())


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
