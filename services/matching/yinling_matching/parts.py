"""The parts of the service, put together: everything but the settings, the model and the server."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from yinling.matching.v1 import (
    engagement_service_pb2_grpc,
    figures_service_pb2_grpc,
    matching_service_pb2_grpc,
    notice_service_pb2_grpc,
    privacy_service_pb2_grpc,
)

from yinling_common.database import Database
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.keeper import Keeper, PositionRecorder
from yinling_matching.catalogue.snapshot import SnapshotFile
from yinling_matching.cohort.assigning import Assigning
from yinling_matching.domain import MentoringRequest
from yinling_matching.embedding import Embedder
from yinling_matching.engaging.closing import Closing
from yinling_matching.engaging.contacts import Contacts, MentorContacts
from yinling_matching.engaging.feedback import Feedbacks
from yinling_matching.engaging.invitations import Invitations
from yinling_matching.engaging.labels import Labels
from yinling_matching.engaging.lists import Lists
from yinling_matching.engaging.moving import Moving
from yinling_matching.engaging.opt_ins import OptIns
from yinling_matching.engaging.people import People
from yinling_matching.engaging.places import Places
from yinling_matching.engaging.request_life import RequestLife
from yinling_matching.engaging.servicer import SERVICE_NAME as ENGAGEMENT_SERVICE_NAME
from yinling_matching.engaging.servicer import EngagementServicer
from yinling_matching.engaging.sessions import Sessions
from yinling_matching.engaging.timers import Timers
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.under_way import Engagements
from yinling_matching.engaging.unit import Decisions
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.repository import SqlLedgerRepository
from yinling_matching.exposure.shown import ShownPeople
from yinling_matching.figures.handlers import Reporting
from yinling_matching.figures.repository import FiguresRepository
from yinling_matching.figures.servicer import SERVICE_NAME as FIGURES_SERVICE_NAME
from yinling_matching.figures.servicer import FiguresServicer
from yinling_matching.following.feed import Feed
from yinling_matching.following.follower import Follower
from yinling_matching.following.progress import Progress
from yinling_matching.following.withdrawals import Withdrawals
from yinling_matching.handlers import Requests
from yinling_matching.index import FlatIndex
from yinling_matching.notices.handlers import Notices
from yinling_matching.notices.servicer import SERVICE_NAME as NOTICE_SERVICE_NAME
from yinling_matching.notices.servicer import NoticeServicer
from yinling_matching.organisation_settings import SettingsOfOrganisations
from yinling_matching.privacy.asking import Asking
from yinling_matching.privacy.erasing import Erasing
from yinling_matching.privacy.exporting import Exporting
from yinling_matching.privacy.reads import Looks, Reads
from yinling_matching.privacy.servicer import SERVICE_NAME as PRIVACY_SERVICE_NAME
from yinling_matching.privacy.servicer import PrivacyServicer
from yinling_matching.privacy.sweeping import Sweeping
from yinling_matching.privacy.trail import Trail
from yinling_matching.ranking.points import texts_to_embed
from yinling_matching.ranking.suggesting import Suggesting
from yinling_matching.remembering import forget_texts
from yinling_matching.repository import SqlEmbeddingRepository, SqlRequestRepository
from yinling_matching.running import load_then_follow, together
from yinling_matching.servicer import SERVICE_NAME, MatchingServicer
from yinling_matching.settings import SCHEMA
from yinling_matching.settings_repository import SqlSettingsRepository
from yinling_matching.status import Status
from yinling_matching.vectors import Vectors

SERVICE_NAMES = (
    SERVICE_NAME,
    ENGAGEMENT_SERVICE_NAME,
    NOTICE_SERVICE_NAME,
    FIGURES_SERVICE_NAME,
    PRIVACY_SERVICE_NAME,
)
"""What is served."""


@dataclass(frozen=True)
class Service:
    """The parts of a running service.

    Attributes:
        work: What goes on beside the calls. It ends only by a fault of ours.
    """

    servicer: MatchingServicer
    status: Status
    progress: Progress
    catalogue: Catalogue
    keeper: Keeper
    follower: Follower
    vectors: Vectors
    ledger: Ledger
    engagement_servicer: EngagementServicer
    notice_servicer: NoticeServicer
    privacy_servicer: PrivacyServicer
    figures_servicer: FiguresServicer
    places: Places
    closing: Closing
    moving: Moving
    sweeping: Sweeping
    timers: Timers
    work: asyncio.Task[None]

    def add_servicers(self, server: grpc.aio.Server) -> None:
        """Register everything that is served."""
        matching_service_pb2_grpc.add_MatchingServiceServicer_to_server(self.servicer, server)
        engagement_service_pb2_grpc.add_EngagementServiceServicer_to_server(self.engagement_servicer, server)
        notice_service_pb2_grpc.add_NoticeServiceServicer_to_server(self.notice_servicer, server)
        privacy_service_pb2_grpc.add_PrivacyServiceServicer_to_server(self.privacy_servicer, server)
        figures_service_pb2_grpc.add_FiguresServiceServicer_to_server(self.figures_servicer, server)


@asynccontextmanager
async def service(
    *,
    database_url: str,
    feed: Feed,
    contacts: Contacts,
    embedder: Embedder,
    snapshot_dir: Path | None = None,
    snapshot_every_changes: int = 2000,
    snapshot_every_seconds: float = 300.0,
    pool_size: int = 10,
    compute_threads: int = 4,
    replica: str = "matching",
    times: Times = Times(),  # noqa: B008 - it cannot be changed
    timers_every: float = 30.0,
) -> AsyncIterator[Service]:
    """Everything but the server. It follows the feed from the start, and saves a snapshot at the end."""
    compute = ThreadPoolExecutor(compute_threads, "suggest")
    # Each of these waits for the model or the disk at times, and must not wait for another of them.
    names = ("query", "passage", "apply", "disk", "withdraw", "cohort", "figures")
    query, passage, apply, disk, withdraw, cohort, figures = (ThreadPoolExecutor(1, name) for name in names)
    database = Database(database_url, schema=SCHEMA, min_size=1, max_size=pool_size)
    embeddings = SqlEmbeddingRepository(database)
    request_repository = SqlRequestRepository(database)
    vectors = Vectors(embedder, embeddings, queries=query, passages=passage)
    catalogue = Catalogue(lambda: FlatIndex(embedder.dimensions))
    progress = Progress()
    keeper = Keeper(
        file=SnapshotFile(snapshot_dir, embedder.name, embedder.dimensions) if snapshot_dir else None,
        catalogue=catalogue,
        applied=lambda: follower.applied,  # each needs the other
        work=disk,
        every_changes=snapshot_every_changes,
        every_seconds=snapshot_every_seconds,
        record=PositionRecorder(embeddings, replica, embedder.name),
    )
    follower = Follower(
        feed=feed,
        catalogue=catalogue,
        progress=progress,
        vectors=vectors,
        work=apply,
        start_over=lambda: _start_over(keeper, moving),
        on_changed=lambda profile_ids: moving.changed(profile_ids),  # noqa: PLW0108 - it is made below
    )
    places = Places(database, catalogue)
    people = People(catalogue, lambda: progress.complete)
    labels = Labels(database, people)
    decisions = Decisions(database, people, places)
    timers = Timers(decisions, times, every=timers_every)
    closing = Closing(decisions, lambda: progress.caught_up)
    moving = Moving(decisions)
    withdrawals = Withdrawals(feed=feed, catalogue=catalogue, work=withdraw, on_gone=closing.gone)

    def prepare(request: MentoringRequest) -> None:
        vectors.prepare(texts_to_embed(request))

    requests = Requests(request_repository, on_kept=prepare)
    settings = SettingsOfOrganisations(SqlSettingsRepository(database))
    ledger_repository = SqlLedgerRepository(database)
    reads = Reads()
    ledger = Ledger(ledger_repository, on_erased=lambda: _forget(vectors, reporting, reads))
    shown = ShownPeople(catalogue=catalogue, ledger=ledger, repository=ledger_repository)
    suggesting = Suggesting(
        requests=requests,
        repository=request_repository,
        catalogue=catalogue,
        progress=progress,
        vectors=vectors,
        weights_of=settings.weights_of_several,
        ledger=ledger,
        compute=compute,
        looks=Looks(database, reads),
    )
    assigning = Assigning(
        requests=requests,
        catalogue=catalogue,
        progress=progress,
        vectors=vectors,
        weights_of=settings.weights_of_several,
        ledger=ledger,
        compute=cohort,
        looks=Looks(database, reads),
    )
    reporting = Reporting(
        repository=FiguresRepository(database),
        catalogue=catalogue,
        progress=progress,
        vectors=vectors,
        ledger=ledger,
        work=figures,
    )
    sweeping = Sweeping(
        database=database, catalogue=catalogue, requests=request_repository, complete=lambda: progress.caught_up
    )
    erasing = Erasing(
        decisions=decisions,
        catalogue=catalogue,
        progress=progress,
        places=places,
        ledger=ledger,
        sweeping=sweeping,
        keeper=keeper,
    )
    status = Status(database=database, catalogue=catalogue, progress=progress, vectors=vectors, keeper=keeper)
    async with database:
        following = load_then_follow(keeper, progress, catalogue, follower, withdrawals)
        work = asyncio.create_task(
            together(following, ledger.run(), places.run(), closing.run(), moving.run(), sweeping.run(), timers.run())
        )
        try:
            servicer = MatchingServicer(
                requests=requests,
                suggesting=suggesting,
                status=status,
                settings=settings,
                shown=shown,
                assigning=assigning,
                life=RequestLife(decisions, on_kept=prepare),
            )
            engagement_servicer = EngagementServicer(
                lists=Lists(database, reads),
                labels=labels,
                invitations=Invitations(decisions, time_to_answer=times.answer),
                opt_ins=OptIns(decisions),
                engagements=Engagements(decisions),
                sessions=Sessions(decisions),
                feedbacks=Feedbacks(decisions, reads, on_rated=ledger.rated),
                contacts=MentorContacts(database, labels, contacts),
            )
            asking = Asking(database, people)
            yield Service(
                servicer=servicer,
                status=status,
                progress=progress,
                catalogue=catalogue,
                keeper=keeper,
                follower=follower,
                vectors=vectors,
                ledger=ledger,
                engagement_servicer=engagement_servicer,
                figures_servicer=FiguresServicer(reporting),
                notice_servicer=NoticeServicer(Notices(database)),
                privacy_servicer=PrivacyServicer(
                    labels=labels,
                    exporting=Exporting(database, asking),
                    trail=Trail(database, asking),
                    erasing=erasing,
                ),
                places=places,
                closing=closing,
                moving=moving,
                sweeping=sweeping,
                timers=timers,
                work=work,
            )
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await ledger.close()
            await keeper.save()
            await vectors.close()
            for executor in (compute, query, passage, apply, disk, withdraw, cohort, figures):
                executor.shutdown(wait=True, cancel_futures=True)


def _forget(vectors: Vectors, reporting: Reporting, reads: Reads) -> None:
    """Remember nothing of what was made of people's texts, nor who was read: somebody was erased."""
    vectors.forget()
    reporting.forget()
    reads.forget()
    forget_texts()


async def _start_over(keeper: Keeper, moving: Moving) -> None:
    """The feed begins anew."""
    await keeper.start_over()
    moving.feed_went_back()
