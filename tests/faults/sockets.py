"""Ten thousand signed-in sockets: their cost, and their return after the service is killed.

Run alone: `python -m tests.faults.sockets [--sockets 10000] [--seconds 60]`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from domain.users import User
from handlers.auth.session_tokens import SessionTokens
from skillswap.bootstrap import open_deps
from skillswap.loopback import free_port
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.bench.fixture import fill
from tests.faults.load import Load, Seen
from tests.faults.rows import Row, show
from tests.service import Service, start_service

SECRET = "a secret for the fault suite only, of 32 bytes and more"
SOCKETS = 10_000
PROCESSES = 4
"""Processes that hold the sockets."""
ARRIVE_SECONDS = 30.0
GIVE_UP_SECONDS = 180.0

MAX_MEMORY_MB = 450
MAX_CPU = 25  # percent of a core
MAX_STORM_SECONDS = 40.0
MAX_JOIN_SECONDS = 3.0
MAX_STOP_SECONDS = 30.0


@contextlib.asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[tuple[dict[str, str], list[User]]]:
    """Start a database with two thousand users; yield the settings of a service on it, and the users."""
    mongo = await EmbeddedMongo.start(folder)
    try:
        settings = Settings.load(env_file=None, data_dir=folder, mongodb_uri=mongo.uri, nextauth_secret=SECRET)
        database = await Database.open(mongo.uri)
        fixture = await fill(await open_deps(settings, database, worker="faults"))
        await database.close()
        yield (
            {"DATA_DIR": str(folder), "MONGODB_URI": mongo.uri, "NEXTAUTH_SECRET": SECRET},
            fixture.people,
        )
    finally:
        await mongo.stop()


def tokens_of(people: list[User]) -> list[str]:
    sessions, now = SessionTokens([SECRET]), datetime.now(UTC)
    return [sessions.issue(user.id, name=user.name, email=None, picture=None, now=now) for user in people]


async def run(*, sockets: int = SOCKETS, seconds: float = 60.0) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-sockets-") as name:
        async with cluster(Path(name)) as (env, people):
            port = free_port()
            service = await start_service(env, role="api", port=port)
            loads: list[Load] = []
            try:
                loads = await _gather(port, tokens_of(people), sockets)
                rows = await _idle(service, loads, sockets, seconds)
                await service.kill()
                service = await start_service(env, role="api", port=port)
                rows += await _storm(service, loads, sockets)
                return [*rows, await _stop(service)]
            finally:
                await asyncio.gather(*(load.stop() for load in loads))
                if service.child.returncode is None:
                    await service.kill()


async def _gather(port: int, tokens: list[str], sockets: int) -> list[Load]:
    share = sockets // PROCESSES
    return [
        await Load.start(port, tokens[number::PROCESSES], count=share, rate=share / ARRIVE_SECONDS, number=number + 1)
        for number in range(PROCESSES)
    ]


async def _until_connected(loads: list[Load], sockets: int) -> Seen:
    """Wait until all sockets are connected; return the events meanwhile."""
    seen = Seen()
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        await _ask(loads, seen)
        if seen.inside >= sockets:
            break
        await asyncio.sleep(0.5)
    return seen


async def _ask(loads: list[Load], seen: Seen) -> None:
    answers = await asyncio.gather(*(load.ask() for load in loads))
    seen.inside = sum(each.inside for each in answers)
    for each in answers:
        seen.joined += each.joined
        seen.ended += each.ended


async def _idle(service: Service, loads: list[Load], sockets: int, seconds: float) -> list[Row]:
    at_first = await _until_connected(loads, sockets)
    await asyncio.sleep(5)  # work left from connecting
    before, started = service.cpu_seconds(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu = 100 * (service.cpu_seconds() - before) / (time.monotonic() - started)
    seen = Seen()
    await _ask(loads, seen)
    memory, lost = service.memory_mb(), sum(seen.ended.values())
    return [
        Row("16", f"{sockets} signed-in sockets are held", f"{seen.inside}", seen.inside == sockets),
        Row("16", f"none is dropped in {seconds:.0f} s", f"{lost} {_listed(seen.ended)}", lost == 0),
        Row("16", f"memory of the process ≤ {MAX_MEMORY_MB} MB", f"{memory:.0f} MB", memory <= MAX_MEMORY_MB),
        Row("16", f"CPU of the process ≤ {MAX_CPU}% of a core", f"{cpu:.1f}%", cpu <= MAX_CPU),
        Row("16", "first sign-in: p99", f"{p99(at_first.joined):.2f} s {_listed(at_first.ended)}", True),
    ]


async def _storm(service: Service, loads: list[Load], sockets: int) -> list[Row]:
    started, cpu = time.monotonic(), service.cpu_seconds()
    seen = await _until_connected(loads, sockets)
    took, slowest = time.monotonic() - started, p99(seen.joined)
    refused = sum(number for reason, number in seen.ended.items() if reason[:1] == "5")
    cpu = service.cpu_seconds() - cpu
    all_in = seen.inside >= sockets and took <= MAX_STORM_SECONDS
    return [
        Row(
            "17", f"after kill -9 all are back in ≤ {MAX_STORM_SECONDS:.0f} s", f"{took:.1f} s, {cpu:.1f} s CPU", all_in
        ),
        Row("17", f"p99 of a sign-in ≤ {MAX_JOIN_SECONDS:.0f} s", f"{slowest:.2f} s", slowest <= MAX_JOIN_SECONDS),
        Row("17", "no answer 5xx", f"{refused} {_listed(seen.ended)}", refused == 0),
    ]


async def _stop(service: Service) -> Row:
    """Stop the service with SIGTERM while all sockets are open."""
    started = time.monotonic()
    try:
        code: int | None = await service.stop()
    except TimeoutError:
        code = None
    took = time.monotonic() - started
    is_good = code == 0 and took <= MAX_STOP_SECONDS
    return Row(
        "18",
        f"SIGTERM with all sockets open ends the process in ≤ {MAX_STOP_SECONDS:.0f} s",
        f"{took:.1f} s, {code}",
        is_good,
    )


def _listed(ended: Counter[str]) -> str:
    return ", ".join(f"{reason}: {number}" for reason, number in ended.most_common())


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)] if values else float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sockets", description=__doc__)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--seconds", type=float, default=60.0, help="duration of the idle measurement")
    options = parser.parse_args()
    show(asyncio.run(run(sockets=options.sockets, seconds=options.seconds)))


if __name__ == "__main__":
    main()
