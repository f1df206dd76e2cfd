"""A gateway that leaves collecting and sending to others."""

import pytest
from structlog.testing import capture_logs
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.identity import Role
from yinling_gateway.notices.parts import make_notices
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import ORGANISATION, running_gateway
from yinling_gateway.testing.harness import FakeServices


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"notices_deliver": False}


async def test_what_it_leaves_another_collects(settings: GatewaySettings, services: FakeServices) -> None:
    notice = services.notices.tell(
        pb.NOTICE_KIND_INVITATION_ACCEPTED, pb.Notice.AUDIENCE_ENTERPRISE, organisation=ORGANISATION
    )
    with capture_logs() as said:
        async with running_gateway(settings, services) as gateway, gateway.signed_in(Role.HR) as hr:
            assert (await hr.get("/api/v1/notices")).json()["notices"] == []
            assert services.notices.claims == {}
            assert "notices.deliver_off" in {line["event"] for line in said}
            parts = gateway.parts
            await make_notices(parts.database, parts.backend, settings).collector.collect()
            assert len((await hr.get("/api/v1/notices")).json()["notices"]) == 1
    assert services.notices.claims == {notice.id: 1}
