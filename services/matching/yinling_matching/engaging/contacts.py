"""How to reach a mentor: kept by talent alone, and asked for by the enterprise of an engagement that is under way."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import grpc
from typing_extensions import override
from yinling.talent.v1 import talent_service_pb2 as pb
from yinling.talent.v1 import talent_service_pb2_grpc as rpc

from yinling_common.client import call_metadata
from yinling_common.database import Database
from yinling_common.errors import Forbidden, WrongState
from yinling_common.identity import Identity, Role, Signer, current
from yinling_common.status import from_rpc_error
from yinling_matching.engaging.labels import Labels
from yinling_matching.engaging.lists import find
from yinling_matching.engaging.states import UNDER_WAY, Party, named
from yinling_matching.engaging.tables import ENGAGEMENTS
from yinling_matching.engaging.unit import party_in

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person; empty where they gave nothing."""

    phone: str = ""
    email: str = ""
    wechat: str = ""


class Contacts(ABC):
    """Who knows how to reach people."""

    @abstractmethod
    async def of(self, profile_id: str, reader: Identity, engagement_id: str) -> Contact:
        """How to reach a person. The person reads in their log who asked, and for which engagement.

        Raises:
            NotFound: The person is no longer here.
            ServiceUnavailable: Nobody answers.
        """


class TalentContacts(Contacts):
    """TalentService.GetContact."""

    def __init__(self, channel: grpc.aio.Channel, signer: Signer) -> None:
        self._stub = rpc.TalentServiceStub(channel)
        self._signer = signer

    @override
    async def of(self, profile_id: str, reader: Identity, engagement_id: str) -> Contact:
        request = pb.GetContactRequest(
            profile_id=profile_id,
            reader=reader.subject,
            reader_role=reader.role.value,
            reader_organisation=reader.organisation,
            engagement_id=engagement_id,
        )
        metadata = call_metadata(self._signer, Identity("matching", Role.SERVICE), "talent")
        try:
            found = await self._stub.GetContact(request, metadata=metadata, timeout=_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        return Contact(found.phone, found.email, found.wechat)


class MentorContacts:
    """Tells the enterprise of an engagement how to reach its mentor.

    Args:
        database: Where engagements are.
        labels: For the name.
        contacts: For the rest.
    """

    def __init__(self, database: Database, labels: Labels, contacts: Contacts) -> None:
        self._database = database
        self._labels = labels
        self._contacts = contacts

    async def of_engagement(self, engagement_id: str) -> tuple[str, Contact]:
        """Name and contact of a mentor.

        Raises:
            NotFound: There is no such engagement that the caller has a part in, or the person is no longer here.
            Forbidden: The caller is not of the enterprise.
            WrongState: The engagement is over.
        """
        caller = current()
        async with self._database.connection() as conn:  # that it is read is written down by talent, with the rest
            engagement = await find(conn, ENGAGEMENTS, engagement_id, caller)
        if party_in(caller, engagement) is not Party.ENTERPRISE:
            needs = Party.ENTERPRISE.value
            raise Forbidden(f"this is for {needs}", metadata={"needs": needs})
        if engagement.state not in UNDER_WAY:
            raise WrongState(named(engagement.state), "active or paused")
        contact = await self._contacts.of(engagement.profile_id, caller, engagement.id)
        return (await self._labels.of([engagement]))[engagement.id].name, contact
