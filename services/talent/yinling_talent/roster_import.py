"""The import of a whole roster file: taken in, read in a thread, written in batches, and answered as it goes."""

import asyncio
import dataclasses
import datetime as dt
import itertools
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path, PurePath

from yinling_common import logs
from yinling_common.disks import full_is_told
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Identity, Role
from yinling_common.identity_numbers import mask_identity_numbers
from yinling_talent import access, roster
from yinling_talent.domain import ImportedRow, Outcome
from yinling_talent.handlers import TalentHandlers
from yinling_talent.importing import NumberTaken
from yinling_talent.roster import Issue, RosterRow, Severity, explain
from yinling_talent.roster.issues import shown
from yinling_talent.workshop import workshop

BATCH = 500
"""Rows in a transaction, and in memory."""

CHUNK = 256 * 1024
"""Bytes of a piece of the annotated copy."""

AT_ONCE = 2
"""Imports at a time in one process; the others wait. Each lays a workbook out in memory."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is, in rows."""

    done: int
    total: int


@dataclasses.dataclass(slots=True)
class Summary:
    """How an import ended; see the contract."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    duplicates: int = 0
    ignored_columns: list[str] = dataclasses.field(default_factory=list)
    revision: int = 0
    annotated_filename: str = ""
    end_time: dt.datetime | None = None

    def count(self, outcome: Outcome) -> None:
        """Count a row that was taken."""
        match outcome:
            case Outcome.CREATED:
                self.created += 1
            case Outcome.UPDATED:
                self.updated += 1
            case _:
                self.unchanged += 1


Event = Progress | Issue | bytes | Summary
"""Bytes are a piece of the annotated copy."""


class RosterImporter:
    """Imports rosters."""

    def __init__(self, handlers: TalentHandlers, max_bytes: int) -> None:
        self._handlers = handlers
        self._max_bytes = max_bytes
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def run(
        self, filename: str, organisation: str, chunks: AsyncIterator[bytes], *, validate_only: bool = False
    ) -> AsyncGenerator[Event]:
        """Import a file, good rows first to last in transactions of `BATCH` rows.

        An import that is cut off has written whole batches; the same file again completes it.

        Args:
            filename: As it was uploaded.
            organisation: Of rows that name none.
            chunks: The file.
            validate_only: Read and check, and count what would be done; write nothing.

        Raises:
            UnreadableFile: Nothing in the file can be read.
            InvalidField: The file is too large.
            Forbidden: The caller may not import into the organisation.
            StorageFull: There is no room for the file; nothing was written.
        """
        identity = access.keeper()
        access.check_organisations(identity, [organisation])
        async with workshop() as (directory, in_thread):
            path = directory / f"roster{PurePath(filename).suffix.lower()[:6]}"
            with full_is_told():
                await self._spool(chunks, path)
            async with self._turn:  # not before: whoever uploads slowly keeps nobody waiting
                reader = await in_thread(lambda: roster.read_roster(path, filename, organisation))
                yield Progress(0, reader.total_rows)
                summary = Summary(rows=reader.total_rows, ignored_columns=list(reader.ignored_columns))
                issues: list[Issue] = []
                items = iter(reader)
                while batch := await in_thread(lambda: list(itertools.islice(items, BATCH))):
                    issues += (item for item in batch if isinstance(item, Issue))
                    rows = [item for item in batch if isinstance(item, RosterRow)]
                    issues += await self._write(identity, rows, summary, dry=validate_only)
                    yield Progress(reader.rows_done, reader.total_rows)
                summary.failed += reader.failed
                summary.duplicates = reader.duplicates
                issues = _in_order(issues)
                for issue in issues:
                    yield issue
                if issues:
                    try:
                        copy = await in_thread(lambda: roster.annotate(path, filename, issues))
                    except Exception as error:
                        logs.get().warning("roster.no_copy", error=repr(error))
                        copy = b""
                        yield _NO_COPY
                    else:
                        stem = mask_identity_numbers(PurePath(filename).stem)[:100]
                        summary.annotated_filename = f"{stem}-批注.xlsx"
                    for start in range(0, len(copy), CHUNK):
                        yield copy[start : start + CHUNK]
                summary.end_time = dt.datetime.now(dt.UTC)
                yield summary

    async def template(self) -> tuple[str, bytes]:
        """File name and content of the empty roster workbook."""
        access.keeper()
        return await asyncio.to_thread(lambda: roster.template())  # noqa: PLW0108 - to_thread's type takes no cached function

    async def _spool(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        left = self._max_bytes
        with path.open("wb") as file:
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    most = self._max_bytes // 1024 // 1024
                    text = f"文件超过 {most} MB，请拆分后上传。The file is larger than {most} MB; split it."
                    raise InvalidField([Violation("chunk", "file.size", text)])
                file.write(chunk)

    async def _write(self, identity: Identity, rows: list[RosterRow], summary: Summary, *, dry: bool) -> list[Issue]:
        """Write the rows that may be written; returns what is wrong with the others."""
        issues = []
        taken = []
        for row in rows:
            if identity.role is Role.ADMIN or row.profile.organisation == identity.organisation:
                taken.append(row)
            else:
                issues.append(_foreign(row, identity.organisation))
                summary.failed += 1
        if not taken:
            return issues
        results, revision = await self._handlers.import_rows(
            [row.to_import() for row in taken], all_or_none=False, dry=dry
        )
        summary.revision = max(summary.revision, 0 if dry else revision)
        for row, result in zip(taken, results, strict=True):
            if isinstance(result, ImportedRow):
                summary.count(result.outcome)
                if result.consent_kept:
                    issues.append(_consent_kept(row))
                if result.renamed_from:
                    issues.append(_renamed(row, result.renamed_from))
            elif isinstance(result, NumberTaken):
                summary.failed += 1
                issues.append(_number_taken(row, result.holder))
            else:
                summary.failed += 1
                issues += (_broken(row, violation) for violation in result.violations)
        return issues


_NO_COPY = Issue(
    severity=Severity.WARNING,
    sheet="",
    row=0,
    column="",
    value="",
    rule="copy.failed",
    reason="没有生成标注问题的副本；导入结果和问题清单不受影响",
    advice="请按问题清单改好原文件后重新上传",
    message_en="No copy with the problems marked could be made. What was imported and this list hold; mend the file "
    "by the list and upload it again.",
)


def _in_order(issues: list[Issue]) -> list[Issue]:
    sheets = {sheet: i for i, sheet in enumerate(dict.fromkeys(issue.sheet for issue in issues))}
    return sorted(issues, key=lambda issue: (sheets[issue.sheet], issue.row))


def _foreign(row: RosterRow, own: str) -> Issue:
    return Issue(
        severity=Severity.ERROR,
        sheet=row.sheet,
        row=row.row,
        column="",
        value=row.profile.organisation,
        rule="organisation.own",
        reason="单位不是您所管理的单位",
        advice=f"请改为“{own}”，或删去单位一列，由系统填写",
        message_en=f'You keep the profiles of "{own}" alone; write that, or delete the column.',
    )


def _consent_kept(row: RosterRow) -> Issue:
    return Issue(
        severity=Severity.WARNING,
        sheet=row.sheet,
        row=row.row,
        column="",
        value="",
        rule="consent.withdrawn",
        reason="本人已撤回同意，仍按未同意处理；其他内容已导入",
        advice="如本人重新同意，请在其档案中更改，不要通过导入",
        message_en="The person has taken their consent back, which stays so; if they agree again, change the profile.",
    )


def _renamed(row: RosterRow, before: str) -> Issue:
    number, old, new = row.profile.employee_number, shown(before), shown(row.profile.name)
    return Issue(
        severity=Severity.WARNING,
        sheet=row.sheet,
        row=row.row,
        column="",
        value=new,
        rule="name.changed",
        reason=f"工号 {number} 的姓名由“{old}”改为“{new}”",
        advice=f"如果是两个人，请改正本行的工号，并在档案中把姓名改回“{old}”；如果是同一个人，无需处理",
        message_en=f'The name under employee number {number} changed from "{old}" to "{new}". If they are two people, '
        f'mend the number in this row and change the name in the profile back to "{old}".',
    )


def _number_taken(row: RosterRow, holder: str) -> Issue:
    number, name = row.profile.employee_number, shown(holder)
    return Issue(
        severity=Severity.ERROR,
        sheet=row.sheet,
        row=row.row,
        column="",
        value=number,
        rule="employee_number.taken",
        reason=f"工号 {number} 已经是“{name}”的工号，姓名和出生年份都与本行不同，本行未导入",
        advice="两个人不能用同一个工号，请核对并改正工号；如果是同一个人，请先在其档案中改正姓名，再重新导入",
        message_en=f'Employee number {number} belongs to "{name}", whose name and year of birth both differ from this '
        "row, which was not taken. Mend the number; where it is one person, change the name in the profile first.",
    )


def _broken(row: RosterRow, violation: Violation) -> Issue:
    stripped = dataclasses.replace(violation, field=violation.field.removeprefix("profile."))
    reason, advice = explain.in_chinese(stripped)
    return Issue(
        severity=Severity.ERROR,
        sheet=row.sheet,
        row=row.row,
        column="",
        value="",
        rule=violation.rule,
        reason=f"与已有档案合并后：{reason}",
        advice=advice,
        message_en=f"Together with what is stored, {stripped.field} {violation.message}.",
    )
