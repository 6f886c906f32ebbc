"""`make bench-routes`: what a request of the busiest routes costs with 10,000 and with a million people in a database.

CPU-milliseconds a request of the process that answers, and of the database, over many connections; by the clock, the
median and the 95th percentile. Each size has a database of its own, filled as `make bench-matching` does; those who ask
are drawn at random and have some swaps with messages. Medians of several rounds.

python -m tests.bench.routes [--sizes 10000,1000000] [--askers 300] [--rounds 3] [--keep FOLDER]

`--keep` leaves the databases in the folder, where `make bench-matching` finds them as well.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pymongo
from bson import ObjectId

from domain.swaps import Swap
from domain.users import User
from handlers.auth.session_tokens import SessionTokens
from handlers.runtime.deps import Deps
from storage.mongodb.migrations import MIGRATIONS
from storage.swaps import swap_doc
from storage.users import user_from
from tests.bench.fixture import WORDS, make_swap
from tests.bench.people import community, progress
from tests.service import Service, running_service

SIZES = (10_000, 1_000_000)
SECRET = "a secret for the benchmark only, of 32 bytes and more"
CONNECTIONS = 16
SWAPS_EACH, MESSAGES_EACH = 3, 20
OF_A_RUN = ("swaps", "messages", "decks", "exposure", "rate_limits")
"""Collections that a run fills: emptied before the next one."""
PATIENCE = 600.0

Call = tuple[str, str, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, with the header that signs them in, and one of their swaps."""

    headers: dict[str, str]
    swap: Swap
    number: int


ROUTES: dict[str, Callable[[Asker], Call]] = {
    "GET /api/matches, first of the day": lambda asker: ("GET", "/api/matches?limit=10", None),
    "GET /api/matches, again": lambda asker: ("GET", "/api/matches?limit=10", None),
    "GET /api/user": lambda asker: ("GET", "/api/user", None),
    "GET /api/swap": lambda asker: ("GET", "/api/swap", None),
    "GET /api/chat/{id}": lambda asker: ("GET", f"/api/chat/{asker.swap.id}?limit=20", None),
    "POST /api/chat": lambda asker: ("POST", "/api/chat", {"swap_id": asker.swap.id, "message": "A short word"}),
    "PUT /api/user": lambda asker: ("PUT", "/api/user", {"location": f"Corner {next(CORNERS)}"}),
}
CORNERS = itertools.count()
ONCE = "GET /api/matches, first of the day"
"""The one route that is another the second time."""


async def fill_swaps(deps: Deps, askers: int) -> list[Asker]:
    """Draw those who ask, and give them swaps with messages."""
    database, rng = deps.store.database, random.Random(1)
    for name in OF_A_RUN:
        with pymongo.timeout(PATIENCE):
            await database.collection(name).delete_many({})
    # the people were written as the service stores them: nothing is to be migrated
    done = {"$set": {"version": len(MIGRATIONS)}}
    await database.collection("meta").update_one({"_id": "schema"}, done, upsert=True)
    drawn: list[dict[str, Any]] = [
        {"$sample": {"size": 3 * askers}},
        {"$match": {"is_listed": True, "skills_offered.0": {"$exists": True}}},
        {"$limit": askers},
    ]
    people = [user_from(doc) for doc in await database.aggregate("users", drawn)]
    at = deps.now() - timedelta(days=30)
    swaps = [
        make_swap(asker, people[(number + 1 + step) % len(people)], rng, at)
        for number, asker in enumerate(people)
        for step in range(SWAPS_EACH)
    ]
    await database.collection("swaps").insert_many([swap_doc(swap) for swap in swaps])
    await database.collection("messages").insert_many(list(_messages(swaps, rng, at)))
    return [
        Asker({"Cookie": f"next-auth.session-token={_token(user)}"}, swaps[number * SWAPS_EACH], number)
        for number, user in enumerate(people)
    ]


def _messages(swaps: Sequence[Swap], rng: random.Random, at: datetime) -> Iterator[dict[str, Any]]:
    for swap, seq in itertools.product(swaps, range(1, MESSAGES_EACH + 1)):
        sender, receiver = swap.participants if seq % 2 else swap.participants[::-1]
        yield {
            "swap_id": ObjectId(swap.id),
            "seq": seq,
            "from_user_id": ObjectId(sender),
            "to_user_id": ObjectId(receiver),
            "message": " ".join(rng.choices(WORDS, k=rng.randint(1, 4))),
            "client_id": f"{swap.id}-{seq}",
            "via": "web",
            "created_at": at + timedelta(minutes=seq),
        }


def _token(user: User) -> str:
    return SessionTokens([SECRET]).issue(user.id, name=user.name, email=None, picture=None, now=datetime.now(UTC))


async def ask_all(web: aiohttp.ClientSession, askers: Sequence[Asker], call_of: Callable[[Asker], Call]) -> list[float]:
    """Let each ask once, over all connections. Returns the milliseconds of each, ascending."""
    took: list[float] = []
    left = iter(askers)

    async def ask() -> None:
        for asker in left:
            method, path, body = call_of(asker)
            began = time.perf_counter()
            async with web.request(method, path, json=body, headers=asker.headers) as reply:
                await reply.read()
                if reply.status >= 400:
                    raise SystemExit(f"{method} {path} answers {reply.status}")
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return sorted(took)


async def _measure(service: Service, database: psutil.Process, askers: Sequence[Asker], rounds: int) -> None:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(service.url, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as web:
        few = len(askers) // (rounds + 1)
        await ask_all(web, askers[:few], ROUTES[ONCE])
        for name, call_of in ROUTES.items():
            rows = []
            for number in range(rounds):
                some = askers[few * (number + 1) : few * (number + 2)] if name == ONCE else askers
                before = service.cpu_seconds(), _cpu(database)
                took = await ask_all(web, some, call_of)
                each = 1000 / len(some)
                used = (service.cpu_seconds() - before[0]) * each, (_cpu(database) - before[1]) * each
                rows.append((*used, took[len(took) // 2], took[int(len(took) * 0.95)]))
            print(
                f"  {name:36}" + "".join(f"{statistics.median(row):9.2f}" for row in zip(*rows, strict=True)),
                flush=True,
            )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def measure(folder: Path, sizes: Sequence[int], askers: int, rounds: int) -> None:
    for size in sizes:
        place = folder / f"people-{size}"
        async with community(place, size) as deps:
            progress("")
            (database,) = (found for found in psutil.Process().children() if found.name() == "mongod")
            drawn = await fill_swaps(deps, askers)
            env = {"DATA_DIR": str(place), "NEXTAUTH_SECRET": SECRET, "LOG_LEVEL": "ERROR"}
            async with running_service(env, role="api") as service:  # a guest of the database of this process
                load = os.getloadavg()[0]
                print(f"\n{size:,} people, {askers} of whom ask, medians of {rounds} rounds, load average {load:.1f}")
                print(f"  {'':36}{'CPU ms':>9}{'database':>9}{'p50 ms':>9}{'p95 ms':>9}")
                await _measure(service, database, drawn, rounds)
                print(f"  memory of the process: {service.memory_mb():.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--askers", type=int, default=400, help="people who ask, each once a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the databases there for another run")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="skillswap-bench-"))
    try:
        sizes = [int(size) for size in options.sizes.split(",")]
        asyncio.run(measure(folder, sizes, options.askers, options.rounds))
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
