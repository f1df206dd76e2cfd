"""Alive, and ready."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from yinling_common.errors import IndexBehind, ServiceUnavailable, YinlingError
from yinling_common.identity import Identity, Role
from yinling_gateway.backend import MATCHING, TALENT
from yinling_gateway.dependencies import Parts, parts

router = APIRouter(tags=["health"])

_GATEWAY_ITSELF = Identity("gateway", Role.ADMIN)


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


@router.get("/readyz", summary="Can it serve?")
async def readyz(request: Request) -> Ready:
    """Ready means: the database and the services answer, and the index has everything that talent has committed."""
    held = parts(request)
    wrong: dict[str, YinlingError] = {}
    for name, check in (
        ("database", held.database.ping()),
        *((s, held.backend.check_health(s)) for s in (TALENT, MATCHING)),
    ):
        try:
            await check
        except YinlingError as error:
            wrong[name] = error
    if not wrong:
        try:
            return Ready(revision=await _caught_up(held))
        except YinlingError as error:
            wrong["index"] = error
    said = "; ".join(f"{name}: {error.message}" for name, error in wrong.items())
    raise ServiceUnavailable(f"not ready: {said}", metadata={"not_ready": ",".join(wrong)})


async def _caught_up(held: Parts) -> int:
    status = await held.backend.index_status(_GATEWAY_ITSELF)
    if not status.caught_up:
        raise IndexBehind(status.revision, status.revision + 1)
    return status.revision
