"""`make bench-pages`: the processor time that the server takes for the list of swaps and the deck, beside the JSON
routes that a front end of its own would ask for the same; and how long the list of 500 swaps takes.

python -m tests.bench.pages [--rounds 30]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.users import User
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.api.conftest import COOKIE, Web, open_web
from tests.factories import build_deps, insert_swap, insert_user

FEW, MANY = 12, 500
"""Swaps of the reader in the two cases."""
WARM_UP = 3
PYTHON = {"skills_offered": ("Python",), "skills_wanted": ("Guitar",)}
GUITAR = {"skills_offered": ("Guitar",), "skills_wanted": ("Python",)}
DECK_PEOPLE = 60


def _ask(url: str, token: str, paths: Sequence[str], rounds: int) -> tuple[float, list[float]]:
    """Ask for the paths one after another. Return the processor time of this thread, and the seconds of each round."""
    began, took = time.thread_time(), []
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    for _ in range(rounds):
        start = time.perf_counter()
        for path in paths:
            connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}", "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path} answers {answer.status}")
        took.append(time.perf_counter() - start)
    connection.close()
    return time.thread_time() - began, took


async def _measure(web: Web, token: str, paths: Sequence[str], rounds: int) -> tuple[float, float]:
    """Return the milliseconds that a round takes: of processor time of the server, and by the clock (median)."""
    await asyncio.to_thread(_ask, web.url, token, paths, WARM_UP)
    before = time.process_time()
    own, took = await asyncio.to_thread(_ask, web.url, token, paths, rounds)
    return (time.process_time() - before - own) / rounds * 1000, statistics.median(took) * 1000


async def _fill(deps: Deps, name: str, swaps: int) -> tuple[User, str]:
    """Insert a reader with so many swaps, every third one running; returns them and the id of the last."""
    reader = await insert_user(deps, name, **GUITAR)
    last = ""
    for number in range(swaps):
        asker = await insert_user(deps, f"Person {number}", **PYTHON)
        swap = await insert_swap(deps, asker, reader, status="pending" if number % 3 else "accepted", message="Hello!")
        last = swap.id
    return reader, last


def _cases(swap_id: str) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    listed = ("/api/waiting", "/api/swap?limit=100", "/api/swap/sessions", "/api/quota", "/api/badges")
    return {
        "list of swaps": ("/swaps", (*listed, f"/api/swap/{swap_id}")),
        "one swap": (f"/swaps/{swap_id}", (*listed, f"/api/swap/{swap_id}")),
        "deck": ("/discover", ("/api/matches", "/api/badges")),
    }


async def measure(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="skillswap-pages-") as folder:
        mongo = await EmbeddedMongo.start(Path(folder))
        try:
            database = await Database.open(mongo.uri)
            deps = await build_deps(database)
            for number in range(DECK_PEOPLE):
                await insert_user(deps, f"Teacher {number}", **PYTHON)
            readers = {count: await _fill(deps, f"Reader {count}", count) for count in (FEW, MANY)}
            async with open_web(deps) as web:
                print(f"{'':34}{'CPU ms':>8}{'JSON':>8}{'ratio':>7}{'median ms':>11}")
                for count, (reader, swap_id) in readers.items():
                    token = issue_session(deps, reader)
                    for name, (page, routes) in _cases(swap_id).items():
                        cpu, median = await _measure(web, token, (page,), rounds)
                        json, _ = await _measure(web, token, routes, rounds)
                        label = f"{name}, {count} swaps"
                        print(f"{label:34}{cpu:8.1f}{json:8.1f}{cpu / json:7.2f}{median:11.1f}")
            await database.close()
        finally:
            await mongo.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    asyncio.run(measure(parser.parse_args().rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
