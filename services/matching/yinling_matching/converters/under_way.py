"""What the two sides of an engagement do with each other: plans, sessions and feedback."""

from datetime import UTC, date, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service_pb

from yinling_common.errors import InvalidField, Violation
from yinling_matching.converters.values import day, day_message, number, timestamp
from yinling_matching.engaging.domain import EnterpriseContact, Goal, MentoringSession
from yinling_matching.engaging.feedback import EngagementFeedback, Readable, Said
from yinling_matching.engaging.hours import WeekHours
from yinling_matching.engaging.labels import Label
from yinling_matching.engaging.lists import Asked
from yinling_matching.engaging.planning import Plan
from yinling_matching.engaging.sessions import Given
from yinling_matching.engaging.states import Phase, SessionState


def uuid(field: str, given: str) -> str:
    """An id within a message whose other uses leave it empty. Raises InvalidField where it is no UUID."""
    try:
        return str(UUID(given))
    except ValueError as error:
        raise InvalidField([Violation(field, "string.uuid", "must be a UUID; say what it is about")]) from error


def plan(message: pb.Engagement) -> Plan:
    """What an engagement is to have. Raises InvalidField where the last day is not in the calendar."""
    contact = message.enterprise_contact
    return Plan(
        goals=tuple(Goal(goal.id.lower(), goal.text, goal.progress, goal.note) for goal in message.goals),
        planned_end_date=_planned_end(message),
        enterprise_contact=EnterpriseContact(contact.name, contact.phone, contact.email),
    )


def session(message: pb.MentoringSession) -> Given:
    """A session as somebody sent it."""
    return Given(
        start_time=_moment("session.start_time", message.start_time) if message.HasField("start_time") else None,
        minutes=message.minutes,
        summary=message.summary,
        next_step=message.next_step,
        place=message.place,
    )


def asked(request: service_pb.ListMentoringSessionsRequest) -> Asked:
    """Which page of the sessions."""
    return Asked(
        page_size=request.page_size,
        page_token=request.page_token,
        profile_id=request.profile_id.lower(),
        state=SessionState(request.state) if request.state else None,
        engagement_id=request.engagement_id.lower(),
        since=_moment("start_time", request.start_time) if request.HasField("start_time") else None,
        until=_moment("end_time", request.end_time) if request.HasField("end_time") else None,
    )


def said(message: pb.EngagementFeedback) -> Said:
    """What one side says. Raises InvalidField where it is not said of which phase."""
    try:
        phase = Phase(message.phase)
    except ValueError as error:
        message_text = "say of when it is: FEEDBACK_PHASE_HALFWAY or FEEDBACK_PHASE_END"
        raise InvalidField([Violation("feedback.phase", "enum.defined_only", message_text)]) from error
    return Said(phase, message.goals, message.cooperation, message.again, message.words)


def session_message(kept: MentoringSession, label: Label) -> pb.MentoringSession:
    """A session."""
    return pb.MentoringSession(
        id=kept.id,
        engagement_id=kept.engagement_id,
        state=number(kept.state),
        start_time=timestamp(kept.start_time),
        minutes=kept.minutes,
        summary=kept.summary,
        next_step=kept.next_step,
        place=kept.place,
        logged_by=number(kept.logged_by),
        create_time=timestamp(kept.create_time),
        update_time=timestamp(kept.update_time),
        etag=kept.etag,
        mentoring_request_title=label.title,
        profile_name=label.name,
    )


def hours_message(hours: WeekHours, *, whole: bool) -> pb.WeekHours:
    """A week of a person; without `whole` as their enterprise is told of it."""
    return pb.WeekHours(
        week_start=day_message(hours.week_start),
        minutes=hours.minutes if whole else hours.own_minutes,
        allowed_minutes=hours.allowed_minutes if whole else 0,
        near_limit=hours.near_limit,
    )


def feedback_message(kept: EngagementFeedback) -> pb.EngagementFeedback:
    """What one side says."""
    return pb.EngagementFeedback(
        engagement_id=kept.engagement_id,
        phase=number(kept.phase),
        side=number(kept.side),
        goals=kept.goals,
        cooperation=kept.cooperation,
        again=kept.again,
        words=kept.words,
        update_time=timestamp(kept.update_time),
    )


def readable_message(readable: Readable) -> service_pb.ListEngagementFeedbackResponse:
    """What one side may read, and who has written."""
    return service_pb.ListEngagementFeedbackResponse(
        feedback=[feedback_message(one) for one in readable.feedback],
        standings=[
            service_pb.ListEngagementFeedbackResponse.Standing(phase=number(phase), side=number(side), written=written)
            for (phase, side), written in sorted(readable.standings.items())
        ],
    )


def _planned_end(message: pb.Engagement) -> date | None:
    if not message.HasField("planned_end_date"):
        return None
    given = message.planned_end_date
    found = day(given)
    if found is None:
        text = f"{given.year}-{given.month:02}-{given.day:02} is not in the calendar; give a day that is"
        raise InvalidField([Violation("engagement.planned_end_date", "date.exists", text)])
    return found


def _moment(field: str, given: Timestamp) -> datetime:
    try:
        return given.ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        message = "is not a time between the years 1 and 9999; give one that is"
        raise InvalidField([Violation(field, "timestamp.valid", message)]) from error
