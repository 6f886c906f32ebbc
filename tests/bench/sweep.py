"""`make bench-sweep`: the time that one sweep of the life of swaps takes among a million swaps of which a thousand are
due, and the plan of its query.

python -m tests.bench.sweep [--swaps 1000000] [--due 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.events import SWAP_UNPLANNED
from domain.swaps import Swap, propose
from domain.timetable import SUGGEST_AFTER
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.timeline import AT_ONCE, do_due_steps
from storage.mongodb.database import Database, new_id
from storage.mongodb.embedded import EmbeddedMongo
from storage.swaps import swap_doc
from tests.factories import build_deps, insert_user

PEOPLE = 2000
BATCH = 1000
MESSAGES = 20
"""Messages of each due swap."""
MOST_SECONDS = 2.0
"""Upper bound of one sweep."""


async def measure(swaps: int, due: int) -> int:
    with tempfile.TemporaryDirectory(prefix="skillswap-sweep-") as folder:
        mongo = await EmbeddedMongo.start(Path(folder))
        try:
            database = await Database.open(mongo.uri)
            deps = await build_deps(database)
            people = [await insert_user(deps, f"Person {number}", telegram_id=True) for number in range(PEOPLE)]
            await _fill(database, deps, people, swaps, due)
            await _talk(database, due)
            plan = await _plan(database, deps)
            print(f"plan of the query: {plan}")
            began, cpu = time.perf_counter(), time.process_time()
            done = await do_due_steps(deps)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            told = await database.collection("swaps").count_documents({"outbox.event": SWAP_UNPLANNED})
            print(f"{done} of {due} due steps among {swaps} swaps: {seconds:.2f} s, {cpu:.2f} s of CPU; {told} told")
            again = time.perf_counter()
            assert await do_due_steps(deps) == 0, "a step was done twice"
            print(f"a sweep with nothing due: {(time.perf_counter() - again) * 1000:.1f} ms")
            await database.close()
            return 0 if seconds <= MOST_SECONDS and "COLLSCAN" not in plan and done == told == due else 1
        finally:
            await mongo.stop()


async def _fill(database: Database, deps: Deps, people: list[User], swaps: int, due: int) -> None:
    collection = database.collection("swaps")
    batch: list[dict[str, Any]] = []
    for number, swap in enumerate(_running(deps, people, swaps, due), start=1):
        batch.append(swap_doc(swap))
        if len(batch) == BATCH or number == swaps:
            await collection.insert_many(batch, ordered=False)
            batch.clear()
            if number % 100_000 == 0:
                print(f"  {number} swaps", flush=True)


async def _talk(database: Database, due: int) -> None:
    """Let the people of the due swaps have written: the sweep looks when that was."""
    waking = {"wake_at": {"$exists": True}}  # what the index holds
    found = database.collection("swaps").find(waking, {"from_user_id": 1, "to_user_id": 1, "created_at": 1})
    messages = [
        {
            "swap_id": doc["_id"],
            "seq": seq,
            "from_user_id": doc["from_user_id"],
            "to_user_id": doc["to_user_id"],
            "client_id": f"{doc['_id']}:{seq}",
            "message": "Hello!",
            "created_at": doc["created_at"],
        }
        async for doc in found.sort([("wake_at", 1)]).limit(due)
        for seq in range(1, MESSAGES + 1)
    ]
    await database.collection("messages").insert_many(messages, ordered=False)


def _running(deps: Deps, people: list[User], swaps: int, due: int) -> Iterator[Swap]:
    """Yield running swaps in which nothing is planned: `due` of them, one every now and then, are to be nudged now."""
    now, apart = deps.now(), swaps // due
    for number in range(swaps):
        one, other = people[number % PEOPLE], people[(number * 7 + 1) % PEOPLE]
        at = (
            now - SUGGEST_AFTER - timedelta(minutes=1)
            if number % apart == 0 and number // apart < due
            else now - timedelta(seconds=number % 80_000)
        )
        request = propose(
            swap_id=new_id(),
            from_id=one.id,
            to_id=other.id if other.id != one.id else people[(number + 3) % PEOPLE].id,
            offered_skill=f"Skill {number}",
            wanted_skill=f"Other {number}",
            message="",
            at=at,
        )
        yield request.accept(by=request.to_user_id, at=at)


async def _plan(database: Database, deps: Deps) -> str:
    due = {"wake_at": {"$lte": deps.now()}}
    command = {"find": "swaps", "filter": due, "sort": {"wake_at": 1}, "limit": AT_ONCE}
    found = await database.command({"explain": command, "verbosity": "queryPlanner"})
    stages: list[str] = []
    stage = found["queryPlanner"]["winningPlan"]
    while stage:
        stages.append(f"{stage['stage']}{'(' + stage['indexName'] + ')' if 'indexName' in stage else ''}")
        stage = stage.get("inputStage")
    return " < ".join(stages)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swaps", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1000)
    given = parser.parse_args()
    return asyncio.run(measure(given.swaps, given.due))


if __name__ == "__main__":
    sys.exit(main())
