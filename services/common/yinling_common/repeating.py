"""Work that goes on beside the calls, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from yinling_common import logs
from yinling_common.errors import YinlingError

_AFTER_FAILURE = 1.0
"""Seconds before it is tried again."""


async def repeat(name: str, work: Callable[[], Awaitable[float]], woken: asyncio.Event) -> None:
    """Do something for ever, whatever fails; cancel it to end.

    Args:
        name: For the log.
        work: Returns after how many seconds it wants to be done again.
        woken: Set it to have it done at once.
    """
    failing = False  # said once, not every second
    while True:
        woken.clear()
        pause = _AFTER_FAILURE
        try:
            pause = await work()
            if failing:
                logs.get().info(f"{name}.back")
            failing = False
        except YinlingError as error:
            if not failing:
                logs.get().warning(f"{name}.away", error=error.message)
            failing = True
        except Exception:
            if not failing:
                logs.get().exception(f"{name}.failed")
            failing = True
        if (task := asyncio.current_task()) and task.cancelling():
            # The pool waits with asyncio.wait_for, which can lose a cancellation in Python 3.11.
            raise asyncio.CancelledError
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                # After a failure nobody can wake it: it would fail again and again.
                await (asyncio.sleep(pause) if failing else woken.wait())
