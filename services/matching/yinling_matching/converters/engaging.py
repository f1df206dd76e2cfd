"""Invitations, opt-ins, engagements and their sessions, and the history of a request."""

import json
from enum import IntEnum
from hashlib import sha256
from typing import Any, TypeVar

from google.protobuf.message import Message
from yinling.matching.v1 import engagement_pb2 as pb

from yinling_matching.converters.values import day_message, number, timestamp
from yinling_matching.engaging.domain import NO_CONTACT, Change, Engagement, Invitation, OptIn
from yinling_matching.engaging.labels import Label
from yinling_matching.engaging.lists import Asked
from yinling_matching.engaging.once import Call

State = TypeVar("State", bound=IntEnum)


def call(request: Any, etag: str = "") -> Call:  # noqa: ANN401 - any request message with a request_id
    """How a call can be recognised when it comes again; with the etag of the request, or of what is sent in it."""
    etag = etag or getattr(request, "etag", "")
    if not request.request_id:
        return Call("", etag=etag)
    asked: Message = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("request_id")  # written in capitals it is the same
    body = sha256(asked.SerializeToString(deterministic=True)).digest()
    return Call(asked.DESCRIPTOR.name, request.request_id.lower(), body, etag)


def asked(request: Any, state: type[State]) -> Asked:  # noqa: ANN401 - any of the three lists' requests
    """Which page of which list."""
    return Asked(
        page_size=request.page_size,
        page_token=request.page_token,
        mentoring_request_id=request.mentoring_request_id.lower(),
        profile_id=request.profile_id.lower(),
        state=state(request.state) if request.state else None,
    )


def invitation_message(kept: Invitation, label: Label) -> pb.Invitation:
    """An invitation."""
    return pb.Invitation(
        id=kept.id,
        mentoring_request_id=kept.mentoring_request_id,
        organisation=kept.organisation,
        profile_id=kept.profile_id,
        message=kept.message,
        state=number(kept.state),
        decline_reason=number(kept.decline_reason),
        decline_words=kept.decline_words,
        closed_because=number(kept.closed_because),
        engagement_id=kept.engagement_id,
        expire_time=timestamp(kept.expire_time),
        create_time=timestamp(kept.create_time),
        update_time=timestamp(kept.update_time),
        remind_time=timestamp(kept.remind_time),
        etag=kept.etag,
        mentoring_request_title=label.title,
        profile_name=label.name,
    )


def opt_in_message(kept: OptIn, label: Label) -> pb.OptIn:
    """An opt-in."""
    return pb.OptIn(
        id=kept.id,
        mentoring_request_id=kept.mentoring_request_id,
        organisation=kept.organisation,
        profile_id=kept.profile_id,
        message=kept.message,
        state=number(kept.state),
        turn_down_reason=number(kept.turn_down_reason),
        turn_down_words=kept.turn_down_words,
        closed_because=number(kept.closed_because),
        engagement_id=kept.engagement_id,
        create_time=timestamp(kept.create_time),
        update_time=timestamp(kept.update_time),
        etag=kept.etag,
        mentoring_request_title=label.title,
        profile_name=label.name,
    )


def engagement_message(kept: Engagement, label: Label) -> pb.Engagement:
    """An engagement, with the enterprise's contact where it is for the reader."""
    contact = kept.enterprise_contact
    return pb.Engagement(
        id=kept.id,
        mentoring_request_id=kept.mentoring_request_id,
        organisation=kept.organisation,
        profile_id=kept.profile_id,
        state=number(kept.state),
        invitation_id=kept.invitation_id,
        opt_in_id=kept.opt_in_id,
        end_reason=number(kept.end_reason),
        end_words=kept.end_words,
        create_time=timestamp(kept.create_time),
        update_time=timestamp(kept.update_time),
        end_time=timestamp(kept.end_time),
        etag=kept.etag,
        mentoring_request_title=label.title,
        profile_name=label.name,
        goals=[
            pb.Goal(
                id=goal.id,
                text=goal.text,
                progress=goal.progress,
                note=goal.note,
                update_time=timestamp(goal.update_time),
            )
            for goal in kept.goals
        ],
        planned_end_date=day_message(kept.planned_end_date),
        held_minutes=label.held_minutes,
        held_sessions=label.held_sessions,
        enterprise_contact=pb.EnterpriseContact(name=contact.name, phone=contact.phone, email=contact.email)
        if label.contact and contact != NO_CONTACT
        else None,
    )


def change_message(entry: Change) -> pb.MentoringRequestChange:
    """One step in the life of a request."""
    return pb.MentoringRequestChange(
        action=pb.MentoringRequestChange.Action.Value(f"ACTION_{entry.action.upper()}"),
        create_time=timestamp(entry.time),
        subject=entry.subject,
        role=entry.role,
        fields=[
            pb.MentoringRequestChange.Field(
                name=name, before=json.dumps(before, ensure_ascii=False), after=json.dumps(after, ensure_ascii=False)
            )
            for name, (before, after) in sorted(entry.fields.items())
        ],
    )
