"""Alive, and ready."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from yinling_gateway.dependencies import parts
from yinling_gateway.models.problems import problem

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Everything answers and the index has caught up."""

    status: Literal["ready"] = "ready"
    revision: int


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Answers whatever state the other parts are in."""
    return Alive()


@router.get("/readyz", summary="Can it serve?", responses={503: problem(503)})
async def readyz(request: Request) -> Ready:
    """Ready means: the database and the services answer, and the index has all that talent has committed.

    An answer is given again for a second, so that asking costs the services nothing.
    """
    return Ready(revision=await parts(request).readiness.revision())
