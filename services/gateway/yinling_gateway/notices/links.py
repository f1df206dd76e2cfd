"""Where the reader of a notice goes on."""

from yinling_common.identity import Role
from yinling_gateway.notices.domain import Event

_FOR_PEOPLE = {
    "mentoring_request": "/open-requests/{id}",
    "invitation": "/invitations/{id}",
    "opt_in": "/opt-ins",
    "engagement": "/engagements/{id}",
    "mentoring_session": "/engagements/{engagement}",
}
_FOR_ENTERPRISES = {
    "mentoring_request": "/requests/{request}",
    "invitation": "/requests/{request}/people",
    "opt_in": "/requests/{request}/people",
    "engagement": "/engagements/{id}",
    "mentoring_session": "/engagements/{engagement}",
}


def page(event: Event, role: Role) -> str:
    """The path of the page that an event is about; for a session that of its engagement, where that is known."""
    paths = _FOR_PEOPLE if role in {Role.RETIREE, Role.COORDINATOR} else _FOR_ENTERPRISES
    engagement = event.facts.get("engagement_id", "")
    path = paths.get(event.resource, "/")
    return (
        path.format(id=event.resource_id, request=event.mentoring_request_id, engagement=engagement).rstrip("/") or "/"
    )
