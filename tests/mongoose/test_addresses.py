"""A mail address is one person however its capitals are written, whoever wrote it into the database."""

from __future__ import annotations

import asyncio

import pytest
from bson import ObjectId

from handlers.auth.identities import Identity, find_holder, sign_in
from handlers.runtime.deps import Deps
from handlers.users import delete_account, get_user, register_email_user
from storage.mongodb.database import Database
from storage.mongodb.indexes import ensure_indexes
from storage.mongodb.migrations import MIGRATIONS, migrate, set_aside_addresses
from tests.api.auth.nextauth.conftest import (
    Browser,
    Post,
    browser,
    browsers,
    deps,
    port,
    post,
    providers,
    sign_in_by_mail,
    web,
)
from tests.factories import MakeUser
from tests.mongoose.conftest import Node, NodeError

__all__ = ["browser", "browsers", "deps", "port", "post", "providers", "web"]

AS_TYPED, KEPT = "Ana@Example.org", "ana@example.org"
CREATE = "return await User.create({name: 'Ana', email: args.email, skills_offered: ['Python']})"


@pytest.mark.parametrize("typed", [KEPT, "ANA@EXAMPLE.ORG", AS_TYPED])
async def test_a_sign_in_by_mail_finds_the_user_that_a_model_created(
    browser: Browser, post: Post, node: Node, database: Database, generation: str, typed: str
) -> None:
    made = await node.run(generation, CREATE, email=AS_TYPED)
    user = await sign_in_by_mail(browser, post, typed, KEPT)
    assert (user["id"], user["email"]) == (made["_id"], AS_TYPED)  # the document keeps what was written
    assert await database.collection("users").count_documents({}) == 1


async def test_a_sign_in_by_mail_finds_the_user_that_an_adapter_created(
    browser: Browser, post: Post, node: Node, database: Database, adapter: str
) -> None:
    made = await node.run(adapter, "return await adapter.createUser({name: 'Ana', email: args.email})", email=AS_TYPED)
    user = await sign_in_by_mail(browser, post, KEPT, KEPT)
    assert user["id"] == made["id"]
    assert await database.collection("users").count_documents({}) == 1


async def test_a_model_cannot_create_a_second_user_with_the_address_in_other_capitals(
    deps: Deps, node: Node, generation: str
) -> None:
    ana = await register_email_user(deps, KEPT, "Ana")
    with pytest.raises(NodeError) as raised:
        await node.run(generation, CREATE, email=AS_TYPED)
    assert raised.value.code == 11000  # what `unique: true` says to a front end
    assert (await register_email_user(deps, KEPT, "Ana")).id == ana.id


async def test_a_model_and_a_sign_in_at_the_same_moment_make_one_user(
    deps: Deps, node: Node, database: Database, generation: str
) -> None:
    results = await asyncio.gather(
        node.run(generation, CREATE, email=AS_TYPED),
        *(register_email_user(deps, KEPT, "Ana") for _ in range(3)),
        return_exceptions=True,
    )
    assert len({user.id for user in results if not isinstance(user, BaseException | dict)}) == 1
    assert await database.collection("users").count_documents({}) == 1


async def test_a_provider_that_vouches_for_the_address_does_not_make_a_second_user(
    deps: Deps, node: Node, database: Database, generation: str
) -> None:
    await node.run(generation, CREATE, email=AS_TYPED)
    identity = Identity("google", "1", name="Ana", email=KEPT, is_email_verified=True)
    with pytest.raises(Exception, match=r"auth\.account_not_linked"):
        await sign_in(deps, identity)
    assert await database.collection("users").count_documents({}) == 1


async def test_an_address_that_another_user_has_in_other_capitals_cannot_be_linked(
    deps: Deps, node: Node, make_user: MakeUser, generation: str
) -> None:
    made = await node.run(generation, CREATE, email=AS_TYPED)
    ben = await make_user("Ben", telegram_id=True)
    with pytest.raises(Exception, match=r"auth\.linked_elsewhere"):
        await sign_in(deps, Identity("email", KEPT, email=KEPT, is_email_verified=True), linking=ben)
    holder = await find_holder(deps, Identity("email", KEPT))
    assert holder is not None
    assert holder.id == made["_id"]


async def test_an_address_that_a_merge_makes_a_linked_account_still_signs_in(
    deps: Deps, node: Node, make_user: MakeUser, generation: str
) -> None:
    made = await node.run(generation, CREATE, email=AS_TYPED)
    survivor = await make_user("Ana too", email="other@example.org")
    code = "ABCD-EFGH"
    await deps.store.merges.offer(survivor.id, code, expires_at=deps.now().replace(year=2100))
    assert await deps.store.merges.merge(code, loser_id=made["_id"], at=deps.now())
    assert (await register_or_find(deps)) == survivor.id


async def register_or_find(deps: Deps) -> str:
    return (await sign_in(deps, Identity("email", KEPT, email=KEPT, is_email_verified=True))).id


async def test_deletion_erases_the_open_links_of_an_address_in_capitals(
    deps: Deps, browser: Browser, post: Post, node: Node, database: Database, generation: str
) -> None:
    made = await node.run(generation, CREATE, email=AS_TYPED)
    await browser.get("/api/auth/signin")
    await browser.submit("/api/auth/signin/email", email=AS_TYPED)
    await post.link(KEPT)
    await delete_account(deps, await get_user(deps, made["_id"]))
    assert await database.collection("verification_tokens").count_documents({}) == 0


async def test_a_database_with_both_spellings_is_taken_over(deps: Deps, database: Database) -> None:
    users = database.collection("users")
    await users.drop_index("email")
    await users.create_index("email", name="email", unique=True, partialFilterExpression={"email": {"$gt": ""}})
    spellings = [AS_TYPED, KEPT, "ANA@example.org", "Ben@Example.org", "BEN@example.org", "chloe@example.org"]
    rows = [{"_id": ObjectId(f"{n:024x}"), "name": f"P{n}", "email": each} for n, each in enumerate(spellings)]
    await users.insert_many(rows)
    before = {"$set": {"version": MIGRATIONS.index(set_aside_addresses)}}
    await database.collection("meta").update_one({"_id": "schema"}, before, upsert=True)
    await migrate(database, worker="w", progress=lambda _: None)
    await ensure_indexes(database)
    found = [(doc.get("email"), doc.get("email_in_other_capitals")) async for doc in users.find().sort("_id", 1)]
    assert found == [
        (None, AS_TYPED),
        (KEPT, None),
        (None, "ANA@example.org"),
        ("Ben@Example.org", None),
        (None, "BEN@example.org"),
        ("chloe@example.org", None),
    ]
    assert await register_or_find(deps) == str(rows[1]["_id"])
    (index,) = [index for index in await database.list_indexes("users") if index["name"] == "email"]
    assert index["collation"]["strength"] == 2
