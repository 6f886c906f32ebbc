"""The change feed: one watcher of the store per process, with subscribers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Sequence

from handlers.runtime.background import BackgroundTask, stop_all
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.feed_pace import NOTE_KEPT, NOTE_SECONDS, Load, pause_between_reads
from storage.feed_notes import FeedNote, FeedNotes
from storage.mongodb.change_stream import ALERT_WORK, CIRCLE_WORK, EXIT_WORK, OUTSIDE_WORK, SKILL_WORK, Change

log = logging.getLogger(__name__)

Subscriber = Callable[[Change], Awaitable[None]]
AfterBatch = Callable[[Sequence[Change]], None]

__all__ = ["ALERT_WORK", "CIRCLE_WORK", "EXIT_WORK", "OUTSIDE_WORK", "SKILL_WORK", "Change", "ChangeFeed", "Subscriber"]


class ChangeFeed:
    """Passes every committed change to each subscriber, in order. A subscriber that fails does not affect the
    others.

    Each process notes every few seconds how late its feed is. `slowest` is the lag of the slowest one of all, in
    seconds; how many there are decides how often the stream is read.
    """

    def __init__(self, deps: Deps) -> None:
        self._changes = deps.store.changes
        self._notes: FeedNotes = deps.store.feed_notes
        self._name = secrets.token_hex(8)
        self._least_lag = math.inf  # of the batches since the last note
        self.slowest = 0.0
        self._subscribers: list[Subscriber] = []
        self._after: list[AfterBatch] = []
        self._task = BackgroundTask("change feed", self._run)
        self._noting = BackgroundTask("notes of the feed", self._note)

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
        self._noting.start()

    async def stop(self) -> None:
        await stop_all(self._task, self._noting)

    async def _run(self) -> None:
        async for batch in self._changes.follow():
            for change in batch:
                for subscriber in self._subscribers:
                    try:
                        await subscriber(change)
                    except Exception:
                        log.exception("a subscriber failed on a %s change", change.kind)
            self._least_lag = min(self._least_lag, self.lag)
            for note in self._after:
                try:
                    note(batch)
                except Exception:
                    log.exception("what follows a batch of changes failed")

    async def _note(self) -> None:
        load = Load()
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            load.look()
            lag, self._least_lag = self._least_lag, math.inf
            if not self.is_current:  # it would slow others down for as long as it hears nothing
                continue
            with contextlib.suppress(*DATABASE_ERRORS):  # the next note counts as well
                notes = await self._notes.write(FeedNote(self._name, lag if lag < math.inf else 0.0), kept=NOTE_KEPT)
                self.slowest = max(note.lag for note in notes)
                self._changes.pause = pause_between_reads(len(notes), is_busy=load.is_busy)
