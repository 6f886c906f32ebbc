"""The change feed: one watcher of the store per process, with subscribers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from handlers.runtime.background import BackgroundTask
from handlers.runtime.deps import Deps
from storage.mongodb.change_stream import ALERT_WORK, CIRCLE_WORK, EXIT_WORK, OUTSIDE_WORK, SKILL_WORK, Change

log = logging.getLogger(__name__)

Subscriber = Callable[[Change], Awaitable[None]]
AfterBatch = Callable[[Sequence[Change]], None]

__all__ = ["ALERT_WORK", "CIRCLE_WORK", "EXIT_WORK", "OUTSIDE_WORK", "SKILL_WORK", "Change", "ChangeFeed", "Subscriber"]


class ChangeFeed:
    """Passes every committed change to each subscriber, in order. A subscriber that fails does not affect the
    others."""

    def __init__(self, deps: Deps) -> None:
        self._changes = deps.store.changes
        self._subscribers: list[Subscriber] = []
        self._after: list[AfterBatch] = []
        self._task = BackgroundTask("change feed", self._run)

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

    @property
    def pause(self) -> float:
        """Return the seconds that pass between two reads of the stream: its lag is as long, without any fault."""
        return self._changes.pause

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def after_each_batch(self, note: AfterBatch) -> None:
        """Let `note` be called with changes that every subscriber has had."""
        self._after.append(note)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    async def _run(self) -> None:
        async for batch in self._changes.follow():
            for change in batch:
                for subscriber in self._subscribers:
                    try:
                        await subscriber(change)
                    except Exception:
                        log.exception("a subscriber failed on a %s change", change.kind)
            for note in self._after:
                note(batch)
