"""What each route that changes something does when it is sent twice, and when somebody else was quicker.

Every route stands here with a decision: a new one without fails, in the documentation and in the code.
"""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from yinling_gateway import rest
from yinling_gateway.rest.openapi import operations

SECRET_ONCE = {"accounts_create_key", "calendars_renew", "webhooks_create", "webhooks_new_secret"}
"""Under a key: done once; sent again it is 409 with the id of what was made, for a secret is told once."""

ONCE = {
    "accounts_create",
    "engagements_complete",
    "engagements_end",
    "engagements_pause",
    "engagements_resume",
    "imports_create",
    "invitations_accept",
    "invitations_decline",
    "invitations_invite",
    "invitations_withdraw",
    "opt_ins_confirm",
    "opt_ins_offer",
    "opt_ins_turn_down",
    "opt_ins_withdraw",
    "profiles_create",
    "request_life_close",
    "request_life_duplicate",
    "request_life_fill_up",
    "request_life_publish",
    "request_life_reopen",
    "requests_create",
    "sessions_cancel",
    "sessions_hold",
    "sessions_log",
    "sessions_write_feedback",
}
"""Under a key: done once, and answered the same."""

NEEDS_NO_KEY = {
    "auth_sign_in": "another session; the one that the browser had ends, and nobody is known before",
    "auth_sign_out": "ends a session that has ended",
    "auth_change_password": "is refused: the old password is the new one by then",
    "suggestions_for_text": "reads",
    "cohorts_assign": "reads: nothing is kept",
    "notices_read": "marks what is marked, and keeps the first time",
    "notices_read_all": "marks what is marked",
    "notices_retry": "what waits is due now; what was sent is not sent again",
    "webhooks_test": "another call is what is asked for; its event says that it did not happen",
    "privacy_erase": "answers the erasure that is under way",
}
"""What a repeat without a key does."""

UNGUARDED = {
    "accounts_revoke_key": "a key is never changed, so nobody revokes another one than they saw",
    "calendars_revoke": "whichever address there is, it is to hold no more",
    "auth_sign_out": "a session has no content",
    "auth_change_password": "the old password guards it",
    "notices_read": "has no content of anybody's",
    "notices_read_all": "has no content of anybody's",
    "notices_retry": "changes when, not what",
    "webhooks_test": "changes nothing",
    "cohorts_assign": "changes nothing",
    "request_life_duplicate": "makes something new of what is there",
    "sessions_write_feedback": "one's own words, until both sides have written: the last word counts",
}
"""Why an update, a deletion or a transition takes no If-Match."""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = FastAPI(title="x", version="1", generate_unique_id_function=rest.operation_id)
    rest.install(app)
    return app


@pytest.fixture(scope="module")
def by_id(app: FastAPI) -> dict[str, dict[str, Any]]:
    return dict(operations(app.openapi()))


def _routes(app: FastAPI, *methods: str) -> dict[str, str]:
    """Path by operation."""
    routes = [r for r in iter_route_contexts(app.routes) if isinstance(r.original_route, APIRoute)]
    return {r.unique_id: r.path for r in routes if r.original_route.methods & set(methods)}


def _headers(operation: dict[str, Any]) -> set[str]:
    return {said["name"] for said in operation.get("parameters", []) if said["in"] == "header"}


def test_every_post_has_a_decision_on_repeats(app: FastAPI, by_id: dict[str, dict[str, Any]]) -> None:
    posts = _routes(app, "POST")
    assert posts.keys() == ONCE | SECRET_ONCE | NEEDS_NO_KEY.keys()
    assert len(posts) == len(ONCE) + len(SECRET_ONCE) + len(NEEDS_NO_KEY)
    for name in posts:
        assert ("Idempotency-Key" in _headers(by_id[name])) == (name in ONCE | SECRET_ONCE), name
        if name in ONCE | SECRET_ONCE:  # 400: the key is no UUID; 422: it was used for something else
            assert {"400", "422"} <= by_id[name]["responses"].keys(), name
        if name in SECRET_ONCE:
            assert "409" in by_id[name]["responses"], name


def test_every_change_has_a_decision_on_lost_updates(app: FastAPI, by_id: dict[str, dict[str, Any]]) -> None:
    changes = _routes(app, "PUT", "PATCH", "DELETE").keys()
    changes |= {name for name, path in _routes(app, "POST").items() if ":" in path.replace("{id:id}", "")}
    changes |= {"sessions_write_feedback", "auth_sign_out", "auth_change_password"}
    guarded = {name for name in changes if "If-Match" in _headers(by_id[name])}
    assert changes - guarded == UNGUARDED.keys()
    for name in guarded:
        assert "412" in by_id[name]["responses"], name
    for name, operation in by_id.items():
        assert ("412" in operation["responses"]) == (name in guarded), name


def test_what_is_guarded_tells_its_etag(by_id: dict[str, dict[str, Any]]) -> None:
    """Who reads or makes it can send it back."""
    for name, operation in by_id.items():
        good = {status: said for status, said in operation["responses"].items() if status in {"200", "201"}}
        if "412" in operation["responses"]:
            for status, said in good.items():
                assert "ETag" in said.get("headers", {}), (name, status)
        read = by_id.get(f"{name.rpartition('_')[0]}_get")
        if "412" in operation["responses"] and read and name != "privacy_erase":
            assert "ETag" in read["responses"]["200"]["headers"], name
