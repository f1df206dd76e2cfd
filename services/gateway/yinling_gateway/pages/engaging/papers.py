"""Papers to print: the agreement of both sides on one page, and the certificate of thanks."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb

from yinling_gateway.pages import i18n
from yinling_gateway.pages.engaging.engagements import get_engagement
from yinling_gateway.pages.engaging.reading import first_day, request_or_none
from yinling_gateway.pages.visit import PartyVisit, Visit, see

router = APIRouter(prefix="/engagements", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Language = Annotated[str, Query(max_length=10)]

GOALS = 5
"""So many goals stand in the agreement; more are in the list of the engagement, which it names."""
GOAL_LENGTH = 80
_ROOMY = 150
"""Characters of goals up to which the agreement is set in larger type."""


@router.get("/{engagement_id}/agreement")
async def agreement(visit: PartyVisit, engagement_id: Id, language: Language = "") -> Response:
    """The agreement on one page, to be printed and signed."""
    return await _paper(visit, engagement_id, "agreement", language)


@router.get("/{engagement_id}/certificate")
async def certificate(visit: PartyVisit, engagement_id: Id, language: Language = "") -> Response:
    """The certificate of thanks, once the engagement is completed."""
    return await _paper(visit, engagement_id, "certificate", language)


async def _paper(
    visit: Visit, engagement_id: str, name: Literal["agreement", "certificate"], language: str
) -> Response:
    one = await get_engagement(visit, engagement_id)
    if name == "certificate" and one.state != pb.Engagement.STATE_COMPLETED:
        return see(f"/engagements/{engagement_id}")
    item = await request_or_none(visit, one.mentoring_request_id)
    page = replace(visit.page, language=i18n.known(language) or visit.page.language)
    here = f"/engagements/{engagement_id}/{name}"
    return page.render(
        f"engaging/{name}.html",
        one=one,
        item=item,
        first=first_day(one, item),
        goals=[goal.text if len(goal.text) <= GOAL_LENGTH else f"{goal.text[:GOAL_LENGTH]}…" for goal in one.goals][
            :GOALS
        ],
        dense=sum(len(goal.text[:GOAL_LENGTH]) for goal in one.goals[:GOALS]) > _ROOMY,
        more_goals=max(0, len(one.goals) - GOALS),
        languages=[(f"{here}?language={code}", code, words) for code, words in page.other_languages],
    )
