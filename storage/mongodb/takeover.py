"""Takeover of what the contract's Mongoose models wrote: users with e-mail, swaps without legs, messages without
numbers. Fields that are not ours stay as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateMany

from domain.messages import WEB
from domain.skills import KeyOf
from domain.swaps import ACCEPTED, ANSWER_WITHIN, PENDING, REJECTED, Swap
from domain.timeline import next_step
from domain.timetable import PROBE_AFTER
from domain.users import with_keys
from storage.derived_fields import derived_fields
from storage.mongodb.batches import READ_AT_ONCE, writes
from storage.mongodb.database import Database, object_id
from storage.swaps import PLAN, swap_from
from storage.users import text_in, time_in, user_from
from storage.vocabulary import load_vocabulary

WAKE_AT: Final = "wake_at"
KEYS_KEPT: Final = 10_000


@writes("users")
async def take_over_users(database: Database) -> AsyncIterator[UpdateMany]:
    """Taking over users."""
    key_of = await _load_keys()
    query = {"trades": {"$exists": False}, "status": {"$ne": "deleted"}}
    async for doc in database.collection("users").find(query).batch_size(READ_AT_ONCE):
        user = with_keys(user_from(doc), key_of)
        fields: dict[str, Any] = {
            "is_public": user.is_public,
            "status": user.status,
            "role": user.role,
            "locale": user.locale,
            "created_at": user.created_at,
        }
        fields = {name: value for name, value in fields.items() if name not in doc} | derived_fields(user)
        yield UpdateMany({"_id": doc["_id"]}, {"$set": fields})


@writes("swaps")
async def take_over_swaps(database: Database) -> AsyncIterator[UpdateMany]:
    """Taking over swaps."""
    swaps, now = database.collection("swaps"), database.clock.now()
    key_of = await _load_keys()
    taken = {doc["open_key"] async for doc in swaps.find({"open_key": {"$type": "string"}}, {"open_key": 1})}
    query = {"legs": {"$exists": False}}
    async for doc in swaps.find(query).sort([("_id", 1)]).batch_size(READ_AT_ONCE):
        fields = _swap_fields(doc, key_of, now)
        if fields is None:
            continue
        if fields["status"] in (PENDING, ACCEPTED):
            swap = swap_from({**doc, **fields})
            if swap.open_key is not None and swap.open_key not in taken:
                taken.add(swap.open_key)  # the same swap is open twice: the older one stays open
                fields["open_key"] = swap.open_key
            fields |= planned_fields(swap, now)
        yield UpdateMany({"_id": doc["_id"]}, {"$set": fields})


def _swap_fields(doc: dict[str, Any], key_of: KeyOf, now: datetime) -> dict[str, Any] | None:
    """Return the fields that an old swap lacks; None when it does not name two users."""
    asker, partner = as_id(doc.get("from_user_id")), as_id(doc.get("to_user_id"))
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
            {"teacher": asker, "learner": partner, "skill": offered, "key": key_of(offered)},
            {"teacher": partner, "learner": asker, "skill": wanted, "key": key_of(wanted)},
        ],
        "consents": consents,
        "version": 1,
        "history": history,
    }
    if status == PENDING:  # it expires without a notification: no expiry ran in the old application
        fields["due_at"] = now + ANSWER_WITHIN
    return fields


def planned_fields(swap: Swap, now: datetime) -> dict[str, Any]:
    """Return the plan of a request or running swap that has none yet, and when its next step is due.

    The two of a swap that runs already are asked whether they have met; the questions are spread over PROBE_AFTER, by
    the ids of the swaps.
    """
    if swap.status == ACCEPTED and swap.plan.accepted_at is None:
        spread = int(PROBE_AFTER / timedelta(minutes=1))
        since = now - timedelta(minutes=int(swap.id[-6:], 16) % spread)
        swap = replace(swap, plan=replace(swap.plan, accepted_at=swap.updated_at, idle_since=since, is_older=True))
    step = next_step(swap)
    return {} if step is None else {"plan": PLAN.document(swap.plan), WAKE_AT: step.at}


@writes("messages")
async def take_over_message_ids(database: Database) -> AsyncIterator[UpdateMany]:
    """Taking over messages: ids.

    All ids become ObjectIds before anything is numbered: the messages of a swap whose id is stored in two types are one
    sequence.
    """
    names = ("swap_id", "from_user_id", "to_user_id")
    query = {"$or": [{name: {"$type": "string"}} for name in names]}
    async for doc in database.collection("messages").find(query, dict.fromkeys(names, 1)).batch_size(READ_AT_ONCE):
        fields = {name: oid for name in names if (oid := as_id(doc.get(name))) is not None and oid != doc[name]}
        if fields:
            yield UpdateMany({"_id": doc["_id"]}, {"$set": fields})


@writes("messages")
async def take_over_messages(database: Database) -> AsyncIterator[UpdateMany]:
    """Taking over messages: numbers."""
    numbered: list[dict[str, Any]] = [
        {"$match": {"seq": {"$exists": True}}},
        {"$group": {"_id": "$swap_id", "top": {"$max": "$seq"}}},
    ]
    tops = {group["_id"]: int(group["top"]) for group in await database.aggregate("messages", numbered)}
    without = {"seq": {"$exists": False}, "swap_id": {"$type": "objectId"}}
    found = database.collection("messages").find(without, {"swap_id": 1, "created_at": 1, "client_id": 1})
    in_order = found.sort([("swap_id", 1), ("created_at", 1), ("_id", 1)]).allow_disk_use(True)
    swap, seq = None, 0
    async for doc in in_order.batch_size(READ_AT_ONCE):
        swap, seq = doc["swap_id"], (seq if doc["swap_id"] == swap else tops.get(doc["swap_id"], 0)) + 1
        fields: dict[str, Any] = {"seq": seq, "via": WEB, "created_at": time_in(doc, "created_at")}
        if "client_id" not in doc:
            fields["client_id"] = str(doc["_id"])
        yield UpdateMany({"_id": doc["_id"]}, {"$set": fields})


@writes("accounts")
async def take_over_accounts(database: Database) -> AsyncIterator[UpdateMany]:
    """Taking over accounts.

    NextAuth's own adapter calls the fields `userId` and `providerAccountId`; they stay beside ours. Of duplicates only
    the oldest is taken over.
    """
    accounts = database.collection("accounts")
    ours = accounts.find({"subject": {"$type": "string"}}, {"provider": 1, "subject": 1})
    taken = {(doc["provider"], doc["subject"]) async for doc in ours}
    theirs = {"subject": {"$exists": False}, "provider": {"$type": "string"}, "providerAccountId": {"$type": "string"}}
    async for doc in accounts.find(theirs).sort([("_id", 1)]):
        person, account = as_id(doc.get("userId")), (doc["provider"], doc["providerAccountId"])
        if person is None or not account[1] or account in taken:
            continue
        taken.add(account)
        fields = {"user_id": person, "subject": account[1], "created_at": time_in(doc, "created_at")}
        yield UpdateMany({"_id": doc["_id"]}, {"$set": fields})


async def _load_keys() -> KeyOf:
    """Return the key of a skill by the vocabulary files; the keys of skills that many have are remembered."""
    return lru_cache(KEYS_KEPT)((await asyncio.to_thread(load_vocabulary)).key_of)


async def is_taken_over(database: Database) -> bool:
    """Return whether any user is stored as this service stores users."""
    return await database.collection("users").find_one({"trades": {"$exists": True}}, {"_id": 1}) is not None


def as_id(value: Any) -> ObjectId | None:
    """Return an id as the models wrote it: an ObjectId, or its text."""
    return value if isinstance(value, ObjectId) else object_id(value) if isinstance(value, str) else None
