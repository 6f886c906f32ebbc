"""One clock for all processes: the server's, whatever their own clocks say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import AutoReconnect

from storage.mongodb import clock
from storage.mongodb.clock import ServerClock
from storage.mongodb.database import Database

YEARS_AWAY = datetime(2040, 1, 1, tzinfo=UTC)


async def test_open_database_has_its_servers_time(database: Database) -> None:
    before = await database.server_time()
    now = database.clock.now()
    assert before - timedelta(seconds=1) <= now <= await database.server_time() + timedelta(seconds=1)
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


async def test_changes_of_the_local_clock_do_not_matter() -> None:
    async def read() -> datetime:
        return YEARS_AWAY

    ours = ServerClock(read)
    await ours.read()
    await asyncio.sleep(0.05)
    assert timedelta(milliseconds=49) <= ours.now() - YEARS_AWAY < timedelta(seconds=20)


async def test_each_millisecond_has_one_answer_and_a_new_reading_counts_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = 5.0
    monkeypatch.setattr(clock.time, "monotonic", lambda: passed)
    told = YEARS_AWAY + timedelta(microseconds=700)

    async def read() -> datetime:
        return told

    ours = ServerClock(read)
    await ours.read()
    seen = []
    for seconds in (5.0, 5.0004, 5.0011, 6.5):
        passed = seconds
        seen.append((ours.now() - YEARS_AWAY) / timedelta(milliseconds=1))
    assert seen == [0, 0, 1, 1500]
    told = YEARS_AWAY - timedelta(hours=1)
    await ours.read()
    assert ours.now() == told


async def test_clock_is_read_again_and_survives_an_unreachable_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "READ_EVERY", 0.01)
    answers: list[datetime | None] = [YEARS_AWAY, None, YEARS_AWAY + timedelta(days=1)]

    async def read() -> datetime:
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        if told is None:
            raise AutoReconnect("no primary")
        return told

    ours = ServerClock(read)
    await ours.read()
    keeping = asyncio.create_task(ours.keep())
    async with asyncio.timeout(20):
        while ours.now() < YEARS_AWAY + timedelta(days=1):
            await asyncio.sleep(0.01)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
