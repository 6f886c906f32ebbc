"""Clocks that are ten minutes off, and jobs that two processes could both do."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId

from domain.swaps import ANSWER_WITHIN
from skillswap.loopback import free_port
from storage.swaps import swap_doc
from tests.faults.ledger import judge
from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.faults.town import Town, open_town, pending_swap
from tests.faults.traffic import Traffic

SKEW_SECONDS = 600
SETTLE_SECONDS = 60.0
JOBS_EVERY = 2.0
"""The period of the jobs in this run; in the product it is a minute."""
LEASE_SECONDS = 15.0
LATE_LIMIT = LEASE_SECONDS + 5.0 + JOBS_EVERY + 3.0
"""After a kill: the lease runs out, the other process asks for it, the next round comes."""


async def run(*, seed: int, seconds: float = 20.0, rate: float = 20.0) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-clocks-") as name:
        folder = Path(name)
        async with replica_set(folder / "one", 1) as server:
            async with open_town(folder / "skew", server.uri("skew"), people=20, swaps=60, seed=seed) as town:
                rows = [await _skewed(town, seed, seconds, rate)]
            async with open_town(folder / "jobs", server.uri("jobs"), people=20, swaps=20, seed=seed) as town:
                rows.append(await _jobs(town))
    return rows


async def _skewed(town: Town, seed: int, seconds: float, rate: float) -> Row:
    """One process is ten minutes ahead, the other as much behind; halfway the one that has the bot is killed."""
    ahead = await town.start(CLOCK=str(SKEW_SECONDS))
    behind = await town.start("bot", CLOCK=str(-SKEW_SECONDS))
    await town.greet()
    traffic = Traffic(town, seed)
    await traffic.open()
    try:
        await traffic.talk(seconds / 2, rate)
        await behind.kill()
        await traffic.talk(seconds / 2, rate)
        behind = await town.start("bot", CLOCK=str(-SKEW_SECONDS))
        settled = await traffic.settle(SETTLE_SECONDS)
        waiting = (await town.deps.store.outbox.counts())["queued"]
        verdict = await judge(traffic)
    finally:
        await traffic.close()
    for service in (ahead, behind):
        await service.stop()
    is_right = verdict.is_clean and not verdict.untold and not waiting and verdict.telegram_twice <= 8
    return Row(
        "19",
        "clocks ten minutes off do no harm",
        f"{verdict.sentence()}; {waiting} still waiting after {settled:.0f} s, {verdict.telegram_twice} twice",
        is_right,
    )


async def _jobs(town: Town) -> Row:
    """Requests run out while two processes watch; the one that does the work is killed, the other goes on."""
    one = await town.start("worker", JOBS_EVERY=str(JOBS_EVERY))
    two = await town.start("worker", port=free_port(), JOBS_EVERY=str(JOBS_EVERY))
    due = await _run_out(town, 60)
    first = await _until_expired(town, due)
    workers = {f"/{service.child.pid}/": service for service in (one, two)}
    lease = await town.deps.store.leases.holder("schedule")
    holder = next(service for mark, service in workers.items() if mark in str(lease))
    await holder.kill()
    late = await _until_expired(town, more := await _run_out(town, 60))
    swaps = town.deps.store.database.collection("swaps")
    changes = [len(doc["history"]) - 1 async for doc in swaps.find({"_id": {"$in": [*due, *more]}})]
    more_than_once = sum(count != 1 for count in changes)
    for service in (one, two):
        if service is not holder:
            await service.stop()
    return Row(
        "32",
        "scheduled jobs act once",
        f"{len(changes)} requests expired, {more_than_once} not exactly once; within {first:.1f} s, "
        f"{late:.1f} s of {LATE_LIMIT:.0f} after the kill of the one that does it",
        more_than_once == 0 and late <= LATE_LIMIT,
    )


async def _run_out(town: Town, count: int) -> list[ObjectId]:
    """Requests whose time is over."""
    docs: list[dict[str, Any]] = []
    for number in range(count):
        one, other = town.web[number % 20], town.web[(number + 1) % 20]
        doc = swap_doc(pending_swap(one, other, f"Late {number} {time.monotonic()}"))
        docs.append(doc | {"due_at": doc["created_at"] - timedelta(seconds=1)})
    assert timedelta(0) < ANSWER_WITHIN
    await town.deps.store.database.collection("swaps").insert_many(docs)
    return [doc["_id"] for doc in docs]


async def _until_expired(town: Town, ids: list[ObjectId]) -> float:
    """Seconds until none of them is pending any more."""
    began = time.monotonic()
    swaps = town.deps.store.database.collection("swaps")
    while time.monotonic() - began < 60:
        if not await swaps.count_documents({"_id": {"$in": ids}, "status": "pending"}):
            break
        await asyncio.sleep(0.1)
    return time.monotonic() - began
