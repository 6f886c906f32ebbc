"""One watcher of the store for each process; whoever wants to hear of changes subscribes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from handlers.runtime.deps import Deps
from storage.mongodb.change_stream import Change

log = logging.getLogger(__name__)

Subscriber = Callable[[Change], Awaitable[None]]

__all__ = ["Change", "ChangeFeed", "Subscriber"]


class ChangeFeed:
    """Hands every committed change to each subscriber, in order. A subscriber that fails harms nobody else."""

    def __init__(self, deps: Deps) -> None:
        self._changes = deps.store.changes
        self._subscribers: list[Subscriber] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def is_live(self) -> bool:
        return self._changes.is_live

    @property
    def is_current(self) -> bool:
        """Has every change up to a moment ago been heard? A stream that hangs is connected, and is not this."""
        return self._changes.is_current

    @property
    def lag(self) -> float:
        """Seconds from the last change's commit until it was heard here, or since anything was heard at all."""
        return self._changes.lag

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="change feed")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        async for change in self._changes.follow():
            for subscriber in self._subscribers:
                try:
                    await subscriber(change)
                except Exception:
                    log.exception("a subscriber failed on a %s change", change.kind)
