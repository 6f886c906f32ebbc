"""A unique index that a model, an adapter or an operator has built locks nobody out: it is dropped, logged, counted."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from handlers.runtime.deps import Deps
from handlers.users import register_telegram_user
from storage.mongodb.database import DATABASE_ERRORS, Database
from storage.mongodb.indexes import INDEXES, ensure_indexes, index_names
from tests.api.conftest import Client, Web
from tests.bot.conftest import Bot
from tests.factories import MakeUser, build_deps
from tests.mongoose.conftest import Node
from tests.service import running_service
from tests.skillswap.test_cli import skillswap

MODEL_CONNECTS = "return await User.countDocuments()"  # its indexes are built when it connects

# Of a Prisma schema and of models beside NextAuth's adapter, whose collections have the names of ours; of further
# models; and of an operator. The last two are not unique, but hold no user with two lists, and no list.
BUILT_BY_OTHERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("users", {"email": 1}, {"unique": True, "name": "users_email_key"}),
    ("users", {"telegram_id": 1}, {"unique": True}),
    ("users", {"photo_url": 1}, {"unique": True}),
    ("users", {"location": 1, "availability": 1}, {"unique": True}),
    ("users", {"locale": 1}, {"unique": True, "partialFilterExpression": {"locale": {"$exists": True}}}),
    ("users", {"skills_offered": 1, "skills_wanted": 1}, {}),
    ("users", {"skills_offered": "hashed"}, {}),
    ("accounts", {"provider": 1, "providerAccountId": 1}, {"unique": True}),
    ("accounts", {"userId": 1}, {"unique": True}),
    ("verification_tokens", {"identifier": 1}, {"unique": True}),
    ("verification_tokens", {"expires": 1}, {"unique": True, "sparse": True}),
    ("swaps", {"from_user_id": 1, "to_user_id": 1}, {"unique": True}),
    ("swaps", {"status": 1}, {"unique": True}),
    ("messages", {"swap_id": 1}, {"unique": True}),
    ("messages", {"from_user_id": 1, "to_user_id": 1}, {"unique": True}),
    ("skills", {"state": 1}, {"unique": True}),
    ("alerts", {"user_id": 1}, {"unique": True}),
    ("dialogs", {"step": 1}, {"unique": True}),
    ("read_marks", {"swap_id": 1}, {"unique": True}),
]
BUILD = """
    for (const [collection, keys, options] of args.indexes) await db.collection(collection).createIndex(keys, options)
