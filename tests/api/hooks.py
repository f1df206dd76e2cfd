"""How schemathesis asks: as whom, and with bodies that mean something, so that it gets past the first door."""

import json
import os
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any
from uuid import uuid4
from zlib import crc32

import schemathesis
from schemathesis import GenerationMode

import tests.api.checks  # noqa: F401 - registers its check

TOLD: dict[str, Any] = json.loads(os.environ.get("YINLING_TEST_TOLD", "{}"))
"""Written by conftest: `headers` by role, `people`, `enterprise`, `office`, `kept` (ids that must stay), `role`."""

_KNOWN: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=8))
"""Ids that were answered lately, by the collection that they are in."""

_TOLD_BY = {
    "invitations": "decline_reason",
    "opt-ins": "turn_down_reason",
    "engagements": "end_reason",
    "mentoring-sessions": "logged_by",
    "mentoring-requests": "mentors_wanted",
}
"""A field that a thing of each collection has, and no other."""

_COUNT = count()

_OURS = {value for headers in TOLD.get("headers", {}).values() for value in headers.values()}

# Somebody may always do such a thing to themselves, and then be nobody for the rest of the run.
_ENDS_ONESELF = {"auth_sign_out", "accounts_delete", "accounts_update", "accounts_revoke_key", "profiles_delete"}


def role_of(operation: Any) -> str:
    """Who calls an operation: the one role of this run, or the first of those that may."""
    if TOLD.get("role"):
        return str(TOLD["role"])
    # A coordinator answers for everybody of their office, a retiree only for themselves.
    roles = operation.definition.raw.get("x-roles", [])
    return next((role for role in ("hr", "coordinator", "admin") if role in roles), "admin")


@schemathesis.auth(cache_by_key=lambda case, context: role_of(context.operation))
class HeadersOfRole:
    """What a role sends to say who it is."""

    def get(self, case: Any, context: Any) -> dict[str, str]:
        """The headers."""
        headers: dict[str, str] = TOLD["headers"][role_of(context.operation)]
        return headers

    def set(self, case: Any, data: dict[str, str], context: Any) -> None:
        """Send them."""
        case.headers.update(data)


def plausible(operation: str, chance: int) -> dict[str, Any] | None:
    """A body that is understood, for operations of which one made by chance hardly ever is."""
    person = TOLD["people"][chance % len(TOLD["people"])]
    request = {"organisation": TOLD["enterprise"], "title": "矿井通风传帮带", "city": "昆明", "mentors_wanted": 9}
    return {
        "requests_create": request,
        "requests_update": {"title": "高炉炼铁降本", "months": 6},
        "suggestions_for_text": {"mentoring_request": request},
        "cohorts_assign": {"requests": [{"mentoring_request": request}]},
        "profiles_create": {"organisation": TOLD["office"], "name": "孙工", "consent": {"granted": True}},
        "profiles_update": {"bio": "讲过安全课"},
        "invitations_invite": {"profile_ids": [person]},
        "opt_ins_offer": {"profile_id": person, "message": "我愿意。"},
        "engagements_update": {"goals": [{"text": "独立核定通风系统", "progress": 10}]},
        "sessions_log": {
            "start_time": (datetime.now(UTC) + timedelta(minutes=chance % 9 - 4)).isoformat(),
            "minutes": 1,
        },
        "sessions_update": {"minutes": 2},
        "sessions_hold": {"summary": "测风"},
        "sessions_write_feedback": {"phase": ("halfway", "end")[chance % 2], "goals": 5, "cooperation": 4, "again": 5},
        "engagements_end": {"reason": "need_changed"},
        "invitations_decline": {"reason": "too_far"},
        "opt_ins_turn_down": {"reason": "somebody_else"},
        "matching_settings_put": {"weights": {"must": 1.5}},
        "accounts_create": {"username": f"u{uuid4().hex[:12]}", "password": "long enough", "role": "admin"},
        "accounts_update": {"display_name": "李敏"},
    }.get(operation)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make a request that was made by chance into one that is understood, four times of five."""
    operation = case.operation.definition.raw["operationId"]
    role = role_of(case.operation)
    chance = crc32(repr((operation, next(_COUNT))).encode())
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if any(case.headers.get(name) in _OURS for name in ("Authorization", "Cookie")):
        # A step of a story brings what the step before sent. A wrong key, sent to see whether it is refused, stays.
        for name in ("Authorization", "Cookie", "X-CSRF-Token"):
            case.headers.pop(name, None)
        case.headers.update(TOLD["headers"][role])
    for name, value in case.path_parameters.items():
        case.path_parameters[name] = value or str(uuid4())  # an empty one is another path
    if chance % 3 and positive and (known := _KNOWN.get(_kind(case.operation.path))):
        case.path_parameters["id"] = known[chance % len(known)]
    if operation in _ENDS_ONESELF and str(case.path_parameters.get("id", "")).lower() in TOLD["kept"]:
        case.path_parameters["id"] = str(uuid4())
    if operation.startswith("webhooks_") and isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = "https://bridge.invalid/yinling"  # nobody outside is called
    if isinstance(case.query, dict) and "min_revision" in case.query:
        case.query["min_revision"] = "0"  # a revision that does not exist yet is 503, as documented
    if isinstance(case.body, dict) and "min_revision" in case.body:
        case.body.pop("min_revision")
    if chance % 5 and positive:
        case.body = plausible(operation, chance) or case.body
        for header in ("If-Match", "Idempotency-Key", "If-None-Match"):
            case.headers.pop(header, None)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember what was made or listed."""
    json_type = "json" in response.headers.get("content-type", [""])[0]
    if not (200 <= response.status_code < 300 and json_type and response.content):
        return
    body = response.json()
    inner = body.values() if isinstance(body, dict) else []
    for item in [body, *inner, *chain.from_iterable(value for value in inner if isinstance(value, list))]:
        if isinstance(item, dict) and "id" in item:
            _remember(item)


def _remember(item: dict[str, Any]) -> None:
    for collection, field in _TOLD_BY.items():
        if field in item:
            known = _KNOWN[collection]
            if item["id"] not in known:
                known.append(item["id"])
            return


def _kind(path: str) -> str:
    """The collection that the id in a path is of: "invitations" of "/api/v1/invitations/{id}:accept"."""
    parts = path.split("/")
    return parts[3] if len(parts) > 4 and parts[4].startswith("{id}") else ""
