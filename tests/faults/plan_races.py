"""Competing changes of requests and sessions, through two stores: accept, counter, decline, withdraw and expire of a
request; agree, move, call off and end of a running swap. Each has one outcome, and is told once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId

from domain.errors import Problem
from domain.planning import Meeting, agree, offer
from domain.swaps import ACCEPTED, CANCELLED, REJECTED, Swap
from domain.users import User
from handlers import sessions
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.runtime.deps import Deps
from handlers.swaps import answer_swap, expire_due_swaps
from handlers.timeline import do_due_steps
from storage.outbox import outbox_fields
from storage.swaps import swap_doc
from tests.faults.cluster import Cluster, pending_swap
from tests.faults.races import run_races
from tests.faults.rows import Row

SILENT_EVENTS = ("swap.card",)
"""Events of the actor's own card; every other one is told to the other person."""


@dataclass(frozen=True, slots=True)
class Try:
    """One change: who makes it, and the event that it leaves in the history."""

    by: User
    event: str
    act: Callable[[Deps], Awaitable[Any]]


async def run(*, seed: int, races: int = 10_000) -> list[Row]:
    broken = await run_races(_race, name="plan races", seed=seed, races=races)
    figure = f"{races} races, {len(broken)} with a change that is lost, crossed or told twice"
    return [Row("10", "of competing changes of a request or a session one wins, told once", figure, not broken)]


async def _race(cluster: Cluster, both: tuple[Deps, Deps], count: int, rng: random.Random) -> list[str]:
    swaps = cluster.deps.store.database.collection("swaps")
    contests = []
    begun: list[tuple[Swap, int]] = []
    for _ in range(count):
        one, other = rng.sample(cluster.web, 2)
        swap, tries, is_due = _contest(cluster.deps, one, other, rng)
        doc = swap_doc(swap) | outbox_fields([])
        if is_due:
            doc["due_at"] = swap.created_at - timedelta(minutes=1)
        await swaps.insert_one(doc)
        begun.append((swap, len(swap.history)))
        contests.append(_run_all(both, tries, rng))
    sweeps = [job(deps) for deps in both for job in (expire_due_swaps, do_due_steps)]
    outcomes: list[Any] = (await asyncio.gather(*contests, *sweeps))[:count]
    found = swaps.find({"_id": {"$in": [ObjectId(swap.id) for swap, _ in begun]}})
    docs = {str(doc["_id"]): doc async for doc in found}
    return [
        f"{problem}: {[line['event'] for line in docs[swap.id]['history']]}"
        for (swap, before), won in zip(begun, outcomes, strict=True)
        for problem in _problems(docs[swap.id], before, won)
    ]


def _contest(deps: Deps, one: User, other: User, rng: random.Random) -> tuple[Swap, list[Try], bool]:
    """Return a swap of these two, and changes that compete: of the request, of an offer, or of an agreed session."""
    now = deps.now()
    swap = pending_swap(one, other, f"Race {rng.random()}")
    start, later = (
        (now + timedelta(days=days)).replace(second=0, microsecond=0) for days in (rng.randint(2, 4), rng.randint(5, 9))
    )
    kind = rng.choice(("request", "offer", "agreed"))
    if kind == "request":
        return swap, rng.sample(_of_request(swap, one, other), rng.randint(2, 4)), rng.random() < 0.2
    running = offer(swap.accept(by=other.id, at=now), Meeting((start, later)), by=one.id, at=now)
    if kind == "agreed":
        running = agree(running, "1", start, by=other.id, at=now)
    return running, rng.sample(_of_session(running, one, other, start, later), rng.randint(2, 4)), False


def _of_request(swap: Swap, one: User, other: User) -> list[Try]:
    counter = CounterOffer(other.skills_offered[0], one.skills_offered[0], "Rather like this?")
    return [
        Try(other, "accepted", lambda deps: answer_swap(deps, other, swap.id, ACCEPTED)),
        Try(other, "rejected", lambda deps: answer_swap(deps, other, swap.id, REJECTED)),
        Try(other, "countered", lambda deps: counter_swap(deps, other, swap.id, counter)),
        Try(one, "cancelled", lambda deps: answer_swap(deps, one, swap.id, CANCELLED)),
    ]


def _of_session(swap: Swap, one: User, other: User, start: Any, later: Any) -> list[Try]:
    far = later + timedelta(days=20)
    return [
        Try(other, "session_agreed", lambda deps: sessions.agree_session(deps, other, swap.id, "1", start)),
        Try(other, "session_agreed", lambda deps: sessions.agree_session(deps, other, swap.id, "1", later)),
        Try(one, "session_moved", lambda deps: sessions.move_session(deps, one, swap.id, "1", Meeting((far,)))),
        Try(other, "session_called_off", lambda deps: sessions.call_off_session(deps, other, swap.id, "1")),
        Try(one, "cancelled", lambda deps: answer_swap(deps, one, swap.id, CANCELLED)),
    ]


async def _run_all(both: tuple[Deps, Deps], tries: list[Try], rng: random.Random) -> list[Try]:
    """Run the changes concurrently; return those that were not refused."""

    async def attempt(one: Try) -> bool:
        try:
            await one.act(rng.choice(both))
        except Problem:
            return False
        return True

    done = await asyncio.gather(*map(attempt, tries))
    return [one for one, worked in zip(tries, done, strict=True) if worked]


def _problems(doc: dict[str, Any], before: int, won: list[Try]) -> list[str]:
    """Return what is wrong with the stored swap, given the changes whose callers were told that they worked."""
    added = doc["history"][before:]
    problems = []
    if doc["version"] != len(doc["history"]):
        problems.append(f"version {doc['version']} after {len(doc['history'])} events")
    by_people = Counter(str(line["by"]) for line in added if line["by"] is not None)
    for person, count in by_people.items():
        # a repeated answer that finds its result there is no error, and no second event
        if count > sum(one.by.id == person for one in won):
            problems.append(f"{count} events of {person}, fewer were acknowledged")
    for one in won:
        names = {line["event"] for line in added if str(line["by"]) == one.by.id} | {_offered_as_moved(one)}
        is_there_already = one.event == "session_agreed" and any(line["event"] == one.event for line in doc["history"])
        if one.event not in names and not is_there_already:
            problems.append(f"{one.event} was acknowledged and is not in the history")
    told = Counter((str(line["to"]), line["event"], line.get("about", "")) for line in doc.get("outbox", ()))
    changes = len(added)
    for (_, event, _), count in told.items():
        if event not in SILENT_EVENTS and count > changes:
            problems.append(f"{event} told {count} times after {changes} changes")
    if len({line["id"] for line in doc.get("outbox", ())}) != len(doc.get("outbox", ())):
        problems.append("one delivery twice")
    return problems


def _offered_as_moved(one: Try) -> str:
    """Return the event of a move that found the session not agreed: other times were offered."""
    return "session_moved" if one.event == "session_moved" else ""
