"""Settings of organisations: kept, guarded, seen by those whom they concern, and at hand for suggestions."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.errors import DatabaseUnavailable
from yinling_common.identity import Identity, Role, as_identity
from yinling_matching.domain import OrganisationSettings
from yinling_matching.organisation_settings import KEPT_SECONDS, SettingsOfOrganisations
from yinling_matching.ranking.weights import NO_WEIGHTS, Effective, Weights
from yinling_matching.settings_repository import SettingsRepository, SqlSettingsRepository
from yinling_matching.testing import MemorySettingsRepository

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
HR_OF_NOTHING = Identity("hr-3", Role.HR)
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation="攀钢集团")
RETIREE = Identity("r-1", Role.RETIREE, profile_id="p1")
ADMIN = Identity("admin", Role.ADMIN)
NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
DEFAULTS = pb.Weights(**asdict(Effective()))
ALL = Weights(2.5, 1.5, 0.0, 3.0, 0.5, 0.25, 0.75, 1.25, 2.0)


@pytest.fixture(params=["memory", "postgres"])
def repository(request: pytest.FixtureRequest) -> SettingsRepository:
    if request.param == "memory":
        return MemorySettingsRepository()
    return SqlSettingsRepository(request.getfixturevalue("database"))


class Away(MemorySettingsRepository):
    """A table that fails, or does not answer, when told so; and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], Any] = lambda: asyncio.sleep(0)
        self.asked = 0

    async def get(self, organisation: str) -> OrganisationSettings:
        self.asked += 1
        found = await super().get(organisation)
        await self.before()
        return found


def written(weights: Weights, etag: str = "e1") -> Callable[[OrganisationSettings], OrganisationSettings]:
    return lambda kept: replace(kept, weights=weights, update_time=NOW, etag=etag)


@pytest.mark.parametrize("weights", [ALL, Weights(nice=0.0, words=0.0), NO_WEIGHTS])
async def test_what_is_kept_comes_back(repository: SettingsRepository, weights: Weights) -> None:
    assert await repository.get("甲") == OrganisationSettings("甲")
    assert await repository.update("甲", written(weights)) == OrganisationSettings("甲", weights, NOW)
    kept = await repository.get("甲")
    assert (kept, kept.etag) == (OrganisationSettings("甲", weights, NOW), "e1")
    await repository.update("甲", written(Weights(must=2.0), "e2"))
    kept = await repository.get("甲")
    assert (kept.weights, kept.etag) == (Weights(must=2.0), "e2")
    assert await repository.get("乙") == OrganisationSettings("乙")


async def test_a_write_that_fails_leaves_nothing(repository: SettingsRepository) -> None:
    def refuse(kept: OrganisationSettings) -> OrganisationSettings:
        raise ValueError(kept.organisation)

    with pytest.raises(ValueError, match="甲"):
        await repository.update("甲", refuse)
    assert await repository.get("甲") == OrganisationSettings("甲")


async def test_writes_at_once_lose_nothing(repository: SettingsRepository) -> None:
    def more(kept: OrganisationSettings) -> OrganisationSettings:
        return written(Weights(about=(kept.weights.about or 0) + 0.25))(kept)

    await asyncio.gather(*(repository.update("甲", more) for _ in range(12)))
    assert (await repository.get("甲")).weights.about == 3.0


async def test_weights_are_read_once_in_a_while() -> None:
    clock, table = [0.0], Away()
    settings = SettingsOfOrganisations(table, clock=lambda: clock[0])
    await table.update("甲", written(ALL))
    table.asked = 0
    assert [await settings.weights_of(name) for name in ("甲", " 甲 ", "")] == [ALL, ALL, NO_WEIGHTS]
    assert table.asked == 1
    await table.update("甲", written(Weights(must=2.0)))  # by another replica
    assert await settings.weights_of("甲") == ALL
    clock[0] += KEPT_SECONDS
    assert await settings.weights_of("甲") == Weights(must=2.0)


async def test_own_writes_hold_at_once() -> None:
    table = Away()
    settings = SettingsOfOrganisations(table)
    assert await settings.weights_of("攀钢集团") == NO_WEIGHTS
    with as_identity(HR):
        await settings.update(OrganisationSettings("攀钢集团", ALL))
        assert await settings.weights_of("攀钢集团") == ALL
        # A read that began before a write does not bring the old weights back.
        settings = SettingsOfOrganisations(table)
        began, go_on = asyncio.Event(), asyncio.Event()

        async def held() -> None:
            began.set()
            await go_on.wait()

        table.before = held
        reading = asyncio.create_task(settings.weights_of("攀钢集团"))
        await began.wait()
        table.before = lambda: asyncio.sleep(0)
        await settings.update(OrganisationSettings("攀钢集团", Weights(must=2.0)))
        go_on.set()
        assert await reading == await settings.weights_of("攀钢集团") == Weights(must=2.0)


