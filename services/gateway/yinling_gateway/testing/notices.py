"""Matching's outbox in memory: notices are taken under a lease, and go when they are acknowledged."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import grpc
from yinling.matching.v1 import notice_service_pb2 as pb
from yinling.matching.v1 import notice_service_pb2_grpc as rpc

from yinling_common.errors import Forbidden
from yinling_common.identity import GATEWAY, NOTICE_DELIVERER, current

# ruff: noqa: D102, N802 - the contract documents the methods and names them

Context = grpc.aio.ServicerContext[Any, Any]


class FakeNotices(rpc.NoticeServiceServicer):
    """Hands notices out as matching does.

    Attributes:
        waiting: What is there, each with the moment until which it is somebody's.
        claims: How often each was handed out.
        lease: Seconds; None for what is asked.
        acknowledgements: How often a notice must be acknowledged until it goes; above 1 it is handed out again.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, tuple[pb.Notice, float]] = {}
        self.claims: dict[str, int] = {}
        self.lease: float | None = None
        self.acknowledgements = 1
        self._acknowledged: Counter[str] = Counter()
        self._told = datetime.min.replace(tzinfo=UTC)

    def tell(self, kind: pb.NoticeKind.ValueType, audience: pb.Notice.Audience.ValueType, **fields: Any) -> pb.Notice:  # noqa: ANN401 - any field
        """Put a notice into the outbox."""
        facts = {"title": "转炉炼钢操作带教"} | fields.pop("facts", {})
        notice = pb.Notice(
            id=str(uuid4()),
            kind=kind,
            audience=audience,
            facts=facts,
            **{"mentoring_request_id": str(uuid4()), "resource": "engagement", "resource_id": str(uuid4())} | fields,
        )
        # Later than all before, so that their order is theirs and not that of their ids.
        self._told = max(datetime.now(UTC), self._told + timedelta(microseconds=1))
        notice.create_time.FromDatetime(self._told)
        self.waiting[notice.id] = (notice, 0.0)
        return notice

    def release(self) -> None:
        """Let every lease end."""
        self.waiting = {id_: (notice, 0.0) for id_, (notice, _) in self.waiting.items()}

    async def ClaimNotices(self, request: pb.ClaimNoticesRequest, context: Context) -> pb.ClaimNoticesResponse:
        _check()
        now = monotonic()
        free = [notice for notice, until in self.waiting.values() if until <= now][: request.limit or 100]
        for notice in free:
            lease = self.lease if self.lease is not None else request.lease_seconds or 60
            self.waiting[notice.id] = (notice, now + lease)
            self.claims[notice.id] = self.claims.get(notice.id, 0) + 1
        return pb.ClaimNoticesResponse(notices=free)

    async def AcknowledgeNotices(
        self, request: pb.AcknowledgeNoticesRequest, context: Context
    ) -> pb.AcknowledgeNoticesResponse:
        _check()
        for id_ in request.ids:
            self._acknowledged[id_] += 1
            if self._acknowledged[id_] >= self.acknowledgements:
                self.waiting.pop(id_, None)
        return pb.AcknowledgeNoticesResponse()


def _check() -> None:
    caller = current()
    if caller.issuer != GATEWAY or caller.subject != NOTICE_DELIVERER:
        raise Forbidden("this is for whoever delivers notices")
