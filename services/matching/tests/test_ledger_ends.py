"""The ledger's work ends when it is cancelled, whatever becomes of the cancellation on the way."""

import asyncio
from contextlib import suppress

from typing_extensions import override

from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.repository import Head
from yinling_matching.exposure.testing import MemoryLedgerRepository


class Forgetful(MemoryLedgerRepository):
    """Loses a cancellation, as waiting for a connection can in Python 3.11."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.lost = asyncio.Event(), asyncio.Event()

    @override
    async def head(self) -> Head:
        self.asked.set()
        with suppress(asyncio.CancelledError):
            await self.lost.wait()
        self.lost.set()
        return await super().head()


async def test_a_lost_cancellation_is_found_again() -> None:
    repository = Forgetful()
    work = asyncio.create_task(Ledger(repository).run())
    await repository.asked.wait()
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=30)
    assert work in done
    assert work.cancelled()
