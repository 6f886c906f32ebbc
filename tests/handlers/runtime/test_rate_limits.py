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
