"""Web pages for HR, retirees, coordinators and administrators. Rendered here, usable without JavaScript."""

from fastapi import APIRouter

from yinling_gateway.pages import (
    admin,
    cohorts,
    deliveries,
    entrance,
    matching_settings,
    me,
    notice_preferences,
    notices,
    people,
    reports,
    requests,
    roster,
    static,
    suggestions,
    webhooks,
)
from yinling_gateway.pages.engaging import (
    agreed,
    calendar_link,
    engagements,
    invitations,
    inviting,
    opt_ins,
    papers,
    request_life,
    said,
    sessions,
    waiting,
)
from yinling_gateway.pages.privacy import consenting, data, erasing
from yinling_gateway.pages.problem_page import render_problem

router = APIRouter(include_in_schema=False)
# The addresses under /requests that have a name come before the one that takes an id.
for _part in (
    static,
    entrance,
    requests,
    suggestions,
    request_life,
    inviting,
    invitations,
    opt_ins,
    engagements,
    sessions,
    agreed,
    said,
    papers,
    calendar_link,
    waiting,
    cohorts,
    matching_settings,
    me,
    people,
    roster,
    reports,
    admin,
    deliveries,
    notice_preferences,  # before the address that takes an id
    notices,
    webhooks,
):
    router.include_router(_part.router)
for _privacy in (data, consenting, erasing):
    router.include_router(_privacy.pages)

__all__ = ["render_problem", "router"]
