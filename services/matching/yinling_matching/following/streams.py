"""Reading a stream of the feed: in batches, held back where it is too fast, given up where it is silent."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

from yinling_matching.following.feed import Event

BATCH = 64
"""Events that are applied together at most."""

_SHORTEST_WAIT, _LONGEST_WAIT = 0.1, 5.0


class Backoff:
    """Waits longer after each failure, up to five seconds, until something succeeds.

    Attributes:
        wait: Seconds, about, that the next pause will last.
    """

    def __init__(self) -> None:
        self.wait = _SHORTEST_WAIT

    def reset(self) -> None:
        """Something succeeded."""
        self.wait = _SHORTEST_WAIT

    async def pause(self) -> None:
        """Wait. Spread, so that replicas that lost the same server do not all come back at once."""
        await asyncio.sleep(self.wait * random.uniform(0.5, 1.0))
        self.wait = min(2 * self.wait, _LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class _End:
    """The stream ended so."""

    error: Exception


async def batches(
    stream: AsyncIterator[Event], *, silence: float, heard: Callable[[Event], None] = lambda event: None
) -> AsyncGenerator[list[Event]]:
    """What has come in while the last batch was applied, for ever. Close it to end the stream.

    Args:
        stream: The events.
        silence: Seconds without a word, after which the stream is taken for dead.
        heard: Told of each event as it comes in.

    Raises:
        TimeoutError: The stream was silent.
        EOFError: It ended.
    """
    # Short: a feed that is faster than the model is held back, not collected in memory.
    queue: asyncio.Queue[Event | _End] = asyncio.Queue(maxsize=2 * BATCH)
    reader = asyncio.create_task(_read(stream, queue, silence, heard))
    try:
        while True:
            waiting: list[Event | _End] = [await queue.get()]
            while len(waiting) < BATCH and not queue.empty():
                waiting.append(queue.get_nowait())
            if events := [event for event in waiting if not isinstance(event, _End)]:
                yield events
            if isinstance(waiting[-1], _End):
                raise waiting[-1].error
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read(
    stream: AsyncIterator[Event], queue: asyncio.Queue[Event | _End], silence: float, heard: Callable[[Event], None]
) -> None:
    try:
        while True:
            async with asyncio.timeout(silence):
                event = await anext(stream)
            heard(event)
            await queue.put(event)
    except StopAsyncIteration:
        await queue.put(_End(EOFError("the feed ended")))
    except Exception as error:
        await queue.put(_End(error))
