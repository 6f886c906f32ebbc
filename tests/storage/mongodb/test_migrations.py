"""A database that the contract's own models wrote is migrated: nothing is lost, and the operations work on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from bson import ObjectId, encode

from domain.errors import NotFound
from domain.swaps import ACCEPTED, PENDING, REJECTED
from domain.users import ProfileChanges, User
from handlers.matches import list_matches
from handlers.messages import Draft, list_messages, send_message
from handlers.people_search import search_by_name
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, list_swaps, reject_swap
from handlers.timeline import do_due_steps
from handlers.users import delete_account, get_user, register_telegram_user, update_profile
from storage.mongodb import batches, migrations
from storage.mongodb.database import Database
from storage.mongodb.indexes import ensure_indexes
from storage.mongodb.migrations import MIGRATIONS, compare_by_vocabulary, find_by_name, migrate, plan_swaps, rank_users
from storage.mongodb.problems import DatabaseProblem
from storage.mongodb.validators import ensure_validators
from tests.factories import build_deps, insert_swap, insert_user, later, recipients_of

AT = datetime(2023, 3, 1, 12, tzinfo=UTC)
ADA, BEN, CHLOE = (ObjectId(f"{n:024x}") for n in (0xA, 0xB, 0xC))
PENDING_SWAP, ACCEPTED_SWAP, REJECTED_SWAP, TWIN_SWAP, BROKEN_SWAP = (ObjectId(f"{n:024x}") for n in range(1, 6))
MANY = tuple(f"Skill {n}" for n in range(25))


def people() -> list[dict[str, Any]]:
    mongoose = {"__v": 3, "createdAt": AT, "updatedAt": AT, "password": "$2b$10$abcdefghijklmnopqrstuv"}
    return [
        {
            "_id": ADA,
            "name": "Ada",
            "email": "ada@example.org",
            "skills_offered": ["Python", "python", "PYTHON "],
            "skills_wanted": ["Guitar"],
            "emailVerified": None,
            **mongoose,
        },
        {"_id": BEN, "name": "Ben", "email": "", "skills_offered": ["guitar"], "skills_wanted": ["Python"], "age": 3.5},
        {"_id": CHLOE, "name": "Chloe", "email": "", "skills_offered": [*MANY], "is_public": False, "created_at": AT},
        {"name": 7, "email": None, "skills_offered": "Python", "skills_wanted": [None, 4, "Go"], "locale": "tlh"},
        {"email": "old@example.org", "bio": {"text": "kept", "n": [1, {"a": None}]}, "skills_offered": None},
    ]


def swaps() -> list[dict[str, Any]]:
    asked = {"from_user_id": ADA, "to_user_id": BEN, "offered_skill": "Python", "wanted_skill": "guitar"}
    texts = asked | {"from_user_id": str(ADA), "to_user_id": str(BEN)}
    return [
        {"_id": PENDING_SWAP, **texts, "message": "Hello", "__v": 0, "created_at": AT},
        {"_id": ACCEPTED_SWAP, **asked, "wanted_skill": "Drums", "status": ACCEPTED, "created_at": AT, "rating": 5},
        {"_id": REJECTED_SWAP, **asked, "status": REJECTED, "updatedAt": AT},
        {"_id": TWIN_SWAP, **asked, "status": PENDING, "created_at": AT},
        {"_id": BROKEN_SWAP, "from_user_id": "nobody", "status": PENDING},
    ]


def messages() -> list[dict[str, Any]]:
    """Messages of one swap under two types of id, unordered; of two swaps without users; and of one without a time."""
    rows: list[dict[str, Any]] = []
    for number in (3, 1, 5, 2, 4):
        as_text = number % 2
        row = {
            "swap_id": str(ACCEPTED_SWAP) if as_text else ACCEPTED_SWAP,
            "from_user_id": str(ADA) if as_text else BEN,
            "to_user_id": str(BEN) if as_text else ADA,
            "message": f"word {number}",
            "created_at": AT + timedelta(minutes=number),
            "__v": 0,
            "readBy": [{"user": "x"}],
        }
        rows.append(row)
    rows.append({"swap_id": PENDING_SWAP, "from_user_id": ADA, "to_user_id": BEN, "message": "early"})
    rows += [{"swap_id": "nobody", "message": "lost"}, {"swap_id": "nobody", "message": "lost too"}]
    return rows


@pytest.fixture
async def database(new_database: Database) -> Database:
    return new_database


@pytest.fixture
async def old(database: Database) -> Database:
    """Database as an older front end leaves it, its indexes included."""
    for name, rows in (("users", people()), ("swaps", swaps()), ("messages", messages())):
        await database.collection(name).insert_many(rows)
    await database.collection("messages").create_index("swap_id")
    return database


async def take_over(database: Database, worker: str = "w") -> Deps:
    """Migrate as the service does at its start."""
    await ensure_validators(database)
    await migrate(database, worker=worker, progress=lambda _: None)
    await ensure_indexes(database)
    return await build_deps(database)


async def documents(database: Database) -> dict[str, list[dict[str, Any]]]:
    names = ("users", "swaps", "messages")
    return {name: await database.collection(name).find().sort("_id", 1).to_list(None) for name in names}


CHANGED = {
    "users": set[str](),
    "swaps": {"from_user_id", "to_user_id"},
    "messages": {"swap_id", "from_user_id", "to_user_id"},
}


def untouched(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> Iterator[bool]:
    """Yield whether each existing field still holds the same bytes. Only ids became ObjectIds."""
    for name, rows in before.items():
        for old, new in zip(rows, after[name], strict=True):
            for field, value in old.items():
                if field in CHANGED[name]:
                    yield str(new[field]) == str(value)
                else:
                    yield encode({"": new[field]}) == encode({"": value})


async def test_existing_fields_stay_unchanged(old: Database) -> None:
    before = await documents(old)
    await take_over(old)
    assert all(untouched(before, await documents(old)))


async def test_a_second_start_changes_nothing(old: Database) -> None:
    await take_over(old)
    once = await documents(old)
    assert await migrate(old, worker="w", progress=pytest.fail) == len(MIGRATIONS)
    await old.collection("meta").delete_many({})  # and neither does a second run of every step
    await take_over(old)
    assert await documents(old) == once


async def test_operations_work_on_migrated_data(old: Database) -> None:
    deps = await take_over(old)
    ada, ben, chloe = [await get_user(deps, str(oid)) for oid in (ADA, BEN, CHLOE)]
    assert (ada.created_at, chloe.created_at, chloe.is_public) == (ADA.generation_time, AT, False)
    standing = {swap.id: swap.status for swap in await list_swaps(deps, ada)}
    assert standing == {
        str(PENDING_SWAP): PENDING,
        str(ACCEPTED_SWAP): ACCEPTED,
        str(REJECTED_SWAP): REJECTED,
        str(TWIN_SWAP): PENDING,
    }
    with pytest.raises(NotFound):
        await accept_swap(deps, ben, str(BROKEN_SWAP))
    said = await list_messages(deps, ben, str(ACCEPTED_SWAP))
    assert [(m.seq, m.message) for m in said] == [(n, f"word {n}") for n in range(1, 6)]
    assert (await send_message(deps, ada, Draft(str(ACCEPTED_SWAP), "word 6", "web"))).seq == 6
    for swap_id, answer, status in (
        (PENDING_SWAP, accept_swap, ACCEPTED),
        (TWIN_SWAP, reject_swap, REJECTED),
        (ACCEPTED_SWAP, accept_swap, ACCEPTED),  # answered long ago: no error
        (REJECTED_SWAP, reject_swap, REJECTED),
    ):
        swap = await answer(deps, ben, str(swap_id))
        assert (swap.status, swap.history[-1].status, swap.history[-1].by) == (status, status, ben.id)
    after = await update_profile(deps, chloe, ProfileChanges(name="Chloé", is_public=True))
    assert (after.name, after.skills_offered) == ("Chloé", MANY)
    await delete_account(deps, ada)
    assert [m.message for m in await list_messages(deps, ben, str(ACCEPTED_SWAP))] == [
        "",
        "word 2",
        "",
        "word 4",
        "",
        "",
    ]


async def test_migrated_users_are_in_the_deck(old: Database) -> None:
    deps = await take_over(old)
    await old.collection("swaps").delete_many({})
    ben = await get_user(deps, str(BEN))
    (match,) = (await list_matches(deps, ben)).matches
    assert (match.user.name, match.teaches_you, match.you_teach) == (
        "Ada",
        ("Python", "python", "PYTHON "),
        ("guitar",),
    )


async def test_indexes_of_the_models_do_not_reject_new_users(old: Database) -> None:
    users = old.collection("users")
    await users.delete_many({"email": {"$in": ["", None]}})
    await users.create_index("email", unique=True)  # named email_1, as Mongoose does
    await old.collection("swaps").create_index([("from_user_id", 1), ("created_at", -1)])  # ours, by another name
    deps = await take_over(old)
    for telegram_id in (1, 2, 3):
        assert (await register_telegram_user(deps, telegram_id, "New", "en")).email is None
    assert not await deps.store.users.insert(await with_email(deps, "ada@example.org"))


async def with_email(deps: Deps, email: str) -> User:
    return User(id=str(ObjectId()), name="Copy", created_at=deps.now(), email=email)


async def test_duplicate_address_is_reported_in_one_line(old: Database) -> None:
    await old.collection("users").insert_one({"name": "Ada again", "email": "ada@example.org"})
    with pytest.raises(DatabaseProblem) as caught:
        await take_over(old)
    line = str(caught.value)
    assert "users" in line
    assert "email" in line
    assert "\n" not in line
    assert "ada@example.org" not in line
    await old.collection("users").update_one({"name": "Ada again"}, {"$set": {"email": "other@example.org"}})
    await take_over(old)


async def test_interrupted_migration_resumes_without_a_gap(old: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    written: list[int] = []
    write = batches.write

    class Crash(Exception):
        pass

    async def write_or_crash(collection: Any, changes: Any) -> int:
        if len(written) % 2:
            written.append(0)
            raise Crash
        written.append(1)
        return await write(collection, changes)

    monkeypatch.setattr(batches, "write", write_or_crash)
    runs = 0
    before = await documents(old)
    while True:
        runs += 1
        try:
            deps = await take_over(old)
        except Crash:
            continue
        break
    assert runs > 3
    ben = await get_user(deps, str(BEN))
    said = await list_messages(deps, ben, str(ACCEPTED_SWAP))
    assert [(m.seq, m.message) for m in said] == [(n, f"word {n}") for n in range(1, 6)]
    open_keys = [doc["open_key"] for doc in (await documents(old))["swaps"] if "open_key" in doc]
    assert len(open_keys) == len(set(open_keys)) == 2
    assert all(untouched(before, await documents(old)))


async def test_concurrent_processes_migrate_once(old: Database, database_uri: str) -> None:
    others = [await Database.open(database_uri) for _ in range(3)]
    versions = await asyncio.gather(
        *(migrate(db, worker=f"w{n}", progress=lambda _: None) for n, db in enumerate((old, *others)))
    )
    await asyncio.gather(*(ensure_indexes(db) for db in (old, *others)))
    for other in others:
        await other.close()
    assert set(versions) == {len(MIGRATIONS)}
    said = await old.collection("messages").find({"swap_id": ACCEPTED_SWAP}).sort("seq", 1).to_list(None)
    assert [doc["seq"] for doc in said] == [1, 2, 3, 4, 5]


async def test_takeover_leaves_what_all_migrations_one_after_the_other_leave(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await documents(old)
    await take_over(old)
    at_once = await documents(old)
    for name, rows in before.items():
        await old.collection(name).delete_many({})
        await old.collection(name).insert_many(rows, bypass_document_validation=True)
    for name in ("meta", "skills"):
        await old.collection(name).delete_many({})
    monkeypatch.setattr(migrations, "TAKE_OVER", (MIGRATIONS,))
    await take_over(old)
    stepwise = await documents(old)
    for one in (at_once, stepwise):
        for doc in one["swaps"]:
            doc |= {
                field: "set" for field in ("due_at", "wake_at", "plan") if field in doc
            }  # by the time of the takeover
    assert at_once == stepwise


async def test_process_that_lost_the_lease_stops(old: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = []

    async def endless(database: Database) -> AsyncIterator[int]:
        """A migration in whose middle another process takes the lease."""
        if lost:
            return
        lost.append(True)
        taken = {"$set": {"holder": "another", "until": await database.server_time() + timedelta(seconds=1)}}
        await database.collection("leases").update_one({"_id": "migrations"}, taken)
        yield 1
        pytest.fail("it went on without its lease")

    monkeypatch.setattr(migrations, "TAKE_OVER", ((endless,),))
    assert await migrate(old, worker="w", progress=lambda _: None) == len(MIGRATIONS)


async def test_empty_database_migrates_without_output(database: Database) -> None:
    assert await migrate(database, worker="w", progress=pytest.fail) == len(MIGRATIONS)
    await ensure_validators(database)
    await ensure_validators(database)
    with pytest.raises(Exception, match="validation"):
        await database.collection("swaps").insert_one({"status": "done"})


async def test_migration_gives_all_users_vocabulary_keys(old: Database) -> None:
    await take_over(old)
    users, swaps = old.collection("users"), old.collection("swaps")
    before = {"$set": {"version": MIGRATIONS.index(compare_by_vocabulary)}}
    await old.collection("meta").update_one({"_id": "schema"}, before)
    await old.collection("skills").insert_one({"_id": "js"})
    as_before = {"offered_keys": ["js", "lute of ada"], "trades": ["js>guitar", "lute of ada>guitar"]}
    await users.update_one({"_id": ADA}, {"$set": {"skills_offered": ["js", "Lute of Ada"], **as_before}})
    await swaps.update_one({"_id": PENDING_SWAP}, {"$set": {"legs.0.skill": "js"}, "$unset": {"legs.0.key": ""}})
    deps = await take_over(old)
    ada = await get_user(deps, str(ADA))
    assert ada.offered_keys == ("javascript", "lute of ada")
    assert ada.trades[0].startswith("javascript>")
    swap = await swaps.find_one({"_id": PENDING_SWAP})
    assert swap is not None
    assert swap["legs"][0]["key"] == "javascript"
    assert f"{swap['legs'][0]['teacher']}:javascript" in swap["open_key"]
    rows = {row["_id"] async for row in old.collection("skills").find()}
    assert "lute of ada" in rows
    assert not rows & {"js", "javascript", "guitar"}


async def test_migration_ranks_all_users_by_current_rules(old: Database) -> None:
    await take_over(old)
    users = old.collection("users")
    last = max(place for place, migration in enumerate(MIGRATIONS) if migration is rank_users)
    await old.collection("meta").update_one({"_id": "schema"}, {"$set": {"version": last}})
    await users.update_one({"_id": ADA}, {"$set": {"rank": 1489, "answered": 3}})
    deps = await take_over(old)
    ada = await users.find_one({"_id": ADA})
    assert ada is not None
    assert ada["rank"] == (await get_user(deps, str(ADA))).rank


async def test_migration_lets_users_be_found_by_name(old: Database) -> None:
    await take_over(old)
    users = old.collection("users")
    before = {"$set": {"version": MIGRATIONS.index(find_by_name)}}
    await old.collection("meta").update_one({"_id": "schema"}, before)
    await users.update_many({}, {"$unset": {"name_keys": ""}})
    await users.update_one({"_id": ADA}, {"$set": {"name": "Ada M. Ruíz"}})
    deps = await take_over(old)
    ben = await get_user(deps, str(BEN))
    assert [match.user.id for match in (await search_by_name(deps, ben, "ruiz")).matches] == [str(ADA)]
    seven = await users.find_one({"name": 7})
    assert seven is not None
    assert seven["name_keys"] == []


async def test_names_stored_by_earlier_rules_are_found_by_the_present_ones(old: Database) -> None:
    await take_over(old)
    users = old.collection("users")
    await users.update_one({"_id": ADA}, {"$set": {"name": "Łukasz", "name_keys": ["łukasz"]}})
    last = max(place for place, migration in enumerate(MIGRATIONS) if migration is find_by_name)
    await old.collection("meta").update_one({"_id": "schema"}, {"$set": {"version": last}})
    deps = await take_over(old)
    ben = await get_user(deps, str(BEN))
    assert [match.user.id for match in (await search_by_name(deps, ben, "lukasz")).matches] == [str(ADA)]


async def test_swaps_that_run_already_are_probed_within_two_weeks_one_after_the_other(deps: Deps) -> None:
    users = [await insert_user(deps, telegram_id=True) for _ in range(20)]
    swaps = [await insert_swap(deps, one, two, status=ACCEPTED) for one, two in pairwise(users)]
    database, now = deps.store.database, deps.now()
    await database.collection("swaps").update_many({}, {"$unset": {"plan": "", "wake_at": ""}})
    assert sum([count async for count in plan_swaps(database)]) == len(swaps)
    assert [count async for count in plan_swaps(database)] == []
    docs = await database.collection("swaps").find().to_list(None)
    probes = sorted(doc["wake_at"] - now for doc in docs)
    assert timedelta(minutes=-1) < probes[0]
    assert probes[-1] <= timedelta(days=14, minutes=1)
    assert len(set(probes)) == len(probes)
    await do_due_steps(later(deps, probes[-1] + timedelta(minutes=1)))
    for swap in swaps:
        assert len(await recipients_of(database, swap.id, "swap.unplanned")) == 2
