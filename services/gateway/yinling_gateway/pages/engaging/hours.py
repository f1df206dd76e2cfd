"""What a person gives in this week, all engagements together, against what they allow."""

from datetime import UTC, datetime, time, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.errors import YinlingError
from yinling_common.identity import Role
from yinling_gateway.pages.engaging.reading import sessions
from yinling_gateway.pages.engaging.spoken import CLOCK, monday, today
from yinling_gateway.pages.visit import Visit


async def this_week(visit: Visit, one: pb.Engagement) -> pb.WeekHours | None:
    """The hours of the mentor of an engagement; None for the enterprise, whose business the others are not."""
    if visit.identity.role not in {Role.RETIREE, Role.COORDINATOR}:
        return None
    try:
        return await hours_of(visit, one.profile_id)
    except YinlingError:
        return None  # a page is worth showing without


async def hours_of(visit: Visit, profile_id: str) -> pb.WeekHours:
    """The hours of a person in this week, for the person or their coordinator."""
    first = monday(today())
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(datetime.combine(first, time(), CLOCK).astimezone(UTC))
    end.FromDatetime(datetime.combine(first + timedelta(days=7), time(), CLOCK).astimezone(UTC))
    asked = service.ListMentoringSessionsRequest(profile_id=profile_id, start_time=start, end_time=end)
    counted = {pb.MentoringSession.STATE_PLANNED, pb.MentoringSession.STATE_HELD}
    minutes = sum(one.minutes for one in await sessions(visit, asked) if one.state in counted)
    profile = await visit.backend.get_profile(visit.identity, talent_service.GetProfileRequest(id=profile_id))
    allowed = profile.hours_per_week * 60
    return pb.WeekHours(
        week_start=types.Date(year=first.year, month=first.month, day=first.day),
        minutes=minutes,
        allowed_minutes=allowed,
        near_limit=bool(allowed) and minutes * 5 > allowed * 4,
    )
