"""Calls of the notice service: what people are to be told."""

from collections.abc import Sequence
from datetime import UTC

from yinling.matching.v1 import notice_service_pb2 as service
from yinling.matching.v1 import notice_service_pb2_grpc as service_grpc

from yinling_common.identity import NOTICE_DELIVERER, Identity, Role
from yinling_gateway.calls.core import MATCHING, Calls
from yinling_gateway.notices.domain import Audience, Event

DELIVERER = Identity(NOTICE_DELIVERER, Role.ADMIN)
"""Whoever delivers notices. What it reads of people stands in their log under this name."""


class NoticeCalls:
    """Notices that wait in matching's outbox. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.NoticeServiceStub(calls.channel(MATCHING))

    async def claim(self, limit: int, lease_seconds: int) -> list[tuple[Event, str]]:
        """Take notices, the oldest first, each with the account of whoever did what it tells of."""
        request = service.ClaimNoticesRequest(limit=limit, lease_seconds=lease_seconds)
        answer = await self._calls.write(MATCHING, self._stub.ClaimNotices, DELIVERER, request)
        return [(_to_event(notice), notice.subject) for notice in answer.notices]

    async def acknowledge(self, ids: Sequence[str]) -> None:
        """Have notices deleted there that are kept here."""
        request = service.AcknowledgeNoticesRequest(ids=ids)
        await self._calls.write(MATCHING, self._stub.AcknowledgeNotices, DELIVERER, request)


def _to_event(notice: service.Notice) -> Event:
    return Event(
        id=notice.id,
        kind=notice.kind,
        audience=Audience(notice.audience),
        organisation=notice.organisation,
        profile_id=notice.profile_id,
        office=notice.office,
        mentoring_request_id=notice.mentoring_request_id,
        resource=notice.resource,
        resource_id=notice.resource_id,
        facts=dict(notice.facts),
        event_time=notice.create_time.ToDatetime(tzinfo=UTC),
    )
