"""Roster imports: an upload is passed on to talent in pieces, beside the requests, and its progress is kept."""

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from shutil import copyfileobj
from time import monotonic
from typing import Any, BinaryIO

from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common import logs, paging
from yinling_common.errors import InvalidField, NotFound, ServiceUnavailable, Violation, YinlingError
from yinling_common.identity import Role
from yinling_common.identity_numbers import mask_identity_numbers
from yinling_gateway.accounts import time_and_id
from yinling_gateway.backend import Backend
from yinling_gateway.converters.imports import issue_from_proto, summary_from_proto
from yinling_gateway.domain import Account, ImportIssue, ImportJob, ImportResult, ImportState
from yinling_gateway.repository import ImportRepository
from yinling_gateway.repository.once import Call, MadeBefore, call_of
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.uploads import Run, digest, sendable

_PROGRESS_INTERVAL = 0.5
_LOOK_INTERVAL = 0.1
_SILENT_BEATS = 6
_FINISH_TRIES = 5
_PURGE_INTERVAL = 3600.0
# What the parts of the upload are called where they were chosen.
_UPLOAD_FIELDS = {"chunk": "file", "header.filename": "file", "header.organisation": "organisation"}
_AGAIN = "upload the file again: rows that were taken are recognised and not made twice"


class Imports:
    """Starts imports and answers what became of them."""

    def __init__(self, repository: ImportRepository, backend: Backend, settings: GatewaySettings) -> None:
        self._repository = repository
        self._backend = backend
        self._settings = settings
        self._turn = asyncio.Semaphore(settings.imports_at_once)
        self._running: set[asyncio.Task[None]] = set()

    async def start(
        self,
        account: Account,
        file: BinaryIO,
        *,
        filename: str,
        organisation: str = "",
        validate_only: bool = False,
        key: str = "",
    ) -> ImportJob:
        """Take an upload and pass it on.

        Answers as soon as talent has begun to read rows. A file that cannot be read at all is thus refused here and
        leaves nothing behind; what happens later is found in the job.

        Args:
            account: Who uploads.
            file: The upload; it is copied before this returns.
            filename: Its name.
            organisation: Organisation of rows that name none; empty means the account's.
            validate_only: Check the file and write nothing.
            key: Under which the same upload is passed on once, however often it is sent; empty for none.

        Raises:
            YinlingError: It was refused, or talent is away.
        """
        filename = mask_identity_numbers(filename)  # it is kept, and listed
        own = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the task that reads it
        try:
            await asyncio.to_thread(copyfileobj, file, own)
            size = own.tell()
            if not size:
                message = "the file is empty; choose the workbook with the roster"
                raise InvalidField([Violation("file", "file.empty", message)])
            header = service.ImportRosterHeader(
                filename=sendable("file", filename),
                organisation=sendable("organisation", organisation or account.organisation),
                validate_only=validate_only,
            )
            asked = [filename, header.organisation, str(validate_only), await asyncio.to_thread(digest, own)]
            job, new = await self._insert(
                call_of(account, key, "imports.start", asked),
                account_id=account.id,
                # Talent refuses another than the uploader's own; until then it stands in no list of theirs.
                organisation=header.organisation if account.role == Role.ADMIN else account.organisation,
                by_admin=account.role == Role.ADMIN,
                filename=filename[:255],
                size=size,
                validate_only=validate_only,
            )
        except BaseException:
            own.close()
            raise
        if not new:
            own.close()
            return job
        run = Run(job.id, account.identity, header, own)
        task = asyncio.create_task(self._work(run))
        self._running.add(task)
        task.add_done_callback(partial(self._ended, run))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(run.answered.wait(), self._settings.import_answer_wait)
        if run.refused is not None:
            await self._repository.delete(job.id)
            raise run.refused
        run.detached = True
        return await self.get(account, job.id)

    async def _insert(self, call: Call, **job: Any) -> tuple[ImportJob, bool]:  # noqa: ANN401 - see the repository
        """A new job, or the one that the call has made; and whether it is new."""
        while True:
            try:
                return await self._repository.insert(call=call, **job), True
            except MadeBefore as before:
                if made := await self._begun(before.made_id):
                    return made, False
            # The other one was refused by now, and left nothing behind.

    async def _begun(self, job_id: str) -> ImportJob | None:
        """A job that another call has started, when rows are read or as late as that call is answered.

        Before that the file may yet be refused, and nothing left of the job: then it is None.
        """
        until = monotonic() + self._settings.import_answer_wait
        while True:
            job = await self._repository.get(job_id)
            if job is None or job.state != ImportState.RUNNING or job.rows_total or monotonic() > until:
                return job
            await asyncio.sleep(_LOOK_INTERVAL)

    async def get(self, account: Account, import_id: str) -> ImportJob:
        """A job of the account's organisation and its people; any job for administrators. Raises NotFound."""
        job = await self._repository.get(import_id)
        if job is None or not _may_see(account, job):
            raise NotFound("import", import_id)
        return job

    async def page(self, account: Account, page_size: int = 0, page_token: str = "") -> tuple[list[ImportJob], str]:
        """One page of jobs, the newest first, and the token of the next one."""
        organisation = None if account.role == Role.ADMIN else account.organisation
        filters = {"organisation": organisation}
        key = paging.decode(page_token, "imports", filters)
        size = paging.page_size(page_size)
        jobs = await self._repository.page(organisation, time_and_id(key) if key else None, size + 1)
        if len(jobs) <= size:
            return jobs, ""
        last = jobs[size - 1]
        return jobs[:size], paging.encode("imports", filters, [last.create_time.isoformat(), last.id])

    async def issues(
        self, account: Account, import_id: str, page_size: int = 0, page_token: str = ""
    ) -> tuple[list[ImportIssue], str]:
        """One page of what is wrong with an import's rows, and the token of the next one."""
        await self.get(account, import_id)
        filters = {"id": import_id}
        key = paging.decode(page_token, "import_issues", filters)
        size = paging.page_size(page_size)
        after = key[0] if key and isinstance(key[0], int) else 0
        issues = await self._repository.issues(import_id, after, size + 1)
        if len(issues) <= size:
            return issues, ""
        return issues[:size], paging.encode("import_issues", filters, [issues[size - 1].number])

    async def not_taken(self, account: Account, import_id: str, issues: Sequence[ImportIssue]) -> set[tuple[str, int]]:
        """Which of the rows (sheet, number) that these issues are about were not taken."""
        await self.get(account, import_id)
        rows = {(issue.sheet, issue.row) for issue in issues}
        repeated = {(issue.sheet, issue.row) for issue in issues if issue.rule == "row.duplicate"}
        return repeated | await self._repository.refused(import_id, rows)

    def outlived(self, job: ImportJob) -> bool:
        """Whether a job is so old that its issues and its annotated copy are not kept any longer."""
        age = timedelta(days=self._settings.imports_kept_days)
        return job.end_time is not None and job.end_time < datetime.now(UTC) - age

    async def annotated(self, account: Account, import_id: str) -> tuple[str, bytes]:
        """Name and content of the workbook with its mistakes marked. Raises NotFound where there is none."""
        job = await self.get(account, import_id)
        content = await self._repository.annotated(import_id)
        if content is None:
            raise NotFound("annotated copy of import", import_id)
        name = (job.summary or {}).get("annotated_filename") or job.filename
        return name, content

    async def watch(self) -> None:
        """Run for as long as the gateway does: find imports whose gateway died, delete what is old."""
        silence = timedelta(seconds=self._settings.heartbeat * _SILENT_BEATS)
        age = timedelta(days=self._settings.imports_kept_days)
        purged = -_PURGE_INTERVAL
        while True:
            try:
                if interrupted := await self._repository.interrupt_silent(silence):
                    logs.get().warning("imports.interrupted", jobs=interrupted)
                if monotonic() - purged > _PURGE_INTERVAL:
                    await self._repository.purge(age)
                    purged = monotonic()
            except YinlingError as error:
                logs.get().warning("imports.watch_failed", error=error.message)
            await asyncio.sleep(self._settings.heartbeat)

    async def close(self) -> None:
        """End the imports that run here; they are marked as interrupted."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, run: Run, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        run.file.close()
        if not task.cancelled() and (error := task.exception()):
            logs.get().error("import.broke", job=run.job_id, exc_info=error)
            run.refused = ServiceUnavailable()
        run.answered.set()

    async def _work(self, run: Run) -> None:
        beating = asyncio.create_task(self._beat(run))
        try:
            async with self._turn:
                result = await self._pass_on(run)
        except asyncio.CancelledError:
            result = ImportResult(ImportState.INTERRUPTED, problem={"reason": "INTERRUPTED", "message": _AGAIN})
        finally:
            beating.cancel()
        if run.refused is not None and not run.detached:
            return  # `start` still waits: it answers the error and forgets the job
        await self._finish(run.job_id, replace(result, rows_done=run.done, rows_total=run.total))

    async def _pass_on(self, run: Run) -> ImportResult:
        issues: list[ImportIssue] = []
        annotated = bytearray()
        summary: service.ImportSummary | None = None
        try:
            async for response in self._backend.import_roster(run.identity, run.requests()):
                run.answered.set()
                match response.WhichOneof("event"):
                    case "progress":
                        run.done, run.total = response.progress.rows_done, response.progress.rows_total
                    case "issue":
                        issues.append(issue_from_proto(len(issues) + 1, response.issue))
                    case "annotated_chunk":
                        annotated += response.annotated_chunk
                    case "summary":
                        summary = response.summary
            if summary is None:
                raise ServiceUnavailable(f"talent ended without a result; {_AGAIN}")
        except YinlingError as error:
            error.violations = [replace(v, field=_UPLOAD_FIELDS.get(v.field, v.field)) for v in error.violations]
            logs.get().info("import.failed", job=run.job_id, reason=error.reason.value, error=error.message)
            if not run.answered.is_set():
                run.refused = error
            problem = {
                "reason": error.reason.value,
                "message": error.message,
                "violations": [vars(violation) for violation in error.violations],
            }
            return ImportResult(ImportState.FAILED, problem=problem, issues=issues)
        return ImportResult(
            ImportState.DONE, summary=summary_from_proto(summary), annotated=bytes(annotated), issues=issues
        )

    async def _beat(self, run: Run) -> None:
        """Write progress when there is some, and a sign of life in any case."""
        written, at = (0, 0), monotonic()
        while True:
            await asyncio.sleep(min(_PROGRESS_INTERVAL, self._settings.heartbeat))
            if (run.done, run.total) == written and monotonic() - at < self._settings.heartbeat:
                continue
            with contextlib.suppress(YinlingError):
                await self._repository.progress(run.job_id, run.done, run.total)
                written, at = (run.done, run.total), monotonic()

    async def _finish(self, job_id: str, result: ImportResult) -> None:
        for attempt in range(_FINISH_TRIES):
            try:
                await self._repository.finish(job_id, result)
            except YinlingError as error:
                logs.get().warning("import.finish_failed", job=job_id, attempt=attempt, error=error.message)
                await asyncio.sleep(self._settings.heartbeat)
            else:
                logs.get().info("import.ended", job=job_id, state=result.state.value, issues=len(result.issues))
                return


def _may_see(account: Account, job: ImportJob) -> bool:
    """Administrators see all. Their own imports, which may hold anybody, nobody else sees."""
    return account.role == Role.ADMIN or (job.organisation == account.organisation and not job.by_admin)
