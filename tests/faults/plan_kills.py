"""Kills while requests, sessions, circles, disputes and ratings go through everything that time and people bring: at
each crash point, after each write that tells or marks a reminder, and at any moment.

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

from domain.users import MODERATOR, User
from storage.reviews import REVIEW
from tests.faults.circle_cases import Trio, circle_cases
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.kills import run_until_crash
from tests.faults.outcome_cases import circle_rating_cases, outcome_cases, undecided_cases
from tests.faults.plan_cases import Case, cases
from tests.faults.rows import Row
from tests.faults.servers import replica_set

POINTS = ("K1", "K2", "K3", "K4", "K5", "K8", "K8", "K8", "K9")
"""Points that a swap passes. K6 and K7 lie inside uploads and sign-ins: `edge_cases` has them."""
MOST_PASSES = {"K1": 1, "K2": 1, "K5": 4, "K9": 4}
"""Points that presses, messages, edits and ratings pass; the others are passed by every delivery and change."""
USUAL_PASSES = 9
ALWAYS = ("answered in Telegram", "planned", "both rated")
"""Cases that pass the seldom points, in every turn; of the others half."""
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
    *people, moderator = cluster.telegram
    await cluster.deps.store.users.set_role(moderator.id, MODERATOR)
    together = list(itertools.combinations(people, 3))
    trios = iter(rng.sample(together, len(together)))
    async with aiohttp.ClientSession() as web:
        for number in range(rounds):
            for turn, point in enumerate(rng.sample(POINTS, len(POINTS))):
                every = list(all_cases(next(trios), moderator, datetime.now(UTC), f"{number}.{turn}"))
                made = [case for case in every if case.kind in ALWAYS] + rng.sample(every, len(every) // 2)
                made = list({case.swap.id: case for case in made}.values())
                await insert_cases(cluster, made)
                everything += made
                acts += [asyncio.create_task(_play(cluster, web, case)) for case in made]
                passes = rng.randint(1, MOST_PASSES.get(point, USUAL_PASSES))
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


def all_cases(people: Trio, moderator: User, now: datetime, mark: str) -> Iterator[Case]:
    """Yield a swap or circle of each kind; those of two change hands, so that nobody gets all the messages."""
    one, other, third = people
    yield from cases(one, other, now, mark)
    yield from outcome_cases(other, third, moderator, now, mark)
    yield from undecided_cases(third, one, now, mark)
    yield from circle_cases(people, now, mark)
    yield from circle_rating_cases(people, now, mark)


async def insert_cases(cluster: Cluster, made: Sequence[Case]) -> None:
    database = cluster.deps.store.database
    await database.collection("swaps").insert_many([case.document() for case in made])
    reviews = [REVIEW.document(review) for case in made for review in case.reviews]
    if reviews:
        await database.collection("reviews").insert_many(reviews)


async def _play(cluster: Cluster, web: aiohttp.ClientSession, case: Case) -> None:
    """Let the people of this swap do what they do in it, each again until there is an answer."""
    people = {user.id: user for user in cluster.telegram}
    if case.kind == "answered in Telegram":
        await _press(cluster, people[case.swap.to_user_id], case.swap.id)
    if case.at_once:
        await asyncio.gather(*(_send(cluster, web, *play) for play in case.plays))
        return
    for play in case.plays:
        await _send(cluster, web, *play)


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


async def kill_and_judge(cluster: Cluster, mutant: str, point: str, kinds: Sequence[str], *, passes: int = 1) -> str:
    """Kill a process at the point, with some cases alone; return what is wrong when the next one has done what is
    due."""
    *people, moderator = cluster.telegram
    made = [case for case in all_cases(people[:3], moderator, datetime.now(UTC), "some") if case.kind in kinds]
    await insert_cases(cluster, made)
    async with aiohttp.ClientSession() as web:
        acts = [asyncio.create_task(_play(cluster, web, case)) for case in made]
        await run_until_crash(cluster, point, passes, MUTANT=mutant, JOBS_EVERY=JOBS_EVERY)
        await cluster.start(MUTANT=mutant, JOBS_EVERY=JOBS_EVERY)
        await asyncio.wait_for(asyncio.gather(*acts), SETTLE_SECONDS)
    steps, deadline = cluster.deps.store.swap_steps, time.monotonic() + LEASE_SECONDS
    while await steps.due(datetime.now(UTC), limit=1) and time.monotonic() < deadline:
        await asyncio.sleep(AGAIN_AFTER)
    docs = await _documents(cluster, made)
    problems = [problem for case in made for problem in case.problems(docs[case.swap.id], is_sent=False)]
    return "; ".join((problems + await _wrongly_rated(cluster, made))[:3])


async def telling_and_mark(cluster: Cluster, mutant: str) -> str:
    """A process that dies after the first write of its sweep has told no reminder that is told again."""
    return await kill_and_judge(cluster, mutant, "K8", REMINDED)


async def last_rating(cluster: Cluster, mutant: str) -> str:
    """A process that dies with the last rating written, and nothing told, leaves that to the next one."""
    return await kill_and_judge(cluster, mutant, "K9", ["one declined"], passes=2)


async def telling_of_ratings(cluster: Cluster, mutant: str) -> str:
    """A process that dies right after it has told of two ratings does not make the next one tell of them again."""
    return await kill_and_judge(cluster, mutant, "K8", ["both rated", "shown by time"])


async def one_leg(cluster: Cluster, mutant: str) -> str:
    """A process that dies in the sweep leaves the legs of a circle apart: what one has brought counts for it alone."""
    return await kill_and_judge(cluster, mutant, "K8", ["circle closed", "circle answered"])


async def settled_problems(cluster: Cluster, made: Sequence[Case]) -> list[str]:
    """Return what is wrong with these swaps once nothing is left to be done; or after SETTLE_SECONDS."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        docs = await _documents(cluster, made)
        problems = [problem for case in made for problem in case.problems(docs[case.swap.id])]
        problems += await _wrongly_said(cluster, made) + await _wrongly_rated(cluster, made)
        if not problems or time.monotonic() > deadline:
            return problems
        await asyncio.sleep(1.0)


async def _documents(cluster: Cluster, made: Sequence[Case]) -> dict[str, dict[str, Any]]:
    ids = [ObjectId(case.swap.id) for case in made]
    found = cluster.deps.store.database.collection("swaps").find({"_id": {"$in": ids}})
    return {str(doc["_id"]): doc async for doc in found}


async def _wrongly_said(cluster: Cluster, made: Sequence[Case]) -> list[str]:
    """Return the swaps in whose chat the one message is missing, is there twice, or was not edited."""
    talking = [ObjectId(case.swap.id) for case in made if case.kind == "planned"]
    messages = cluster.deps.store.database.collection("messages")
    said: dict[ObjectId, list[str]] = {swap_id: [] for swap_id in talking}
    async for doc in messages.find({"swap_id": {"$in": talking}}):
        said[doc["swap_id"]].append(doc["message"])
    return [f"planned: {texts} said" for texts in said.values() if texts != ["Thursday?"]]


async def _wrongly_rated(cluster: Cluster, made: Sequence[Case]) -> list[str]:
    """Return the swaps in which a rating is missing, or there twice."""
    rated = {ObjectId(case.swap.id): case for case in made if case.ratings}
    found: Counter[ObjectId] = Counter()
    async for doc in cluster.deps.store.database.collection("reviews").find({"swap_id": {"$in": list(rated)}}):
        found[doc["swap_id"]] += 1
    return [
        f"{case.kind}: {found[swap_id]} ratings" for swap_id, case in rated.items() if found[swap_id] != case.ratings
    ]
