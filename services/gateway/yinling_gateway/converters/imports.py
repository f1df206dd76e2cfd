"""What talent says of a roster, as the gateway keeps it."""

from typing import Any

from yinling.talent.v1 import talent_service_pb2 as service

from yinling_gateway.domain import ImportIssue


def issue_from_proto(number: int, issue: service.RowIssue) -> ImportIssue:
    """One issue; numbered as they come."""
    error = issue.severity == service.RowIssue.SEVERITY_ERROR
    return ImportIssue(
        number=number,
        severity="error" if error else "warning",
        sheet=_text(issue.sheet),
        row=issue.row,
        column=_text(issue.column),
        value=_text(issue.value),
        rule=issue.rule,
        reason=_text(issue.reason),
        advice=_text(issue.advice),
        message_en=_text(issue.message_en),
    )


def summary_from_proto(summary: service.ImportSummary) -> dict[str, Any]:
    """The counts, as JSON."""
    return {
        "rows": summary.rows,
        "created": summary.created,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "failed": summary.failed,
        "duplicates": summary.duplicates,
        "ignored_columns": [_text(column) for column in summary.ignored_columns],
        "revision": summary.revision,
        "annotated_filename": _text(summary.annotated_filename),
    }


def _text(value: str) -> str:
    """PostgreSQL holds no NUL."""
    return value.replace("\0", "")
