"""A made-up community that lives for weeks in minutes, on the real operations and a real database.

Time stands still while something is done, and moves on by a step: the sweep runs, people read what the bot has sent
them, and react after a while, each by their habit. What happened is counted twice, here and from the documents.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from domain.errors import Problem
from domain.events import SWAP_CARD_CHANGED
from domain.planning import Meeting
from domain.reviews import Rating
from domain.sessions import AGREED, OFFERED
from domain.swaps import ACCEPTED, COMPLETED, PENDING, REJECTED, Swap
from domain.timeline import after_quiet_hours
from domain.users import User
from handlers import sessions
from handlers.matches import list_matches
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, answer_swap, expire_due_swaps, propose_swap
from handlers.timeline import do_due_steps
from storage.outbox import WAITING
from tests.factories import at_time, insert_user
from tests.simulation.habits import Habit, habit_of

SKILLS = (
    "Python", "Guitar", "Spanish", "Cooking", "Chess", "Drawing", "Piano", "Knitting", "Photography", "German",
    "Swimming", "Gardening",
)  # fmt: skip
ZONES = ("Europe/Madrid", "Europe/Berlin", "America/New_York", "Asia/Tokyo", None)
STEP = timedelta(hours=1)
NUDGES = ("swap.answer_soon", "swap.unplanned", "review.soon")
REMINDERS = (*NUDGES, "session.asked")
"""Events that must not come at night. A session an hour ahead may."""


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    habit: Habit


@dataclass
class Counts:
    """Counts of events as the people have seen them."""

    funnel: Counter[str] = field(default_factory=Counter)
    nudges: Counter[tuple[str, str]] = field(default_factory=Counter)
    at_night: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class Community:
    def __init__(self, deps: Deps, *, people: int, begin: datetime, seed: int = 1) -> None:
        self._base = deps
        self._count = people
        self._chance = random.Random(seed)
        self._numbers = itertools.count()
        self._later: list[tuple[datetime, int, Callable[[Deps], Coroutine[Any, Any, None]]]] = []
        self.now = begin
        self.people: dict[str, Person] = {}
        self.counts = Counts()

    @property
    def deps(self) -> Deps:
        return at_time(self._base, self.now)

    async def settle(self) -> None:
        """Register everybody."""
        for number in range(self._count):
            offered, wanted = self._chance.sample(SKILLS, 2), self._chance.sample(SKILLS, 3)
            user = await insert_user(
                self.deps,
                f"Person {number}",
                telegram_id=True,
                skills_offered=tuple(offered),
                skills_wanted=tuple(skill for skill in wanted if skill not in offered)[:2],
                timezone=self._chance.choice(ZONES),
                availability="weekday evenings",
            )
            self.people[user.id] = Person(user, habit_of(self._chance))

    async def live(self, length: timedelta, progress: Callable[[str], None]) -> None:
        """Let the time go on, step by step."""
        end = self.now + length
        while self.now < end:
            self.now = self.now.replace(minute=0, second=0) + STEP
            await do_due_steps(self.deps)
            await expire_due_swaps(self.deps)
            await self._read_messages()
            while self._later and self._later[0][0] <= self.now:
                _, _, act = heapq.heappop(self._later)
                self.now += timedelta(seconds=1)  # of two acts one comes first
                try:
                    await act(self.deps)
                except Problem as problem:  # somebody else was faster, or it is too late by now
                    self.counts.funnel[f"refused: {problem.code}"] += 1
            await self._ask()
            if self.now.hour == 0:
                progress(f"{self.now:%d %B}: {dict(self.counts.funnel.most_common(6))}")

    # ---- what people do of their own accord ----------------------------------------------------------------------

    async def _ask(self) -> None:
        for person in self.people.values():
            if not self._is_awake(person) or self._chance.random() > person.habit.asks / (7 * 14):
                continue
            try:
                await self._ask_somebody(person)
            except Problem as problem:
                self.counts.funnel[f"refused: {problem.code}"] += 1

    async def _ask_somebody(self, person: Person) -> None:
        user = await self._base.store.users.find(person.user.id)
        if user is None or not user.is_active:
            return
        matches = (await list_matches(self.deps, user)).matches
        await self.deps.showings.write()  # an hour passes here in less time than a count takes to be written
        for match in matches[:1]:
            proposal = Proposal(match.user.id, match.you_teach[0], match.teaches_you[0], "Shall we?")
            await propose_swap(self.deps, user, proposal)
            self.counts.funnel["asked"] += 1

    # ---- what the bot sends, and how people react ----------------------------------------------------------------

    async def _read_messages(self) -> None:
        swaps = self._base.store.database.collection("swaps")
        async for doc in swaps.find({WAITING: {"$exists": True}}, {"outbox": 1}):
            for line in doc["outbox"]:
                if line["state"] == "queued":
                    self._read(str(doc["_id"]), line)
        sent = {"$set": {"outbox.$[].state": "sent"}, "$unset": {WAITING: "", "outbox.$[].due_at": ""}}
        await swaps.update_many({WAITING: {"$exists": True}}, sent)

    def _read(self, swap_id: str, line: dict[str, Any]) -> None:
        person, event, about = self.people[str(line["to"])], line["event"], line.get("about", "")
        name = f"{swap_id} {line['id']}"
        if name in self.counts.seen and event != SWAP_CARD_CHANGED:  # two changes of one instant change one card
            self.counts.twice.append(name)
        self.counts.seen.add(name)
        if event in NUDGES:
            self.counts.nudges[swap_id, person.user.id] += 1
        zone, sent_at = person.user.timezone, datetime.fromtimestamp(int(line["id"].rpartition(":")[2]) / 1000, UTC)
        if event in REMINDERS and zone and after_quiet_hours(sent_at, zone) > sent_at:
            self.counts.at_night.append(f"{event} to {person.user.id} at {sent_at} in {zone}")
        react = self._reaction(person, event, swap_id, about)
        if react is not None and self._chance.random() < person.habit.reacts:
            at = after_quiet_hours(self.now + person.habit.delay_of(self._chance), zone)
            heapq.heappush(self._later, (at, next(self._numbers), react))

    def _reaction(
        self, person: Person, event: str, swap_id: str, about: str
    ) -> Callable[[Deps], Coroutine[Any, Any, None]] | None:
        reactions: dict[str, Callable[[Deps, Person, str, str], Coroutine[Any, Any, None]]] = {
            "swap.proposed": self._answer,
            "swap.answer_soon": self._answer,
            "swap.accepted": self._plan,
            "swap.unplanned": self._plan,
            "session.changed": self._agree,
            "session.asked": self._say,
            "swap.completed": self._rate,
            "review.soon": self._rate,
        }
        react = reactions.get(event)
        return (lambda deps: react(deps, person, swap_id, about)) if react is not None else None

    async def _answer(self, deps: Deps, person: Person, swap_id: str, about: str) -> None:
        swap = await self._swap(swap_id)
        if swap.status != PENDING or swap.answerer != person.user.id:
            return
        is_yes = self._chance.random() < person.habit.accepts
        await answer_swap(deps, person.user, swap_id, ACCEPTED if is_yes else REJECTED)
        self.counts.funnel["answered"] += 1
        self.counts.funnel["accepted"] += is_yes
        if is_yes:
            await self._plan(deps, person, swap_id, about)

    async def _plan(self, deps: Deps, person: Person, swap_id: str, about: str) -> None:
        swap = await self._swap(swap_id)
        if swap.status != ACCEPTED or swap.plan.upcoming:
            return
        if self._chance.random() < 0.15:
            await sessions.arrange_sessions(deps, person.user, swap_id)
            return
        first = (deps.now() + timedelta(days=self._chance.randint(2, 6))).replace(hour=17, minute=0)
        await sessions.offer_session(deps, person.user, swap_id, Meeting((first, first + timedelta(days=1))))

    async def _agree(self, deps: Deps, person: Person, swap_id: str, about: str) -> None:
        session = (await self._swap(swap_id)).plan.find(about)
        if session is None or session.status != OFFERED or session.offered_by == person.user.id:
            return
        await sessions.agree_session(deps, person.user, swap_id, about, session.slots[-1])
        self.counts.funnel["planned"] += 1

    async def _say(self, deps: Deps, person: Person, swap_id: str, about: str) -> None:
        session = (await self._swap(swap_id)).plan.find(about)
        if session is None or session.status != AGREED:
            return
        took_place = random.Random(f"{swap_id} {about}").random() < person.habit.comes
        said, reason = ("yes", "") if took_place else ("no", self._chance.choice(("could_not", "they_did_not_come")))
        after = await sessions.answer_session(deps, person.user, swap_id, about, said, reason=reason)
        if after.plan.held_legs and after.status == ACCEPTED and self._chance.random() < 0.7:
            await sessions.finish_swap(deps, person.user, swap_id)

    async def _rate(self, deps: Deps, person: Person, swap_id: str, about: str) -> None:
        swap = await self._swap(swap_id)
        if swap.status == COMPLETED and self._chance.random() < person.habit.rates:
            stars = self._chance.choice((3, 4, 5, 5))
            await write_review(deps, person.user, swap_id, None, Rating(stars))
            self.counts.funnel["rated"] += 1

    async def _swap(self, swap_id: str) -> Swap:
        swap = await self._base.store.swaps.find(swap_id)
        assert swap is not None
        return swap

    def _is_awake(self, person: Person) -> bool:
        zone = person.user.timezone or "Europe/Madrid"
        return after_quiet_hours(self.now, zone) == self.now

    # ---- the same from the documents -----------------------------------------------------------------------------

    async def funnel(self) -> dict[str, int]:
        """Return the funnel as the documents tell it: swaps that reached each step."""
        database = self._base.store.database
        swaps = database.collection("swaps")
        sessions_held = {"plan.sessions.status": "held"}
        steps: dict[str, dict[str, Any]] = {
            "asked": {},
            "answered": {"history.event": {"$in": ["accepted", "rejected"]}},
            "accepted": {"plan.accepted_at": {"$type": "date"}},
            "planned": {"plan.sessions.agreed_at": {"$type": "date"}},
            "held": sessions_held,
            "completed": {"status": "completed"},
            "not_happened": {"status": "not_happened"},
            "disputed": {"status": "disputed"},
            "lapsed": {"status": "lapsed"},
            "expired": {"status": "expired"},
            "running": {"status": "accepted"},
        }
        counts = {name: await swaps.count_documents(query) for name, query in steps.items()}
        counts["rated"] = await database.collection("reviews").count_documents({"stars": {"$gt": 0}})
        return counts

    async def problems(self) -> list[str]:
        """Return what contradicts a promise."""
        found = [f"told twice: {name}" for name in self.counts.twice]
        found += [f"at night: {line}" for line in self.counts.at_night]
        found += [f"{n} nudges: {key}" for key, n in self.counts.nudges.items() if n > 3]
        docs = await self.funnel()
        for name in ("asked", "answered", "accepted", "rated"):
            if docs[name] != self.counts.funnel[name]:
                found.append(f"{name}: {docs[name]} in the documents, {self.counts.funnel[name]} seen")
        stale = self.now - timedelta(days=31)
        async for doc in self._base.store.database.collection("swaps").find({"status": "accepted"}):
            if doc["updated_at"] < stale:
                found.append(f"swap {doc['_id']} still runs, untouched since {doc['updated_at']}")
        for person in self.people.values():
            user = await self._base.store.users.find(person.user.id)
            held = await self._base.store.database.collection("swaps").count_documents(
                {"participants": ObjectId(person.user.id), "status": "completed"}
            )
            if user is not None and user.record.swaps_held != held:
                found.append(f"{person.user.id} has {held} completed swaps, the record says {user.record.swaps_held}")
        return found
