"""The thread that reads the change stream: it waits for a slower consumer."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from storage.mongodb.change_stream_thread import MAX_AHEAD, ThreadedStream


class Endless:
    """A blocking stream that always has one more event."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.resume_token: dict[str, Any] = {}

    def __enter__(self) -> Endless:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def try_next(self) -> dict[str, Any]:
        number = next(self._numbers)
        self.resume_token = {"at": number}
        return {"number": number}


async def test_events_wait_in_the_oplog_while_the_consumer_is_busy() -> None:
    source = Endless()
    async with asyncio.timeout(10), ThreadedStream(lambda: source) as stream:
        match_decisions = 0
        while match_decisions < 3 * MAX_AHEAD:
            await asyncio.sleep(0.001)  # the reader is busy with each
            read = source.resume_token.get("at", 0)
            assert read - match_decisions <= MAX_AHEAD
            for _ in range(100):
                event = await stream.try_next()
                match_decisions += 1
                assert event == {"number": match_decisions}
                assert stream.resume_token == {"at": match_decisions}
