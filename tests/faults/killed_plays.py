"""The scripts of a Hypothesis state machine, played over REST to a service that is killed three times in every round.

It dies at a crash point while people act, or while time passes, and at the end of each.

After each round, and after the time that follows it, every swap is where the sequential table has it: its status, its
session, its history, and what was told to whom, each once. An act is sent again until it is answered; one that the
table refuses has to be refused. Time passes by the clock that can be moved, for the service and here.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from bson import ObjectId

from domain.swaps import MAX_HISTORY, Swap, propose
from domain.users import User
from storage.clock_moves import ClockMoves
from storage.mongodb.database import new_id
from storage.swaps import swap_doc
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.plan_scripts import Act, Script, hours_between, write_scripts
from tests.faults.rows import Row
from tests.faults.sequence import ASIDE
from tests.faults.servers import replica_set
from tests.faults.session_table import DONE, REFUSED, Table

WHILE_ACTING = ("K3", "K4", "K5", "K8", "K8", "K9")
WHILE_TIME_PASSES = ("K4", "K8", "K10", "K10")
MOST_PASSES = {"K5": 2, "K9": 2, "K10": 2}
"""Passed by ratings alone, and by the one bulk of a sweep; the others by each act, change and delivery."""
JOBS_EVERY = "1"
AGAIN_AFTER, LOOK_EVERY = 0.3, 0.1
SETTLE_SECONDS = 120.0
SAID = "I was there."


@dataclass
class Play:
    """A script, the swap in which it is played, and its two people; `table` says where it has to be."""

    script: Script
    swap: Swap
    people: tuple[User, User]
    table: Table = field(default_factory=Table)
    start: str = ""
    problems: list[str] = field(default_factory=list)


async def run(*, seed: int, scripts: int = 24, rounds: int = 8) -> list[Row]:
    hours = hours_between(rounds, seed)
    written = await asyncio.to_thread(write_scripts, scripts, hours, seed)
    with tempfile.TemporaryDirectory(prefix="skillswap-killed-plays-") as name:
        folder = Path(name)
        async with replica_set(folder / "one", 1) as server:
            people = 2 * scripts
            async with open_cluster(
                folder / "cluster", server.uri(), people=people, swaps=people, seed=seed
            ) as cluster:
                plays, deaths = await play(cluster, written, hours, random.Random(seed))
                broken = [problem for one in plays for problem in one.problems] + await _undelivered(cluster, plays)
    for line in broken[:10]:
        print(f"  killed plays: {line}", flush=True)
    kinds = ", ".join(f"{count} {point}" for point, count in sorted(deaths.items()))
    acts = sum(len(round_) for one in plays for round_ in one.script.rounds)
    events = sum(len(one.table.events) for one in plays)
    told = sum(one.table.told.total() for one in plays)
    figure = (
        f"{len(plays)} plays, {acts} acts, {events} changes, {told} told over {sum(hours)} hours and {deaths.total()} "
        f"deaths ({kinds}), {len(broken)} not as the table has it"
    )
    return [Row("34", "any sequence of acts and time is as the table has it, killed in between", figure, not broken)]


async def play(
    cluster: Cluster, scripts: Sequence[Script], hours: Sequence[int], rng: random.Random, *, mutant: str = ""
) -> tuple[list[Play], Counter[str]]:
    """Play all scripts side by side, until the end or the first round after which one is not as the table has it."""
    database = cluster.deps.store.database
    database.clock.is_movable = True
    first = await cluster.start(JOBS_EVERY=JOBS_EVERY)
    await cluster.open_chats()
    await first.kill()
    pairs = zip(cluster.telegram[::2], cluster.telegram[1::2], strict=True)
    plays = [
        Play(script, _running(*pair, number, database.clock.now()), pair)
        for number, (script, pair) in enumerate(zip(scripts, pairs, strict=False))
    ]
    await database.collection("swaps").insert_many([swap_doc(one.swap) for one in plays])
    deaths: Counter[str] = Counter()
    async with aiohttp.ClientSession(cluster.url) as web:
        for number, passing in enumerate(hours):
            points = WHILE_TIME_PASSES if number % 2 else WHILE_ACTING
            at = _any_point(rng, points, len(plays))
            kill_at = ("", at) if number % 2 else (at, "")
            async with _kept(cluster, kill_at[0], mutant, deaths):
                await asyncio.gather(*(_act_all(cluster, web, one, number) for one in plays))
                await _compare(cluster, plays, f"round {number}")
            async with _kept(cluster, kill_at[1], mutant, deaths):
                await ClockMoves(database).move(timedelta(hours=passing))
                for one in plays:
                    one.table.pass_time(passing)
                await _compare(cluster, plays, f"{passing} h after round {number}")
            if any(one.problems for one in plays):
                break
        print(
            f"  killed plays: {deaths.total()} deaths, {sum(len(one.table.events) for one in plays)} changes",
            flush=True,
        )
    return plays, deaths


def _any_point(rng: random.Random, points: Sequence[str], plays: int) -> str:
    point = rng.choice(points)
    return f"{point}:{rng.randint(1, MOST_PASSES.get(point, 1 + plays // 4))}"


@asynccontextmanager
async def _kept(cluster: Cluster, kill_at: str, mutant: str, deaths: Counter[str]) -> AsyncIterator[None]:
    """Keep a process running meanwhile; the first one dies at this point, the last one at the end."""
    keeper = _Keeper(cluster, kill_at, mutant, deaths)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        yield
        keeper.is_over.set()


class _Keeper:
    """A supervisor of the service: it starts a process that dies at a point, and starts it again when it is dead."""

    def __init__(self, cluster: Cluster, kill_at: str, mutant: str, deaths: Counter[str]) -> None:
        self._cluster = cluster
        self._kill_at, self._mutant = kill_at, mutant
        self._deaths = deaths
        self.is_over = asyncio.Event()

    async def keep(self) -> None:
        """Keep a process running until `is_over`, and kill it then, whatever it is doing."""
        point = self._kill_at.partition(":")[0]
        over = asyncio.create_task(self.is_over.wait())
        while not self.is_over.is_set():
            try:
                service = await self._cluster.start(KILL_AT=self._kill_at, MUTANT=self._mutant, JOBS_EVERY=JOBS_EVERY)
            except RuntimeError as error:  # the point was reached before the process was ready
                if "ended with -9" not in str(error):
                    raise
            else:
                death = asyncio.create_task(service.child.wait())
                await asyncio.wait({death, over}, return_when=asyncio.FIRST_COMPLETED)
                if not death.done():
                    point = "any"
                    await service.kill()
                await death
            self._deaths[point] += 1
            self._kill_at = ""


def _running(one: User, other: User, number: int, at: datetime) -> Swap:
    asked = propose(
        swap_id=new_id(),
        from_id=one.id,
        to_id=other.id,
        offered_skill=f"Play {number}",
        wanted_skill="Python",
        message="",
        at=at,
    )
    return asked.accept(by=other.id, at=at)


async def _act_all(cluster: Cluster, web: aiohttp.ClientSession, one: Play, number: int) -> None:
    """Play the acts of a round, one after the other; what one makes due is done before the next."""
    for act in one.script.rounds[number]:
        await _act(cluster, web, one, act)
        await _calm(cluster, [one])


async def _act(cluster: Cluster, web: aiohttp.ClientSession, one: Play, act: Act) -> None:
    """Send an act until it is answered, and compare the answer with the table's."""
    name, by, value = act
    method, path, body = _request(cluster, one, name, value)
    before = f"{one.table.status}, {one.table.session}"
    due, is_unsure = one.table.act(*act), False
    while True:
        try:
            async with web.request(method, path, json=body, headers=cluster.headers(one.people[by])) as reply:
                status, text = reply.status, await reply.text()
        except (aiohttp.ClientError, TimeoutError):
            is_unsure = True  # it may have been done before the process died
        else:
            if status not in (429, 503):
                break
        await asyncio.sleep(AGAIN_AFTER)
    was_done = status < 300 or (is_unsure and due == DONE and status in (409, 412))
    if status >= 500 or was_done == (due == REFUSED):
        one.problems.append(f"{name} by {by} is {due} by the table, and {status} {text[:150]}; before: {before}")


