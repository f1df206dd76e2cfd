"""The JSON API under /api/v1."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from yinling_gateway.rest import (
    accounts,
    auth,
    calendars,
    cohorts,
    documentation,
    engagements,
    figures,
    health,
    imports,
    invitations,
    matching_settings,
    notices,
    opt_ins,
    privacy,
    profiles,
    reports,
    request_life,
    requests,
    sessions,
    suggestions,
    webhooks,
)


def install(app: FastAPI) -> None:
    """Add every route."""
    api = APIRouter(prefix="/api/v1")
    for module in (
        auth,
        profiles,
        requests,
        request_life,
        suggestions,
        invitations,
        opt_ins,
        engagements,
        sessions,
        calendars,
        cohorts,
        matching_settings,
        reports,
        figures,
        imports,
        accounts,
        notices,
        webhooks,
        privacy,
    ):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(calendars.feed)
    app.include_router(health.router)
    documentation.install(app)


def operation_id(route: APIRoute) -> str:
    """The name of an operation in the documentation: of its module and function, such as `invitations_accept`."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"
