"""Change stream read in a thread of its own: all events that are there reach the loop as one hand-over.

Motor would send every single read of the stream through its thread pool: submit, wait, return. At some hundred messages
a second that was a third of a message's cost. What costs is the wake-up, not the event: an event in a batch costs the
reader a twentieth of one that comes alone.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

MAX_AHEAD = 1000
"""Events that wait for the consumer when the reader stops; the batch that reaches it is still read."""

MAX_BATCH = 100
"""Events of one hand-over at most, so that a long backlog does not keep the loop from everything else."""

PAUSE_SECONDS = 0.01

Document = dict[str, Any]
Read = tuple[list[Document], Mapping[str, Any] | None]  # events, none after silence, and the resume token after them


class ThreadedStream:
    """Consumer side: `next_batch`, `try_next` and `resume_token`. Used as `async with`."""

    def __init__(
        self, open_stream: Callable[[], AbstractContextManager[Any]], *, pause: Callable[[], float] = lambda: 0.0
    ) -> None:
        """Set up the reader. `open_stream` returns the driver's blocking stream, whose `try_next` waits for a bounded
        time. `pause` returns the seconds that have to pass between two reads: what comes meanwhile is one batch."""
        self._open_stream = open_stream
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._reads: deque[Read | BaseException] = deque()
        self._has_reads = asyncio.Event()
        self._is_called = False
        self._rest: deque[Document] = deque()  # of a batch that is taken event by event
        self._given = self._taken = 0  # the first is written by the thread alone, the second by the loop alone
        self._is_over = threading.Event()
        self.resume_token: Mapping[str, Any] | None = None
        self._token: Mapping[str, Any] | None = None  # that after the batch of which `_rest` is left

    async def __aenter__(self) -> ThreadedStream:
        threading.Thread(target=self._read, name="change stream", daemon=True).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        # The thread ends with its current read, a second later at most; it is not joined.
        self._is_over.set()

    def __aiter__(self) -> ThreadedStream:
        return self

    async def __anext__(self) -> Document:
        while (event := await self.try_next()) is None:
            pass
        return event

    async def try_next(self) -> Document | None:
        """Return the next event, or None when none came within the await time. Raises what the driver raised."""
        if not self._rest:
            self._rest.extend(await self.next_batch())
            self._token = self.resume_token
        event = self._rest.popleft() if self._rest else None
        self.resume_token = event["_id"] if event is not None and self._rest else self._token
        return event

    async def next_batch(self) -> list[Document]:
        """Return all events that are there, MAX_BATCH or little more; none after a silence of the await time. Raises
        what the driver raised."""
        if self._reads:
            await asyncio.sleep(0)  # a backlog: others have their turn in between
        await self._has_reads.wait()
        events: list[Document] = []
        while self._reads and len(events) < MAX_BATCH:
            read = self._reads[0]
            if isinstance(read, BaseException):
                if events:  # first what came before it
                    break
                raise read
            self._reads.popleft()
            events += read[0]
            self.resume_token = read[1]
        self._taken += len(events)
        if not self._reads:
            self._has_reads.clear()
        return events

    def _read(self) -> None:
        try:
            with self._open_stream() as stream:
                while not self._is_over.is_set():
                    if self._given - self._taken >= MAX_AHEAD:  # unread events stay in the oplog
                        self._is_over.wait(PAUSE_SECONDS)
                        continue
                    started = time.monotonic()
                    events = _events_there(stream)
                    self._given += len(events)
                    self._hand_over((events, stream.resume_token))
                    if (pause := self._pause() - (time.monotonic() - started)) > 0:
                        self._is_over.wait(pause)
        except Exception as error:  # noqa: BLE001 - raised to the reader
            self._hand_over(error)

    def _hand_over(self, read: Read | BaseException) -> None:
        if self._is_over.is_set():
            return
        self._reads.append(read)
        if not self._is_called:  # else the call that is under way takes this read, too
            self._is_called = True
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the loop has ended, and the consumer with it
                self._is_over.set()

    def _wake(self) -> None:
        self._is_called = False  # before the reads are taken: a later one calls again
        self._has_reads.set()


def _events_there(stream: Any) -> list[Document]:
    """Wait for an event, and return it with those that came in the same answer of the server."""
    event = stream.try_next()
    events = [] if event is None else [event]
    # The driver has no public word for "without asking the server again".
    while event is not None and len(events) < MAX_BATCH and stream._cursor._has_next():
        event = stream.try_next()
        if event is not None:
            events.append(event)
    return events
