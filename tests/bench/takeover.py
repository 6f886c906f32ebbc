"""`make bench-takeover`: the time that the first start takes on a database which the contract's Mongoose models wrote,
part by part.

python -m tests.bench.takeover [--people 100000] [--swaps 300000] [--messages 300000]

Parts that have nothing to do with each other run at the same time. Prints when each went on, and the CPU of the whole:
on a shared machine, that counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
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
            assert mongo.mongod_pid is not None
            seconds = await _start(mongo.uri, Path(folder), Parts(psutil.Process(mongo.mongod_pid)))
            again = await _start(mongo.uri, Path(folder))
            print(f"{people} people, {swaps} swaps, {messages} messages: {seconds:.1f} s; the next start {again:.2f} s")
            print(
                f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB in this process, ", end=""
            )
            print("load average {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
            return 0 if seconds <= MOST_SECONDS else 1
        finally:
            await mongo.stop()


class Parts:
    """When each part of a start went on, and the CPU that the whole took in this process and in the database."""

    def __init__(self, database: psutil.Process) -> None:
        self._processes = (psutil.Process(), database)
        self._began, self._used = time.perf_counter(), self._cpu()
        self._parts: dict[str, list[float]] = {}

    def notify(self, line: str) -> None:
        """Take a line of progress; it begins with the name of its part."""
        now = time.perf_counter() - self._began
        self._parts.setdefault(line.rpartition(":")[0], [now])[1:] = [now]

    def report(self) -> None:
        for name, (first, last) in self._parts.items():
            print(f"  {first:6.2f} to {last:6.2f} s  {name}")
        ours, theirs = (now - before for now, before in zip(self._cpu(), self._used, strict=True))
        print(f"  {ours:.1f} s of CPU in this process, {theirs:.1f} s in the database")

    def _cpu(self) -> list[float]:
        times = [process.cpu_times() for process in self._processes]
        return [each.user + each.system for each in times]


async def _start(uri: str, folder: Path, parts: Parts | None = None) -> float:
    """Open the database as a starting service does. Returns the seconds."""
    settings = Settings.load(None, data_dir=folder, mongodb_uri=uri, nextauth_secret="a-secret-of-the-benchmark")
    database = await Database.open(uri)
    began = time.perf_counter()
    try:
        notify = parts.notify if parts else lambda _: None
        deps = await open_deps(settings, database, worker="bench", notify=notify)
        if parts:
            parts.report()
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
    parser.add_argument("--messages", type=int, default=300_000)
    given = parser.parse_args()
    return asyncio.run(measure(given.people, given.swaps, given.messages))


if __name__ == "__main__":
    sys.exit(main())
