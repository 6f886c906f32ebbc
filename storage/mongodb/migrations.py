"""Numbered migrations of the data, each run once. The first ones convert what the contract's Mongoose models wrote:
users with e-mail, swaps without legs, messages without numbers. Fields that are not ours stay as they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from domain.mail_addresses import kept_form
from domain.messages import WEB
from domain.names import name_keys
from domain.swaps import ACCEPTED, ANSWER_WITHIN, PENDING, REJECTED
from domain.timeline import next_step
from domain.timetable import PROBE_AFTER
from storage.leases import Leases
from storage.mongodb.database import Database, object_id
from storage.mongodb.skill_key_backfill import backfill_swaps, backfill_users, note_spellings
from storage.skills import Skills
from storage.swaps import PLAN, swap_from
from storage.users import ANY_CAPITALS, derived_fields, text_in, time_in, user_from
from storage.vocabulary import load_vocabulary

BATCH = 500
LEASE = timedelta(seconds=30)
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
            if await _run(database, MIGRATIONS[version], leases, worker, progress):
                done = {"$set": {"version": version + 1}}
                await meta.update_one({"_id": "schema"}, done, upsert=True)
        finally:
            await leases.release("migrations", worker)


async def _run(database: Database, migration: Migration, leases: Leases, worker: str, progress: Progress) -> bool:
    """Run one migration. False when the lease was lost on the way: another process continues."""
    done = 0
    what = (migration.__doc__ or migration.__name__).splitlines()[0].rstrip(".")
    async for count in migration(database):
        done += count
        progress(f"{what}: {done}")
        if await leases.hold("migrations", worker, LEASE) is None:
            return False
    return True


async def take_over_users(database: Database) -> AsyncIterator[int]:
    """Taking over users."""
    users = database.collection("users")
    changes: list[UpdateOne] = []
    async for doc in users.find({"trades": {"$exists": False}, "status": {"$ne": "deleted"}}):
        user = user_from(doc)
        fields: dict[str, Any] = {
            "is_public": user.is_public,
            "status": user.status,
            "role": user.role,
            "locale": user.locale,
            "created_at": user.created_at,
        }
        fields = {name: value for name, value in fields.items() if name not in doc} | derived_fields(user)
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(users, changes)
    if changes:
        yield await _write(users, changes)


async def take_over_swaps(database: Database) -> AsyncIterator[int]:
    """Taking over swaps."""
    swaps = database.collection("swaps")
    taken = {doc["open_key"] async for doc in swaps.find({"open_key": {"$type": "string"}}, {"open_key": 1})}
    changes: list[UpdateOne] = []
    async for doc in swaps.find({"legs": {"$exists": False}}).sort([("_id", 1)]):
        fields = _swap_fields(doc, database.clock.now())
        if fields is None:
            continue
        key = swap_from({**doc, **fields}).open_key
        if key is not None and key not in taken:  # the same swap is open twice: the older one stays open
            taken.add(key)
            fields["open_key"] = key
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(swaps, changes)
    if changes:
        yield await _write(swaps, changes)


def _swap_fields(doc: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return the fields that an old swap lacks; None when it does not name two users."""
    asker, partner = _as_id(doc.get("from_user_id")), _as_id(doc.get("to_user_id"))
    if asker is None or partner is None or asker == partner:
        return None
    created_at = time_in(doc, "created_at")
    updated_at = doc["updated_at"] if isinstance(doc.get("updated_at"), datetime) else created_at
    status = text_in(doc, "status") or PENDING
    offered, wanted = text_in(doc, "offered_skill"), text_in(doc, "wanted_skill")
    history: list[dict[str, Any]] = [{"at": created_at, "by": asker, "event": "proposed", "status": PENDING}]
    if status in (ACCEPTED, REJECTED):  # only the recipient could do that
        history.append({"at": updated_at, "by": partner, "event": status, "status": status})
    consents = {str(asker): 1} | ({str(partner): 1} if status not in (PENDING, REJECTED) else {})
    fields: dict[str, Any] = {
        "from_user_id": asker,
        "to_user_id": partner,
        "offered_skill": offered,
        "wanted_skill": wanted,
        "status": status,
        "created_at": created_at,
        "updated_at": updated_at,
        "participants": [asker, partner],
        "legs": [
            {"teacher": asker, "learner": partner, "skill": offered},
            {"teacher": partner, "learner": asker, "skill": wanted},
        ],
        "consents": consents,
        "version": 1,
        "history": history,
    }
    if status == PENDING:  # it expires without a notification: no expiry ran in the old application
        fields["due_at"] = now + ANSWER_WITHIN
    return fields


