"""How an enterprise reaches its mentor: through matching, which asks talent, which writes down who read it."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from yinling_common.client import open_channel
from yinling_common.database import Database
from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Identity, Role
from yinling_common.testing import Keys
from yinling_gateway.testing import Harness
from yinling_matching.engaging.contacts import TalentContacts

OFFICE, ENTERPRISE = "攀钢集团", "云南铜业"
PROFILE = {
    "organisation": OFFICE,
    "employee_number": "PG-7",
    "name": "王建国",
    "skills": ["矿井通风"],
    "consent": {"granted": True},
    "contact": {"phone": "0812-3391234", "email": "wang@example.com", "wechat": "laowang", "address": "攀枝花东区"},
}


async def post(client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_enterprise_of_an_engagement_reaches_the_mentor(gateway: Harness, stack: Any) -> None:
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.HR, organisation=ENTERPRISE) as hr,
        gateway.signed_in(Role.HR, organisation="别的集团", username="hr-other") as other,
    ):
        profile = await post(office, "/profiles", PROFILE)
        request = await post(hr, "/mentoring-requests", {"organisation": ENTERPRISE, "title": "矿井通风"})
        suggestions = f"/api/v1/mentoring-requests/{request['id']}/suggestions"
        assert (await hr.get(suggestions, params={"min_revision": profile["revision"]})).status_code == 200
        sent = await post(hr, f"/mentoring-requests/{request['id']}/invitations", {"profile_ids": [profile["id"]]})
        engagement = await post(office, f"/invitations/{sent['invitations'][0]['id']}:accept")
        address = f"/api/v1/engagements/{engagement['id']}/mentor-contact"
        found = await hr.get(address)
        assert found.status_code == 200, found.text
        assert found.json() == {
            "name": "王建国",
            "phone": "0812-3391234",
            "email": "wang@example.com",
            "wechat": "laowang",
        }
        assert (await office.get(address)).status_code == 403
        assert (await other.get(address)).status_code == 404
        async with Database(stack.talent_url, schema="talent") as database, database.connection() as conn:
            query = "SELECT subject, role, organisation, resource FROM audit_log WHERE action = 'read_contact'"
            read = await (await conn.execute(query)).fetchall()
        reader = (await hr.get("/api/v1/auth/me")).json()["account"]["id"]
        assert read == [{"subject": reader, "role": "hr", "organisation": ENTERPRISE, "resource": "engagement"}]
        await post(hr, f"/engagements/{engagement['id']}:complete")
        late = await hr.get(address)
        assert late.status_code == 409
        assert "已完成" in late.json()["detail"]


async def test_nobody_answers(keys: Keys) -> None:
    async with open_channel("127.0.0.1:1") as channel:
        contacts = TalentContacts(channel, keys.signer("matching"))
        with pytest.raises(ServiceUnavailable):
            await contacts.of(str(uuid4()), Identity("hr", Role.HR), str(uuid4()))
