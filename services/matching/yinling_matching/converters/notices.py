"""Notices."""

from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_matching.converters.values import number, timestamp
from yinling_matching.notices.domain import Notice


def notice_message(notice: Notice) -> pb.Notice:
    """A notice."""
    return pb.Notice(
        id=notice.id,
        kind=pb.NoticeKind.ValueType(notice.kind),
        audience=number(notice.audience),
        organisation=notice.organisation,
        profile_id=notice.profile_id,
        office=notice.office,
        mentoring_request_id=notice.mentoring_request_id,
        resource=notice.resource,
        resource_id=notice.resource_id,
        facts=notice.facts,
        subject=notice.subject,
        create_time=timestamp(notice.create_time),
    )
