"""Made-up users by the hundred thousand in a database of their own, for the matching benchmark.

They are written as complete documents, with skills drawn by Zipf's law, one to five each way. Indexes are built after
the users, in a fraction of the time.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern

from domain.users import User
from domain.week import SLOTS, format_slots
from handlers.runtime.deps import Deps, utc_now
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from storage.users import USER
from storage.vocabulary import load_vocabulary
from tests.factories import build_deps

ZIPF = 0.8
MOST_SKILLS = 5
BATCH = 2_000
PATIENT = "socketTimeoutMS=900000"
"""Building an index over a million users takes longer than the socket timeout of the service."""


@dataclass(frozen=True, slots=True)
class Popularity:
    """Skills in order of popularity, and their distribution."""

    skills: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def of(cls, skills: Sequence[str]) -> Popularity:
        shuffled = sorted(skills)
        random.Random(1).shuffle(shuffled)
        weights = itertools.accumulate(1 / (index + 1) ** ZIPF for index in range(len(shuffled)))
        return cls(shuffled, list(weights))

    def draw(self, rng: random.Random, count: int) -> list[str]:
        return rng.choices(self.skills, cum_weights=self.weights, k=count)


def make_person(popularity: Popularity, rng: random.Random, number: int, now: datetime) -> User:
    drawn = list(dict.fromkeys(popularity.draw(rng, 2 * MOST_SKILLS)))
    offers = rng.randint(1, min(MOST_SKILLS, len(drawn) - 1))
    offered, wanted = tuple(drawn[:offers]), tuple(drawn[offers : offers + rng.randint(1, MOST_SKILLS)])
    return User(
        id=str(ObjectId()),
        name=f"Person {number}",
        created_at=now - timedelta(days=rng.random() * 700),
        active_at=now - timedelta(days=rng.expovariate(1 / 40)),
        location="Harbour" if rng.random() < 0.6 else "",
        availability=format_slots(tuple(slot for slot in SLOTS if rng.random() < 0.3)),
        skills_offered=offered,
        skills_wanted=wanted,
        offered_keys=offered,
        wanted_keys=wanted,
        is_public=rng.random() < 0.95,
        answered=rng.randrange(6),
        ignored=rng.randrange(4),
    )


@asynccontextmanager
async def community(folder: Path, size: int) -> AsyncIterator[Deps]:
    """Open a database with this many users in this folder, reusing the complete one of an earlier run."""
    mongo = await EmbeddedMongo.start(folder)
    try:
        await _fill(f"{mongo.uri}&{PATIENT}", size)
        database = await Database.open(mongo.uri)
        try:
            yield replace(await build_deps(database), public_url="http://bench.example.org")
        finally:
            await database.close()
    finally:
        await mongo.stop()


async def _fill(uri: str, size: int) -> None:
    database = await Database.open(uri)
    try:
        count = await database.collection("users").estimated_document_count()
        if count != size:
            await database.collection("users").drop()
            await _write(database, size)
        await build_deps(database)
    finally:
        await database.close()


async def _write(database: Database, size: int) -> None:
    """Generate each batch while the previous one is written; no write waits for the disk."""
    users = database.collection("users").with_options(write_concern=WriteConcern(w=1, j=False))
    popularity = Popularity.of((await asyncio.to_thread(load_vocabulary)).skills)
    rng, now, started = random.Random(size), utc_now(), time.perf_counter()
    writing: asyncio.Future[Any] | None = None
    for start in range(0, size, BATCH):
        numbers = range(start, min(start + BATCH, size))
        docs = await asyncio.to_thread(
            lambda numbers=numbers: [_doc(make_person(popularity, rng, number, now)) for number in numbers]
        )
        if writing is not None:
            await writing
        writing = asyncio.ensure_future(users.insert_many(docs, ordered=False))
        progress(f"{numbers.stop:,} people, {time.perf_counter() - started:.0f} s")
    if writing is not None:
        await writing
    progress(f"the indexes of {size:,} people")


def _doc(user: User) -> dict[str, Any]:
    more = ("role", "status", "created_at", "active_at", "answered", "ignored")
    fields = {name: getattr(user, name) for name in more}
    return {"_id": ObjectId(user.id), **USER.document(user), **derived_fields(user), **fields}


def progress(text: str) -> None:
    print(f"\r{text:60}", end="" if text else "\r", file=sys.stderr, flush=True)
