"""`yinling up` and `yinling demo`: run the stack until a signal ends it."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable

from yinling_runner.console import Terminal
from yinling_runner.credentials import Credentials, ensure_administrator
from yinling_runner.layout import DataDirectory
from yinling_runner.stack import Options, Stack

Ready = Callable[[Stack, Credentials], Awaitable[bool]]
"""Called when everything runs; answers whether to stay up."""


async def run(data: DataDirectory, options: Options, terminal: Terminal, ready: Ready) -> None:
    """Start everything, call `ready`, and stay until SIGINT, SIGTERM or SIGHUP; then stop everything in order.

    A second signal while stopping ends everything at once. Raises Problem where it does not start.
    """
    stack = Stack(data, options, terminal.log)
    work = asyncio.create_task(_start(stack, terminal, ready))
    stopping = False

    def on_signal() -> None:
        nonlocal stopping
        if stopping:
            stack.supervisor.kill()
        stopping = True
        work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work
    finally:
        stopping = True
        await stack.stop()
        terminal.log("yinling", "stopped")


async def _start(stack: Stack, terminal: Terminal, ready: Ready) -> None:
    await stack.start(terminal.step)
    credentials = await ensure_administrator(stack)
    terminal.end_step()
    if await ready(stack, credentials):
        await asyncio.Event().wait()
