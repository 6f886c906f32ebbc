"""Competing changes of requests and sessions, through two stores: accept, counter, decline, withdraw and expire of a
request; agree, move, call off and end of a running swap, while its offers pass and its reminders come due.

What may happen is written down here a second time, as one sequential rule. The history of each swap has to be a play
of that rule, made of the changes that were acknowledged and no others, and each of them is told once.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from tests.faults.sequence import REMINDER, problems_of

KINDS = ("accepted", "countered", "cancelled", "expired", "session_moved", "session_called_off")
"""Changes each of which has to win some of the races: accept, counter, withdraw, expire, move, call off."""
SWEEPS = 6
"""Times that each process looks for what is due during a race."""
WITHIN_SECONDS = 0.08
"""Time within which a deadline falls that competes with the changes."""

Seen = Counter[str]


@dataclass(frozen=True, slots=True)
class Try:
    """One change: who makes it, and the events of which it leaves one in the history."""

    by: User
    events: tuple[str, ...]
    act: Callable[[Deps], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Contest:
    """A swap and the changes that compete for it; `due_at` moves its deadline."""

    swap: Swap
    tries: list[Try]
    due_at: datetime | None = None


async def run(*, seed: int, races: int = 10_000) -> list[Row]:
    seen: Seen = Counter()
    broken = await run_races(functools.partial(_race, seen), name="plan races", seed=seed, races=races)
    idle = [kind for kind in (*KINDS, REMINDER) if not seen[kind]]
    kinds = ", ".join(f"{seen[kind]} {kind}" for kind in (*KINDS, REMINDER))
    figure = f"{races} races ({kinds}), {len(broken)} with a change that is lost, crossed or not told once"
    return [
        Row("10", "of competing changes of a request or a session one wins, told once", figure, not broken and not idle)
    ]


async def _race(seen: Seen, cluster: Cluster, both: tuple[Deps, Deps], count: int, rng: random.Random) -> list[str]:
    swaps = cluster.deps.store.database.collection("swaps")
    pairs = rng.sample(list(itertools.combinations(cluster.telegram, 2)), count)  # of one pair, offers could be equal
    contests = [_contest(cluster.deps, *rng.sample(pair, 2), rng) for pair in pairs]
    await swaps.insert_many([_document(contest) for contest in contests])
    sweeps = [_sweep(deps, rng) for deps in both]
    outcomes: list[Any] = (await asyncio.gather(*(_run_all(both, one.tries, rng) for one in contests), *sweeps))[:count]
    ids = [ObjectId(one.swap.id) for one in contests]
    docs = {str(doc["_id"]): doc async for doc in swaps.find({"_id": {"$in": ids}})}
    await swaps.delete_many({"_id": {"$in": ids}})
    broken = []
    for contest, won in zip(contests, outcomes, strict=True):
        doc, before = docs[contest.swap.id], len(contest.swap.history)
        added = [(line["event"], str(line["by"] or "")) for line in doc["history"][before:]]
        seen.update(event for event, _ in added)
        seen.update(line["event"] for line in doc.get("outbox", ()) if line["event"] == REMINDER)
        acknowledged = [(one.by.id, one.events) for one in won]
        broken += [f"{problem}: {added}" for problem in problems_of(contest.swap, doc, acknowledged)]
    return broken


def _document(contest: Contest) -> dict[str, Any]:
    doc = swap_doc(contest.swap) | outbox_fields([])
    return doc if contest.due_at is None else doc | {"due_at": contest.due_at}


async def _sweep(deps: Deps, rng: random.Random) -> None:
    """Do what is due again and again, as two processes do whose schedules wake at any moment."""
    for _ in range(SWEEPS):
        await asyncio.sleep(rng.random() * WITHIN_SECONDS * 2 / SWEEPS)
        await asyncio.gather(expire_due_swaps(deps), do_due_steps(deps))


def _contest(deps: Deps, one: User, other: User, rng: random.Random) -> Contest:
    """Return a swap of these two, and changes that compete: of the request, of an offer, or of an agreed session."""
    now = deps.now()
    soon = now + timedelta(seconds=rng.random() * WITHIN_SECONDS)
    kind = rng.choice(("request", "request that expires", "offer", "offer that passes", "agreed", "reminded"))
    swap = pending_swap(one, other, f"Race {rng.random()}")
    if kind.startswith("request"):
        tries = _sample(_of_request(swap, one, other), rng)
        return Contest(swap, tries, soon if kind.endswith("expires") else None)
    start, later = (
        (now + timedelta(days=days)).replace(second=0, microsecond=0) for days in (rng.randint(2, 4), rng.randint(5, 9))
    )
    running = offer(swap.accept(by=other.id, at=now), Meeting((start, later)), by=one.id, at=now)
    if kind == "offer that passes":
        start, later = now - timedelta(hours=1), soon
        running = _with_session(running, slots=(start, later))
    elif kind in ("agreed", "reminded"):
        running = agree(running, "1", start, by=other.id, at=now)
    if kind == "reminded":
        start = soon + timedelta(hours=1)
        # agreed within a day of it, so that this reminder is the first
        running = _with_session(running, starts_at=start, agreed_at=start - timedelta(hours=2))
    return Contest(running, _sample(_of_session(running, one, other, start, later), rng))


def _sample(tries: list[Try], rng: random.Random) -> list[Try]:
    return rng.sample(tries, rng.randint(2, 4))


def _with_session(swap: Swap, **fields: Any) -> Swap:
    session = replace(swap.plan.sessions[0], **fields)
    return replace(swap, plan=swap.plan.with_session(session))


def _of_request(swap: Swap, one: User, other: User) -> list[Try]:
    counter = CounterOffer(other.skills_offered[1], one.skills_offered[1], "Rather like this?")
    return [
        Try(other, ("accepted",), lambda deps: answer_swap(deps, other, swap.id, ACCEPTED)),
        Try(one, ("accepted",), lambda deps: answer_swap(deps, one, swap.id, ACCEPTED)),  # of the counter-offer
        Try(other, ("rejected",), lambda deps: answer_swap(deps, other, swap.id, REJECTED)),
        Try(other, ("countered",), lambda deps: counter_swap(deps, other, swap.id, counter)),
        Try(one, ("cancelled",), lambda deps: answer_swap(deps, one, swap.id, CANCELLED)),
    ]


def _of_session(swap: Swap, one: User, other: User, start: datetime, later: datetime) -> list[Try]:
    far = Meeting(((swap.updated_at + timedelta(days=30)).replace(second=0, microsecond=0),))
    moved, off = ("session_moved", "session_offered"), ("session_called_off",)
    return [
        Try(other, ("session_agreed",), lambda deps: sessions.agree_session(deps, other, swap.id, "1", start)),
        Try(other, ("session_agreed",), lambda deps: sessions.agree_session(deps, other, swap.id, "1", later)),
        Try(one, moved, lambda deps: sessions.move_session(deps, one, swap.id, "1", far)),
        Try(other, moved, lambda deps: sessions.move_session(deps, other, swap.id, "1", far)),
        Try(other, off, lambda deps: sessions.call_off_session(deps, other, swap.id, "1")),
        Try(one, off, lambda deps: sessions.call_off_session(deps, one, swap.id, "1")),
        Try(one, ("cancelled",), lambda deps: answer_swap(deps, one, swap.id, CANCELLED)),
    ]


async def _run_all(both: tuple[Deps, Deps], tries: list[Try], rng: random.Random) -> list[Try]:
    """Run the changes concurrently, each a moment later or earlier; return those that were not refused."""

    async def attempt(one: Try) -> bool:
        await asyncio.sleep(rng.random() * WITHIN_SECONDS)
        try:
            await one.act(rng.choice(both))
        except Problem:
            return False
        return True

    done = await asyncio.gather(*map(attempt, tries))
    return [one for one, worked in zip(tries, done, strict=True) if worked]
