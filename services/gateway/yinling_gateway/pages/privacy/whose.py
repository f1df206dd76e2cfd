"""Whose data a page is about: the reader's own, or that of somebody whom their office keeps."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1.talent_service_pb2 import GetProfileRequest

from yinling_common.identity import Role
from yinling_gateway.pages.visit import Visit, require

Id = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True)
class Whose:
    """A visit to the pages about one person's data.

    Attributes:
        base: Address of these pages.
        own: The reader is that person.
    """

    visit: Visit
    profile_id: str
    base: str
    own: bool

    async def profile(self) -> talent.Profile:
        """The person. Raises NotFound where the reader may not see them."""
        return await self.visit.backend.get_profile(self.visit.identity, GetProfileRequest(id=self.profile_id))

    async def wordings(self) -> list[talent.ConsentWording]:
        """The wordings of the consent, the present one first."""
        return list(await self.visit.backend.privacy.consent_wordings(self.visit.identity))

    def paragraphs(self, wording: talent.ConsentWording) -> list[str]:
        """What is agreed to, in the reader's language."""
        return list(wording.text_zh if self.visit.texts.language == "zh_Hans" else wording.text_en)

    def purpose(self, wording: talent.ConsentWording) -> str:
        """For what, in the reader's language."""
        return wording.purpose_zh if self.visit.texts.language == "zh_Hans" else wording.purpose_en


def _own(visit: Annotated[Visit, Depends(require(Role.RETIREE))]) -> Whose:
    return Whose(visit, visit.identity.profile_id, "/me/privacy", own=True)


def _of_office(visit: Annotated[Visit, Depends(require(Role.COORDINATOR, Role.ADMIN))], profile_id: Id) -> Whose:
    return Whose(visit, profile_id, f"/people/{profile_id}/privacy", own=False)


Own = Annotated[Whose, Depends(_own)]
OfOffice = Annotated[Whose, Depends(_of_office)]


def router() -> APIRouter:
    """A router of pages."""
    return APIRouter(include_in_schema=False)
