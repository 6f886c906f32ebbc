"""Numbered migrations of the data, each run once; data of the contract's Mongoose models is taken over in one go."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, Final

from pymongo import UpdateMany

from domain.mail_addresses import kept_form
from domain.names import name_keys
from domain.swaps import ACCEPTED, PENDING
from storage.leases import Leases
from storage.mongodb.batches import READ_AT_ONCE, Migration, writes
from storage.mongodb.database import Database
from storage.mongodb.skill_key_backfill import backfill_swaps, backfill_users, note_spellings
from storage.mongodb.takeover import (
    WAKE_AT,
    is_taken_over,
    planned_fields,
    take_over_accounts,
    take_over_message_ids,
    take_over_messages,
    take_over_swaps,
    take_over_users,
)
from storage.skills import Skills
from storage.swaps import swap_from
from storage.users import ANY_CAPITALS, text_in, user_from
from storage.vocabulary import load_vocabulary

LEASE = timedelta(seconds=30)
SAY_EVERY: Final = 1.0
"""Seconds between two lines of progress."""
SET_ASIDE = "email_in_other_capitals"

log = logging.getLogger(__name__)

Progress = Callable[[str], None]


async def migrate(database: Database, *, worker: str, progress: Progress) -> int:
    """Run pending migrations, one process at a time; returns the version of the data."""
    meta = database.collection("meta")
    leases = Leases(database)
    while True:
        version = int(((await meta.find_one({"_id": "schema"})) or {}).get("version", 0))
        if version >= len(MIGRATIONS):
            return version
        if await leases.hold("migrations", worker, LEASE) is None:
            await asyncio.sleep(0.2)
            continue
        try:
            # A takeover that was interrupted goes the longer way, which finds what is left.
            is_new = version == 0 and not await is_taken_over(database)
            chains = TAKE_OVER if is_new else (MIGRATIONS[version : version + 1],)
            reached = len(MIGRATIONS) if is_new else version + 1
            if await _run_together([_run_chain(database, chain, leases, worker, progress) for chain in chains]):
                await meta.update_one({"_id": "schema"}, {"$set": {"version": reached}}, upsert=True)
        finally:
            await leases.release("migrations", worker)


async def _run_together(runs: Sequence[Coroutine[Any, Any, bool]]) -> bool:
    """Run chains at the same time; none is left running after an error. Returns whether all have ended."""
    running = [asyncio.create_task(run) for run in runs]
    try:
        return all(await asyncio.gather(*running))
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


async def _run_chain(
    database: Database, chain: Sequence[Migration], leases: Leases, worker: str, progress: Progress
) -> bool:
    """Run migrations one after the other. False when the lease was lost on the way."""
    for migration in chain:
        if not await _run(database, migration, leases, worker, progress):
            return False
    return True


async def _run(database: Database, migration: Migration, leases: Leases, worker: str, progress: Progress) -> bool:
    """Run one migration. False when the lease was lost on the way: another process continues."""
    done, said_at = 0, -math.inf
    what = (migration.__doc__ or "").splitlines()[0].rstrip(".")
    async for count in migration(database):
        done += count
        if time.monotonic() - said_at >= SAY_EVERY:
            said_at = time.monotonic()
            progress(f"{what}: {done}")
        if await leases.hold("migrations", worker, LEASE) is None:
            return False
    if done:
        progress(f"{what}: {done}, done")
    return True


async def note_skills(database: Database) -> AsyncIterator[int]:
    """Collecting the skills of all users."""
    skills = Skills(database, await asyncio.to_thread(load_vocabulary))
    async for count in note_spellings(database, skills):
        yield count


async def compare_by_vocabulary(database: Database) -> AsyncIterator[int]:
    """Giving every spelling of a skill one key."""
    skills = Skills(database, await asyncio.to_thread(load_vocabulary))
    async for count in backfill_users(database, skills.vocabulary):
        yield count
    async for count in backfill_swaps(database, skills.vocabulary):
        yield count
    await database.collection("skills").delete_many({"state": {"$exists": False}})  # as they were collected before
    async for count in note_spellings(database, skills):
        yield count


@writes("users")
async def rank_users(database: Database) -> AsyncIterator[UpdateMany]:
    """Ranking users anew.

    A stored rank follows the rules of its day; this migration is repeated each time they change.
    """
    found = database.collection("users").find({"trades": {"$exists": True}}, {"trades": 0})
    async for doc in found.batch_size(READ_AT_ONCE):
        if doc.get("rank") != (rank := user_from(doc).rank):
            yield UpdateMany({"_id": doc["_id"], "rank": doc.get("rank")}, {"$set": {"rank": rank}})


@writes("users")
async def find_by_name(database: Database) -> AsyncIterator[UpdateMany]:
    """Making users known by name to the search.

    Stored keys of names follow the rules of their day; this migration is repeated each time they change.
    """
    found = database.collection("users").find({"trades": {"$exists": True}}, {"name": 1, "name_keys": 1})
    async for doc in found.batch_size(READ_AT_ONCE):
        stored, names = doc.get("name_keys"), list(name_keys(text_in(doc, "name")))
        if stored != names:  # a change of the profile in between has written them itself
            same = {"name_keys": {"$eq": stored} if "name_keys" in doc else {"$exists": False}}
            yield UpdateMany({"_id": doc["_id"], **same}, {"$set": {"name_keys": names}})


@writes("users")
async def set_aside_addresses(database: Database) -> AsyncIterator[UpdateMany]:
    """Comparing mail addresses without regard to capitals.

    Of users whose addresses differ in capitals only, the one whom that address signs in keeps it: the one with the
    small letters, or else the oldest. Nobody has proved that the others are the same person, so they are not merged:
    their address stays in the document under another name.
    """
    alike: list[dict[str, Any]] = [
        {"$match": {"email": {"$gt": ""}}},
        {"$sort": {"_id": 1}},
        {"$group": {"_id": "$email", "docs": {"$push": {"_id": "$_id", "email": "$email"}}}},
        {"$match": {"docs.1": {"$exists": True}}},
    ]
    for group in await database.aggregate("users", alike, collation=ANY_CAPITALS, allowDiskUse=True):
        docs = [doc for doc in group["docs"] if isinstance(doc["email"], str)]
        keeper = min(docs, key=lambda doc: doc["email"] != kept_form(doc["email"]))
        for doc in docs:
            if doc["email"] != keeper["email"]:  # two equal ones are reported by the index
                log.warning("user %s had the address of user %s in other capitals", doc["_id"], keeper["_id"])
                renamed = {"$rename": {"email": SET_ASIDE}, "$inc": {"profile_version": 1}}
                yield UpdateMany({"_id": doc["_id"], "email": doc["email"]}, renamed)


@writes("swaps")
async def plan_swaps(database: Database) -> AsyncIterator[UpdateMany]:
    """Planning what comes next in requests and running swaps."""
    now = database.clock.now()
    query = {"status": {"$in": [PENDING, ACCEPTED]}, "legs": {"$exists": True}, WAKE_AT: {"$exists": False}}
    async for doc in database.collection("swaps").find(query, {"outbox": 0}).batch_size(READ_AT_ONCE):
        if fields := planned_fields(swap_from(doc), now):
            same = {"_id": doc["_id"], "version": doc["version"], "status": doc["status"]}
            yield UpdateMany(same, {"$set": fields})


MIGRATIONS: tuple[Migration, ...] = (
    take_over_users,
    take_over_swaps,
    take_over_message_ids,
    take_over_messages,
    note_skills,
    take_over_accounts,
    compare_by_vocabulary,
    rank_users,  # ranks by join date
    rank_users,  # ranks by share of answered requests
    find_by_name,
    set_aside_addresses,
    find_by_name,  # with letters that readers take for the same
    plan_swaps,
)
"""Migrations from any earlier version of this service to the present one, in order: the version is how many are
done."""

TAKE_OVER: tuple[tuple[Migration, ...], ...] = (
    (take_over_users, note_skills, set_aside_addresses),
    (take_over_swaps,),
    (take_over_message_ids, take_over_messages),
    (take_over_accounts,),
)
"""Migrations of data that only the contract's models wrote, straight to the present version. Each chain has its own
collections, so they run at the same time: while the database writes for one, this process makes what the others need
written."""
