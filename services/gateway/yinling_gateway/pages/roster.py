"""Import of a roster: upload, progress, and what became of each row."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query
from starlette.datastructures import UploadFile
from starlette.responses import Response

from yinling_common.errors import InvalidField, UnreadableFile
from yinling_gateway.domain import ImportIssue, ImportJob, ImportState
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import OfficeVisit, Visit, see

router = APIRouter(prefix="/imports", include_in_schema=False)

ISSUES = 100
JOBS = 20
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_imports(visit: OfficeVisit, page_token: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Show the upload form and the imports, the latest first."""
    return await _upload_page(visit, Form(), page_token)


@router.post("")
async def upload(visit: OfficeVisit) -> Response:
    """Take a workbook and go to the page of its progress."""
    data = await visit.request.form()
    form = Form.posted(data)
    file = data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        form.fail("file", visit.gettext("Please choose the file with the roster first."))
    elif not (form.text("organisation") or visit.identity.organisation):
        form.fail("organisation", visit.gettext("Please name the unit that the people belong to."))
    else:
        try:
            job = await visit.parts.imports.start(
                visit.account.account,
                file.file,
                filename=file.filename,
                organisation=form.text("organisation"),
                validate_only=bool(form.get("validate_only")),
            )
        except UnreadableFile:
            form.fail(
                "file",
                visit.gettext(
                    "This is not a workbook that can be read. Please save it as .xlsx or .csv, or use the template."
                ),
            )
        except InvalidField as error:
            empty = any(violation.rule == "file.empty" for violation in error.violations)
            words = visit.gettext("The file is empty. Please choose the workbook with the roster.")
            form.fail("file", words if empty else error.message)
        else:
            return see(f"/imports/{job.id}")
    return await _upload_page(visit, form, status=422)


@router.get("/template")
async def template(visit: OfficeVisit) -> Response:
    """Download the empty roster."""
    answer = await visit.backend.roster_template(visit.identity)
    return download(answer.filename, answer.content)


@router.get("/{import_id}")
async def show_import(
    visit: OfficeVisit, import_id: Id, page_token: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Show how far an import is, or what became of it."""
    account = visit.account.account
    job = await visit.parts.imports.get(account, import_id)
    issues: list[ImportIssue] = []
    further = ""
    not_taken: set[tuple[str, int]] = set()
    if job.state != ImportState.RUNNING:
        issues, further = await visit.parts.imports.issues(account, import_id, ISSUES, page_token)
        not_taken = await visit.parts.imports.not_taken(account, import_id, issues)
    return visit.page.render(
        "people/import.html",
        job=job,
        summary=job.summary or {},
        issues=[(issue, _fate(issue, not_taken, job)) for issue in issues],
        # How many there were is kept. An erasure takes them away, and so does time.
        gone=bool(job.issues and not issues and not page_token and job.state != ImportState.RUNNING),
        outlived=visit.parts.imports.outlived(job),
        first_page=not page_token,
        first_page_address=f"/imports/{import_id}",
        next_page=f"/imports/{import_id}?{urlencode({'page_token': further})}" if further else "",
    )


@router.get("/{import_id}/annotated")
async def annotated(visit: OfficeVisit, import_id: Id) -> Response:
    """Download the workbook with its mistakes marked."""
    name, content = await visit.parts.imports.annotated(visit.account.account, import_id)
    return download(name, content)


def _fate(issue: ImportIssue, not_taken: set[tuple[str, int]], job: ImportJob) -> str:
    """What became of the row that a line is about: "refused", "taken", or "" where there is no such row."""
    if (issue.sheet, issue.row) in not_taken:
        return "refused"
    about_more = issue.rule.startswith(("column.", "sheet.", "copy."))
    return "" if about_more or job.validate_only or job.state != ImportState.DONE else "taken"


async def _upload_page(visit: Visit, form: Form, page_token: str = "", status: int = 200) -> Response:
    jobs, further = await visit.parts.imports.page(visit.account.account, JOBS, page_token)
    return visit.page.render(
        "people/upload.html",
        status=status,
        form=form,
        jobs=jobs,
        first_page=not page_token,
        first_page_address="/imports",
        next_page=f"/imports?{urlencode({'page_token': further})}" if further else "",
    )


def download(name: str, content: bytes) -> Response:
    """A file to be saved."""
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else _WORKBOOK
    return Response(
        content, media_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
