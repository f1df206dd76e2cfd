"""Documentation of the API, served from here alone: no script comes from anywhere else."""

from html import escape
from importlib import resources
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

from yinling_common.errors import ErrorReason
from yinling_gateway.messages import TITLES
from yinling_gateway.models.problems import FieldProblem, ProblemModel
from yinling_gateway.problems import STATUS
from yinling_gateway.rest.openapi import complete

router = APIRouter(include_in_schema=False)

_DESCRIPTION = """
银龄 matches retired experts with the enterprises that need them. Everything that the web pages do can be done here.

**Signing in.** A person posts to `/api/v1/auth/sign-in`: the answer sets a cookie, and its `csrf_token` goes into the
header `X-CSRF-Token` of every POST, PATCH and DELETE. A machine sends an API key as `Authorization: Bearer ylk_…` or
`X-API-Key`, and needs no token.

**Errors** are `application/problem+json` (RFC 9457) with `reason`, `request_id` and, field by field, `errors`. Their
words are Chinese unless `Accept-Language` prefers English. [All reasons](/docs/problems).

**Lists** come in pages: `next_page_token` of one is the `page_token` of the next. **Changes** are JSON merge patches;
with `If-Match` they are made only if nobody changed the thing since it was read (412 otherwise). A transition, such as
`POST /api/v1/invitations/{id}:accept`, starts from certain states alone; from another one it is 409, which names it.

**Sent twice.** Operations that take an `Idempotency-Key`, a UUID that you make for each thing to be done, do it once:
sent again within a week it does nothing and is answered the same; what was made and has changed since, as it is by
then. Every operation that makes something takes one. Where the answer holds a secret, the second one is 409 with the id
of what was made: a secret is told once. With other content a key is refused (422).

**Rules** of fields stand in their schemas: lengths, ranges, patterns, what is needed. What a schema cannot say is in
the description, and in `errors` with the name of its rule. No text may hold NUL. Days and moments lie between the years
1900 and 2200.

**Who may.** `x-roles` of an operation names the roles that get past the gateway; the services decide the rest, and what
one has no part in is 404.
"""

_PAGE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
{body}
</body>
</html>
"""

_SWAGGER = """<div id="swagger-ui"></div>
<noscript><p>本页需要 JavaScript。接口说明的原文在 <a href="/openapi.json">/openapi.json</a>。
This page needs JavaScript; the same as JSON is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>"""


def install(app: FastAPI) -> None:
    """Add the pages, and the parts of the OpenAPI document that FastAPI does not know."""
    app.include_router(router)
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_offline", "static")]), name="docs-assets")

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI documents


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    schema = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=_DESCRIPTION, routes=app.routes
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    reference = "#/components/schemas/{model}"
    schemas["Problem"] = ProblemModel.model_json_schema(ref_template=reference)
    schemas["Problem"].pop("$defs", None)
    schemas["FieldProblem"] = FieldProblem.model_json_schema(ref_template=reference)
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "yinling_session"},
        "apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "ylk_…"},
        "apiKeyHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    schema["security"] = [{"session": []}, {"apiKey": []}, {"apiKeyHeader": []}]
    for path in ("/healthz", "/readyz", "/api/v1/auth/sign-in", "/calendars/{token}.ics"):
        for operation in schema["paths"][path].values():
            operation["security"] = []
    complete(app, schema)
    return schema


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API, to read and to try out."""
    return HTMLResponse(_PAGE.format(title="银龄 API", body=_SWAGGER))


@router.get("/docs/start.js")
async def start() -> FileResponse:
    """The few lines that start the page."""
    return FileResponse(str(resources.files(__package__) / "assets" / "start.js"), media_type="text/javascript")


@router.get("/docs/problems")
async def all_problems() -> HTMLResponse:
    """Every reason that a problem can have; the `type` of a problem links here."""
    rows = "".join(
        f'<tr id="{reason}"><td><code>{reason}</code></td><td>{STATUS[reason]}</td>'
        f"<td>{escape(chinese)}</td><td>{escape(english)}</td></tr>"
        for reason, (chinese, english) in ((r, TITLES[r]) for r in ErrorReason)
    )
    head = "<tr><th>reason</th><th>HTTP</th><th>中文</th><th>English</th></tr>"
    body = f"<main><h1>错误一览 Problems</h1><table>{head}{rows}</table></main>"
    return HTMLResponse(_PAGE.format(title="错误一览 Problems", body=body))
