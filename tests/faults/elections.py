"""Three nodes under load: the primary is killed, hangs, and loses its majority.

The control runs the same service with `w=1`: its primary dies before it has replicated acknowledged writes.
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
"""Time without a fault after the last one."""
RECEIPT_LIMIT = 3.0
"""p99 in seconds; three databases, the service and a hundred clients share the cores of this machine."""
TROUBLED_LIMIT = 15.0
"""The longest pause plus the time of a client to retry."""
ALONE_SECONDS = 1.5
"""Shorter than the two seconds after which a primary without majority steps down."""


async def run(
    *, seed: int, kills: int = 4, controls: int = 2, people: int = 50, swaps: int = 200, rate: float = 40.0
) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-elections-") as name:
        folder = Path(name)
        async with replica_set(folder / "set", 3) as servers:
            async with open_cluster(folder / "data", servers.uri(), people=people, swaps=swaps, seed=seed) as cluster:
                await cluster.start()
                await cluster.open_chats()
                traffic = Traffic(cluster, seed)
                await traffic.open()
                try:
                    rows = await _under_load(cluster, traffic, servers, kills, rate)
                finally:
                    await traffic.close()
            lost = [await control(folder, servers, seed + number) for number in range(controls)]
    fewest = min(lost, default=0)
    rows.append(Row("1", "control: w=1 loses acknowledged messages", f"lost {lost} in {controls} kills", fewest > 0))
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
    print(f"  elections: a primary hung, {paused:.1f} s without an answer", flush=True)
    talking.cancel()
    calm, troubled = _lags(traffic, faults)
    asked = await _without_majority(cluster, servers)
    await traffic.settle()
    verdict = await judge(traffic)
    for example in verdict.examples[:10]:
        print(f"  elections: {example}", flush=True)
    problems = {code: count for code, count in traffic.errors.items() if code.startswith("5") and code != "503"}
    stalls = f"killed {max(killed):.1f} s of {KILL_STALL}, hung {paused:.1f} s of {PAUSE_STALL}"
    is_short = max(killed) <= KILL_STALL and paused <= PAUSE_STALL
    return [
        Row(
            "1",
            "acknowledged messages are never lost (three nodes)",
            f"{verdict.lost} of {verdict.acknowledged} lost over {kills} killed primaries and one that hung",
            verdict.lost == 0 and verdict.unacknowledged == 0 and verdict.acknowledged > 0,
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
            "sockets receive events across a failover",
            f"{verdict.unreceived} not received, {sum(caller.repeats for caller in traffic.callers.values())} twice, "
            f"from sending to receipt {percentile(calm, 0.5) * 1000:.0f} ms, p99 {percentile(calm, 0.99):.2f} s of "
            f"{RECEIPT_LIMIT:.0f}; between the first fault and the last {percentile(troubled, 0.5) * 1000:.0f} ms,"
            f" at most {max(troubled, default=0.0):.1f} s of {TROUBLED_LIMIT:.0f}",
            verdict.unreceived == 0 and percentile(calm, 0.99) <= RECEIPT_LIMIT and max(troubled) <= TROUBLED_LIMIT,
        ),
        Row(
            "12",
            "without a majority requests are answered in time",
            f"slowest {max(seconds for seconds, _ in asked):.1f} s of {ANSWER_LIMIT:.0f}, "
            f"statuses {sorted({status for _, status in asked})}, recovers by itself: {await _is_back(cluster)}",
            all(seconds <= ANSWER_LIMIT for seconds, _ in asked) and any(status == 503 for _, status in asked),
        ),
    ]  # fmt: skip


def _lags(traffic: Traffic, faults: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return seconds from sending to receipt: of messages sent without a fault, and around one."""
    calm: list[float] = []
    troubled: list[float] = []
    for caller in traffic.callers.values():
        for sent_at, lag in caller.lags:
            (troubled if any(began <= sent_at <= ended for began, ended in faults) else calm).append(lag)
    return calm, troubled


async def _kill_primary(traffic: Traffic, servers: ReplicaSet) -> float:
    """Kill the primary and restart it; return the longest time without an acknowledgement."""
    primary = await servers.primary()
    began = time.perf_counter()
    await asyncio.to_thread(primary.kill)
    await servers.primary(besides=primary)
    await asyncio.sleep(3.0)
    stall = longest_silence(traffic, began - 0.2, time.perf_counter())
    primary.start()
    await servers.wait_until_healthy()
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
        await servers.wait_until_healthy()
        await asyncio.sleep(2.0)


async def _without_majority(cluster: Cluster, servers: ReplicaSet) -> list[tuple[float, int]]:
    """Let two of three nodes hang; return (seconds, status) of requests meanwhile, with status 0 for no answer."""
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
                sent_at = {"swap_id": swap.id, "message": "are you there"}
                tasks += [
                    asyncio.create_task(ask(web, "GET", "/api/user")),
                    asyncio.create_task(ask(web, "GET", "/api/swap")),
                    asyncio.create_task(ask(web, "POST", "/api/chat", json=sent_at)),
                ]
                await asyncio.sleep(1.0)
            await asyncio.gather(*tasks)
    finally:
        for node in standing:
            resume(node)
        await servers.wait_until_healthy()
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
    """Return how many acknowledged messages `w=1` loses when the primary dies before replication."""
    uri = servers.uri(f"control{seed}", w="1", journal="false")
    async with open_cluster(folder / f"control{seed}", uri, people=6, swaps=12, seed=seed) as cluster:
        await cluster.start()
        await cluster.open_chats()
        traffic = Traffic(cluster, seed)
        await traffic.open()
        try:
            await traffic.talk(2.0, 10.0)
            primary = await servers.primary()
            others = [node for node in servers.nodes if node is not primary]
            await _cut_off(primary, others, traffic)
            await servers.wait_until_healthy()
            await asyncio.sleep(2.0)
            return (await judge(traffic)).lost
        finally:
            await traffic.close()


async def _cut_off(primary: Node, others: list[Node], traffic: Traffic) -> None:
    """Kill the secondaries while the primary acknowledges writes, then kill it and restart the others without it.

    Pausing the secondaries is not enough: data sent to a paused process waits in its sockets.
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
