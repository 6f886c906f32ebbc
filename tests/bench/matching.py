"""`make bench-matching`: the deck, circles and a changed profile among up to a million made-up people.

The people are written as ready documents into an embedded database in a scratch folder, with all the product's indexes;
at 10,000, 100,000 and all of them the same things are measured, each on other people drawn by chance. Skills are drawn
by Zipf's law, one to five each way. Beside the deck, in the same run, stands the plain query on two arrays that it
replaces.

    python -m tests.bench.matching [--people 1000000] [--samples 200]
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import itertools
import math
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.errors import AutoReconnect, BulkWriteError

from handlers.decks import CANDIDATES, SPARE
from handlers.deps import Deps, utc_now
from handlers.matches import list_matches
from handlers.users import update_profile
from skillswap.domain.decks import DECIDED_FOR, SWAPS, viewer_mark
from skillswap.domain.users import SLOTS, ProfileChanges, User, format_slots
from storage.embedded import EmbeddedMongo
from storage.mongo import Database
from storage.users import BEST_FIRST, derived_fields, profile_fields, user_from
from tests.factories import build_deps

SIZES = (10_000, 100_000, 1_000_000)
ZIPF = 0.8
MOST_SKILLS = 5
BATCH = 500
PAGE = 10
TARGETS = {"deck": (10.0, 50.0), "circles": (50.0, None), "profile": (20.0, None)}
"""Milliseconds promised at a million: the 95th percentile and the worst."""


@dataclass(frozen=True, slots=True)
class Bench:
    deps: Deps
    skills: Sequence[str]
    weights: Sequence[float]
    rng: random.Random


def _person(bench: Bench, number: int) -> User:
    rng, now = bench.rng, utc_now()
    drawn = list(dict.fromkeys(rng.choices(bench.skills, cum_weights=bench.weights, k=2 * MOST_SKILLS)))
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


def _doc(user: User) -> dict[str, Any]:
    more = ("role", "status", "created_at", "active_at", "answered", "ignored")
    fields = {name: getattr(user, name) for name in more}
    return {"_id": ObjectId(user.id), **profile_fields(user), **derived_fields(user), **fields}


async def _fill(bench: Bench, start: int, end: int) -> None:
    """One batch is made while the one before is written."""
    users, started = bench.deps.store.database.collection("users"), time.perf_counter()
    writing: asyncio.Task[Any] | None = None
    for at in range(start, end, BATCH):
        docs = [_doc(_person(bench, number)) for number in range(at, min(end, at + BATCH))]
        if writing is not None:
            await writing
        writing = asyncio.ensure_future(_insert(users, docs))
        await asyncio.sleep(0)
        _progress(f"{min(end, at + BATCH):,} people, {time.perf_counter() - started:.0f} s")
    if writing is not None:
        await writing
    _progress("")


async def _insert(users: Any, docs: list[dict[str, Any]]) -> None:
    """Again when the machine is too busy to answer in time; what has been written then is not written twice."""
    while True:
        try:
            await users.insert_many(docs, ordered=False)
            return
        except BulkWriteError:
            return
        except AutoReconnect:
            await asyncio.sleep(1)


async def _viewers(bench: Bench, count: int) -> list[User]:
    """Listed people drawn by chance, each time others."""
    query: list[dict[str, Any]] = [{"$sample": {"size": 2 * count}}, {"$match": {"is_listed": True}}, {"$limit": count}]
    return [user_from(doc) for doc in await bench.deps.store.database.aggregate("users", query)]


async def _read_deck(deps: Deps, viewer: User) -> None:
    """All that the store is asked for the first page of a deck that has not been made yet today."""
    now = deps.now()
    day = now.date().isoformat()
    store = deps.store.matches
    await asyncio.gather(
        store.find_order(viewer.id, SWAPS, day=day, mark=viewer_mark(viewer)),
        deps.store.seen.of(viewer.id, since=now - DECIDED_FOR),
        deps.store.swaps.open_partners(viewer.id),
        deps.store.blocks.of(viewer.id),
    )
    ids = [user.id for user in await store.best(viewer, SWAPS, limit=CANDIDATES + SPARE)]
    await store.busy(ids)
    await store.shown(ids[:CANDIDATES], day=day)


async def _plain_query(deps: Deps, viewer: User) -> None:
    """The same candidates by a query on two arrays, of which an index can serve one."""
    query = {
        "offered_keys": {"$in": list(viewer.wanted_keys)},
        "wanted_keys": {"$in": list(viewer.offered_keys)},
        "is_listed": True,
    }
    cursor = deps.store.database.collection("users").find(query).sort(BEST_FIRST).limit(CANDIDATES)
    [user_from(doc) async for doc in cursor]


async def _change_profile(deps: Deps, viewer: User, skill: str) -> None:
    wanted = tuple(dict.fromkeys((*viewer.skills_wanted[:4], skill)))
    await update_profile(deps, viewer, ProfileChanges(skills_wanted=wanted))


async def _timed(people: Sequence[User], work: Callable[[User], Awaitable[Any]]) -> list[float]:
    """Milliseconds for each of them, one after the other."""
    times = []
    for person in people:
        started = time.perf_counter()
        await work(person)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


async def _measure(bench: Bench, size: int, samples: int) -> bool:
    """Print one size; False when a promise was not kept."""
    deps = bench.deps
    print(f"\n{size:,} people ({samples} drawn for each line), milliseconds")
    print(f"  {'':44}{'p50':>8}{'p95':>8}{'worst':>8}")
    await _timed(await _viewers(bench, 20), lambda viewer: _read_deck(deps, viewer))  # connections are opened
    viewers = await _viewers(bench, samples)
    deck = _line("deck, first page: the store", await _timed(viewers, lambda viewer: _read_deck(deps, viewer)))
    plain = _line("  the same people by two arrays", await _timed(viewers, lambda viewer: _plain_query(deps, viewer)))
    ratios = " ".join(f"{old / new:7.1f}" for old, new in zip(plain, deck, strict=True))
    print(f"  {'  times as long':44}{ratios}")
    _line("deck, first page: made, ranked and kept", await _timed(viewers, lambda v: list_matches(deps, v, limit=PAGE)))
    _line("deck, first page: again", await _timed(viewers, lambda v: list_matches(deps, v, limit=PAGE)))
    kept = {"deck": deck}
    if circles := _circle_search():
        kept["circles"] = _line("circles of one person", await _timed(viewers, lambda v: circles(deps, v)))
    skills = itertools.cycle(bench.rng.choices(bench.skills, cum_weights=bench.weights, k=samples))
    changes = await _timed(await _viewers(bench, samples), lambda viewer: _change_profile(deps, viewer, next(skills)))
    kept["profile"] = _line("a profile changed and indexed anew", changes)
    return all(
        p95 <= TARGETS[name][0] and worst <= (TARGETS[name][1] or math.inf) for name, (_, p95, worst) in kept.items()
    )


def _circle_search() -> Callable[[Deps, User], Awaitable[Any]] | None:
    try:
        search: Callable[[Deps, User], Awaitable[Any]] = importlib.import_module("handlers.circle_search").find_circles
    except ModuleNotFoundError:
        return None
    return search


def _line(name: str, times: Sequence[float]) -> tuple[float, float, float]:
    p50, p95, worst = times[len(times) // 2], times[int(len(times) * 0.95)], times[-1]
    print(f"  {name:44}{p50:8.1f}{p95:8.1f}{worst:8.1f}", flush=True)
    return p50, p95, worst


def _progress(text: str) -> None:
    print(f"\r{text:60}", end="" if text else "\r", file=sys.stderr, flush=True)


async def _run(folder: Path, people: int, samples: int) -> bool:
    mongo = await EmbeddedMongo.start(folder)
    try:
        database = await Database.open(mongo.uri)
        try:
            deps = replace(await build_deps(database), public_url="http://bench.example.org")
            skills = sorted(deps.vocabulary.skills)
            rng = random.Random(1)
            rng.shuffle(skills)
            weights = list(itertools.accumulate(1 / (place + 1) ** ZIPF for place in range(len(skills))))
            bench = Bench(deps, skills, weights, rng)
            print(f"{len(skills)} skills, Zipf {ZIPF}, one to {MOST_SKILLS} each way")
            there, is_kept = 0, True
            for size in sorted({*(size for size in SIZES if size < people), people}):
                await _fill(bench, there, size)
                there = size
                is_kept = await _measure(bench, size, samples)
        finally:
            await database.close()
    finally:
        await mongo.stop()
    print("\nall promises kept" if is_kept else "\na promise was not kept")
    return is_kept


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-matching")
    parser.add_argument("--people", type=int, default=SIZES[-1])
    parser.add_argument("--samples", type=int, default=200)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="skillswap-bench-"))
    try:
        is_kept = asyncio.run(_run(folder, given.people, given.samples))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(not is_kept)


if __name__ == "__main__":
    main()