def _request(cluster: Cluster, one: Play, name: str, ahead: int) -> tuple[str, str, dict[str, Any]]:
    """Return method, path and body of an act; with the version where repeating it would be another act."""
    version = one.swap.version + len(one.table.events)
    path = f"/api/swap/{one.swap.id}"
    slots = [(cluster.deps.now() + timedelta(hours=ahead)).replace(second=0, microsecond=0).isoformat()]
    if name in ("offer", "move"):
        one.start = slots[0] if one.table.status == "accepted" else one.start
    match name:
        case "offer":
            return "POST", f"{path}/sessions", {"slots": slots, "version": version}
        case "finish":
            return "POST", f"{path}/done", {}
        case "stop":
            return "PUT", path, {"status": "cancelled", "version": version}
        case "rate":
            return "POST", "/api/reviews", {"swap_id": one.swap.id, "stars": 5}
        case "state":
            return "PUT", f"{path}/statement", {"statement": SAID}
    path = f"{path}/sessions/{len(one.table.sessions)}"
    match name:
        case "agree":
            return "PUT", path, {"action": "agree", "starts_at": one.start, "version": version}
        case "move":
            return "PUT", path, {"action": "move", "slots": slots, "version": version}
        case "yes" | "no":
            return "PUT", path, {"action": "answer", "answer": name, "version": version}
    return "PUT", path, {"action": name, "version": version}


