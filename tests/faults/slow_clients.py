"""Five hundred clients that do everything slowly or badly, beside people who only want to talk.

Silent connections, half heads, heads drop by drop, half bodies, half a head on a connection that was used, sockets that
never sign in, sockets that ask and do not read, answers that nobody takes, frames that are too large, and no HTTP at
all. Who is cut off comes back. Run alone: `python -m tests.faults.slow_clients [--clients 500] [--seconds 20]`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path

import aiohttp

from skillswap.loopback import free_port
from tests.faults.rows import Row, show
from tests.faults.sockets import cluster, p99, tokens_of
from tests.faults.swarm import RAMP_SECONDS, Attack, Swarm, drops, half_head, noise, once, silent, stranger, used
from tests.service import Service, start_service

CLIENTS = 500
SECONDS = 40.0
GOOD = 8
"""People who ask for their profile and their swaps, one request after the other."""
PAUSE = 0.05
ROUNDS = 4
SETTLE_SECONDS = 2.0
"""Between a round with bad clients and one without."""
MAX_MEMORY_MB = 64
MAX_TIMES = 2.0
LEAST_SECONDS = 0.05
"""A p99 below this is nobody's concern: twice nothing is nothing."""
MAX_CLOSE_SECONDS = 15.0


async def run(*, clients: int = CLIENTS, seconds: float = SECONDS) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-slow-") as name:
        async with cluster(Path(name)) as (env, people):
            port = free_port()
            service = await start_service(env, role="api", port=port)
            try:
                return await _compare(service, port, tokens_of(people[:600]), clients, seconds)
            finally:
                await service.kill()


async def _compare(service: Service, port: int, tokens: list[str], clients: int, seconds: float) -> list[Row]:
    good, bad = tokens[:GOOD], tokens[GOOD:]
    await _ask(port, good, 2.0)  # what is made at first use
    calm: list[float] = []
    coming: list[float] = []
    stormy: list[float] = []
    errors = 0
    memory = service.memory_mb()
    most = memory
    swarm = await Swarm.start(port, bad, clients)
    try:
        for _ in range(ROUNDS):  # in turn, because the machine has other work
            took, failed = await _ask(port, good, seconds / ROUNDS)
            calm += took
            errors += failed
            await swarm.attack()
            for seen, asked in ((coming, RAMP_SECONDS), (stormy, seconds / ROUNDS)):
                took, failed = await _ask(port, good, asked)
                seen += took
                errors += failed
            most = max(most, service.memory_mb())
            await swarm.rest()
            await asyncio.sleep(SETTLE_SECONDS)
    finally:
        await swarm.stop()
    slow = await _slowest_close(port)
    before, during, more = p99(calm), p99(stormy), most - memory
    holds = during <= max(before * MAX_TIMES, LEAST_SECONDS)
    shown = (
        f"{before * 1000:.0f} ms → {during * 1000:.0f} ms, {len(calm)} and {len(stormy)} requests; "
        f"while they come, in {RAMP_SECONDS:.0f} s, {p99(coming) * 1000:.0f} ms"
    )
    return [
        Row("18", f"{clients} bad clients: p99 of others at most doubles", shown, holds),
        Row("18", f"{clients} bad clients: memory ≤ +{MAX_MEMORY_MB} MB", f"+{more:.0f} MB", more <= MAX_MEMORY_MB),
        Row("18", "no request of others fails meanwhile", f"{errors}", errors == 0),
        Row("18", f"each kind is closed within {MAX_CLOSE_SECONDS:.0f} s", f"{slow:.1f} s", slow <= MAX_CLOSE_SECONDS),
    ]


async def _ask(port: int, tokens: list[str], seconds: float) -> tuple[list[float], int]:
    """How long each request of the good people took, and how many failed."""
    took: list[float] = []
    failed = 0
    end = time.monotonic() + seconds

    async def person(token: str) -> None:
        nonlocal failed
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
            headers = {"Authorization": f"Bearer {token}"}
            while time.monotonic() < end:
                started = time.perf_counter()
                path = random.choice(("/api/user", "/api/swap"))
                async with web.get(path, headers=headers) as answer:
                    await answer.read()
                    failed += answer.status != 200
                took.append(time.perf_counter() - started)
                await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))

    await asyncio.gather(*(person(token) for token in tokens))
    return took, failed


async def _slowest_close(port: int) -> float:
    """How long the kind that is borne longest is borne, of those that wait for a client to go on."""

    async def one(attack: Attack) -> float:
        started = time.monotonic()
        async with asyncio.timeout(60):
            await once(port, attack, "")
        return time.monotonic() - started

    return max(await asyncio.gather(*(one(attack) for attack in (silent, half_head, drops, used, stranger, noise))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.slow_clients", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the attack, and as long without")
    given = parser.parse_args()
    show(asyncio.run(run(clients=given.clients, seconds=given.seconds)))


if __name__ == "__main__":
    main()
