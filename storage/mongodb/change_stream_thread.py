"""Change stream read in a thread of its own, so that each event costs the loop one wake-up and no round trip.

Motor would send every single read of the stream through its thread pool: submit, wait, return. At some hundred messages
a second that was a third of a message's cost.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

MAX_AHEAD = 1000
"""Upper bound of events that wait for the consumer; further ones are not read before."""

PAUSE_SECONDS = 0.01

Document = dict[str, Any]
Read = tuple[Document | None, Mapping[str, Any] | None]  # an event or None, and the resume token after it


class ThreadedStream:
    """Consumer side: `try_next` and `resume_token` as on the driver's own stream. Used as `async with`."""

    def __init__(self, open_stream: Callable[[], AbstractContextManager[Any]]) -> None:
        """Set up the reader. `open_stream` returns the driver's blocking stream, whose `try_next` waits for a bounded
        time."""
        self._open_stream = open_stream
        self._loop = asyncio.get_running_loop()
        self._reads: asyncio.Queue[Read | BaseException] = asyncio.Queue()
        self._given = self._taken = 0  # the first is written by the thread alone, the second by the loop alone
        self._is_over = threading.Event()
        self.resume_token: Mapping[str, Any] | None = None

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
        read = await self._reads.get()
        self._taken += 1
        if isinstance(read, BaseException):
            raise read
        event, self.resume_token = read
        return event

    def _read(self) -> None:
        try:
            with self._open_stream() as stream:
                while not self._is_over.is_set():
                    if self._given - self._taken >= MAX_AHEAD:  # unread events stay in the oplog
                        self._is_over.wait(PAUSE_SECONDS)
                        continue
                    event = stream.try_next()
                    self._given += 1
                    self._hand_over((event, stream.resume_token))
        except Exception as error:  # noqa: BLE001 - raised to the reader
            self._hand_over(error)

    def _hand_over(self, read: Read | BaseException) -> None:
        if not self._is_over.is_set():
            try:
                self._loop.call_soon_threadsafe(self._reads.put_nowait, read)
            except RuntimeError:  # the loop has ended, and the consumer with it
                self._is_over.set()
