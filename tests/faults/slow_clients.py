"""Five hundred slow or malformed clients beside well-behaved ones.

Silent connections, partial headers, headers sent byte by byte, partial bodies, a partial second request, sockets that
never sign in, sockets that send and do not read, unread responses, oversized frames, and data that is not HTTP. Closed
clients reconnect. Run alone: `python -m tests.faults.slow_clients [--clients 500] [--seconds 20]`.
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
"""Number of well-behaved clients, which read their profile and swaps in turn."""
PAUSE = 0.05
ROUNDS = 4
SETTLE_SECONDS = 2.0
"""Pause between a round with bad clients and one without."""
MAX_MEMORY_MB = 64
MAX_TIMES = 2.0
LEAST_SECONDS = 0.05
"""A p99 below this always passes."""
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
    await _ask(port, good, 2.0)  # warm-up
    calm: list[float] = []
    arriving: list[float] = []
    loaded: list[float] = []
    errors = 0
    memory = service.memory_mb()
    most = memory
    swarm = await Swarm.start(port, bad, clients)
    try:
        for _ in range(ROUNDS):  # alternating, as the load of the machine varies
            took, failed = await _ask(port, good, seconds / ROUNDS)
            calm += took
            errors += failed
            await swarm.attack()
            for seen, asked in ((arriving, RAMP_SECONDS), (loaded, seconds / ROUNDS)):
                took, failed = await _ask(port, good, asked)
                seen += took
                errors += failed
            most = max(most, service.memory_mb())
            await swarm.rest()
            await asyncio.sleep(SETTLE_SECONDS)
    finally:
        await swarm.stop()
    slow = await _slowest_close(port)
    before, during, more = p99(calm), p99(loaded), most - memory
    holds = during <= max(before * MAX_TIMES, LEAST_SECONDS)
    shown = (
        f"{before * 1000:.0f} ms → {during * 1000:.0f} ms, {len(calm)} and {len(loaded)} requests; "
        f"while they connect, in {RAMP_SECONDS:.0f} s, {p99(arriving) * 1000:.0f} ms"
    )
    return [
        Row("18", f"{clients} bad clients: p99 of others at most doubles", shown, holds),
        Row("18", f"{clients} bad clients: memory ≤ +{MAX_MEMORY_MB} MB", f"+{more:.0f} MB", more <= MAX_MEMORY_MB),
        Row("18", "no request of others fails meanwhile", f"{errors}", errors == 0),
        Row("18", f"each kind is closed within {MAX_CLOSE_SECONDS:.0f} s", f"{slow:.1f} s", slow <= MAX_CLOSE_SECONDS),
    ]


async def _ask(port: int, tokens: list[str], seconds: float) -> tuple[list[float], int]:
    """Return the seconds of each request of the well-behaved clients, and the number of failures."""
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
    """Return the longest time until the service closes a connection, over the kinds that wait for the client."""

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
    options = parser.parse_args()
    show(asyncio.run(run(clients=options.clients, seconds=options.seconds)))


if __name__ == "__main__":
    main()
