"""Rates that processes share, as they are reported to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from handlers.runtime.rate_limits import Rate, Rates
from storage.mongodb.database import Database
from storage.rate_limits import RateBuckets, Spent

SHARED = Rate(burst=3, seconds=1, is_shared=True)


async def test_slow_database_takes_nothing_from_a_bucket(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = RateBuckets(database)
    report = buckets.report

    async def report_slowly(spent: Sequence[Spent]) -> Mapping[str, float]:
        answer = await report(spent)
        await asyncio.sleep(1.5)
        return answer

    monkeypatch.setattr(buckets, "report", report_slowly)
    rates = Rates(buckets, key=b"key")
    began = datetime.now(UTC)
    rates.take("write", "ada", SHARED, at=began)
    await rates.close()
    for _ in range(3):  # all three are there again
        rates.take("write", "ada", SHARED, at=datetime.now(UTC))
    await rates.close()


async def test_what_other_processes_have_spent_counts_after_the_next_report(database: Database) -> None:
    one, other = (Rates(RateBuckets(database), key=b"key") for _ in range(2))
    for rates in (one, other):
        for _ in range(2):
            rates.take("write", "ada", SHARED, at=datetime.now(UTC))
        await rates.close()
    with pytest.raises(Exception, match=r"write\.too_fast"):
        other.take("write", "ada", SHARED, at=datetime.now(UTC))


async def test_a_report_that_is_under_way_at_the_end_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate = Rate(burst=3, seconds=60, is_shared=True)
    buckets = RateBuckets(database)
    report, has_begun = buckets.report, asyncio.Event()

    async def report_late(spent: Sequence[Spent]) -> Mapping[str, float]:
        has_begun.set()
        await asyncio.sleep(0.3)
        return await report(spent)

    monkeypatch.setattr(buckets, "report", report_late)
    one, other = Rates(buckets, key=b"key"), Rates(RateBuckets(database), key=b"key")
    for _ in range(2):
        one.take("write", "ada", rate, at=datetime.now(UTC))
    await has_begun.wait()
    await one.close()
    other.take("write", "ada", rate, at=datetime.now(UTC))
    await other.close()
    with pytest.raises(Exception, match=r"write\.too_fast"):
        other.take("write", "ada", rate, at=datetime.now(UTC))
