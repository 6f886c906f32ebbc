"""Clocks that are ten minutes off, and jobs that two processes compete for."""

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
from tests.faults.cluster import Cluster, open_cluster, pending_swap
from tests.faults.ledger import judge
from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.faults.traffic import Traffic

SKEW_SECONDS = 600
SETTLE_SECONDS = 60.0
JOBS_EVERY = 2.0
"""Period of the jobs in this run; the product uses a minute."""
LEASE_SECONDS = 15.0
LATE_LIMIT = LEASE_SECONDS + 5.0 + JOBS_EVERY + 3.0
"""Delay after a kill: the lease expires, the other process acquires it, the next period starts."""


async def run(*, seed: int, seconds: float = 20.0, rate: float = 20.0) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-clocks-") as name:
        folder = Path(name)
        async with replica_set(folder / "one", 1) as server:
            async with open_cluster(folder / "skew", server.uri("skew"), people=20, swaps=60, seed=seed) as cluster:
                rows = [await _skewed(cluster, seed, seconds, rate)]
            async with open_cluster(folder / "jobs", server.uri("jobs"), people=20, swaps=20, seed=seed) as cluster:
                rows.append(await _jobs(cluster))
    return rows


async def _skewed(cluster: Cluster, seed: int, seconds: float, rate: float) -> Row:
    """Run one process ten minutes ahead and one ten minutes behind; kill the bot's process halfway."""
    ahead = await cluster.start(CLOCK=str(SKEW_SECONDS))
    behind = await cluster.start("bot", CLOCK=str(-SKEW_SECONDS))
    await cluster.open_chats()
    traffic = Traffic(cluster, seed)
    await traffic.open()
    try:
        await traffic.talk(seconds / 2, rate)
        await behind.kill()
        await traffic.talk(seconds / 2, rate)
        behind = await cluster.start("bot", CLOCK=str(-SKEW_SECONDS))
        settled = await traffic.settle(SETTLE_SECONDS)
        waiting = (await cluster.deps.store.outbox.counts())["queued"]
        verdict = await judge(traffic)
    finally:
        await traffic.close()
    for service in (ahead, behind):
        await service.stop()
    is_right = verdict.is_clean and not verdict.unacknowledged and not waiting and verdict.telegram_twice <= 8
    return Row(
        "19",
        "clocks ten minutes off do no harm",
        f"{verdict.sentence()}; {waiting} still waiting after {settled:.0f} s, {verdict.telegram_twice} twice",
        is_right,
    )


async def _jobs(cluster: Cluster) -> Row:
    """Let requests expire while two processes compete for the schedule; kill the one that holds it."""
    one = await cluster.start("worker", JOBS_EVERY=str(JOBS_EVERY))
    two = await cluster.start("worker", port=free_port(), JOBS_EVERY=str(JOBS_EVERY))
    due = await _insert_overdue(cluster, 60)
    first = await _until_expired(cluster, due)
    workers = {f"/{service.child.pid}/": service for service in (one, two)}
    lease = await cluster.deps.store.leases.holder("schedule")
    holder = next(service for mark, service in workers.items() if mark in str(lease))
    await holder.kill()
    late = await _until_expired(cluster, more := await _insert_overdue(cluster, 60))
    swaps = cluster.deps.store.database.collection("swaps")
    changes = [len(doc["history"]) - 1 async for doc in swaps.find({"_id": {"$in": [*due, *more]}})]
    more_than_once = sum(count != 1 for count in changes)
    for service in (one, two):
        if service is not holder:
            await service.stop()
    return Row(
        "32",
        "scheduled jobs act once",
        f"{len(changes)} requests expired, {more_than_once} not exactly once; within {first:.1f} s, "
        f"{late:.1f} s of {LATE_LIMIT:.0f} after the process that ran the jobs was killed",
        more_than_once == 0 and late <= LATE_LIMIT,
    )


async def _insert_overdue(cluster: Cluster, count: int) -> list[ObjectId]:
    """Insert requests that are overdue; return their ids."""
    docs: list[dict[str, Any]] = []
    for number in range(count):
        one, other = cluster.web[number % 20], cluster.web[(number + 1) % 20]
        doc = swap_doc(pending_swap(one, other, f"Late {number} {time.monotonic()}"))
        docs.append(doc | {"due_at": doc["created_at"] - timedelta(seconds=1)})
    assert timedelta(0) < ANSWER_WITHIN
    await cluster.deps.store.database.collection("swaps").insert_many(docs)
    return [doc["_id"] for doc in docs]


async def _until_expired(cluster: Cluster, ids: list[ObjectId]) -> float:
    """Wait until none of the requests is pending; return the seconds."""
    began = time.monotonic()
    swaps = cluster.deps.store.database.collection("swaps")
    while time.monotonic() - began < 60:
        if not await swaps.count_documents({"_id": {"$in": ids}, "status": "pending"}):
            break
        await asyncio.sleep(0.1)
    return time.monotonic() - began
