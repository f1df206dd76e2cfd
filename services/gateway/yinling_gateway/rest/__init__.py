"""The JSON API under /api/v1."""

from fastapi import APIRouter, FastAPI

from yinling_gateway.rest import (
    accounts,
    auth,
    cohorts,
    documentation,
    feedback,
    health,
    imports,
    matching_settings,
    profiles,
    reports,
    requests,
    suggestions,
)


def install(app: FastAPI) -> None:
    """Add every route."""
    api = APIRouter(prefix="/api/v1")
    for module in (
        auth,
        profiles,
        requests,
        suggestions,
        cohorts,
        feedback,
        matching_settings,
        reports,
        imports,
        accounts,
    ):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(health.router)
    documentation.install(app)
