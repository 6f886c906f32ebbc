"""Profiles that models write while the service runs: decks, search, alerts and circles find them."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from bson import ObjectId

from domain.events import CIRCLE_POSSIBLE
from handlers.alerts import add_alert, list_alerts
from handlers.notifications import claim_delivery
from handlers.runtime.deps import Deps
from handlers.users import get_user
from storage.mongodb.database import Database
from tests.api.conftest import Client, Connect
from tests.bot.conftest import Bot
from tests.factories import MakeUser
from tests.flows.conftest import Cluster, cluster, session
from tests.mongoose.conftest import Node, running_jobs
from tests.waiting import eventually

__all__ = ["cluster"]

LI = {"name": "Li", "email": "li@example.org", "skills_offered": ["Python"], "skills_wanted": ["Guitar"]}

CREATE = "return (await User.create(args.person))._id"
PUSH = """
const user = await User.findById(args.id)
user.skills_offered.push(args.skill)
await user.save()
"""


async def document(database: Database, user_id: str) -> dict[str, Any]:
    found: dict[str, Any] | None = await database.collection("users").find_one({"_id": ObjectId(user_id)})
    assert found is not None
    return found


def completed(jobs: Deps, collection: str = "users", end: str = "completed") -> float:
    """Return how many writes were completed, as `/metrics` says."""
    labels = {"collection": collection, "end": end}
    return jobs.metrics.registry.get_sample_value("skillswap_outside_writes_total", labels) or 0.0


async def test_a_created_user_is_in_the_deck_the_search_and_the_bot(
    node: Node, generation: str, jobs: Deps, client: Client, bot: Bot
) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    made = await node.run(generation, CREATE, person=LI)
    web = client(ana)

    async def ids(path: str) -> list[str]:
        async with web.get(path) as reply:
            assert reply.status == 200
            return [row.get("user", row)["_id"] for row in await reply.json()]

    async def is_found() -> bool:
        return made in await ids("/api/matches") and made in await ids("/api/users?skill=python")

    await eventually(is_found)
    assert ana.telegram_id is not None
    card = await bot.say(ana.telegram_id, "/match", "Li")
    assert "Li teaches you: Python" in card.words
    assert completed(jobs) == 1


async def test_a_pushed_skill_reaches_whoever_waits_for_it(
    node: Node, generation: str, jobs: Deps, deps: Deps, bot: Bot
) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Chess")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    await add_alert(deps, ana, "chess")
    await node.run(generation, PUSH, id=li.id, skill="Chess")
    await eventually(lambda: _has_found(deps, ana, li.id))
    assert ana.telegram_id is not None
    assert "Li" in (await bot.say(ana.telegram_id, "/match", "Chess")).words
    assert (await get_user(deps, li.id)).offered_keys == ("python", "chess")


SERIES = """
const until = async (collection, filter) => {
  const start = Date.now()
  while (!(await db.collection(collection).findOne(filter))) await new Promise((done) => setTimeout(done, 10))
  return Date.now() - start
}
const times = []
for (const [n, person] of args.people.entries()) {
  const { _id } = await User.create(person)
  const both = [["users", { _id, trades: { $exists: true }, is_listed: true }], ["alerts", { "finds.teacher_id": _id }]]
  const [completed, found] = await Promise.all(both.map(([name, filter]) => until(name, filter)))
  if (n % 2) times.push([completed, found])
}
return times
"""
"""Creates users one directly after the other; returns the milliseconds of every second one: its jobs have just run."""


@pytest.mark.usefixtures("jobs")
async def test_of_users_created_one_after_the_other_each_is_found_within_a_second(
    node: Node, generation: str, deps: Deps, make_user: MakeUser
) -> None:
    await add_alert(deps, await make_user("Ana"), "python")
    people = [LI | {"email": f"li{n}@example.org"} for n in range(8)]
    times = await node.run(generation, SERIES, people=people)
    best = [min(row) for row in zip(*times, strict=True)]  # on a busy machine single ones may be late
    assert max(best) < 800, times


async def _has_found(deps: Deps, owner: Any, teacher_id: str) -> bool:
    (alert,) = await list_alerts(deps, owner)
    return [find.teacher_id for find in alert.finds] == [teacher_id]


@pytest.mark.usefixtures("jobs")
async def test_a_changed_profile_makes_a_circle_possible(
    node: Node, generation: str, deps: Deps, make_user: MakeUser
) -> None:
    await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",), telegram_id=True)
    await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), telegram_id=True)
    noor = await make_user("Noor", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    change = "await User.updateOne({_id: args.id}, {skills_offered: ['Chinese'], skills_wanted: ['Python']})"
    await node.run(generation, change, id=noor.id)

    async def is_told() -> bool:
        delivery = await claim_delivery(deps, "test", set())
        return delivery is not None and (delivery.event, delivery.to) == (CIRCLE_POSSIBLE, noor.id)

    await eventually(is_told)


async def test_a_write_is_completed_once_and_causes_no_other(
    node: Node, generation: str, jobs: Deps, database: Database, make_user: MakeUser
) -> None:
    li = await make_user("Li")
    async with running_jobs(database, "second") as second:
        await node.run(generation, PUSH, id=li.id, skill="Chess")
        await eventually(lambda: completed(jobs) + completed(second) > 0)
        await asyncio.sleep(1.5)
        assert completed(jobs) + completed(second) == 1
    after = await document(database, li.id)
    assert (after["profile_version"], after["offered_keys"][-1]) == (li.profile_version + 1, "chess")


async def test_another_process_goes_on_when_the_first_one_stops(
    node: Node, database: Database, make_user: MakeUser, deps: Deps
) -> None:
    li = await make_user("Li")
    async with running_jobs(database, "first"):
        second = running_jobs(database, "second")
        await second.__aenter__()
    await node.run("mongoose9", PUSH, id=li.id, skill="Chess")
    await eventually(lambda: _teaches(database, li.id, "chess"))  # the lease is asked for every 5 seconds
    await second.__aexit__(None, None, None)


async def _teaches(database: Database, user_id: str, key: str) -> bool:
    return key in (await document(database, user_id)).get("offered_keys", [])


async def test_what_was_written_while_the_service_was_down_is_taken_up_at_its_start(
    node: Node, generation: str, database: Database, make_user: MakeUser
) -> None:
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",))
    made = await node.run(generation, CREATE, person=LI)
    await node.run(generation, "await User.updateOne({_id: args.id}, {skills_offered: ['Chess']})", id=li.id)
    async with running_jobs(database):
        await eventually(lambda: _teaches(database, made, "python"))
        await eventually(lambda: _teaches(database, li.id, "chess"))


@pytest.mark.usefixtures("jobs")
async def test_a_profile_made_private_is_in_no_deck_and_its_owner_sees_it(
    node: Node, generation: str, client: Client, connect: Connect, make_user: MakeUser
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    web, socket = client(ana), await connect(li)
    await node.run(generation, "await User.updateOne({_id: args.id}, {is_public: false, name: 'Lilo'})", id=li.id)

    async def is_gone() -> bool:
        async with web.get("/api/matches") as reply:
            return await reply.json() == []

    await eventually(is_gone)
    await eventually(lambda: ("user:updated", "Lilo") in [(e, d.get("name")) for e, d in socket.received])


@pytest.mark.usefixtures("jobs")
async def test_an_unknown_skill_waits_for_a_moderator(node: Node, generation: str, database: Database) -> None:
    await node.run(generation, CREATE, person=LI | {"skills_offered": ["Yak shaving"]})

    async def is_noted() -> bool:
        return await database.collection("skills").find_one({"state": "pending", "spelling": "Yak shaving"}) is not None

    await eventually(is_noted)


@pytest.mark.parametrize("roles", [("run",), ("api", "bot")], ids=["one process", "two processes"])
async def test_the_running_service_completes_what_models_write(
    node: Node, cluster: Cluster, deps: Deps, roles: tuple[str, ...]
) -> None:
    for role in roles:
        await cluster.start(role, NEXTAUTH_URL=cluster.url or "http://127.0.0.1:1")
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    made = await node.run("mongoose9", CREATE, person=LI)
    user = await deps.store.users.find_by_telegram(ana)
    assert user is not None
    async with aiohttp.ClientSession(cluster.url, headers=session(user.id, user.name)) as web:

        async def is_shown() -> bool:
            async with web.get("/api/matches") as reply:
                return [row["user"]["_id"] for row in await reply.json()] == [made]

        await eventually(is_shown)
    await cluster.send(ana, "/match", "Li")


ODD: dict[str, Any] = {
    "skills in a text": {"skills_offered": "Python"},
    "skills of other types": {"skills_offered": [5, None, {"$gt": ""}, ["Python"], "Python"]},
    "an operator as skills": {"skills_offered": {"$ne": None}},
    "ten thousand skills": {"skills_offered": [f"Skill {n}" for n in range(10_000)]},
    "a skill of a megabyte": {"skills_offered": ["x" * 1_000_000]},
    "a name of ten thousand characters": {"name": "Li " * 3_333, "location": "L\n" * 5_000},
    "numbers as texts": {"name": 7, "location": 8, "availability": [], "photo_url": 9, "email": 3},
    "a version that is a text": {"profile_version": "abc", "session_version": None},
    "a zone, a time and a place": {"timezone": 5, "created_at": "yesterday", "coordinates": "here"},
    "no fields": {},
    "stored keys of other types": {"offered_keys": "python", "trades": 4, "is_listed": "yes", "rank": None},
}


@pytest.mark.parametrize("fields", ODD.values(), ids=[*ODD])
async def test_odd_values_break_nothing(
    fields: dict[str, Any], jobs: Deps, database: Database, client: Client, bot: Bot
) -> None:
    """Written past the validators, as an older application or an operator may have done."""
    ana = await bot.member("Ana", offers="Guitar", wants="Python, Chess")
    odd = {"_id": ObjectId(), "skills_offered": ["Python"], "skills_wanted": ["Guitar"], **fields}
    if not fields:
        odd = {"_id": ObjectId()}
    rows = [odd, LI | {"_id": ObjectId(), "skills_offered": ["Chess"]}, {"_id": "a text", **LI, "email": "a@b.example"}]
    await database.command({"insert": "users", "documents": rows, "bypassDocumentValidation": True})
    web = client(ana)

    async def shown() -> list[str]:
        async with web.get("/api/matches?limit=100") as reply:
            assert reply.status == 200, await reply.text()
            return [row["user"]["_id"] for row in await reply.json()]

    async def is_li_found() -> bool:
        return str(rows[1]["_id"]) in await shown()

    await eventually(is_li_found)
    await asyncio.sleep(0.5)
    assert "a text" not in await shown()
    assert completed(jobs) <= 2
    assert ana.telegram_id is not None
    card = await bot.say(ana.telegram_id, "/match", "teaches you")
    await bot.press(ana.telegram_id, card, "⏭ Next")
