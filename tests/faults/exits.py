"""The way out of somebody who is banned, or has left the members' group, killed after each of its writes: started anew
it ends complete, and nobody is told twice.

The child is this module itself: `python -m tests.faults.exits <uri> <number> <way> <user>` does what is due and is
killed by SIGKILL after that many writes; with 0 it prints how many there are.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient

from domain.applications import BEGUN
from domain.community import GROUP, Community
from domain.errors import Unavailable
from domain.events import CIRCLE_SEARCHING, SWAP_PARTNER_GONE
from domain.joining import GRACE
from domain.planning import Meeting
from domain.swaps import ACCEPTED
from domain.users import User
from handlers import sessions, standing
from handlers.alerts import add_alert
from handlers.auth.sessions import open_session
from handlers.circles import ask_circle, join_circle
from handlers.exits import go_on_with_exits
from handlers.group_members import note_look
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.swaps import Proposal, answer_swap, propose_swap
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.guarded_collection import GuardedCollection
from tests.conftest import ROOT
from tests.factories import build_deps, insert_user, later, list_possible
from tests.faults.rows import Row

WRITES = (
    "insert_one",
    "update_one",
    "update_many",
    "replace_one",
    "delete_one",
    "delete_many",
    "find_one_and_update",
    "bulk_write",
)
LATER = timedelta(minutes=5)
CHILD_SECONDS = 60.0
TRANSACTION_SECONDS = 3
SETTLED_SECONDS = 40.0
"""Seconds after which the server has given up the transaction of a child that was killed in it, on a busy machine."""

BAN, LEAVING = "ban", "leaving"
WAYS = (BAN, LEAVING)
MANY = 10_000
LINK = "https://t.me/+link"
LOOKS = (timedelta(0), GRACE + timedelta(days=1))
"""Times at which Telegram says that somebody is not in the group: the grace begins, and it is over."""


@dataclass(frozen=True)
class Scene:
    """A person who is on the way out, with whom others have swaps and a circle."""

    way: str
    bad: User
    swaps: tuple[tuple[str, str], ...]
    """The id of each swap, and of the other one in it."""
    circle: str
    joined: str


async def run(*, seed: int, every: int = 1) -> list[Row]:
    """Kill each exit after each `every`th of its writes, beginning with the `seed`th, and judge how it ends."""
    with tempfile.TemporaryDirectory(prefix="skillswap-exits-") as name:
        mongo = await EmbeddedMongo.start(Path(name), notify=lambda _: None)
        await asyncio.to_thread(_limit_transactions, mongo.port, Path(name))
        database = await Database.open(mongo.uri)
        try:
            deps = await build_deps(database)
            door = Community(name="Harbour", join=GROUP, group_chat_id=-1)
            await deps.store.community.replace(Community(), door)
            ways = [await _run_way(deps, mongo.uri, way, seed=seed, every=every) for way in WAYS]
        finally:
            await database.close()
            await mongo.stop()
    problems = [problem for _, _, found in ways for problem in found]
    kills = sum(kills for kills, _, _ in ways)
    figure = ", ".join(
        f"{kills} kills at {writes} writes ({way})" for way, (kills, writes, _) in zip(WAYS, ways, strict=True)
    )
    figure += f": {'; '.join(problems[:5])}" if problems else ""
    promise = "a ban or a leaving that is cut off ends complete, and tells nobody twice"
    is_tried = all(kills for kills, _, _ in ways)
    return [Row("33", promise, figure, is_tried and not problems, kills={"exit": kills})]


def _limit_transactions(port: int, folder: Path) -> None:
    """Have the server give up the transaction of a killed child soon, which keeps the next process waiting."""
    key = (folder / "mongodb.key").read_text()
    with MongoClient[dict[str, object]](
        "127.0.0.1", port, directConnection=True, username="__system", password=key, authSource="local"
    ) as client:
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=TRANSACTION_SECONDS)


async def _run_way(deps: Deps, uri: str, way: str, *, seed: int, every: int) -> tuple[int, int, list[str]]:
    """Return how many kills there were, at how many writes, and what was not as it has to be."""
    whole = await _make_scene(deps, way, 0)
    code, out = await _child(uri, 0, whole)
    writes = int(out) if code == 0 else 0
    await _end(deps, whole)
    problems = [f"{way} without a kill: {problem}" for problem in await _judge(deps, whole)]
    numbers = range(1 + seed % every, writes + 1, every)
    for number in numbers:
        scene = await _make_scene(deps, way, number)
        code, _ = await _child(uri, number, scene)
        if code != -signal.SIGKILL:
            problems.append(f"{way} write {number}: the child ended with {code}")
        await _end(deps, scene)
        problems += [f"{way} write {number}: {problem}" for problem in await _judge(deps, scene)]
    return len(numbers), writes, problems


async def _make_scene(deps: Deps, way: str, number: int) -> Scene:
    """Insert a person with three swaps and a circle, each with people and skills of their own, who is banned or was in
    the group."""
    words = ("Gives", "Wants", "One", "Two", "Three")
    gives, wants, first, second, third = (f"{word} {way} {number}" for word in words)
    bad = await insert_user(deps, "Bad", skills_offered=(gives, first), skills_wanted=(wants, second), telegram_id=True)
    others = [
        await insert_user(deps, name, skills_offered=(wants,), skills_wanted=(gives,), telegram_id=True)
        for name in ("Ben", "Cleo", "Dan")
    ]
    running = await propose_swap(deps, others[0], Proposal(bad.id, wants, gives))
    await answer_swap(deps, bad, running.id, ACCEPTED)
    start = (deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    offered = await sessions.offer_session(deps, bad, running.id, Meeting((start,)))
    await sessions.agree_session(deps, others[0], running.id, offered.plan.sessions[-1].id, start)
    asking = await propose_swap(deps, bad, Proposal(others[1].id, gives, wants))
    asked = await propose_swap(deps, others[2], Proposal(bad.id, wants, gives))
    mover = await insert_user(deps, "Eve", skills_offered=(second,), skills_wanted=(third,), telegram_id=True)
    await insert_user(deps, "Fay", skills_offered=(third,), skills_wanted=(first,), telegram_id=True)
    circle = await ask_circle(deps, mover, (await list_possible(deps, mover))[0].id)
    await join_circle(deps, bad, circle.id, version=circle.version)
    await add_alert(deps, bad, f"Juggling {way} {number}")
    await open_session(deps, bad, provider="email")
    if way == BAN:
        await standing.ban(deps, standing.SERVICE, bad.id, reason="selling", is_final=True)
    else:
        seen = {"$set": {"joining.seen_in_group_at": deps.now()}}
        await deps.store.database.collection("users").update_one({"_id": ObjectId(bad.id)}, seen)
    pairs = zip((running, asking, asked), others, strict=True)
    return Scene(way, bad, tuple((swap.id, other.id) for swap, other in pairs), circle.id, mover.id)


async def _go_on(deps: Deps, way: str, user_id: str) -> None:
    """Do what is due, at the times at which it becomes due."""
    for after in LOOKS if way == LEAVING else ():
        at = later(deps, after)
        for check in await at.store.group_checks.due(at.now(), limit=MANY):
            if check.user.id == user_id:
                await note_look(at, check, False, link=LINK)
    deps = later(deps, LOOKS[-1]) if way == LEAVING else deps
    await go_on_with_exits(deps)
    await go_on_with_exits(later(deps, LATER))


async def _end(deps: Deps, scene: Scene) -> None:
    """Go on as the next process would, until nothing is left to do."""
    deadline = asyncio.get_running_loop().time() + SETTLED_SECONDS
    for minutes in (10, 20):
        while True:
            try:
                await _go_on(later(deps, timedelta(minutes=minutes)), scene.way, scene.bad.id)
                break
            except (Unavailable, *DATABASE_ERRORS):  # a killed child's transaction is still open
                if asyncio.get_running_loop().time() > deadline:
                    raise


async def _judge(deps: Deps, scene: Scene) -> list[str]:
    """Return what is not as it has to be when the exit is over."""
    problems, database = [], deps.store.database
    if await deps.store.standings.exit_of(scene.bad.id) is not None:
        problems.append("the exit is not over")
    for swap_id, other in scene.swaps:
        swap = await deps.store.swaps.find(swap_id)
        if swap is None or swap.is_open:
            problems.append("a swap is open")
        told = await _told(database, swap_id, SWAP_PARTNER_GONE)
        if told != {other: 1}:
            problems.append(f"{dict(told)} heard of an end")
    circle = await deps.store.swaps.find(scene.circle)
    if circle is None or scene.bad.id in circle.participants:
        problems.append("still in the circle")
    if (told := await _told(database, scene.circle, CIRCLE_SEARCHING))[scene.joined] > 1:
        problems.append(f"{dict(told)} heard of the circle")
    bad, is_ban = ObjectId(scene.bad.id), scene.way == BAN
    kinds = ("banned",) if is_ban else ("group_left", "group_ended")
    counts: dict[str, tuple[dict[str, Any], int]] = {
        "letters": ({"to": bad, "kind": {"$in": kinds}}, len(kinds)),
        "alerts": ({"user_id": bad}, 0),
        "web_sessions": ({"user_id": bad, "ended_at": {"$exists": False}}, 0 if is_ban else 1),
        "bars": ({"user_id": bad}, 1 if is_ban else 0),
        "audit": ({"about": scene.bad.id, "action": "ban" if is_ban else "leave"}, 1),
        "applications": ({"_id": bad, "state": BEGUN}, 0 if is_ban else 1),
        "users": ({"_id": bad, "is_listed": False, "exit": {"$exists": False}}, 1),
    }
    for name, (query, wanted) in counts.items():
        if (found := await database.collection(name).count_documents(query)) != wanted:
            problems.append(f"{found} {name} instead of {wanted}")
    return problems


async def _told(database: Database, swap_id: str, event: str) -> Counter[str]:
    doc = await database.collection("swaps").find_one({"_id": ObjectId(swap_id)}) or {}
    return Counter(str(line["to"]) for line in doc.get("outbox", ()) if line["event"] == event)


async def _child(uri: str, number: int, scene: Scene) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.exits", uri, str(number), scene.way, scene.bad.id),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), CHILD_SECONDS)
    return process.returncode or 0, out.decode().strip()


async def _be_killed(uri: str, number: int, way: str, user_id: str) -> None:
    """Do what is due, and be killed after `number` writes; print how many there were."""
    database = await Database.open(uri)
    deps = later(await build_deps(database), LATER)
    written = 0

    def counted(name: str) -> Any:
        guarded = vars(GuardedCollection).get(name)  # the others are the driver's own

        async def counting(self: GuardedCollection, *args: Any, **options: Any) -> Any:
            nonlocal written
            write = GuardedCollection.__getattr__(self, name) if guarded is None else partial(guarded, self)
            result = await write(*args, **options)
            written += 1
            if written == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counting

    for name in WRITES:
        setattr(GuardedCollection, name, counted(name))
    await _go_on(deps, way, user_id)
    print(written)
    await database.close()


if __name__ == "__main__":
    asyncio.run(_be_killed(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
