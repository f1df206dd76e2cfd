"""ETag and If-Match: nobody overwrites what they have not seen."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Response

from yinling_common.errors import StaleEtag

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that was read: the change is made only if it still holds."),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="An ETag known already: 304 if it still holds.")
]


def set_etag(response: Response, etag: str) -> None:
    """Send an etag along."""
    response.headers["ETag"] = f'"{etag}"'


async def chosen(if_match: str | None, read: Callable[[], Awaitable[str]]) -> str:
    """The etag that guards a change; empty for none.

    Args:
        if_match: The header.
        read: Gives the present etag; asked only where the header names several.

    Raises:
        StaleEtag: None of those named can hold.
    """
    if if_match is None or if_match.strip() == "*":
        return ""
    # If-Match compares strongly: a weak tag never matches.
    tags = [tag.strip('"') for tag in map(str.strip, if_match.split(",")) if tag and not tag.startswith("W/")]
    if len(tags) == 1:
        tag = tags[0]
    else:
        present = await read() if tags else ""
        tag = present if present in tags else ""
    if not tag or len(tag) > 64:
        raise StaleEtag
    return tag


def unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether a reader has the present state already."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags
