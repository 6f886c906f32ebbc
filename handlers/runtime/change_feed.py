"""One reader of the change stream for each process, and the subscribers that it passes changes on to."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from handlers.runtime.background import BackgroundTask
from handlers.runtime.deps import Deps
from storage.mongodb.change_stream import ALERT_WORK, CIRCLE_WORK, SKILL_WORK, Change

log = logging.getLogger(__name__)

Subscriber = Callable[[Change], Awaitable[None]]

__all__ = ["ALERT_WORK", "CIRCLE_WORK", "SKILL_WORK", "Change", "ChangeFeed", "Subscriber"]


class ChangeFeed:
    """Passes every committed change on to each subscriber, in order. One that fails does not affect the others."""

    def __init__(self, deps: Deps) -> None:
        self._changes = deps.store.changes
        self._subscribers: list[Subscriber] = []
        self._task = BackgroundTask("change feed", self._run)

    @property
    def is_live(self) -> bool:
        return self._changes.is_live

    @property
    def is_current(self) -> bool:
        """Has every change up to a moment ago been read? False for a stream that is connected and hangs."""
        return self._changes.is_current

    @property
    def lag(self) -> float:
        """Seconds from the last change's commit until it was read here, or since anything was read at all."""
        return self._changes.lag

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    async def _run(self) -> None:
        async for change in self._changes.follow():
            for subscriber in self._subscribers:
                try:
                    await subscriber(change)
                except Exception:
                    log.exception("a subscriber failed on a %s change", change.kind)
