"""What people read of what is kept about them."""

from yinling.common.v1 import audit_pb2
from yinling.matching.v1 import privacy_service_pb2 as pb

from yinling_matching.converters.values import timestamp
from yinling_matching.privacy.exporting import Exposure
from yinling_matching.privacy.trail import Entry


def entry_message(entry: Entry) -> audit_pb2.AuditEntry:
    """An entry of the log."""
    return audit_pb2.AuditEntry(
        time=timestamp(entry.time),
        subject=entry.subject,
        role=entry.role,
        organisation=entry.organisation,
        action=entry.action,
        resource=entry.resource,
        resource_id=entry.resource_id,
        fields=entry.fields,
    )


def exposure_message(shown: Exposure) -> pb.ExportPersonResponse.Exposure:
    """That the person was shown."""
    return pb.ExportPersonResponse.Exposure(
        mentoring_request_title=shown.title, organisation=shown.organisation, time=timestamp(shown.time)
    )
