"""Tasks that run beside the requests for as long as the process does: start, stop, and waiting to be woken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

log = logging.getLogger(__name__)

CANCEL_AGAIN_SECONDS: Final = 5.0
"""Time that a cancelled task has to end. Libraries wait by `asyncio.wait_for`, which before Python 3.12 swallows a
cancellation that comes just as the wait is over: the task would then run for ever."""

__all__ = ["BackgroundTask", "stop_all", "wait_until_set"]


class BackgroundTask:
    """One coroutine in a task of its own. It may end by itself, and be started again afterwards.

    An exception that ends it is logged when it happens, and not raised by `stop`.
    """

    def __init__(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """`run` makes the coroutine, at each start."""
        self.name = name
        self._run = run
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Start it, unless it is running."""
        if not self.is_running:
            self._task = asyncio.create_task(self._run(), name=self.name)
            self._task.add_done_callback(self._report)

    async def stop(self) -> None:
        """Cancel it and wait until it has ended. Harmless when it is not running."""
        await stop_all(self)

    def _report(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background task %s failed", self.name, exc_info=error)


async def stop_all(*tasks: BackgroundTask) -> None:
    """Cancel all of these at once, then wait until each has ended; one that goes on regardless is cancelled again."""
    running = {task._task for task in tasks if task._task is not None}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
        for task in running:
            log.warning("background task %s goes on after it was cancelled", task.get_name())
    for stopped in tasks:
        stopped._task = None


async def wait_until_set(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, for at most so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):  # asyncio.wait_for can swallow a cancellation
            await event.wait()
