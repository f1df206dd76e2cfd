"""Two processes on one database: they share what was embedded, and nothing else."""

from pathlib import Path
from typing import Any

from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_matching.domain import Person
from yinling_matching.testing import FakeFeed


def known_as(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def ask(feed: FakeFeed) -> service_pb.SuggestMentorsRequest:
    request = pb.MentoringRequest(organisation="攀钢集团", title="矿井通风")
    return service_pb.SuggestMentorsRequest(mentoring_request=request, min_revision=feed.revision)


async def test_the_second_embeds_nothing(start_matching: Any, tmp_path: Path) -> None:
    feed = FakeFeed()
    feed.put(*(Person(id=known_as(n), skills=(f"绝活{n}", "矿井通风")) for n in range(30)))
    async with (
        start_matching(feed, snapshot_dir=tmp_path / "one") as first,
        start_matching(feed, snapshot_dir=tmp_path / "two") as second,
    ):
        embedded = first.parts.vectors.embedded + second.parts.vectors.embedded
        assert first.parts.vectors.embedded > 0
        feed.put(Person(id=known_as(1), skills=("新活",)))
        answers = [await replica.call("SuggestMentors", ask(feed)) for replica in (first, second)]
        assert answers[0] == answers[1]
        assert embedded <= 62  # both began at once; from here on one's work is the other's
    async with start_matching(feed) as third:
        assert third.parts.vectors.embedded == 0
        assert await third.call("SuggestMentors", ask(feed)) == answers[0]
        assert third.parts.vectors.embedded == 0


async def test_they_may_share_a_snapshot(start_matching: Any, tmp_path: Path) -> None:
    feed = FakeFeed()
    feed.put(*(Person(id=f"p{n}", skills=(f"绝活{n}",)) for n in range(10)))
    async with start_matching(feed, snapshot_dir=tmp_path), start_matching(feed, snapshot_dir=tmp_path):
        pass
    async with start_matching(feed, snapshot_dir=tmp_path) as again:
        assert again.parts.keeper.revision == feed.revision
        assert len(again.parts.catalogue) == 10


async def test_a_new_request_is_prepared_for(start_matching: Any) -> None:
    async with start_matching() as matching:
        matching.feed.put(Person(id="p1", skills=("矿井通风",)))
        request = pb.MentoringRequest(organisation="攀钢集团", title="井下", requirements=[pb.Requirement(text="瓦斯")])
        kept = await matching.call(
            "CreateMentoringRequest", service_pb.CreateMentoringRequestRequest(mentoring_request=request)
        )
        await matching.parts.vectors.close()
        before = matching.parts.vectors.embedded
        found = await matching.call(
            "SuggestMentors", service_pb.SuggestMentorsRequest(request_id=kept.id, min_revision=1)
        )
        assert found.suggestions
        assert matching.parts.vectors.embedded == before
