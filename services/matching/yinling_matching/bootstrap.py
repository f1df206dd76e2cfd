"""The only wiring of the service: settings, model and server around its parts."""

import asyncio
from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # ships no types

from yinling_common import logs, migrations
from yinling_common.client import open_channel
from yinling_common.server import serve, stop_on_signals
from yinling_matching.embedding import load_embedder
from yinling_matching.engaging.contacts import TalentContacts
from yinling_matching.following.feed import TalentFeed
from yinling_matching.parts import SERVICE_NAMES, Service, service
from yinling_matching.settings import SCHEMA, MatchingSettings

__all__ = ["Service", "migrate", "migration_files", "run", "service"]


async def run(
    settings: MatchingSettings, stop: asyncio.Event | None = None, on_started: Callable[[int], None] = lambda port: None
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`."""
    logs.setup("matching", settings.log_format, settings.log_level)
    stop = stop or stop_on_signals()
    verifier, signer = settings.verifier("matching"), settings.signer("matching")
    embedder = await asyncio.to_thread(load_embedder, settings.model, settings.cache_dir, settings.model_threads)
    logs.get().info("model.loaded", model=embedder.name, dimensions=embedder.dimensions)
    # Matrix products of several suggestions at once would otherwise each take every core, and wait for each other.
    threadpool_limits(settings.threads_per_suggestion, user_api="blas")
    if settings.snapshot_dir is None:
        logs.get().warning("snapshot.off", why="no snapshot_dir is set: a restart reads the whole feed again")
    try:
        async with (
            open_channel(settings.talent_target) as channel,
            service(
                database_url=settings.database_url,
                feed=TalentFeed(channel, signer),
                contacts=TalentContacts(channel, signer),
                embedder=embedder,
                snapshot_dir=settings.snapshot_dir,
                snapshot_every_changes=settings.snapshot_every_changes,
                snapshot_every_seconds=settings.snapshot_every_seconds,
                pool_size=settings.database_pool_size,
                compute_threads=settings.compute_threads,
                replica=settings.replica,
                times=settings.times(),
                timers_every=settings.timer_seconds,
            ) as parts,
        ):
            # Better to end and be started again than to answer from an index that nobody keeps.
            parts.work.add_done_callback(lambda _: stop.set())
            await serve(
                name="matching",
                listen=settings.listen,
                verifier=verifier,
                add_servicers=parts.add_servicers,
                service_names=SERVICE_NAMES,
                check_health=parts.status.health,
                metrics_listen=settings.metrics_listen,
                grace=settings.shutdown_grace,
                stop=stop,
                on_started=on_started,
            )
            if parts.work.done():
                await parts.work  # raises what ended it
    finally:
        embedder.close()


async def migrate(settings: MatchingSettings) -> list[str]:
    """Bring the schema up to date; returns what was applied."""
    return await migrations.migrate(settings.database_url, SCHEMA, migration_files())


def migration_files() -> Traversable:
    """The directory of the migrations."""
    return resources.files("yinling_matching") / "sql" / "migrations"
