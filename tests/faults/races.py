"""Competing state changes: accept, reject, cancel and expiry of one swap concurrently, through two stores."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId

from domain.errors import Problem
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import answer_swap, expire_due_swaps
from storage.swaps import Swaps, swap_doc
from tests.faults.cluster import Cluster, open_cluster, pending_swap
from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.faults.state_machine import Known, allowed

CONCURRENT = 50


async def run(*, seed: int, races: int = 10_000) -> list[Row]:
    broken = await run_races(_race, name="races", seed=seed, races=races)
    figure = f"{races} races, {len(broken)} with more or fewer than one winner"
    return [Row("10", "of competing state changes one wins", figure, not broken)]


Race = Callable[[Cluster, tuple[Deps, Deps], int, random.Random], Awaitable[list[str]]]
"""Run so many contests at the same time, through the operations of two processes; return what is wrong."""


async def run_races(race: Race, *, name: str, seed: int, races: int) -> list[str]:
    """Run races on a database of their own, and print their progress and the first problems. Return all problems."""
    rng = random.Random(seed)
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="skillswap-races-") as folder:
        async with replica_set(Path(folder) / "one", 1) as server:
            async with open_cluster(Path(folder) / "cluster", server.uri(), people=20, swaps=20, seed=seed) as cluster:
                both = (cluster.deps, another_process(cluster.deps))
                for start in range(0, races, CONCURRENT):
                    broken += await race(cluster, both, min(CONCURRENT, races - start), rng)
                    if start % 2000 == 0:
                        print(f"  {name}: {start + CONCURRENT} of {races}", flush=True)
    for line in broken[:5]:
        print(f"  {name}: {line}", flush=True)
    return broken


def another_process(deps: Deps) -> Deps:
    """Return operations on the same database with a store of their own, as another process has."""
    return replace(deps, store=replace(deps.store, swaps=Swaps(deps.store.database)))


async def _race(cluster: Cluster, both: tuple[Deps, Deps], count: int, rng: random.Random) -> list[str]:
    swaps = cluster.deps.store.database.collection("swaps")
    people = [rng.sample(cluster.web, 2) for _ in range(count)]
    asked = [pending_swap(one, other, f"Race {rng.random()}") for one, other in people]
    for swap in asked:
        is_due = rng.random() < 0.3
        doc = swap_doc(swap) | ({"due_at": swap.created_at - timedelta(minutes=1)} if is_due else {})
        await swaps.insert_one(doc)
    contests = [_contest(both, swap, one, other, rng) for swap, (one, other) in zip(asked, people, strict=True)]
    sweeps = [expire_due_swaps(deps) for deps in both]
    outcomes = await asyncio.gather(*contests, *sweeps)
    found = swaps.find({"_id": {"$in": [ObjectId(swap.id) for swap in asked]}})
    docs = {str(doc["_id"]): doc async for doc in found}
    await expire_due_swaps(cluster.deps)
    return [
        f"{won} of {attempts} from {doc['history']}"
        for swap, (attempts, won) in zip(asked, outcomes[:count], strict=True)
        if not _is_right(doc := docs[swap.id], won, swap)
    ]


async def _contest(
    both: tuple[Deps, Deps], swap: Swap, one: User, other: User, rng: random.Random
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Try several changes concurrently; return all attempts and the successful ones, each as (user id, status)."""
    tries = [(other, "accepted"), (other, "rejected"), (one, "cancelled")]
    tries = rng.sample(tries, rng.randint(2, 3))
    answers = await asyncio.gather(*(_try(rng.choice(both), user, swap.id, status) for user, status in tries))
    attempts = [(user.id, status) for user, status in tries]
    return attempts, [attempt for attempt, worked in zip(attempts, answers, strict=True) if worked]


async def _try(deps: Deps, user: User, swap_id: str, status: str) -> bool:
    try:
        await answer_swap(deps, user, swap_id, status)
    except Problem:
        return False
    return True


def _is_right(doc: dict[str, Any], won: list[tuple[str, str]], swap: Swap) -> bool:
    """Return True when the history contains exactly the successful changes, each allowed at its time."""
    steps = [line for line in doc["history"][1:] if line["status"] != "expired"]
    done = [(str(line["by"]), line["status"]) for line in steps]
    if sorted(done) != sorted(won) or doc["version"] != len(doc["history"]):
        return False
    people = {swap.from_user_id: 0, swap.to_user_id: 1}
    known = Known(0, 1, "")
    for line in doc["history"][1:]:
        if line["status"] == "expired":
            known.status = "expired" if known.status == "pending" else "broken"
            continue
        after = allowed(known, line["status"], people[str(line["by"])])
        if after is None:
            return False
        known.status, known.last_by = after, people[str(line["by"])]
    return known.status == doc["status"]
