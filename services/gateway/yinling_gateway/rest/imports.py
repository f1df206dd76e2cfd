"""Roster imports."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.responses import StreamingResponse

from yinling_common.errors import InvalidField, Violation, YinlingError
from yinling_gateway.auth import RetireeOffice
from yinling_gateway.converters import accounts as convert
from yinling_gateway.dependencies import BackendDep, ImportsDep
from yinling_gateway.domain import Account, ImportState
from yinling_gateway.imports import Imports
from yinling_gateway.models.base import Paged
from yinling_gateway.models.imports import ImportDetail, ImportJob, ImportPage
from yinling_gateway.models.problems import documented
from yinling_gateway.problems import english
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.moves import IdempotencyKey

router = APIRouter(tags=["imports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BINARY = {"schema": {"type": "string", "contentMediaType": XLSX}}
"""What the documentation says of a workbook, of which it can show no example."""

_STREAM = {"example": 'event: end\ndata: {"id": "5b4df3e6-7f5e-4a58-9c64-3d1c7a0f2e11", "state": "done", …}\n\n'}

_POLL_SECONDS = 0.5
_KEEP_ALIVE_POLLS = 30

# The form is read by the route itself, after the caller is known: FastAPI would read it before.
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": ".xlsx or .csv"},
                        "organisation": {
                            "type": "string",
                            "description": "Organisation of rows that name none; your own if absent.",
                        },
                        "validate_only": {"type": "boolean", "description": "Check the file and write nothing."},
                    },
                },
                "example": {
                    "file": "姓名,工号,城市\n王建国,PG-10231,攀枝花\n",
                    "organisation": "攀钢集团",
                    "validate_only": True,
                },
            }
        },
    }
}


@router.post(
    "/imports",
    status_code=202,
    summary="Import a roster",
    responses=documented(400, 413, 507),
    openapi_extra=_UPLOAD,
)
async def create(
    request: Request, response: Response, caller: RetireeOffice, imports: ImportsDep, key: IdempotencyKey
) -> ImportJob:
    """Answered as soon as the rows are being read; follow `Location` for the rest. A file that is no roster is 422.

    The same file sent again under the same key is the same import, as far as it is by then, however it ended.
    """
    async with request.form(max_files=1, max_fields=10) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise InvalidField([Violation("file", "required", "choose a file, .xlsx or .csv")])
        job = await imports.start(
            caller.account,
            upload.file,
            filename=upload.filename or "",
            organisation=_text(form.get("organisation")),
            validate_only=_flag(_text(form.get("validate_only"))),
            key=key,
        )
    response.headers["Location"] = f"/api/v1/imports/{job.id}"
    return convert.import_job(job, english=english(request))


@router.get("/imports", summary="List imports", responses=documented())
async def find(
    query: Annotated[Paged, Query()], request: Request, caller: RetireeOffice, imports: ImportsDep
) -> ImportPage:
    """Those of one's organisation that its own people uploaded, the newest first; all for administrators."""
    jobs, token = await imports.page(caller.account, query.page_size, query.page_token)
    shown = [convert.import_job(job, english=english(request)) for job in jobs]
    return ImportPage(imports=shown, next_page_token=token)


@router.get("/imports/{id:id}", summary="Read an import with its issues", responses=documented(404))
async def get(
    id_: Id,
    query: Annotated[Paged, Query()],
    request: Request,
    caller: RetireeOffice,
    imports: ImportsDep,
) -> ImportDetail:
    """Its progress, what came of it, and one page of the issues."""
    job = await imports.get(caller.account, id_)
    issues, token = await imports.issues(caller.account, id_, query.page_size, query.page_token)
    return convert.import_detail(job, issues, token, english=english(request))


@router.get(
    "/imports/{id:id}/events",
    summary="Follow an import",
    responses=documented(404) | {200: {"content": {"text/event-stream": _STREAM}}},
    response_class=StreamingResponse,
)
async def events(
    id_: Id,
    request: Request,
    caller: RetireeOffice,
    imports: ImportsDep,
) -> StreamingResponse:
    """Server-sent events: `progress` while it runs, then one `end`; the data of each is the import as JSON."""
    await imports.get(caller.account, id_)
    stream = _events(caller.account, id_, imports, in_english=english(request))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get(
    "/imports/{id:id}/annotated",
    summary="Download the copy with mistakes marked",
    responses=documented(404) | {200: {"content": {XLSX: BINARY}}},
    response_class=Response,
)
async def annotated(
    id_: Id,
    caller: RetireeOffice,
    imports: ImportsDep,
) -> Response:
    """Mend it and import it again: that completes the roster."""
    name, content = await imports.annotated(caller.account, id_)
    return download(name, content)


@router.get(
    "/roster-template",
    summary="Download the empty roster workbook",
    responses=documented() | {200: {"content": {XLSX: BINARY}}},
    response_class=Response,
)
async def template(caller: RetireeOffice, backend: BackendDep) -> Response:
    """With headers, examples and drop-down lists."""
    workbook = await backend.roster_template(caller.identity)
    return download(workbook.filename, workbook.content)


def download(filename: str, content: bytes) -> Response:
    """A file to be saved."""
    media_type = "text/csv; charset=utf-8" if filename.lower().endswith(".csv") else XLSX
    disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


async def _events(account: Account, id_: str, imports: Imports, *, in_english: bool) -> AsyncIterator[str]:
    sent, silent = "", 0
    while True:
        try:
            job = await imports.get(account, id_)
        except YinlingError:  # the database is away, or the job was deleted: the client asks again by itself
            yield "retry: 3000\n\n"
            return
        data = convert.import_job(job, english=in_english).model_dump_json()
        if job.state != ImportState.RUNNING:
            yield f"event: end\ndata: {data}\n\n"
            return
        if data != sent:
            yield f"event: progress\ndata: {data}\n\n"
            sent, silent = data, 0
        elif (silent := silent + 1) % _KEEP_ALIVE_POLLS == 0:
            yield ": still at it\n\n"
        await asyncio.sleep(_POLL_SECONDS)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _flag(value: str) -> bool:
    words = {"": False, "false": False, "true": True}
    if value.lower() not in words:
        raise InvalidField([Violation("validate_only", "type.bool", "must be true or false")])
    return words[value.lower()]
