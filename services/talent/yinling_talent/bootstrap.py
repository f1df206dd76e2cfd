"""The only wiring of the service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import grpc

from yinling_common import logs, migrations
from yinling_common.database import Database
from yinling_common.server import serve, stop_on_signals
from yinling_talent import consent, servicer, workshop
from yinling_talent.audit import Readers
from yinling_talent.consent import Wordings
from yinling_talent.feed import Bell, listening
from yinling_talent.handlers import TalentHandlers
from yinling_talent.privacy import PrivacyHandlers
from yinling_talent.repository import CHANNEL, PostgresStore
from yinling_talent.roster_import import RosterImporter
from yinling_talent.settings import SCHEMA, TalentSettings


@dataclass(frozen=True)
class Service:
    """The parts of a running service.

    Attributes:
        bell: Closed when the service stops, so that followers go at once.
    """

    handlers: TalentHandlers
    importer: RosterImporter
    privacy: PrivacyHandlers
    store: PostgresStore
    bell: Bell

    def add_servicers(self, server: grpc.aio.Server) -> None:
        """Register everything that is served."""
        servicer.add_to(server, servicer.TalentServicer(self.handlers, self.importer, self.privacy))

    async def check_health(self) -> dict[str, str | None]:
        """What is wrong with each part that the service needs."""
        await self.store.ping()
        return {"database": None}


@asynccontextmanager
async def service(
    database_url: str, pool_size: int = 10, roster_max_mb: int = 20, wordings: Wordings | None = None
) -> AsyncIterator[Service]:
    """Everything but the server; with the shipped wordings of the consent unless others are given."""
    wordings = wordings or consent.shipped()
    bell = Bell()
    async with (
        Database(database_url, schema=SCHEMA, min_size=1, max_size=pool_size) as database,
        listening(bell, database_url, SCHEMA, CHANNEL),
    ):
        store = PostgresStore(database)
        readers = Readers()
        handlers = TalentHandlers(store, bell, wordings, readers)
        importer = RosterImporter(handlers, roster_max_mb * 1024 * 1024)
        yield Service(handlers, importer, PrivacyHandlers(store, wordings, readers), store, bell)


async def run(
    settings: TalentSettings, stop: asyncio.Event | None = None, on_started: Callable[[int], None] = lambda port: None
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`."""
    logs.setup("talent", settings.log_format, settings.log_level)
    stop = stop or stop_on_signals()
    workshop.sweep()
    wordings = consent.read(settings.consent_wordings)
    async with service(settings.database_url, settings.database_pool_size, settings.roster_max_mb, wordings) as parts:
        closer = asyncio.create_task(_close_on(stop, parts.bell))
        try:
            await serve(
                name="talent",
                listen=settings.listen,
                verifier=settings.verifier("talent"),
                add_servicers=parts.add_servicers,
                service_names=[servicer.SERVICE_NAME],
                check_health=parts.check_health,
                metrics_listen=settings.metrics_listen,
                grace=settings.shutdown_grace,
                stop=stop,
                on_started=on_started,
            )
        finally:
            closer.cancel()


async def migrate(settings: TalentSettings) -> list[str]:
    """Bring the schema up to date; returns what was applied."""
    return await migrations.migrate(settings.database_url, SCHEMA, migration_files())


def migration_files() -> Traversable:
    """The directory of the migrations."""
    return resources.files("yinling_talent") / "sql" / "migrations"


async def _close_on(stop: asyncio.Event, bell: Bell) -> None:
    # Followers would stay for ever: without this the server waits out its grace for them.
    await stop.wait()
    bell.close()
