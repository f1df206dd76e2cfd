"""The only place where the gateway's parts are put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import uvicorn
from fastapi import FastAPI

from yinling_common import logs
from yinling_common.client import open_channel
from yinling_common.database import Database
from yinling_common.identity import GATEWAY
from yinling_gateway import pages, problems, rest
from yinling_gateway.accounts import Accounts
from yinling_gateway.backend import Backend
from yinling_gateway.calendars.feeds import Calendars
from yinling_gateway.cohorts import Cohorts
from yinling_gateway.dependencies import Parts
from yinling_gateway.erasures import Erasures
from yinling_gateway.imports import Imports
from yinling_gateway.middleware import BodyLimit, SameOrigin, Surroundings
from yinling_gateway.notices.parts import make_notices
from yinling_gateway.passwords import Passwords
from yinling_gateway.privacy import Privacy
from yinling_gateway.rate_limit import RateLimit
from yinling_gateway.readiness import Readiness
from yinling_gateway.repository import (
    AccountRepository,
    CalendarRepository,
    CohortRepository,
    CredentialRepository,
    ImportRepository,
)
from yinling_gateway.repository.erasures import ErasureRepository
from yinling_gateway.settings import GatewaySettings

SCHEMA = "gateway"

_PURGE_INTERVAL = 600.0


def create_app(settings: GatewaySettings) -> FastAPI:
    """The application. Its lifespan opens the database pool and the channels; nothing is opened before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings) as parts:
            app.state.parts = parts
            yield

    app = FastAPI(
        title="银龄 Yinling",
        version="1",
        summary="Matches retired experts with the enterprises that need them.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=rest.operation_id,
    )
    problems.install(app)
    rest.install(app)
    if hasattr(pages, "router"):
        app.include_router(pages.router)
        app.state.render_problem = getattr(pages, "render_problem", None)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, max_body=settings.max_body, max_upload=settings.max_upload)
    app.add_middleware(SameOrigin, public_url=settings.public_url)
    app.add_middleware(Surroundings, https=settings.cookie_secure)
    return app


def server_config(app: FastAPI, settings: GatewaySettings) -> uvicorn.Config:
    """How the application is served."""
    host, _, port = settings.listen.rpartition(":")
    return uvicorn.Config(
        app,
        host=host.strip("[]") or "127.0.0.1",
        port=int(port),
        log_config=None,  # ours, with one line a request
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=round(settings.shutdown_grace),
        timeout_keep_alive=30,
    )


@asynccontextmanager
async def open_parts(settings: GatewaySettings) -> AsyncIterator[Parts]:
    """Everything that is opened at start and closed at the end."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        backend = Backend(
            talent=await stack.enter_async_context(open_channel(settings.talent_target)),
            matching=await stack.enter_async_context(open_channel(settings.matching_target)),
            signer=settings.signer(GATEWAY),
            settings=settings,
        )
        accounts = make_accounts(settings, database)
        imports = Imports(ImportRepository(database), backend, settings)
        cohorts = Cohorts(CohortRepository(database), backend, settings)
        notices = make_notices(database, backend, settings)
        erasures = Erasures(ErasureRepository(database), backend, settings.erasure_settle)
        parts = Parts(
            settings=settings,
            database=database,
            backend=backend,
            accounts=accounts,
            imports=imports,
            cohorts=cohorts,
            notices=notices,
            erasures=erasures,
            privacy=Privacy(backend, accounts),
            calendars=Calendars(
                CalendarRepository(database),
                backend,
                RateLimit(settings.calendar_per_minute, settings.calendar_per_minute or 1),
            ),
            rate_limit=RateLimit(settings.rate_per_minute, settings.rate_burst),
            readiness=Readiness(database, backend, settings.ready_kept),
        )
        stack.push_async_callback(imports.close)
        stack.push_async_callback(cohorts.close)
        for work in (imports.watch(), cohorts.watch(), erasures.run(), _purge(accounts)):
            stack.push_async_callback(_cancel, asyncio.create_task(work))
        if settings.notices_deliver:
            await stack.enter_async_context(notices.at_work())
        else:
            logs.get().info("notices.deliver_off", advice="at least one gateway must collect and send notices")
        yield parts


@asynccontextmanager
async def open_database(settings: GatewaySettings) -> AsyncIterator[Database]:
    """The gateway's schema."""
    database = Database(settings.database_url, schema=SCHEMA, max_size=settings.database_pool_size)
    async with database:
        yield database


def make_accounts(settings: GatewaySettings, database: Database) -> Accounts:
    """Sign-in and accounts over a database."""
    passwords = Passwords(time_cost=settings.hash_time_cost, memory_kib=settings.hash_memory_kib)
    return Accounts(AccountRepository(database), CredentialRepository(database), passwords, settings)


async def _purge(accounts: Accounts) -> None:
    while True:
        with suppress(Exception):  # the database is away: the next time will do
            await accounts.purge()
        await asyncio.sleep(_PURGE_INTERVAL)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