async def test_suggestions_do_not_wait_for_a_table_that_is_away() -> None:
    async def fail() -> None:
        raise DatabaseUnavailable

    clock, table = [0.0], Away()
    settings = SettingsOfOrganisations(table, clock=lambda: clock[0])
    await table.update("甲", written(ALL))
    assert await settings.weights_of("甲") == ALL
    for before in (fail, lambda: asyncio.sleep(3600)):
        table.before = before
        clock[0] += KEPT_SECONDS
        table.asked = 0
        async with asyncio.timeout(60):
            assert [await settings.weights_of("甲") for _ in range(3)] == [ALL] * 3  # as last known
            assert [await settings.weights_of(before.__name__) for _ in range(3)] == [NO_WEIGHTS] * 3
        assert table.asked == 2


async def get(matching: Any, organisation: str, caller: Identity = HR) -> pb.MatchingSettings:
    request = service_pb.GetMatchingSettingsRequest(organisation=organisation)
    return await matching.call("GetMatchingSettings", request, caller)


async def update(matching: Any, caller: Identity = HR, **fields: Any) -> pb.MatchingSettings:
    settings = pb.MatchingSettings(**{"organisation": "攀钢集团"} | fields)
    return await matching.call(
        "UpdateMatchingSettings", service_pb.UpdateMatchingSettingsRequest(settings=settings), caller
    )


async def test_an_organisation_sets_its_weights(matching: Any) -> None:
    assert await get(matching, "攀钢集团") == pb.MatchingSettings(organisation="攀钢集团", effective=DEFAULTS)
    first = await update(matching, weights=pb.Weights(must=2, nice=0), organisation=" 攀钢集团 ")
    assert first.etag
    assert first.HasField("update_time")
    assert (first.organisation, first.weights) == ("攀钢集团", pb.Weights(must=2, nice=0))
    assert (first.effective.must, first.effective.nice, first.effective.about) == (2, 0, DEFAULTS.about)
    assert await get(matching, "攀钢集团") == first == await get(matching, "攀钢集团", ADMIN)
    # As a whole: what is not set any more is not kept.
    second = await update(matching, ADMIN, weights=pb.Weights(words=0.5), etag=first.etag)
    assert second.weights == pb.Weights(words=0.5)
    assert (await matching.refusal(update(matching, etag=first.etag))).reason == "STALE_ETAG"
    assert (
        await matching.refusal(update(matching, OTHER_HR, organisation="别的集团", etag="x"))
    ).reason == "STALE_ETAG"
    assert await get(matching, "攀钢集团") == second
    assert await get(matching, "别的集团", OTHER_HR) == pb.MatchingSettings(organisation="别的集团", effective=DEFAULTS)
    third = await update(matching)
    assert not third.HasField("weights")


@pytest.mark.parametrize("caller", [OTHER_HR, HR_OF_NOTHING, COORDINATOR, RETIREE])
async def test_settings_are_for_the_organisations_hr(matching: Any, caller: Identity) -> None:
    assert (await matching.refusal(get(matching, "攀钢集团", caller))).reason == "FORBIDDEN"
    assert (await matching.refusal(update(matching, caller))).reason == "FORBIDDEN"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"organisation": ""}, "settings.organisation"),
        ({"organisation": " "}, "settings.organisation"),
        ({"weights": pb.Weights(must=0.05)}, "settings.weights.must"),
        ({"weights": pb.Weights(about=5.5)}, "settings.weights.about"),
        ({"weights": pb.Weights(words=-1)}, "settings.weights.words"),
        ({"weights": pb.Weights(broken_wishes=float("nan"))}, "settings.weights.broken_wishes"),
        ({"weights": pb.Weights(feedback=float("inf"))}, "settings.weights.feedback"),
    ],
)
async def test_weights_have_bounds(matching: Any, fields: dict[str, Any], field: str) -> None:
    error = await matching.refusal(update(matching, ADMIN, **fields))
    assert error.violations[0].field == field
    if "weights" in fields:
        request = pb.MentoringRequest(organisation="攀钢集团", title="通风", **fields)
        call = service_pb.CreateMentoringRequestRequest(mentoring_request=request)
        error = await matching.refusal(matching.call("CreateMentoringRequest", call))
        assert error.violations[0].field == field.replace("settings", "mentoring_request")
