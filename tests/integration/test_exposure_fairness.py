"""Gender and age of everybody change, through the real feed, and no ranking and no score does."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2, matching_service_pb2, matching_service_pb2_grpc
from yinling.talent.v1 import talent_pb2, talent_service_pb2, talent_service_pb2_grpc

import yinling_matching.bootstrap
import yinling_talent.bootstrap
from yinling_common.identity import Identity, Role
from yinling_common.testing import CloneDatabase, Keys, serve_for_test
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.engaging.contacts import TalentContacts
from yinling_matching.following.feed import TalentFeed
from yinling_runner.sample import roster_path
from yinling_talent.converters import profile_to
from yinling_talent.roster import RosterRow, read_roster

HR = Identity("hr", Role.HR, organisation="煤业")
ADMIN = Identity("admin", Role.ADMIN)
PEOPLE = 60
REQUESTS = [
    ("矿井通风系统改造", ["瓦斯治理", "注册安全工程师"]),
    ("高炉炼铁降本", ["炉料配比"]),
    ("财务内部审计", ["合并报表"]),
]


@dataclass
class Suite:
    """Both services."""

    talent: Any
    matching: Any
    keys: Keys

    async def fill(self) -> list[talent_pb2.Profile]:
        """People of the sample roster, all of whom agree to be found."""
        rows = read_roster(roster_path(), "roster.xlsx", "", today=dt.date(2026, 11, 22))
        given = [profile_to(row.profile) for row in rows if isinstance(row, RosterRow)][:PEOPLE]
        made = []
        for profile in given:
            profile.organisation = "矿务局"
            profile.consent.granted = True
            profile.gender = profile.gender or types.GENDER_MALE
            profile.birth_year = profile.birth_year or 1955
            request = talent_service_pb2.CreateProfileRequest(profile=profile)
            made.append(await self.talent.CreateProfile(request, metadata=self.keys.metadata(ADMIN, "talent")))
        return made

    async def turn(self, profiles: list[talent_pb2.Profile]) -> int:
        """Women become men and men women, and everybody's age another one; returns the last revision."""
        revision = 0
        for number, profile in enumerate(profiles):
            profile.gender = types.GENDER_MALE if profile.gender == types.GENDER_FEMALE else types.GENDER_FEMALE
            profile.birth_year = 1935 + (profile.birth_year * 7 + number) % 40
            request = talent_service_pb2.UpdateProfileRequest(
                profile=profile, update_mask=FieldMask(paths=["gender", "birth_year"])
            )
            changed = await self.talent.UpdateProfile(request, metadata=self.keys.metadata(ADMIN, "talent"))
            assert (changed.gender, changed.birth_year) == (profile.gender, profile.birth_year)
            revision = changed.revision
        return revision

    async def post(self) -> list[str]:
        ids = []
        for title, points in REQUESTS:
            requirements = [matching_pb2.Requirement(text=text) for text in points]
            given = matching_pb2.MentoringRequest(organisation="煤业", title=title, requirements=requirements)
            request = matching_service_pb2.CreateMentoringRequestRequest(mentoring_request=given)
            metadata = self.keys.metadata(HR, "matching")
            ids.append((await self.matching.CreateMentoringRequest(request, metadata=metadata)).id)
        return ids

    async def suggestions(self, ids: list[str], revision: int) -> list[tuple[list[Any], ...]]:
        """For each request everybody with their scores, and the list that is shown."""
        found = []
        for request_id in ids:
            answers = []
            for view, limit in (
                (matching_service_pb2.SUGGESTION_VIEW_SCORES, 1000),
                (matching_service_pb2.SUGGESTION_VIEW_FULL, 20),
            ):
                request = matching_service_pb2.SuggestMentorsRequest(
                    request_id=request_id, view=view, limit=limit, min_revision=revision
                )
                metadata = self.keys.metadata(HR, "matching")
                answer = await self.matching.SuggestMentors(request, metadata=metadata, timeout=60)
                answers.append(list(answer.suggestions))
            found.append(tuple(answers))
        return found

    async def settled(self, ids: list[str], revision: int) -> list[tuple[list[Any], ...]]:
        """The suggestions when nobody new is shown any more: who was shown for one request steps back in another."""
        found = await self.suggestions(ids, revision)
        for _ in range(50):
            before, found = found, await self.suggestions(ids, revision)
            if found == before:
                return found
        raise AssertionError("the lists do not come to rest")


@pytest.fixture
async def running(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> AsyncIterator[Suite]:
    async with AsyncExitStack() as stack:
        talent = await stack.enter_async_context(
            yinling_talent.bootstrap.service(
                await clone_database({"talent": yinling_talent.bootstrap.migration_files()})
            )
        )
        stack.callback(talent.bell.close)
        channel = await stack.enter_async_context(serve_for_test(talent.add_servicers, keys.verifier("talent")))
        parts = await stack.enter_async_context(
            yinling_matching.bootstrap.service(
                database_url=await clone_database({"matching": yinling_matching.bootstrap.migration_files()}),
                feed=TalentFeed(channel, keys.signer("matching")),
                contacts=TalentContacts(channel, keys.signer("matching")),
                embedder=FakeEmbedder(),
                snapshot_dir=tmp_path,
            )
        )
        matching: grpc.aio.Channel = await stack.enter_async_context(
            serve_for_test(parts.add_servicers, keys.verifier("matching"))
        )
        async with asyncio.timeout(120):
            while not parts.progress.complete:  # noqa: ASYNC110 - the state of a service, not of this test
                await asyncio.sleep(0.01)
        yield Suite(
            talent_service_pb2_grpc.TalentServiceStub(channel),
            matching_service_pb2_grpc.MatchingServiceStub(matching),
            keys,
        )


async def test_gender_and_age_change_and_no_ranking_does(running: Suite) -> None:
    profiles = await running.fill()
    ids = await running.post()
    before = await running.settled(ids, profiles[-1].revision)
    assert all(len(everybody) > PEOPLE / 2 and len(shown) == 20 for everybody, shown in before)
    revision = await running.turn(profiles)
    assert await running.suggestions(ids, revision) == before
