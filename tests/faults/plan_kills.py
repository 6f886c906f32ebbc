"""Kills while requests and sessions go through everything that time and people bring: at each crash point, after each
write that tells or marks a reminder, and at any moment.

Afterwards each swap has gone through its changes once and in order, and each reminder and each change is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from bson import ObjectId

from domain.users import User
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.kills import run_until_crash
from tests.faults.plan_cases import Case, cases
from tests.faults.rows import Row
from tests.faults.servers import replica_set

POINTS = ("K1", "K2", "K3", "K4", "K5", "K8", "K8", "K8")
"""Points that a swap passes. K6 and K7 lie inside uploads and sign-ins: `edge_cases` has them."""
SELDOM = ("K1", "K2", "K5")
"""Points that one press, message or edit of each pair passes; the others are passed by every delivery and change."""
MOST_PASSES = 9
PAIRS = 2
JOBS_EVERY = "1"
AGAIN_AFTER = 0.3
SETTLE_SECONDS = 120.0
LEASE_SECONDS = 40.0
"""Time for another process to take over the schedule, and to do what is due."""
REMINDED = ("suggested", "answered soon", "reminded", "asked")
CONFLICTS = (409, 412)


async def run(*, seed: int, rounds: int = 2) -> list[Row]:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="skillswap-plan-kills-") as name:
        folder = Path(name)
        async with replica_set(folder / "one", 1) as server:
            async with open_cluster(folder / "cluster", server.uri(), people=32, swaps=32, seed=seed) as cluster:
                return [await _kill_and_judge(cluster, rng, rounds)]


async def _kill_and_judge(cluster: Cluster, rng: random.Random, rounds: int) -> Row:
    await (await _started(cluster)).kill()
    everything: list[Case] = []
    deaths: Counter[str] = Counter()
    acts: list[asyncio.Task[None]] = []
    together = list(itertools.combinations(cluster.telegram, 2))
    pairs = iter(rng.sample(together, len(together)))  # each once: two counter-offers of one pair would be the same
    async with aiohttp.ClientSession() as web:
        for number in range(rounds):
            for turn, point in enumerate(rng.sample(POINTS, len(POINTS))):
                made = await insert_cases(cluster, pairs, f"{number}.{turn}")
                everything += made
                acts += [asyncio.create_task(_play(cluster, web, case)) for case in made]
                passes = rng.randint(1, PAIRS if point in SELDOM else MOST_PASSES)
                deaths[await run_until_crash(cluster, point, passes, JOBS_EVERY=JOBS_EVERY)] += 1
            print(f"  plan kills: {deaths.total()} deaths, {len(everything)} swaps", flush=True)
        await cluster.start(JOBS_EVERY=JOBS_EVERY)
        await asyncio.wait_for(asyncio.gather(*acts), SETTLE_SECONDS)
        broken = await settled_problems(cluster, everything)
    for line in broken[:10]:
        print(f"  plan kills: {line}", flush=True)
    kinds = ", ".join(f"{count} {point}" for point, count in sorted(deaths.items()))
    figure = (
        f"{len(everything)} swaps over {deaths.total()} deaths ({kinds}), {len(broken)} lost, crossed or told twice"
    )
    return Row("34", "reminders and changes of swaps happen once, and are told once", figure, not broken)


async def _started(cluster: Cluster) -> Any:
    """Start the service for the first time, so that everybody in Telegram has a chat with the bot."""
    service = await cluster.start()
    await cluster.open_chats()
    return service


async def insert_cases(cluster: Cluster, pairs: Iterator[tuple[User, User]], mark: str) -> list[Case]:
    """Store a swap of each kind for some pairs."""
    now = datetime.now(UTC)
    some = itertools.islice(pairs, PAIRS)
    made = [case for number, pair in enumerate(some) for case in cases(*pair, now, f"{mark}.{number}")]
    await cluster.deps.store.database.collection("swaps").insert_many([case.document() for case in made])
    return made


async def _play(cluster: Cluster, web: aiohttp.ClientSession, case: Case) -> None:
    """Let the two do what they do in this swap, one after the other, each again until there is an answer."""
    people = {user.id: user for user in cluster.telegram}
    if case.kind == "answered in Telegram":
        await _press(cluster, people[case.swap.to_user_id], case.swap.id)
    for user, method, path, body in case.plays:
        await _send(cluster, web, user, method, path, body)


async def _send(
    cluster: Cluster, web: aiohttp.ClientSession, user: User, method: str, path: str, body: dict[str, Any]
) -> None:
    """Send a change until it is answered; that the version has gone by says that it was made before a crash."""
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with web.request(method, cluster.url + path, json=body, headers=cluster.headers(user)) as reply:
                if reply.status < 300 or reply.status in CONFLICTS:
                    return
                assert reply.status in (429, 503), (reply.status, await reply.text())
        await asyncio.sleep(AGAIN_AFTER)


async def _press(cluster: Cluster, user: User, swap_id: str) -> None:
    """Press "Accept" under the card of a request once it has come."""
    assert user.telegram_id is not None
    while True:
        for message in cluster.sandbox.chat(user.telegram_id):
            for button in message.buttons if message.from_bot else ():
                if button.data and swap_id in button.data and button.data.rpartition(":")[2] == "accept":
                    await cluster.sandbox.press(user.telegram_id, message.id, button.data)
                    return
        await asyncio.sleep(AGAIN_AFTER)


async def telling_and_mark(cluster: Cluster, mutant: str) -> str:
    """A process that dies after the first write of its sweep has told no reminder that is told again."""
    made = [case for case in cases(*cluster.telegram[:2], datetime.now(UTC), "mark") if case.kind in REMINDED]
    swaps = cluster.deps.store.database.collection("swaps")
    await swaps.insert_many([case.document() for case in made])
    await run_until_crash(cluster, "K8", 1, MUTANT=mutant, JOBS_EVERY=JOBS_EVERY)
    await cluster.start(MUTANT=mutant, JOBS_EVERY=JOBS_EVERY)
    deadline = time.monotonic() + LEASE_SECONDS
    ids = [ObjectId(case.swap.id) for case in made]
    while time.monotonic() < deadline:
        if not await cluster.deps.store.swap_steps.due(datetime.now(UTC), limit=1):
            break
        await asyncio.sleep(AGAIN_AFTER)
    docs = [doc async for doc in swaps.find({"_id": {"$in": ids}})]
    told, due = sum(len(doc.get("outbox", ())) for doc in docs), sum(len(case.told) for case in made)
    return f"{due} reminders were told {told} times" if told != due else ""


async def settled_problems(cluster: Cluster, made: Sequence[Case]) -> list[str]:
    """Return what is wrong with these swaps once nothing is left to be done; or after SETTLE_SECONDS."""
    swaps = cluster.deps.store.database.collection("swaps")
    ids = [ObjectId(case.swap.id) for case in made]
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        docs = {str(doc["_id"]): doc async for doc in swaps.find({"_id": {"$in": ids}})}
        problems = [problem for case in made for problem in case.problems(docs[case.swap.id])]
        problems += await _wrongly_said(cluster, made)
        if not problems or time.monotonic() > deadline:
            return problems
        await asyncio.sleep(1.0)


async def _wrongly_said(cluster: Cluster, made: Sequence[Case]) -> list[str]:
    """Return the swaps in whose chat the one message is missing, is there twice, or was not edited."""
    talking = [ObjectId(case.swap.id) for case in made if case.kind == "planned"]
    messages = cluster.deps.store.database.collection("messages")
    said: dict[ObjectId, list[str]] = {swap_id: [] for swap_id in talking}
    async for doc in messages.find({"swap_id": {"$in": talking}}):
        said[doc["swap_id"]].append(doc["message"])
    return [f"planned: {texts} said" for texts in said.values() if texts != ["Thursday?"]]
