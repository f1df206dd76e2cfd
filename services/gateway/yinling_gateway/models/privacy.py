"""What people may know and decide of their own data, as JSON."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from yinling_gateway.models.base import Input, Output, Paged, Text, needing
from yinling_gateway.models.engagements import Engagement
from yinling_gateway.models.invitations import Invitation
from yinling_gateway.models.opt_ins import OptIn
from yinling_gateway.models.profiles import Profile
from yinling_gateway.models.sessions import EngagementFeedback, MentoringSession


class ConsentWording(Output):
    """A wording of the consent."""

    version: str
    purpose_zh: str = Field(description="For what the data is used.")
    purpose_en: str
    text_zh: list[str] = Field(description="What is agreed to, as paragraphs.")
    text_en: list[str]


class ConsentWordings(Output):
    """All wordings there were, the newest first: that one is agreed to now."""

    wordings: list[ConsentWording]


class AuditEntry(Output):
    """Who read or changed something about a person, and when."""

    time: datetime | None
    subject: str = Field(description="Account of whoever did it; a service's name where nobody asked for it.")
    role: str
    organisation: str
    action: str = Field(description="Such as read, read_contact, export, create, update, import, suggest, invite.")
    resource: str = Field(description="What it was done to, such as profile, invitation or engagement.")
    resource_id: str = Field(description="Its id; empty where it names the person alone.")
    fields: list[str] = Field(description="Names of the fields that changed; never their values.")


class AuditPage(Output):
    """Entries, the newest first."""

    entries: list[AuditEntry]
    next_page_token: str


class AuditQuery(Paged):
    """Which page."""


class Exposure(Output):
    """That the person was shown for a request."""

    mentoring_request_title: str
    organisation: str = Field(description="The enterprise.")
    time: datetime | None


class ExportedAccount(Output):
    """How the person signs in."""

    username: str
    display_name: str
    locale: str
    create_time: datetime


class ExportedMatching(Output):
    """What lies between the person and enterprises."""

    invitations: list[Invitation]
    opt_ins: list[OptIn]
    engagements: list[Engagement]
    sessions: list[MentoringSession]
    feedback: list[EngagementFeedback]
    exposures: list[Exposure] = Field(description="For whom they were shown.")


class PersonExport(Output):
    """Everything that is kept about a person."""

    export_time: datetime
    profile: Profile
    accounts: list[ExportedAccount]
    matching: ExportedMatching
    audit: list[AuditEntry] = Field(description="Who read or changed it, the newest first.")


class EraseInput(Input):
    """That somebody is to be erased for ever."""

    model_config = needing({"confirm": "王建国"}, confirm={})

    confirm: Text | None = Field(None, description="The person's name, or the id of the profile. Needed.")


class ErasureState(StrEnum):
    """How far an erasure is: under way; everything erased, to be looked through once more; done."""

    ERASING = "erasing"
    ERASED = "erased"
    DONE = "done"


class Erasure(Output):
    """An erasure. It says nothing of who it is about."""

    id: str
    state: ErasureState
    create_time: datetime = Field(description="The day alone when it is done.")
