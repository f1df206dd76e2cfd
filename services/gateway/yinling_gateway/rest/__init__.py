"""The JSON API under /api/v1."""

from fastapi import FastAPI

from yinling_gateway.rest import health


def install(app: FastAPI) -> None:
    """Add every route."""
    app.include_router(health.router)
