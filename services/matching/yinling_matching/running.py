"""What goes on beside the calls while the service runs."""

import asyncio
from collections.abc import Coroutine

from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.keeper import Keeper, spare_the_collector
from yinling_matching.following.follower import Follower
from yinling_matching.following.progress import Progress
from yinling_matching.following.withdrawals import Withdrawals


async def together(*work: Coroutine[None, None, None]) -> None:
    """All of it; what ends one with an error ends the others."""
    async with asyncio.TaskGroup() as tasks:
        for one in work:
            tasks.create_task(one)


async def load_then_follow(
    keeper: Keeper, progress: Progress, catalogue: Catalogue, follower: Follower, withdrawals: Withdrawals
) -> None:
    """Load the snapshot, then follow the feed for ever.

    Serving does not wait for this: until it is done the health service says that the index is being built.
    """
    await keeper.load()
    progress.move(catalogue.revision)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follower.run())
        tasks.create_task(withdrawals.run())
        tasks.create_task(keeper.run())
        await progress.first_complete()
        spare_the_collector()
