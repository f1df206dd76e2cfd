"""What cannot be taken is refused with a 4xx that names the field and the rule, and nothing is half written."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

PROFILE = {"organisation": "攀钢集团", "name": "王建国"}
REQUEST = {"organisation": "攀钢集团", "title": "高炉操作"}

Mistake = tuple[dict[str, object], str, str]
"""What is sent, and the field and rule that are to be named."""


PROFILE_MISTAKES: list[Mistake] = [
    ({"city": "亚特兰蒂斯"}, "city", "city.unknown"),
    ({"birth_year": 2050}, "birth_year", "int32.gte_lte"),
    ({"hours_per_week": 400}, "hours_per_week", "int32.gte_lte"),
    ({"bio": "长" * 1_700_000}, "bio", "string.max_len"),  # 5 MB as UTF-8
    ({"name": "王\0建国"}, "name", "string.no_nul"),
    ({"skills": ["焊接", "a\0b"]}, "skills", "string.no_nul"),
    ({"skills": [""]}, "skills[0]", "string.min_len"),
    ({"title_level": "grand"}, "title_level", "enum.defined_only"),
    ({"title_level": "unspecified"}, "title_level", "enum.defined_only"),
    ({"modes": ["on_site", "by_pigeon"]}, "modes[1]", "enum.defined_only"),
    ({"modes": ["remote", "remote"]}, "modes", "repeated.unique"),
    ({"colour": "red"}, "colour", "field.unknown"),
    ({"revision": 7}, "revision", "field.unknown"),
    ({"consent": {"given": True}}, "consent.given", "field.unknown"),
    ({"consent": {"granted": "yes"}}, "consent.granted", "type.bool"),
    ({"contact": {"email": "not an address"}}, "contact.email", "string.email"),
    ({"contact": "0812"}, "contact", "type.object"),
    ({"name": 7}, "name", "type.string"),
    ({"name": None}, "name", "string.min_len"),
    ({"years": "36"}, "years", "type.int"),
    ({"years": 1.5}, "years", "type.int"),
    ({"years": True}, "years", "type.int"),
    ({"years": 10**30}, "years", "int32.lte"),
    ({"years": -1}, "years", "int32.gte_lte"),
    ({"skills": "焊接"}, "skills", "type.list"),
    ({"skills": [None]}, "skills[0]", "type.string"),
    ({"experience": [{"title": "一"}, {"years": 3}]}, "experience[1].years", "field.unknown"),
    ({"experience": [{"start_year": 1800, "title": "一"}]}, "experience[0].start_year", "int32.gte_lte"),
    ({"available_from": "2026-02-30"}, "available_from", "date.exists"),
    ({"available_from": 20260901}, "available_from", "date.exists"),
    ({"available_from": "1492-01-01"}, "available_from", "time.range"),
    ({"languages": ["中文"]}, "languages[0]", "string.pattern"),
]


async def test_a_field_that_breaks_its_rule_is_named(gateway: Harness, subtests: pytest.Subtests) -> None:
    kept = gateway.services.talent.add()
    address = f"/api/v1/profiles/{kept.id}"
    async with gateway.signed_in(Role.COORDINATOR) as client:
        for change, field, rule in PROFILE_MISTAKES:
            with subtests.test(field=field, rule=rule):
                _names(await client.post("/api/v1/profiles", json=PROFILE | change), field, rule)
                _names(await client.patch(address, json=change), field, rule)
    assert list(gateway.services.talent.profiles.items.values()) == [kept]


async def test_a_body_without_what_is_needed(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as client:
        refused = await client.post("/api/v1/profiles", json={})
    assert {e["field"] for e in refused.json()["errors"]} == {"organisation", "name"}


BROKEN_BODIES: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b"", 422),
    (b"[]", 422),
    (b"null", 422),
    (b'"\xff\xfe"', 400),
    (b'{"name": "\\ud800"}', 422),
    (b"[" * 100_000, 400),
    (b'{"years": NaN}', 422),
]


async def test_a_body_that_is_no_object_of_ours(gateway: Harness, subtests: pytest.Subtests) -> None:
    json_type = {"Content-Type": "application/json"}
    async with gateway.signed_in(Role.COORDINATOR) as client:
        for content, status in BROKEN_BODIES:
            with subtests.test(content=content[:30]):
                refused = await client.post("/api/v1/profiles", content=content, headers=json_type)
                assert refused.status_code == status, refused.text
                assert refused.headers["content-type"] == "application/problem+json"


async def test_a_broken_character_is_named(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        refused = await client.post(
            "/api/v1/profiles",
            content=b'{"organisation": "\\u653b", "name": "a\\ud800b"}',
            headers={"Content-Type": "application/json"},
        )
    _names(refused, "name", "string.no_nul")


REQUEST_MISTAKES: list[Mistake] = [
    ({"city": "亚特兰蒂斯"}, "city", "city.unknown"),
    ({"requirements": [{"text": ""}]}, "requirements[0].text", "string.min_len"),
    ({"requirements": [{"text": "x", "importance": "vital"}]}, "requirements[0].importance", "enum.defined_only"),
    ({"state": "burning"}, "state", "enum.defined_only"),
    ({"start_date": "2026-13-01"}, "start_date", "date.exists"),
    ({"blocked_profile_ids": ["x"]}, "blocked_profile_ids[0]", "string.uuid"),
    ({"title": ""}, "title", "string.min_len"),
]


async def test_a_wrong_request_is_refused_posted_or_tried_out(gateway: Harness, subtests: pytest.Subtests) -> None:
    async with gateway.signed_in(Role.HR) as client:
        for change, field, rule in REQUEST_MISTAKES:
            with subtests.test(field=field, rule=rule):
                _names(await client.post("/api/v1/mentoring-requests", json=REQUEST | change), field, rule)
                if field in {"city", "title"}:  # the fake looks at these only when it keeps a request
                    continue
                tried = await client.post("/api/v1/suggestions", json={"mentoring_request": REQUEST | change})
                _names(tried, f"mentoring_request.{field}", rule)
    assert not gateway.services.matching.requests.items


PARAMETER_MISTAKES: list[Mistake] = [
    ({"page_size": "many"}, "page_size", "type.int"),
    ({"page_size": 201}, "page_size", "int32.gte_lte"),
    ({"page_size": -1}, "page_size", "int32.gte_lte"),
    ({"page_token": "rubbish"}, "page_token", "page_token.valid"),
    ({"page_token": "x" * 1001}, "page_token", "string.max_len"),
    ({"page_token": "a\0b"}, "page_token", "string.no_nul"),
    ({"state": "burning"}, "state", "enum.defined_only"),
    ({"colour": "red"}, "colour", "field.unknown"),
    ({"organisation": "x" * 101}, "organisation", "string.max_len"),
]


async def test_a_parameter_that_breaks_its_rule_is_named(gateway: Harness, subtests: pytest.Subtests) -> None:
    async with gateway.signed_in(Role.HR) as client:
        for parameters, field, rule in PARAMETER_MISTAKES:
            with subtests.test(field=field, rule=rule):
                _names(await client.get("/api/v1/mentoring-requests", params=parameters), field, rule)


async def test_a_page_token_of_another_list_is_refused(gateway: Harness) -> None:
    for _ in range(2):
        gateway.services.talent.add()
    async with gateway.signed_in(Role.ADMIN) as client:
        token = (await client.get("/api/v1/profiles", params={"page_size": 1})).json()["next_page_token"]
        for other in ("mentoring-requests", "accounts", "imports"):
            refused = await client.get(f"/api/v1/{other}", params={"page_token": token})
            _names(refused, "page_token", "page_token.valid")
            assert "翻页" in refused.json()["detail"]


async def test_a_body_that_is_too_large_is_413(gateway: Harness) -> None:
    limit = gateway.parts.settings.max_body
    assert limit > 2 * 5_000_000  # a bio of 5 MB reaches its own rule, also where JSON escapes each character

    async def undeclared() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(limit // 65536 + 2):
            yield b"x" * 65536
        yield b'"}'

    json_type = {"Content-Type": "application/json"}
    async with gateway.signed_in(Role.COORDINATOR) as client:
        declared = await client.post("/api/v1/profiles", content=b"x" * (limit + 1), headers=json_type)
        streamed = await client.post("/api/v1/profiles", content=undeclared(), headers=json_type)
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "提交的内容太大，请缩小后重试。"


async def test_messages_are_chinese_unless_english_is_preferred(gateway: Harness) -> None:
    body = PROFILE | {"birth_year": 2050}
    async with gateway.signed_in(Role.COORDINATOR) as client:
        for language, text in {
            "": "应在 1900 到 2015 之间。",
            "zh-CN,zh;q=0.9,en;q=0.8": "应在 1900 到 2015 之间。",
            "fr": "应在 1900 到 2015 之间。",
            "en-GB,en;q=0.9": "must be",
            "en;q=0.8,zh;q=0.2": "must be",
        }.items():
            refused = await client.post("/api/v1/profiles", json=body, headers={"Accept-Language": language})
            error = refused.json()["errors"][0]
            assert text in error["message"], language
            assert "birth_year" in refused.json()["detail"]


def _names(refused: httpx.Response, field: str, rule: str) -> None:
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    body = json.loads(refused.content)
    assert body["status"] == 422
    assert body["reason"] in {"INVALID_FIELD", "INVALID_PAGE_TOKEN"}
    assert body["request_id"] == refused.headers["x-request-id"]
    assert (field, rule) in {(e["field"], e["rule"]) for e in body["errors"]}, body["errors"]
    assert all(e["message"] for e in body["errors"])
