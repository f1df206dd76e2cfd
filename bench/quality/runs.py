"""Puts every request of a set to the services and keeps the answers as a TREC run."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from yinling.matching.v1 import matching_pb2, matching_service_pb2, matching_service_pb2_grpc
from yinling.talent.v1 import talent_service_pb2, talent_service_pb2_grpc

from bench.quality.services import Services
from bench.quality.sets import Corpus, LabelledSet, Query
from yinling_common.client import open_channel
from yinling_matching.scoring import PointKind

_BATCH = 200
_TAG = "yinling"
_AT_ONCE = 4
_LOAD_WITHIN = 3600.0
_CALL = 120.0
_IMPORTANCE = {
    PointKind.MUST: matching_pb2.Requirement.IMPORTANCE_MUST,
    PointKind.NICE: matching_pb2.Requirement.IMPORTANCE_NICE,
}


class Runner:
    """Loads corpora and asks for people, through the API alone."""

    def __init__(self, services: Services, talent: grpc.aio.Channel, matching: grpc.aio.Channel) -> None:
        self._services = services
        self._talent = talent_service_pb2_grpc.TalentServiceStub(talent)
        self._matching = matching_service_pb2_grpc.MatchingServiceStub(matching)

    async def load(self, corpora: Iterable[Corpus]) -> int:
        """Import everybody; returns the revision that has them all once the index has it too."""
        revision, began, people = 0, time.monotonic(), 0
        for corpus in corpora:
            for start in range(0, len(corpus.profiles), _BATCH):
                batch = corpus.profiles[start : start + _BATCH]
                answer = await self._talent.BatchImportProfiles(
                    talent_service_pb2.BatchImportProfilesRequest(profiles=batch),
                    metadata=self._services.metadata("talent"),
                    timeout=_CALL,
                    wait_for_ready=True,
                )
                revision = max(revision, answer.revision)
                people += len(batch)
        print(f"{people} profiles imported in {time.monotonic() - began:.0f} s", flush=True)
        await self._wait(revision, began)
        return revision

    async def model(self) -> str:
        """Name of the model that ranked."""
        return str((await self._status()).model)

    async def _status(self) -> matching_service_pb2.IndexStatusResponse:
        return await self._matching.IndexStatus(
            matching_service_pb2.IndexStatusRequest(),
            metadata=self._services.metadata("matching"),
            timeout=_CALL,
            wait_for_ready=True,
        )

    async def _wait(self, revision: int, began: float) -> None:
        said = began
        while True:
            status = await self._status()
            now = time.monotonic()
            if status.revision >= revision or now - said > 20:
                said = now
                print(f"{status.people} people, {status.facets} facets indexed after {now - began:.0f} s", flush=True)
            if status.revision >= revision:
                return
            if now - began > _LOAD_WITHIN:
                raise TimeoutError(f"the index is at revision {status.revision}, not {revision}")
            await asyncio.sleep(1)

    async def run(self, one: LabelledSet, path: Path, revision: int) -> None:
        """Ask for everybody, once a query, and write the run."""
        names = {profile_id: name async for profile_id, name in self._names(one.corpus)}
        began, at_once = time.monotonic(), asyncio.Semaphore(_AT_ONCE)

        async def ask(query: Query) -> list[str]:
            async with at_once:
                answer = await self._suggest(query, one.corpus, revision)
            return [
                f"{query.id} Q0 {names[suggestion.profile_id]} {rank} {suggestion.score:.9g} {_TAG}\n"
                for rank, suggestion in enumerate(answer.suggestions, 1)
            ]

        answers = await asyncio.gather(*map(ask, one.queries))
        with path.open("w", encoding="utf-8") as file:
            for lines in answers:
                file.writelines(lines)
        seconds = time.monotonic() - began
        print(f"{one.name}: {len(one.queries)} requests in {seconds:.0f} s, written to {path}", flush=True)

    async def _suggest(
        self, query: Query, corpus: Corpus, revision: int
    ) -> matching_service_pb2.SuggestMentorsResponse:
        request = matching_pb2.MentoringRequest(
            organisation="quality",
            title=query.title,
            description=query.description,
            requirements=[
                matching_pb2.Requirement(text=text, importance=_IMPORTANCE[kind]) for text, kind in query.requirements
            ],
        )
        answer = await self._matching.SuggestMentors(
            matching_service_pb2.SuggestMentorsRequest(
                mentoring_request=request,
                organisations=[corpus.organisation],
                view=matching_service_pb2.SUGGESTION_VIEW_SCORES,
                limit=len(corpus.profiles),
                min_revision=revision,
            ),
            metadata=self._services.metadata("matching"),
            timeout=_CALL,
        )
        if len(answer.suggestions) + answer.without_information != len(corpus.profiles):
            raise RuntimeError(
                f"{len(answer.suggestions)} of {len(corpus.profiles)} people were ranked for {query.title!r}"
            )
        return answer

    async def _names(self, corpus: Corpus) -> AsyncIterator[tuple[str, str]]:
        """Ids of profiles, which the service chose, and those of the set."""
        token = ""
        while True:
            page = await self._talent.ListProfiles(
                talent_service_pb2.ListProfilesRequest(
                    organisation=corpus.organisation, page_size=200, page_token=token
                ),
                metadata=self._services.metadata("talent"),
                timeout=_CALL,
            )
            for profile in page.profiles:
                yield profile.id, profile.name
            token = page.next_page_token
            if not token:
                return


@asynccontextmanager
async def runner(services: Services) -> AsyncIterator[Runner]:
    """A runner with its channels."""
    async with open_channel(services.talent) as talent, open_channel(services.matching) as matching:
        yield Runner(services, talent, matching)
