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
        self.lost = asyncio.Event()

    @override
    async def head(self) -> Head:
        with suppress(asyncio.CancelledError):
            await self.lost.wait()
        self.lost.set()
        return await super().head()


async def test_a_lost_cancellation_is_found_again() -> None:
    work = asyncio.create_task(Ledger(Forgetful()).run())
    await asyncio.sleep(0.05)
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=1.5)
    assert work in done
    assert work.cancelled()
