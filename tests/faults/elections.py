"""Three nodes: the primary is killed, stands still, and loses its majority, while people talk.

The control runs the same service with `w=1`: its primary dies before it has copied what it acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.faults.cluster import Cluster, open_cluster
from tests.faults.kills import longest_silence, percentile
from tests.faults.ledger import judge
from tests.faults.rows import Row
from tests.faults.servers import Node, ReplicaSet, pause, replica_set, resume
from tests.faults.traffic import Traffic

ANSWER_LIMIT = 10.0
KILL_STALL, PAUSE_STALL = 3.5, 7.0
PAUSED_SECONDS = 25.0
WITHOUT_MAJORITY_SECONDS = 12.0
FAULT_AT = 10.0
CALM_SECONDS = 8.0
"""After the last fault."""
HEARD_LIMIT = 3.0
"""Seconds, p99: three databases, the service and a hundred clients share this machine's cores."""
TROUBLED_LIMIT = 15.0
"""The longest pause, and what a client needs to try again."""
ALONE_SECONDS = 1.5
"""A primary steps down two seconds after it has lost the others."""


async def run(
    *, seed: int, kills: int = 4, controls: int = 2, people: int = 50, swaps: int = 200, rate: float = 40.0
) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-elections-") as name:
        folder = Path(name)
        async with replica_set(folder / "set", 3) as servers:
            async with open_cluster(folder / "town", servers.uri(), people=people, swaps=swaps, seed=seed) as cluster:
                await cluster.start()
                await cluster.greet()
                traffic = Traffic(cluster, seed)
                await traffic.open()
                try:
                    rows = await _under_load(cluster, traffic, servers, kills, rate)
                finally:
                    await traffic.close()
            lost = [await control(folder, servers, seed + number) for number in range(controls)]
    fewest = min(lost, default=0)
    rows.append(Row("1", "control: w=1 loses some", f"lost {lost} acknowledged in {controls} kills", fewest > 0))
    return rows


async def _under_load(cluster: Cluster, traffic: Traffic, servers: ReplicaSet, kills: int, rate: float) -> list[Row]:
    talking = asyncio.create_task(traffic.talk(10_000, rate))
    await asyncio.sleep(FAULT_AT)
    killed, faults = [], []
    for number in range(kills):
        began = time.perf_counter()
        killed.append(await _kill_primary(traffic, servers))
        faults.append((began, time.perf_counter()))
        print(f"  elections: kill {number + 1} of {kills}, {killed[-1]:.1f} s without an answer", flush=True)
    began = time.perf_counter()
    paused = await _pause_primary(traffic, servers)
    faults.append((began, time.perf_counter()))
    await asyncio.sleep(CALM_SECONDS)
    print(f"  elections: a primary stood still, {paused:.1f} s without an answer", flush=True)
    talking.cancel()
    calm, troubled = _lags(traffic, faults)
    asked = await _without_majority(cluster, servers)
    await traffic.settle()
    verdict = await judge(traffic)
    for example in verdict.examples[:10]:
        print(f"  elections: {example}", flush=True)
    problems = {code: count for code, count in traffic.errors.items() if code.startswith("5") and code != "503"}
    stalls = f"killed {max(killed):.1f} s of {KILL_STALL}, standing still {paused:.1f} s of {PAUSE_STALL}"
    is_short = max(killed) <= KILL_STALL and paused <= PAUSE_STALL
    return [
        Row(
            "1",
            "acknowledged is never lost (three nodes)",
            f"{verdict.lost} of {verdict.acknowledged} lost over {kills} killed primaries and one that stood still",
            verdict.lost == 0 and verdict.untold == 0 and verdict.acknowledged > 0,
            kills={"primary": kills},
            lost=verdict.lost,
        ),
        Row("2", "write stall, primary lost (three nodes)", f"{stalls}; refused: {dict(traffic.errors) or 'nothing'}",
            is_short and not problems),
        Row(
            "4",
            "one order without gaps (three nodes)",
            f"{verdict.gaps} gaps, {verdict.inversions} inversions, {verdict.twice} twice",
            not (verdict.gaps or verdict.inversions or verdict.twice),
        ),
        Row(
            "11",
            "sockets are fed across a failover",
            f"{verdict.unheard} not heard, {sum(caller.repeats for caller in traffic.callers.values())} twice, "
            f"from sending to hearing {percentile(calm, 0.5) * 1000:.0f} ms, p99 {percentile(calm, 0.99):.2f} s of "
            f"{HEARD_LIMIT:.0f}; between the first fault and the last {percentile(troubled, 0.5) * 1000:.0f} ms,"
            f" at most {max(troubled, default=0.0):.1f} s of {TROUBLED_LIMIT:.0f}",
            verdict.unheard == 0 and percentile(calm, 0.99) <= HEARD_LIMIT and max(troubled) <= TROUBLED_LIMIT,
        ),
        Row(
            "12",
            "without a majority answers are bounded",
            f"slowest {max(seconds for seconds, _ in asked):.1f} s of {ANSWER_LIMIT:.0f}, "
            f"statuses {sorted({status for _, status in asked})}, back by itself: {await _is_back(cluster)}",
            all(seconds <= ANSWER_LIMIT for seconds, _ in asked) and any(status == 503 for _, status in asked),
        ),
    ]  # fmt: skip