async def take_over_message_ids(database: Database) -> AsyncIterator[int]:
    """Taking over messages: ids.

    All ids become ObjectIds before anything is numbered: the messages of a swap whose id is stored in two types are one
    sequence.
    """
    messages = database.collection("messages")
    changes: list[UpdateOne] = []
    names = ("swap_id", "from_user_id", "to_user_id")
    async for doc in messages.find({"client_id": {"$exists": False}}, dict.fromkeys(names, 1)):
        fields: dict[str, Any] = {name: oid for name in names if (oid := _as_id(doc.get(name))) is not None}
        fields["client_id"] = str(doc["_id"])
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(messages, changes)
    if changes:
        yield await _write(messages, changes)


async def take_over_messages(database: Database) -> AsyncIterator[int]:
    """Taking over messages: numbers."""
    messages = database.collection("messages")
    changes: list[UpdateOne] = []
    numbered: list[dict[str, Any]] = [
        {"$match": {"seq": {"$exists": True}}},
        {"$group": {"_id": "$swap_id", "top": {"$max": "$seq"}}},
    ]
    tops = {group["_id"]: int(group["top"]) for group in await database.aggregate("messages", numbered)}
    without = {"seq": {"$exists": False}, "swap_id": {"$type": "objectId"}}
    cursor = messages.find(without, {"swap_id": 1, "created_at": 1})
    async for doc in cursor.sort([("swap_id", 1), ("created_at", 1), ("_id", 1)]).allow_disk_use(True):
        seq = tops[doc["swap_id"]] = tops.get(doc["swap_id"], 0) + 1
        fields: dict[str, Any] = {"seq": seq, "via": WEB, "created_at": time_in(doc, "created_at")}
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(messages, changes)
    if changes:
        yield await _write(messages, changes)


async def note_skills(database: Database) -> AsyncIterator[int]:
    """Collecting the skills of all users."""
    skills = Skills(database, await asyncio.to_thread(load_vocabulary))
    async for count in note_spellings(database, skills):
        yield count


async def take_over_accounts(database: Database) -> AsyncIterator[int]:
    """Taking over accounts.

    NextAuth's own adapter calls the fields `userId` and `providerAccountId`; they stay beside ours. Of duplicates only
    the oldest is taken over.
    """
    accounts = database.collection("accounts")
    ours = accounts.find({"subject": {"$type": "string"}}, {"provider": 1, "subject": 1})
    taken = {(doc["provider"], doc["subject"]) async for doc in ours}
    changes: list[UpdateOne] = []
    theirs = {"subject": {"$exists": False}, "provider": {"$type": "string"}, "providerAccountId": {"$type": "string"}}
    async for doc in accounts.find(theirs).sort([("_id", 1)]):
        person, account = _as_id(doc.get("userId")), (doc["provider"], doc["providerAccountId"])
        if person is None or not account[1] or account in taken:
            continue
        taken.add(account)
        fields = {"user_id": person, "subject": account[1], "created_at": time_in(doc, "created_at")}
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(accounts, changes)
    if changes:
        yield await _write(accounts, changes)


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


async def rank_users(database: Database) -> AsyncIterator[int]:
    """Ranking users anew.

    A stored rank follows the rules of its day; this migration is repeated each time they change.
    """
    users = database.collection("users")
    changes: list[UpdateOne] = []
    async for doc in users.find({"trades": {"$exists": True}}, {"trades": 0}).batch_size(BATCH):
        if doc.get("rank") != (rank := user_from(doc).rank):
            changes.append(UpdateOne({"_id": doc["_id"], "rank": doc.get("rank")}, {"$set": {"rank": rank}}))
        if len(changes) == BATCH:
            yield await _write(users, changes)
    if changes:
        yield await _write(users, changes)


