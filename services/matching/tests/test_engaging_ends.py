"""The work beside the calls ends when it is cancelled, and goes on whatever fails."""

import asyncio
from contextlib import suppress

from yinling_common.errors import DatabaseUnavailable
from yinling_common.repeating import repeat


async def test_a_lost_cancellation_is_found_again() -> None:
    asked, lost = asyncio.Event(), asyncio.Event()

    async def forgetful() -> float:
        asked.set()
        with suppress(asyncio.CancelledError):
            await lost.wait()
        lost.set()
        return 60.0

    work = asyncio.create_task(repeat("test", forgetful, asyncio.Event()))
    await asked.wait()
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=30)
    assert work in done
    assert work.cancelled()


async def test_it_goes_on_after_failures_and_when_it_is_woken() -> None:
    calls = 0
    woken, done = asyncio.Event(), asyncio.Event()

    async def failing() -> float:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise DatabaseUnavailable
        if calls == 3:
            done.set()
        return 60.0

    work = asyncio.create_task(repeat("test", failing, woken))
    async with asyncio.timeout(60):
        while calls < 2:  # noqa: ASYNC110 - what it does by itself
            await asyncio.sleep(0.02)
        woken.set()
        await done.wait()
    work.cancel()