async def _calm(cluster: Cluster, plays: Sequence[Play]) -> dict[str, dict[str, Any]]:
    """Wait until nothing is due in these swaps; return their documents."""
    swaps = cluster.deps.store.database.collection("swaps")
    ids = [ObjectId(one.swap.id) for one in plays]
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        docs = {str(doc["_id"]): doc async for doc in swaps.find({"_id": {"$in": ids}})}
        now = cluster.deps.now()
        if all(doc.get("wake_at") is None or doc["wake_at"] > now for doc in docs.values()):
            return docs
        if time.monotonic() > deadline:
            raise TimeoutError("steps are due and not done")
        await asyncio.sleep(LOOK_EVERY)


async def _compare(cluster: Cluster, plays: Sequence[Play], when: str) -> None:
    """Note in which of these swaps something is not as the table has it, once nothing is due."""
    docs = await _calm(cluster, plays)
    for one in plays:
        one.problems += [f"{when}: {problem}" for problem in _differences(one, docs[one.swap.id])]


def _differences(one: Play, doc: dict[str, Any]) -> list[str]:
    table, numbers = one.table, {person.id: number for number, person in enumerate(one.people)}
    history = [line["event"] for line in doc["history"]]
    events = ([event.event for event in one.swap.history] + table.events)[-MAX_HISTORY:]
    sessions = [session.get("status", "offered") for session in doc.get("plan", {}).get("sessions", ())]
    lines = [line for line in doc.get("outbox", ()) if line["event"] not in ASIDE]
    told = Counter((line["event"], numbers[str(line["to"])]) for line in lines)
    pairs = {
        "status": (doc["status"], table.status),
        "sessions": (sessions, [session.status for session in table.sessions]),
        "history": (history, events),
        "version": (doc["version"], one.swap.version + len(table.events)),
        "told": (sorted((told - table.told).items()), []),
        "not told": (sorted((table.told - told).items()), []),
    }
    return [f"{name} {found} instead of {due}" for name, (found, due) in pairs.items() if found != due]


async def _undelivered(cluster: Cluster, plays: Sequence[Play]) -> list[str]:
    """Let a last process deliver what is waiting; return what has not been sent, and what of it was lost."""
    service = await cluster.start(JOBS_EVERY=JOBS_EVERY)
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        docs = await _calm(cluster, plays)
        lines = [line for doc in docs.values() for line in doc.get("outbox", ())]
        waiting = [f"{line['event']} is {line['state']}" for line in lines if line["state"] not in ("sent", "skipped")]
        if not waiting or time.monotonic() > deadline:
            await service.stop()
            return waiting
        await asyncio.sleep(1.0)
