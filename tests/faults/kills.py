"""More than twenty kills under load on one node: at each crash point, at random moments, and of mongod."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.mongodb.embedded import EmbeddedMongo
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.ledger import Verdict, broken_limits, judge
from tests.faults.rows import Row
from tests.faults.traffic import Traffic
from tests.service import Service

UNDER_LOAD = ("K1", "K2", "K3", "K4")
POINT_WITHIN = 6.0
"""Seconds; a crash point not reached by then is replaced by a kill at that moment."""
STEADY_SECONDS = 3.0
IN_FLIGHT = 8
"""Deliveries that the notifier sends concurrently: this many may arrive twice for each crash."""


@dataclass(frozen=True)
class Stall:
    """A time without the database, and the longest time without an acknowledgement in it, in seconds."""

    began: float
    ended: float
    silence: float

    def touches(self, since: float, seconds: float) -> bool:
        return since <= self.ended and since + seconds >= self.began


async def run(
    *,
    seed: int,
    rounds: int = 5,
    people: int = 50,
    swaps: int = 200,
    rate: float = 40.0,
    points: Sequence[str] = UNDER_LOAD,
    patience: float = 1.0,
) -> list[Row]:
    """Kill the service at each point under load, then mongod, `rounds` times. One service process runs at a time.

    `patience` multiplies the time limits, for a busy machine.
    """
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="skillswap-kills-") as name:
        folder = Path(name)
        mongo = await EmbeddedMongo.start(folder / "db", notify=lambda _: None)
        try:
            async with open_cluster(folder / "cluster", mongo.uri, people=people, swaps=swaps, seed=seed) as cluster:
                first = await cluster.start()
                await cluster.open_chats()
                traffic = Traffic(cluster, seed)
                await traffic.open()
                try:
                    return await _kill_and_judge(cluster, traffic, mongo, first, rng, rounds, rate, points, patience)
                finally:
                    await traffic.close()
        finally:
            await mongo.stop()


async def _kill_and_judge(
    cluster: Cluster,
    traffic: Traffic,
    mongo: EmbeddedMongo,
    first: Service,
    rng: random.Random,
    rounds: int,
    rate: float,
    points: Sequence[str],
    patience: float,
) -> list[Row]:
    talking = asyncio.create_task(traffic.talk(10_000, rate))
    waves = asyncio.create_task(_lose_connections(traffic, rng))
    deaths: list[str] = []
    stalls: list[Stall] = []
    await asyncio.sleep(STEADY_SECONDS)
    await first.kill()
    deaths.append("any")
    for number in range(rounds):
        for point in rng.sample(list(points), len(points)):
            deaths.append(await run_until_crash(cluster, point, rng.randint(1, 15)))
        print(f"  kills: {len(deaths)} deaths, {len(traffic.messages)} messages sent", flush=True)
        last = await cluster.start()
        await asyncio.sleep(STEADY_SECONDS)
        stalls.append(await _kill_database(traffic, mongo))
        deaths.append("mongod")
        if number < rounds - 1:
            await last.kill()
            deaths.append("any")
    talking.cancel()
    waves.cancel()
    settled = await traffic.settle()
    verdict = await judge(traffic)
    return _rows(traffic, verdict, deaths, stalls, settled, patience)


async def run_until_crash(cluster: Cluster, point: str, number: int, **env: str) -> str:
    """Start a process that dies at the point; return the point, or "any" when it was not reached and the process was
    killed."""
    try:
        service = await cluster.start(KILL_AT=f"{point}:{number}", **env)
    except RuntimeError as error:  # the point was reached before the process was ready
        if "ended with -9" not in str(error):
            raise
        return point
    try:
        await asyncio.wait_for(service.child.wait(), POINT_WITHIN)
    except TimeoutError:
        await service.kill()
        return "any"
    return point


async def _lose_connections(traffic: Traffic, rng: random.Random) -> None:
    """Abort a random connection several times a second."""
    while True:
        await asyncio.sleep(0.3)
        rng.choice(list(traffic.callers.values())).drop()


async def _kill_database(traffic: Traffic, mongo: EmbeddedMongo) -> Stall:
    assert mongo.mongod_pid is not None
    began = time.perf_counter()
    os.kill(mongo.mongod_pid, signal.SIGKILL)
    deadline = began + 30
    while time.perf_counter() < deadline:
        await asyncio.sleep(0.1)
        if any(message.answered > began + 0.5 for message in traffic.messages[-400:]):
            break
    await asyncio.sleep(1.0)
    ended = time.perf_counter()
    return Stall(began, ended, longest_silence(traffic, began - 0.5, ended))


def longest_silence(traffic: Traffic, since: float, until: float) -> float:
    answers = sorted(message.answered for message in traffic.messages if since < message.answered < until)
    moments = [since, *answers, until]
    return max(after - before for before, after in itertools.pairwise(moments))


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _rows(
    traffic: Traffic, verdict: Verdict, deaths: list[str], stalls: list[Stall], settled: float, patience: float
) -> list[Row]:
    kinds = ", ".join(f"{deaths.count(kind)} {kind}" for kind in (*UNDER_LOAD, "any", "mongod"))
    crashes = len(deaths) - deaths.count("mongod")
    retried = sum(message.tries > 1 for message in traffic.messages)
    syncs = [sync for caller in traffic.callers.values() for sync in caller.syncs]
    stalled = [seconds for at, seconds in syncs if any(stall.touches(at, seconds) for stall in stalls)]
    caught_up = [seconds for at, seconds in syncs if not any(stall.touches(at, seconds) for stall in stalls)]
    silence = max(stall.silence for stall in stalls)
    repeats = sum(caller.repeats for caller in traffic.callers.values())
    everywhere, in_chat = broken_limits(traffic)
    in_telegram = sum(message.is_from_telegram for message in traffic.messages)
    for example in verdict.examples[:10]:
        print(f"  kills: {example}", flush=True)
    return [
        Row(
            "1",
            "acknowledged messages are never lost (one node)",
            f"{verdict.lost} of {verdict.acknowledged} lost over {len(deaths)} deaths ({kinds})",
            verdict.lost == 0 and verdict.unacknowledged == 0 and verdict.acknowledged > 0,
            kills=dict(Counter(deaths)),
            lost=verdict.lost,
        ),
        Row(
            "2",
            "write stall, mongod killed (one node)",
            f"at most {silence:.1f} s of 8 s, {len(stalls)} kills",
            silence <= 8.0 * patience,
        ),
        Row(
            "3",
            "a retried message is stored once",
            f"{retried} messages retried, {verdict.twice} stored twice, {verdict.moved} answered differently",
            verdict.twice == 0 and verdict.moved == 0,
        ),
        Row(
            "4",
            "one order without gaps",
            f"{verdict.gaps} gaps in {len(traffic.cluster.swaps)} swaps, {verdict.inversions} inversions on sockets",
            verdict.gaps == 0 and verdict.inversions == 0,
        ),
        Row(
            "5",
            "a reconnecting client gets everything it missed",
            f"{verdict.unreceived} missed, {len(caught_up)} connects, p99 {percentile(caught_up, 0.99):.2f} s of 2 s; "
            f"{len(stalled)} more while the database was down, at most {max(stalled, default=0.0):.1f} s; "
            f"{repeats} live repeats",
            verdict.unreceived == 0 and percentile(caught_up, 0.99) <= 2.0 * patience,
        ),
        Row(
            "6",
            "an update from Telegram acts once",
            f"{verdict.telegram_lost} of {in_telegram} lost, {verdict.telegram_refused} refused as too fast",
            verdict.telegram_lost == 0 and verdict.twice == 0,
        ),
        Row(
            "7",
            "messages reach Telegram at least once, in order",
            f"{verdict.telegram_unsent} missing, {verdict.telegram_disordered} chats out of order, "
            f"{verdict.telegram_twice} twice of {crashes * IN_FLIGHT} allowed, {verdict.dead} dead, "
            f"drained in {settled:.0f} s",
            not (verdict.telegram_unsent or verdict.telegram_disordered or verdict.dead)
            and verdict.telegram_twice <= crashes * IN_FLIGHT,
        ),
        Row(
            "8",
            "Telegram's limits are kept",
            f"{everywhere} seconds above 30 sends, {in_chat} bursts above 4 in a chat",
            everywhere == 0 and in_chat == 0,
        ),
    ]
