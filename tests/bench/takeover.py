"""`make bench-takeover`: the time that the first start takes on a database which the contract's Mongoose models wrote,
part by part.

python -m tests.bench.takeover [--people 100000] [--swaps 300000] [--messages 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId

from skillswap.bootstrap import open_deps
from skillswap.demo.people import make_people
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo

BATCH = 5000
MOST_SECONDS = 60.0
"""Upper bound of a first start on 100,000 people."""
SEED = 1
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
STATUSES = ("pending", "accepted", "accepted", "rejected", "completed")
WORDS = ("shall we meet on Tuesday", "and start with the first chords", "or rather a walk", "coffee?")


async def measure(people: int, swaps: int, messages: int) -> int:
    with tempfile.TemporaryDirectory(prefix="skillswap-takeover-") as folder:
        mongo = await EmbeddedMongo.start(Path(folder))
        try:
            await _fill(mongo.uri, people, swaps, messages)
            seconds = await _start(mongo.uri, Path(folder), is_first=True)
            again = await _start(mongo.uri, Path(folder), is_first=False)
            print(f"{people} people, {swaps} swaps, {messages} messages: {seconds:.1f} s; the next start {again:.2f} s")
            return 0 if seconds <= MOST_SECONDS else 1
        finally:
            await mongo.stop()


async def _start(uri: str, folder: Path, *, is_first: bool) -> float:
    """Open the database as a starting service does. Returns the seconds; prints when each part has ended."""
    settings = Settings(_env_file=None, data_dir=folder, mongodb_uri=uri, nextauth_secret="a-secret-of-the-benchmark")
    database = await Database.open(uri)
    began = last = time.perf_counter()
    part = ""

    def notify(line: str) -> None:
        nonlocal last, part
        name = line.partition(":")[0]
        if name != part and part:
            print(f"  {time.perf_counter() - last:6.2f} s  {part}", flush=True)
            last = time.perf_counter()
        part = name

    try:
        deps = await open_deps(settings, database, worker="bench", notify=notify)
        if is_first:
            print(f"  {time.perf_counter() - last:6.2f} s  {part}, indexes and vocabulary", flush=True)
        await deps.photos.close()
        await deps.rates.close()
        return time.perf_counter() - began
    finally:
        await database.close()


async def _fill(uri: str, people: int, swaps: int, messages: int) -> None:
    """Insert documents with the fields of the contract's models, and no others."""
    rng = random.Random(SEED)
    ids = [ObjectId() for _ in range(people)]
    swap_ids = [ObjectId() for _ in range(swaps)]
    async with _writing(uri) as database:
        await _insert(database, "users", _users(ids))
        await _insert(database, "swaps", _swaps(rng, ids, swap_ids))
        await _insert(database, "messages", _messages(rng, ids, swap_ids, messages))


@asynccontextmanager
async def _writing(uri: str) -> AsyncIterator[Database]:
    database = await Database.open(uri)
    try:
        yield database
    finally:
        await database.close()


def _users(ids: list[ObjectId]) -> Iterator[dict[str, Any]]:
    characters = list(make_people(min(len(ids), 2000), seed=SEED))
    for number, oid in enumerate(ids):
        one = characters[number % len(characters)]
        yield {
            "_id": oid,
            "name": one.name,
            "email": f"person-{number}@people.example.org",
            "location": one.location,
            "skills_offered": list(one.skills_offered),
            "skills_wanted": list(one.skills_wanted),
            "availability": "weekends",
            "is_public": True,
            "created_at": SINCE + timedelta(seconds=number),
        }


def _swaps(rng: random.Random, people: list[ObjectId], ids: list[ObjectId]) -> Iterator[dict[str, Any]]:
    for number, oid in enumerate(ids):
        asker = rng.randrange(len(people))
        yield {
            "_id": oid,
            "from_user_id": people[asker],
            "to_user_id": people[(asker + 1 + rng.randrange(len(people) - 1)) % len(people)],
            "offered_skill": "Drawing",
            "wanted_skill": "Yoga",
            "message": rng.choice(WORDS),
            "status": STATUSES[number % len(STATUSES)],
            "created_at": SINCE + timedelta(minutes=number % 500_000),
        }


def _messages(
    rng: random.Random, people: list[ObjectId], swaps: list[ObjectId], count: int
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "_id": ObjectId(),
            "swap_id": swaps[number % len(swaps)],
            "from_user_id": rng.choice(people),
            "to_user_id": rng.choice(people),
            "message": rng.choice(WORDS),
            "created_at": SINCE + timedelta(seconds=number),
        }


async def _insert(database: Database, name: str, documents: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            await database.collection(name).insert_many(batch, ordered=False)
            batch = []
    if batch:
        await database.collection(name).insert_many(batch, ordered=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--swaps", type=int, default=300_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    given = parser.parse_args()
    return asyncio.run(measure(given.people, given.swaps, given.messages))


if __name__ == "__main__":
    sys.exit(main())