"""


async def names(database: Database, collection: str) -> set[str]:
    return {index["name"] for index in await database.list_indexes(collection)}


async def start(bot: Bot, name: str) -> int:
    """Let a Telegram user write to the bot for the first time; return their id after they have been registered."""
    person = bot.person(name)
    await bot.say(person, "/start", name)
    assert (await bot.user(person)).email is None
    return person


async def test_people_without_an_address_register_after_a_model_has_connected(
    bot: Bot, node: Node, database: Database, client: Client, generation: str, caplog: pytest.LogCaptureFixture
) -> None:
    await start(bot, "Ana")
    await node.run(generation, MODEL_CONNECTS)
    assert "email_1" in await names(database, "users")
    with caplog.at_level(logging.WARNING):
        for name in ("Ben", "Chloe", "Dmitri"):
            await start(bot, name)
    assert await names(database, "users") == index_names("users") | {"_id_"}
    (line,) = [record.getMessage() for record in caplog.records if "email_1" in record.getMessage()]
    assert "users" in line
    async with client().get("/metrics") as answer:
        assert 'skillswap_dropped_indexes_total{collection="users",index="email_1"} 1.0' in await answer.text()


async def test_a_model_that_connects_again_and_again_locks_nobody_out(
    bot: Bot, node: Node, database: Database, generation: str
) -> None:
    await node.run(generation, MODEL_CONNECTS)
    await start(bot, "Ana")
    for name in ("Ben", "Chloe"):
        await database.collection("users").create_index("email", sparse=True, name="kept")
        await database.collection("users").update_many({"name": "Ben"}, {"$set": {"email": "ben@example.org"}})
        await node.run(generation, MODEL_CONNECTS)
        assert "email_1" in await names(database, "users")
        await start(bot, name)
    assert await names(database, "users") == index_names("users") | {"_id_", "kept"}


async def test_a_start_drops_the_index_of_a_model(
    node: Node, database: Database, database_uri: str, generation: str, tmp_path: Path
) -> None:
    await node.run(generation, "await User.create({name: 'Ana'})")
    assert "email_1" in await names(database, "users")
    code, out, _ = await skillswap("check", DATA_DIR=str(tmp_path), MONGODB_URI=database_uri)
    assert (code, "email_1 of users" in out) == (0, True)
    log = tmp_path / "log"
    async with running_service({"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri}, role="api", log=log):
        assert await names(database, "users") == index_names("users") | {"_id_"}
    assert "email_1 of users" in await asyncio.to_thread(log.read_text)


async def test_no_unique_index_of_others_is_in_the_way_of_a_whole_exchange(
    bot: Bot, web: Web, client: Client, node: Node, database: Database, make_user: MakeUser
) -> None:
    await node.run("@auth/mongodb-adapter", BUILD, indexes=BUILT_BY_OTHERS)
    ana = await bot.member("Ana", offers="Chess, Cooking", wants="Guitar")
    ben = await bot.member("Ben", offers="Guitar, Lute of Ben, Pyrography of Ben", wants="Chess, Cooking")
    moderator, _ = await make_user("Mo", role="moderator"), await make_user("Mia")  # both without Telegram
    for key in ("lute of ben", "pyrography of ben"):
        async with client(moderator).post("/api/skills/decisions", json={"key": key, "decision": "rejected"}) as answer:
            assert answer.status == 200, await answer.text()
    for number in range(2):
        request = {"to_user_id": ben.id, "offered_skill": ("Chess", "Cooking")[number], "wanted_skill": "Guitar"}
        async with client(ana).post("/api/swap", json=request) as answer:
            assert answer.status == 201, await answer.text()
            swap = (await answer.json())["_id"]
        async with client(ben).put(f"/api/swap/{swap}", json={"status": "accepted"}) as answer:
            assert answer.status == 200, await answer.text()
        for user in (ana, ben, ana):
            async with client(user).post("/api/chat", json={"swap_id": swap, "message": "Hello"}) as answer:
                assert answer.status == 201, await answer.text()
        for user in (ana, ben):
            async with client(user).put(f"/api/chat/{swap}/read", json={"seq": 3}) as answer:
                assert answer.status == 200, await answer.text()
    for skill in ("Sailing", "Rowing"):
        async with client(ana).post("/api/alerts", json={"skill": skill}) as answer:
            assert answer.status == 201, await answer.text()
    for subject in ("1", "2"):
        assert await web.deps.store.accounts.insert(ana.id, "google", subject, at=web.deps.now())
    tomorrow = web.deps.now() + timedelta(days=1)
    for address in ("one@example.org", "two@example.org", "one@example.org"):
        digest = f"digest {address} {web.deps.now()}"
        await web.deps.store.verification_tokens.insert(address, digest, expires_at=tomorrow)
    left = {name: await names(database, name) - index_names(name) - {"_id_"} for name in INDEXES}
    assert {name: found for name, found in left.items() if found} == {}
    assert await names(database, "dialogs") == {"_id_"}


async def test_a_transaction_that_meets_an_index_runs_again(
    web: Web, client: Client, node: Node, database: Database, make_user: MakeUser
) -> None:
    await make_user("Ana", skills_offered=("Lute of Ana", "Zither of Ana"))
    moderator = await make_user("Mo", role="moderator")
    only_one = {"unique": True, "partialFilterExpression": {"state": "rejected"}}
    await node.run("@auth/mongodb-adapter", BUILD, indexes=[("skills", {"state": 1}, only_one)])
    for key in ("lute of ana", "zither of ana"):
        async with client(moderator).post("/api/skills/decisions", json={"key": key, "decision": "rejected"}) as answer:
            assert answer.status == 200, await answer.text()
    assert await names(database, "skills") == index_names("skills") | {"_id_"}


async def test_several_processes_meet_the_same_index(
    node: Node, database: Database, database_uri: str, deps: Deps, generation: str
) -> None:
    await register_telegram_user(deps, 1, "Ana", "en")
    others = [await Database.open(database_uri) for _ in range(3)]
    all_deps = [deps, *[await build_deps(other) for other in others]]
    await node.run(generation, MODEL_CONNECTS)
    people = await asyncio.gather(
        *(register_telegram_user(each, 10 + n, f"P{n}", "en") for n, each in enumerate(all_deps * 5))
    )
    assert len({person.id for person in people}) == 20
    assert sum(each.store.database.foreign_indexes.dropped["users", "email_1"] for each in all_deps) == 1
    for other in others:
        await other.close()


async def test_an_index_of_ours_stays_whatever_its_name(deps: Deps, database: Database) -> None:
    users = database.collection("users")
    await users.drop_index("telegram_id")
    by_another_name = {"unique": True, "partialFilterExpression": {"telegram_id": {"$gt": 0}}}
    await users.create_index("telegram_id", name="telegram_id_1", **by_another_name)
    await ensure_indexes(database)
    first = await register_telegram_user(deps, 1, "Ana", "en")
    again = await asyncio.gather(*(register_telegram_user(deps, 1, "Ana", "en") for _ in range(5)))
    assert {user.id for user in again} == {first.id}
    assert not await deps.store.users.insert(first)
    assert "telegram_id_1" in await names(database, "users")


async def test_an_index_of_a_newer_version_of_the_service_stays(deps: Deps, database: Database) -> None:
    await database.collection("meta").update_one({"_id": "indexes"}, {"$addToSet": {"users": "handle"}})
    await database.collection("users").create_index("handle", name="handle", unique=True)
    await ensure_indexes(database)
    await register_telegram_user(deps, 1, "Ana", "en")
    assert not await deps.store.users.insert(await register_telegram_user(deps, 1, "Ana", "en"))
    assert "handle" in await names(database, "users")


async def test_collections_that_are_not_ours_keep_their_indexes(database: Database, node: Node, adapter: str) -> None:
    others = [("sessions", {"sessionToken": 1}, {"unique": True}), ("orders", {"number": 1}, {"unique": True})]
    sparse = ("users", {"stripe_id": 1}, {"unique": True, "sparse": True})
    await node.run(adapter, BUILD, indexes=[*others, sparse])
    await ensure_indexes(database)
    assert "sessionToken_1" in await names(database, "sessions")
    assert "number_1" in await names(database, "orders")
    assert "stripe_id_1" in await names(database, "users")


async def test_a_database_user_who_may_not_drop_indexes_is_reported(
    node: Node, database: Database, database_uri: str, generation: str, tmp_path: Path
) -> None:
    await node.run(generation, "await User.create({name: 'Ana'})")
    actions = "find insert update remove createCollection createIndex collMod listCollections listIndexes changeStream"
    here = {"db": database.name, "collection": ""}
    privileges = [{"resource": here, "actions": actions.split()}]
    await database.command({"createRole": "clerk", "privileges": privileges, "roles": []})
    await database.command({"createUser": "clerk", "pwd": "a password", "roles": ["clerk"]})
    port = database_uri.partition("@")[2].partition("/")[0]
    uri = f"mongodb://clerk:a%20password@{port}/{database.name}?replicaSet=rs0&authSource={database.name}"
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": uri}
    code, out, _ = await skillswap("check", **env)
    assert (code, "PROBLEM" in out, "email_1 of users" in out) == (1, True, True)
    log = tmp_path / "log"
    async with running_service(env, role="api", log=log) as service, aiohttp.ClientSession(service.url) as session:
        async with session.get("/readyz") as answer:
            assert (answer.status, (await answer.json())["parts"]["indexes"]) == (200, False)
        assert "may not drop it" in await asyncio.to_thread(log.read_text)
        limited = await Database.open(uri)
        deps = await build_deps(limited)
        with pytest.raises(DATABASE_ERRORS):  # "try again later", and not "changed somewhere else"
            await register_telegram_user(deps, 5, "Ben", "en")
        await database.collection("users").drop_index("email_1")
        assert (await register_telegram_user(deps, 5, "Ben", "en")).telegram_id == 5
        await limited.close()
        async with session.get("/readyz") as answer:
            assert (answer.status, (await answer.json())["parts"]["indexes"]) == (200, True)
