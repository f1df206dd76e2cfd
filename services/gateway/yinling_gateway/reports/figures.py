"""Figures of a period, beside those of the period before it."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

from yinling.common.v1.types_pb2 import Date
from yinling.matching.v1 import figures_service_pb2 as service
from yinling.matching.v1 import matching_pb2 as matching

from yinling_common.identity import Identity
from yinling_gateway.backend import Backend

FEWER = "FEWER_THAN_THREE"
"""Name under which reasons stand together that too few people gave."""

DRAFT = matching.MentoringRequest.State.Name(matching.MentoringRequest.STATE_DRAFT)
ANSWERED = frozenset({"STATE_ACCEPTED", "STATE_DECLINED"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures, and for which days.

    Attributes:
        first: None for 90 days before the last.
        last: None for today.
        organisation: Empty for all that the reader may see.
        by: What the organisation is, as the contract has it; 0 for what the reader's role says.
    """

    first: date | None = None
    last: date | None = None
    organisation: str = ""
    by: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Figures of a period, and those of as many days before it, which say nothing of skills."""

    now: service.Figures
    before: service.Figures


async def read_figures(
    backend: Backend, identity: Identity, asked: Asked, *, without_skills: bool = False
) -> service.Figures:
    """The figures of a period. Raises YinlingError."""
    request = service.GetFiguresRequest(
        organisation=asked.organisation,
        by=service.GetFiguresRequest.By.ValueType(asked.by),
        without_skills=without_skills,
    )
    if asked.first:
        request.start_date.CopyFrom(_date(asked.first))
    if asked.last:
        request.end_date.CopyFrom(_date(asked.last))
    return await backend.figures.get(identity, request)


async def compare_figures(backend: Backend, identity: Identity, asked: Asked, days: int, today: date) -> Compared:
    """The figures of a period, and of the period before.

    Args:
        backend: Where they are read.
        identity: For whom.
        asked: Whose.
        days: Before the last one, where the first is not stated.
        today: Where the last is not stated.

    Raises:
        YinlingError: They cannot be had.
    """
    last = asked.last or today
    first = asked.first or last - timedelta(days=days)
    ended = first - timedelta(days=1)
    asked = Asked(first, last, asked.organisation, asked.by)
    earlier = Asked(min(ended, ended - (last - first)), ended, asked.organisation, asked.by)
    now, before = await asyncio.gather(
        read_figures(backend, identity, asked), read_figures(backend, identity, earlier, without_skills=True)
    )
    return Compared(now, before)


def fill_rate(found: service.Figures) -> float | None:
    """None where no request was made."""
    return found.fill_rate if sum(one.count for one in found.requests if one.name != DRAFT) else None


def acceptance_rate(found: service.Figures) -> float | None:
    """None where no invitation was answered."""
    return found.acceptance_rate if any(one.name in ANSWERED for one in found.invitations) else None


def seconds(took: service.TimeTo) -> tuple[float, float] | None:
    """Median and ninth decile; None where nothing was measured."""
    if not took.count:
        return None
    return took.median.ToTimedelta().total_seconds(), took.ninth_decile.ToTimedelta().total_seconds()


def _date(value: date) -> Date:
    return Date(year=value.year, month=value.month, day=value.day)
