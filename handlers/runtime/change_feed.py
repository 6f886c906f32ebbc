"""The change feed: one watcher of the store per process, with subscribers."""

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
    """Passes every committed change to each subscriber, in order. A subscriber that fails does not affect the
    others."""

    def __init__(self, deps: Deps) -> None:
        self._changes = deps.store.changes
        self._subscribers: list[Subscriber] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def is_live(self) -> bool:
        return self._changes.is_live

    @property
    def is_current(self) -> bool:
        """Return whether all changes up to a moment ago have been received; a stream that hangs is connected, but not
        current."""
        return self._changes.is_current

    @property
    def lag(self) -> float:
        """Return the seconds between the last change's commit and its arrival here, or since anything arrived."""
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
