"""Batches of changes: what the consumer does not ask for is not read."""

from __future__ import annotations

import asyncio
import itertools
import time
from types import SimpleNamespace
from typing import Any

import pytest

from storage.mongodb.change_batches import MAX_BATCH, BatchedStream

PAUSE_SECONDS = 0.02


class Endless:
    """The driver's stream, which always has one more event; each answer of the server brings so many."""

    def __init__(self, in_answer: int | None = None) -> None:
        self._numbers = itertools.count(1)
        self._in_answer = in_answer
        self.resume_token: dict[str, Any] = {"at": 0}
        self._cursor = self  # as the driver's: `_has_next` is asked of it

    def _has_next(self) -> bool:
        return self._in_answer is None or self.resume_token["at"] % self._in_answer != 0

    async def try_next(self) -> dict[str, Any]:
        number = next(self._numbers)
        self.resume_token = {"at": number}
        return {"_id": {"at": number}, "number": number}


async def test_events_wait_in_the_oplog_while_the_consumer_is_busy() -> None:
    source = Endless()
    stream = BatchedStream(source)
    for taken in range(1, 3 * MAX_BATCH):
        event = await stream.try_next()
        assert event is not None
        assert event["number"] == taken
        assert stream.resume_token == {"at": taken}
        assert source.resume_token["at"] - taken < MAX_BATCH
    assert len(await stream.next_batch()) == MAX_BATCH


async def test_others_have_their_turn_between_two_batches_of_a_backlog() -> None:
    stream, turns = BatchedStream(Endless()), 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for _ in range(10):
        await stream.next_batch()
    task.cancel()
    assert turns >= 10


async def test_the_pause_passes_between_two_reads() -> None:
    stream = BatchedStream(Endless(in_answer=2), pause=lambda: PAUSE_SECONDS)
    await stream.next_batch()
    started = time.monotonic()
    for _ in range(3):
        await stream.next_batch()
    assert time.monotonic() - started >= 3 * PAUSE_SECONDS * 0.9


async def test_the_rest_of_a_long_answer_needs_no_pause() -> None:
    stream = BatchedStream(Endless(in_answer=2 * MAX_BATCH), pause=lambda: 3600.0)
    async with asyncio.timeout(5):
        batches = [await stream.next_batch() for _ in range(2)]
    assert [len(batch) for batch in batches] == [MAX_BATCH, MAX_BATCH]


async def test_the_pause_counts_from_the_read_and_not_from_the_rest_of_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("storage.mongodb.change_batches.time", SimpleNamespace(monotonic=lambda: now))
    stream = BatchedStream(Endless(in_answer=MAX_BATCH + 10), pause=lambda: 60.0)
    async with asyncio.timeout(5):
        now = 60.0
        assert len(await stream.next_batch()) == MAX_BATCH
        now = 120.0
        assert len(await stream.next_batch()) == 10
        assert len(await stream.next_batch()) == MAX_BATCH
