"""The thread that reads the change stream: it waits for a slower consumer."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from storage.mongodb.change_stream_thread import MAX_AHEAD, MAX_BATCH, ThreadedStream


class Endless:
    """A blocking stream that always has one more event."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.resume_token: dict[str, Any] = {}
        self._cursor = self  # as the driver's: `_has_next` is asked of it

    def _has_next(self) -> bool:
        return True

    def __enter__(self) -> Endless:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def try_next(self) -> dict[str, Any]:
        number = next(self._numbers)
        self.resume_token = {"at": number}
        return {"_id": {"at": number}, "number": number}


async def test_events_wait_in_the_oplog_while_the_consumer_is_busy() -> None:
    source = Endless()
    async with asyncio.timeout(10), ThreadedStream(lambda: source) as stream:
        taken = 0
        while taken < 3 * MAX_AHEAD:
            await asyncio.sleep(0.001)  # the reader is busy with each
            read = source.resume_token.get("at", 0)
            assert read - taken <= MAX_AHEAD + 3 * MAX_BATCH  # one read, one taken, one in `rest`
            for _ in range(100):
                event = await stream.try_next()
                taken += 1
                assert event is not None
                assert event["number"] == taken
                assert stream.resume_token == {"at": taken}
