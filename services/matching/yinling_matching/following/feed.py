"""The change feed of profiles, as talent serves it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
from prometheus_client import Counter
from typing_extensions import override
from yinling.talent.v1 import talent_service_pb2 as pb
from yinling.talent.v1 import talent_service_pb2_grpc as rpc

from yinling_common import logs
from yinling_common.client import call_metadata
from yinling_common.identity import Identity, Role, Signer
from yinling_common.status import from_rpc_error
from yinling_matching.converters import profiles
from yinling_matching.domain import Person

SKIPPED = Counter(
    "yinling_matching_people_skipped", "People left out because something in their profile cannot be used"
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A person is new or changed."""

    person: Person
    revision: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A person is deleted or took their consent back."""

    person_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """There is nothing newer than this revision."""

    revision: int


Event = Changed | Gone | CaughtUp


class Feed(ABC):
    """A source of changes."""

    @abstractmethod
    def watch(self, after: int, *, removals_only: bool = False) -> AsyncIterator[Event]:
        """Changes after a revision, in order, without end. Raises whatever ended it; ask again from where it was.

        A service from before `removals_only` gives everything all the same.
        """


class TalentFeed(Feed):
    """TalentService.WatchProfiles."""

    def __init__(self, channel: grpc.aio.Channel, signer: Signer) -> None:
        self._stub = rpc.TalentServiceStub(channel)
        self._signer = signer

    @override
    async def watch(self, after: int, *, removals_only: bool = False) -> AsyncIterator[Event]:
        # Signed anew for each stream: a token lives for a minute.
        metadata = call_metadata(self._signer, Identity("matching", Role.SERVICE), "talent")
        request = pb.WatchProfilesRequest(after_revision=after, removals_only=removals_only)
        call = self._stub.WatchProfiles(request, metadata=metadata)
        try:
            async for response in call:
                change = response.WhichOneof("change")
                if change == "profile":
                    yield _changed(response)
                elif change == "removed_id":
                    yield Gone(response.removed_id, response.revision)
                elif change == "caught_up":
                    yield CaughtUp(response.revision)
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        finally:
            call.cancel()


def _changed(response: pb.WatchProfilesResponse) -> Changed | Gone:
    """A person who cannot be read is left out: the stream would come back to them for ever."""
    try:
        return Changed(profiles.person(response.profile), response.revision)
    except Exception as error:
        SKIPPED.inc()
        id_ = response.profile.id
        logs.get().error("feed.person_skipped", person=id_, revision=response.revision, error=repr(error))
        return Gone(id_, response.revision)
