"""Our own style sheet, script and mark. Their addresses change with their content, so browsers may keep them."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from yinling_gateway.pages.rendering import STATIC

router = APIRouter(include_in_schema=False)

_TYPES = {
    "yinling.css": "text/css",
    "paper.css": "text/css",
    "figures.css": "text/css",
    "privacy.css": "text/css",
    "yinling.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}


@router.get("/static/{name}")
async def file(
    name: Literal["yinling.css", "paper.css", "figures.css", "privacy.css", "yinling.js", "mark.svg"],
) -> Response:
    """Give one of the files."""
    return Response(
        (STATIC / name).read_bytes(),
        media_type=_TYPES[name],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
