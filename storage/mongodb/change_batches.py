"""Change stream in batches: all events that came in one answer of the server are handed over at once.

What costs is the wake-up, not the event: an event in a batch costs the reader a twentieth of one that comes alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pymongo.errors import PyMongoError

MAX_BATCH = 100
"""Events of one batch at most, so that a long backlog does not keep the loop from everything else."""

Document = dict[str, Any]


class StreamEnded(PyMongoError):
    """The database was dropped. The driver returns from each read at once then, with nothing."""


class BatchedStream:
    """Committed changes: `next_batch`, or event by event as an iterator or with `try_next`.

    Events that are not asked for stay in the oplog.
    """

    def __init__(self, stream: Any, *, pause: Callable[[], float] = lambda: 0.0) -> None:
        """Wrap the driver's stream, whose `try_next` waits for a bounded time. `pause` returns the seconds that have to
        pass between two reads: what comes meanwhile is one batch."""
        self._stream = stream
        self._pause = pause
        self._read_at = 0.0
        self._rest: deque[Document] = deque()  # of a batch that is taken event by event
        self._token: Mapping[str, Any] | None = None  # that after the batch of which `_rest` is left
        self.resume_token: Mapping[str, Any] | None = None

    def __aiter__(self) -> BatchedStream:
        return self

    async def __anext__(self) -> Document:
        while (event := await self.try_next()) is None:
            pass
        return event

    async def try_next(self) -> Document | None:
        """Return the next event, or None when none came within the await time. Raises what the driver raises."""
        if not self._rest:
            self._rest.extend(await self.next_batch())
            self._token = self.resume_token
        event = self._rest.popleft() if self._rest else None
        self.resume_token = event["_id"] if event is not None and self._rest else self._token
        return event

    async def next_batch(self) -> list[Document]:
        """Return all events that are there, MAX_BATCH at most; none after a silence of the await time. Raises what the
        driver raises, and StreamEnded when none can come any more."""
        if self._has_more():
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(max(0.0, self._read_at + self._pause() - time.monotonic()))
            self._read_at = time.monotonic()
        event = await self._stream.try_next()
        events = [] if event is None else [event]
        while event is not None and len(events) < MAX_BATCH and self._has_more():
            event = await self._stream.try_next()
            if event is not None:
                events.append(event)
        self.resume_token = self._stream.resume_token
        if not events and not self._stream.alive:
            raise StreamEnded("the server has ended the change stream")
        return events

    def _has_more(self) -> bool:
        """Return whether an answer of the server has events left. The driver has no public word for it."""
        return bool(self._stream._cursor._has_next())