def _lags(traffic: Traffic, faults: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Seconds from sending to hearing: of what was said while nothing was wrong, and around a fault."""
    calm: list[float] = []
    troubled: list[float] = []
    for caller in traffic.callers.values():
        for said, lag in caller.lags:
            (troubled if any(began <= said <= ended for began, ended in faults) else calm).append(lag)
    return calm, troubled


async def _kill_primary(traffic: Traffic, servers: ReplicaSet) -> float:
    """Returns the longest time without an acknowledgement; the killed node is back afterwards."""
    primary = await servers.primary()
    began = time.perf_counter()
    await asyncio.to_thread(primary.kill)
    await servers.primary(besides=primary)
    await asyncio.sleep(3.0)
    stall = longest_silence(traffic, began - 0.2, time.perf_counter())
    primary.start()
    await servers.until_whole()
    await asyncio.sleep(1.0)
    return stall


async def _pause_primary(traffic: Traffic, servers: ReplicaSet) -> float:
    primary = await servers.primary()
    began = time.perf_counter()
    pause(primary)
    try:
        await asyncio.sleep(PAUSED_SECONDS)
        return longest_silence(traffic, began - 0.2, time.perf_counter())
    finally:
        resume(primary)
        await servers.until_whole()
        await asyncio.sleep(2.0)


async def _without_majority(cluster: Cluster, servers: ReplicaSet) -> list[tuple[float, int]]:
    """Two of three stand still: (seconds, status) of what is asked meanwhile; 0 is no answer at all."""
    standing = [node for node in servers.nodes if node is not await servers.primary()]
    asked: list[tuple[float, int]] = []
    rng = random.Random(1)

    async def ask(web: aiohttp.ClientSession, method: str, path: str, **body: object) -> None:
        began = time.perf_counter()
        status = 0
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            user = rng.choice(cluster.web)
            async with web.request(method, path, headers=cluster.headers(user), **body) as reply:  # type: ignore[arg-type]
                status = reply.status
                await reply.read()
        asked.append((time.perf_counter() - began, status))

    for node in standing:
        pause(node)
    try:
        async with aiohttp.ClientSession(cluster.url, timeout=aiohttp.ClientTimeout(total=2 * ANSWER_LIMIT)) as web:
            tasks = []
            deadline = time.monotonic() + WITHOUT_MAJORITY_SECONDS
            while time.monotonic() < deadline:
                swap = rng.choice(cluster.swaps)
                said = {"swap_id": swap.id, "message": "are you there"}
                tasks += [
                    asyncio.create_task(ask(web, "GET", "/api/user")),
                    asyncio.create_task(ask(web, "GET", "/api/swap")),
                    asyncio.create_task(ask(web, "POST", "/api/chat", json=said)),
                ]
                await asyncio.sleep(1.0)
            await asyncio.gather(*tasks)
    finally:
        for node in standing:
            resume(node)
        await servers.until_whole()
    return asked


async def _is_back(cluster: Cluster) -> bool:
    deadline = time.monotonic() + 30
    async with aiohttp.ClientSession(cluster.url) as web:
        while time.monotonic() < deadline:
            async with web.get("/readyz") as reply:
                if reply.status == 200:
                    return True
            await asyncio.sleep(0.2)
    return False


async def control(folder: Path, servers: ReplicaSet, seed: int) -> int:
    """How many acknowledged words `w=1` loses when the primary dies before the others have copied them."""
    uri = servers.uri(f"control{seed}", w="1", journal="false")
    async with open_cluster(folder / f"control{seed}", uri, people=6, swaps=12, seed=seed) as cluster:
        await cluster.start()
        await cluster.greet()
        traffic = Traffic(cluster, seed)
        await traffic.open()
        try:
            await traffic.talk(2.0, 10.0)
            primary = await servers.primary()
            others = [node for node in servers.nodes if node is not primary]
            await _cut_off(primary, others, traffic)
            await servers.until_whole()
            await asyncio.sleep(2.0)
            return (await judge(traffic)).lost
        finally:
            await traffic.close()


async def _cut_off(primary: Node, others: list[Node], traffic: Traffic) -> None:
    """The others are gone while the primary goes on acknowledging; then it dies, and they go on without it.

    Standing still would not do: what is sent to a process that stands still waits in its sockets.
    """
    for node in others:
        await asyncio.to_thread(node.kill)
    await traffic.talk(ALONE_SECONDS, 20.0)
    await asyncio.to_thread(primary.kill)
    for node in others:
        node.start()
    await asyncio.sleep(1.0)
    while not any([(await asyncio.to_thread(node.hello)).get("isWritablePrimary") for node in others]):
        await asyncio.sleep(0.2)
    primary.start()
