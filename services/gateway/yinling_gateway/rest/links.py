"""Where a client can go from an answer: links of the OpenAPI document."""

from typing import Any

Link = tuple[str, str, str, str, dict[str, str], Any]
"""Operation, its status, name of the link, operation that it leads to, its parameters, its body or None."""

_ID = {"id": "$response.body#/id"}


def _moves(source: str, status: str, ids: dict[str, str], *targets: str) -> list[Link]:
    return [(source, status, target, target, ids, None) for target in targets]


_REQUEST = (
    "requests_get",
    "requests_update",
    "requests_delete",
    "request_life_close",
    "request_life_fill_up",
    "request_life_reopen",
    "request_life_duplicate",
    "request_life_changes",
    "invitations_invite",
    "opt_ins_offer",
)
_INVITATION = ("invitations_get", "invitations_accept", "invitations_decline", "invitations_withdraw")
_OPT_IN = ("opt_ins_get", "opt_ins_confirm", "opt_ins_turn_down", "opt_ins_withdraw")
_ENGAGEMENT = (
    "engagements_get",
    "engagements_update",
    "engagements_pause",
    "engagements_resume",
    "engagements_complete",
    "engagements_end",
    "engagements_mentor_contact",
    "sessions_log",
    "sessions_write_feedback",
    "sessions_read_feedback",
)
_SESSION = ("sessions_get", "sessions_update", "sessions_hold", "sessions_cancel")
_WEBHOOK = ("webhooks_get", "webhooks_update", "webhooks_test", "webhooks_new_secret", "webhooks_delete")
_FIRST_SUGGESTED = {"profile_ids": ["$response.body#/suggestions/0/profile_id"]}

LINKS: list[Link] = [
    *_moves("requests_create", "201", _ID, "request_life_publish", *_REQUEST),
    *_moves("request_life_duplicate", "201", _ID, "request_life_publish", "requests_delete"),
    *_moves("request_life_publish", "200", _ID, *_REQUEST),
    *_moves("request_life_close", "200", _ID, "request_life_reopen"),
    ("requests_create", "201", "suggestions", "suggestions_for_request", _ID, None),
    (
        "suggestions_for_request",
        "200",
        "invite_the_best",
        "invitations_invite",
        {"id": "$request.path.id"},
        _FIRST_SUGGESTED,
    ),
    *_moves("invitations_invite", "201", {"id": "$response.body#/invitations/0/id"}, *_INVITATION),
    *_moves("invitations_find", "200", {"id": "$response.body#/invitations/0/id"}, *_INVITATION),
    *_moves("opt_ins_offer", "201", _ID, *_OPT_IN),
    *_moves("opt_ins_find", "200", {"id": "$response.body#/opt_ins/0/id"}, *_OPT_IN),
    *_moves("invitations_accept", "201", _ID, *_ENGAGEMENT),
    *_moves("opt_ins_confirm", "201", _ID, *_ENGAGEMENT),
    *_moves("engagements_find", "200", {"id": "$response.body#/engagements/0/id"}, *_ENGAGEMENT),
    *_moves("engagements_pause", "200", _ID, "engagements_resume", "engagements_end"),
    *_moves("engagements_complete", "200", _ID, "sessions_write_feedback"),
    *_moves("engagements_end", "200", _ID, "sessions_write_feedback"),
    *_moves("sessions_log", "201", {"id": "$response.body#/session/id"}, *_SESSION),
    *_moves("sessions_find", "200", {"id": "$response.body#/sessions/0/id"}, *_SESSION),
    *_moves("profiles_create", "201", _ID, "profiles_get", "profiles_update", "profiles_delete"),
    *_moves("profiles_create", "201", _ID, "privacy_audit", "privacy_export_person"),
    *_moves("privacy_erase", "202", _ID, "privacy_get"),
    (
        "profiles_create",
        "201",
        "request_suggestions",
        "profiles_request_suggestions",
        _ID,
        None,
    ),
    *_moves("accounts_create", "201", _ID, "accounts_get", "accounts_update", "accounts_delete"),
    *_moves("notices_find", "200", {"id": "$response.body#/notices/0/id"}, "notices_read"),
    *_moves("notices_deliveries", "200", {"id": "$response.body#/deliveries/0/id"}, "notices_retry"),
    *_moves("accounts_create", "201", _ID, "notices_preferences", "notices_put_preferences"),
    *_moves("webhooks_create", "201", _ID, *_WEBHOOK),
    *_moves("webhooks_find", "200", {"id": "$response.body#/webhooks/0/id"}, *_WEBHOOK),
    *_moves("imports_create", "202", _ID, "imports_get", "imports_annotated"),
]