async def find_by_name(database: Database) -> AsyncIterator[int]:
    """Making users known by name to the search.

    Stored keys of names follow the rules of their day; this migration is repeated each time they change.
    """
    users = database.collection("users")
    changes: list[UpdateOne] = []
    async for doc in users.find({"trades": {"$exists": True}}, {"name": 1, "name_keys": 1}).batch_size(BATCH):
        stored, names = doc.get("name_keys"), list(name_keys(text_in(doc, "name")))
        if stored != names:  # a change of the profile in between has written them itself
            same = {"name_keys": {"$eq": stored} if "name_keys" in doc else {"$exists": False}}
            changes.append(UpdateOne({"_id": doc["_id"], **same}, {"$set": {"name_keys": names}}))
        if len(changes) == BATCH:
            yield await _write(users, changes)
    if changes:
        yield await _write(users, changes)


async def set_aside_addresses(database: Database) -> AsyncIterator[int]:
    """Comparing mail addresses without regard to capitals.

    Of users whose addresses differ in capitals only, the one whom that address signs in keeps it: the one with the
    small letters, or else the oldest. Nobody has proved that the others are the same person, so they are not merged:
    their address stays in the document under another name.
    """
    users = database.collection("users")
    alike: list[dict[str, Any]] = [
        {"$match": {"email": {"$gt": ""}}},
        {"$sort": {"_id": 1}},
        {"$group": {"_id": "$email", "docs": {"$push": {"_id": "$_id", "email": "$email"}}}},
        {"$match": {"docs.1": {"$exists": True}}},
    ]
    changes: list[UpdateOne] = []
    for group in await database.aggregate("users", alike, collation=ANY_CAPITALS, allowDiskUse=True):
        docs = [doc for doc in group["docs"] if isinstance(doc["email"], str)]
        keeper = min(docs, key=lambda doc: doc["email"] != kept_form(doc["email"]))
        for doc in docs:
            if doc["email"] != keeper["email"]:  # two equal ones are reported by the index
                log.warning("user %s had the address of user %s in other capitals", doc["_id"], keeper["_id"])
                renamed = {"$rename": {"email": SET_ASIDE}, "$inc": {"profile_version": 1}}
                changes.append(UpdateOne({"_id": doc["_id"], "email": doc["email"]}, renamed))
    if changes:
        yield await _write(users, changes)


async def plan_swaps(database: Database) -> AsyncIterator[int]:
    """Planning what comes next in requests and running swaps.

    The two of a swap that runs already are asked whether they have met; the questions are spread over PROBE_AFTER, by
    the ids of the swaps.
    """
    swaps = database.collection("swaps")
    now = database.clock.now()
    spread = int(PROBE_AFTER / timedelta(minutes=1))
    changes: list[UpdateOne] = []
    query = {"status": {"$in": [PENDING, ACCEPTED]}, "legs": {"$exists": True}, "wake_at": {"$exists": False}}
    async for doc in swaps.find(query, {"outbox": 0}).batch_size(BATCH):
        swap = swap_from(doc)
        if swap.status == ACCEPTED and swap.plan.accepted_at is None:
            since = now - timedelta(minutes=int(swap.id[-6:], 16) % spread)
            swap = replace(swap, plan=replace(swap.plan, accepted_at=swap.updated_at, idle_since=since, is_older=True))
        step = next_step(swap)
        if step is not None:
            fields = {"plan": PLAN.document(swap.plan), "wake_at": step.at}
            same = {"_id": doc["_id"], "version": doc["version"], "status": doc["status"]}
            changes.append(UpdateOne(same, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(swaps, changes)
    if changes:
        yield await _write(swaps, changes)


async def _write(collection: Any, changes: list[UpdateOne]) -> int:
    count = len(changes)
    await collection.bulk_write(changes, ordered=True)  # interrupted anywhere, it leaves no gap
    changes.clear()
    return count


def _as_id(value: Any) -> ObjectId | None:
    """Return an id as the models wrote it: an ObjectId, or its text."""
    return value if isinstance(value, ObjectId) else object_id(value) if isinstance(value, str) else None


Migration = Callable[[Database], AsyncIterator[int]]

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
