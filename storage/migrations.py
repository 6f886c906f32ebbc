"""Numbered changes of the data, each run once. The first ones take over what the contract's Mongoose models wrote:
people with e-mail, swaps without legs, messages without numbers. Fields that are not ours stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from skillswap.domain.swaps import ANSWER_WITHIN, PENDING
from skillswap.domain.users import ACTIVE, LOCALES
from storage.leases import Leases
from storage.mongo import Database, object_id
from storage.swaps import swap_from
from storage.users import derived_fields, user_from

BATCH = 500
LEASE = timedelta(seconds=30)

Progress = Callable[[str], None]


async def migrate(database: Database, *, worker: str, progress: Progress) -> int:
    """Run what has not run yet, one process at a time; returns the version of the data."""
    meta = database.collection("meta")
    leases = Leases(database)
    while True:
        version = int(((await meta.find_one({"_id": "schema"})) or {}).get("version", 0))
        if version >= len(MIGRATIONS):
            return version
        if await leases.hold("migrations", worker, LEASE) is None:
            await asyncio.sleep(0.2)
            continue
        migration = MIGRATIONS[version]
        try:
            await _run(database, migration, leases, worker, progress)
            await meta.update_one({"_id": "schema"}, {"$set": {"version": version + 1}}, upsert=True)
        finally:
            await leases.release("migrations", worker)


async def _run(database: Database, migration: Migration, leases: Leases, worker: str, progress: Progress) -> None:
    done = 0
    what = (migration.__doc__ or migration.__name__).splitlines()[0].rstrip(".")
    async for count in migration(database):
        done += count
        progress(f"{what}: {done}")
        await leases.hold("migrations", worker, LEASE)


async def take_over_users(database: Database) -> AsyncIterator[int]:
    """Taking over people."""
    users = database.collection("users")
    changes: list[UpdateOne] = []
    async for doc in users.find({"trades": {"$exists": False}, "status": {"$ne": "deleted"}}):
        user = user_from(doc)
        fields: dict[str, Any] = {
            "is_public": user.is_public,
            "status": doc.get("status") or ACTIVE,
            "role": user.role,
            "locale": doc.get("locale") if doc.get("locale") in LOCALES else "en",
            "created_at": user.created_at,
            **derived_fields(user),
        }
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(users, changes)
    if changes:
        yield await _write(users, changes)


async def take_over_swaps(database: Database) -> AsyncIterator[int]:
    """Taking over swaps."""
    swaps = database.collection("swaps")
    taken: set[str] = set()
    changes: list[UpdateOne] = []
    async for doc in swaps.find({"legs": {"$exists": False}}).sort([("_id", 1)]):
        fields = _swap_fields(doc)
        if fields is None:
            continue
        key = swap_from({**doc, **fields}).open_key
        if key is not None and key not in taken:  # the same swap open twice: the older one keeps the place
            taken.add(key)
            fields["open_key"] = key
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(swaps, changes)
    if changes:
        yield await _write(swaps, changes)


def _swap_fields(doc: dict[str, Any]) -> dict[str, Any] | None:
    """What an old swap lacks; None when it does not name two people."""
    asker, partner = _as_id(doc.get("from_user_id")), _as_id(doc.get("to_user_id"))
    if asker is None or partner is None or asker == partner:
        return None
    created_at = doc.get("created_at") or doc["_id"].generation_time
    status = doc.get("status") or PENDING
    offered, wanted = doc.get("offered_skill") or "", doc.get("wanted_skill") or ""
    consents = {str(asker): 1} | ({str(partner): 1} if status not in (PENDING, "rejected") else {})
    fields: dict[str, Any] = {
        "from_user_id": asker,
        "to_user_id": partner,
        "offered_skill": offered,
        "wanted_skill": wanted,
        "status": status,
        "created_at": created_at,
        "updated_at": doc.get("updated_at") or created_at,
        "participants": [asker, partner],
        "legs": [
            {"teacher": asker, "learner": partner, "skill": offered},
            {"teacher": partner, "learner": asker, "skill": wanted},
        ],
        "consents": consents,
        "version": 1,
        "history": [{"at": created_at, "by": asker, "event": "proposed", "status": PENDING}],
    }
    if status == PENDING:  # nobody is told that time ran out while no clock was running
        fields["due_at"] = datetime.now(UTC) + ANSWER_WITHIN
    return fields


async def take_over_messages(database: Database) -> AsyncIterator[int]:
    """Taking over messages."""
    messages = database.collection("messages")
    changes: list[UpdateOne] = []
    cursor = messages.find(
        {"seq": {"$exists": False}}, {"swap_id": 1, "created_at": 1, "from_user_id": 1, "to_user_id": 1}
    )
    swap_id: ObjectId | None = None
    seq = 0
    async for doc in cursor.sort([("swap_id", 1), ("created_at", 1), ("_id", 1)]).allow_disk_use(True):
        if (swap := _as_id(doc.get("swap_id"))) is None:
            continue
        if swap != swap_id:
            swap_id, seq = swap, await _highest(database, swap)
        seq += 1
        fields: dict[str, Any] = {"swap_id": swap, "seq": seq, "client_id": str(doc["_id"]), "via": "web"}
        fields["created_at"] = doc.get("created_at") or doc["_id"].generation_time
        fields |= {name: oid for name in ("from_user_id", "to_user_id") if (oid := _as_id(doc.get(name)))}
        changes.append(UpdateOne({"_id": doc["_id"]}, {"$set": fields}))
        if len(changes) == BATCH:
            yield await _write(messages, changes)
    if changes:
        yield await _write(messages, changes)


async def _highest(database: Database, swap_id: ObjectId) -> int:
    """Where the numbers of a swap end when an interrupted run has given some already."""
    doc = await database.collection("messages").find_one(
        {"swap_id": swap_id, "seq": {"$exists": True}}, {"seq": 1}, sort=[("seq", -1)]
    )
    return int(doc["seq"]) if doc else 0


async def _write(collection: Any, changes: list[UpdateOne]) -> int:
    count = len(changes)
    await collection.bulk_write(changes, ordered=False)
    changes.clear()
    return count


def _as_id(value: Any) -> ObjectId | None:
    """An id as the models wrote it: an ObjectId, or its text."""
    return value if isinstance(value, ObjectId) else object_id(value) if isinstance(value, str) else None


Migration = Callable[[Database], AsyncIterator[int]]

MIGRATIONS: tuple[Migration, ...] = (take_over_users, take_over_swaps, take_over_messages)
