"""Roster imports as JSON."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from yinling_gateway.models.base import Output
from yinling_gateway.models.problems import FieldProblem


class ImportState(StrEnum):
    """Where an import stands. After `interrupted` and `failed` the file is uploaded again; no row is made twice."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class ImportSummary(Output):
    """How an import ended."""

    rows: int = Field(description="Rows that held a person.")
    created: int
    updated: int
    unchanged: int
    failed: int = Field(description="Rows that were not taken.")
    duplicates: int = Field(description="Rows that repeat an earlier one; the last counts.")
    ignored_columns: list[str]
    revision: int = Field(description="Revision of the feed that includes all of them.")
    annotated_filename: str


class ImportProblem(Output):
    """Why an import failed."""

    reason: str
    title: str
    detail: str
    errors: list[FieldProblem]


class ImportJob(Output):
    """An uploaded roster and what became of it."""

    id: str
    organisation: str
    filename: str
    size: int
    validate_only: bool
    state: ImportState
    rows_done: int
    rows_total: int
    issues: int = Field(description="How many issues there are, errors and warnings.")
    summary: ImportSummary | None
    problem: ImportProblem | None
    annotated_url: str | None = Field(description="Where the copy with its mistakes marked is; null where none.")
    create_time: datetime
    end_time: datetime | None


class ImportIssue(Output):
    """What is wrong with one cell."""

    severity: str = Field(description="`error`: the row was not taken; `warning`: it was.")
    sheet: str
    row: int
    column: str
    value: str
    rule: str
    reason: str = Field(description="What is wrong, in Chinese.")
    advice: str = Field(description="What to do about it, in Chinese.")
    message_en: str


class ImportDetail(ImportJob):
    """An import with one page of its issues."""

    issue_page: list[ImportIssue]
    next_page_token: str = Field(description="For the next page of issues; empty on the last.")


class ImportPage(Output):
    """One page of imports, the newest first."""

    imports: list[ImportJob]
    next_page_token: str = Field(description="Empty on the last page.")
