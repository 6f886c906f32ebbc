"""Alerts and the teachers that they have found. Deliveries are embedded in the alert, as with swaps and messages."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from domain.alerts import CLOSING, MAX_FINDS, Alert, Find
from domain.deliveries import QUEUED, Delivery
from domain.errors import Unavailable
from domain.events import ALERT_FOUND
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper, difference, nested_list
from storage.outbox import WAITING, delivery_doc

MAX_DELIVERIES = 40
"""Deliveries that an alert keeps: there is one a day, and only the last may still be open."""

AT_ONCE = 200
MAX_TRIES = 30
RETRY_JITTER = 0.005
HAS_ROOM = {f"finds.{MAX_FINDS - 1}": {"$exists": False}}


FIND = Mapper(Find, {"teacher_id": ID})
ALERT = Mapper(
    Alert,
    {
        "id": OWN_ID,
        "user_id": ID,
        "is_running": Field(read_doc=lambda doc: doc.get("is_running", False), left_out=False),
        "finds": nested_list(FIND),
    },
)
RENEWED = ("skill", "expires_at", "is_running")
"""Fields of an existing alert that adding an alert for the same skill overwrites."""

COUNTED = ("user_id", "key", "version")
"""Fields that the filter of an upsert sets, or a counter in its update."""


def alert_from(doc: dict[str, Any]) -> Alert:
    """Return the alert of a document."""
    return ALERT.value(doc)


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._alerts = database.collection("alerts")

    async def upsert(self, alert: Alert, *, at_most: int) -> Alert | None:
        """Upsert the user's alert for this key and return it as stored.

        None when the user has `at_most` other alerts. Each new alert takes a slot number that is unique among the
        user's, so concurrent requests cannot exceed the limit. Raises Unavailable when every try meets a conflict.
        """
        for tries in range(MAX_TRIES):
            slot = await self._free_slot(alert, at_most)
            if slot is None:
                return None
            with contextlib.suppress(DuplicateKeyError):
                return await self._begin(alert, slot)
            await asyncio.sleep(random.random() * RETRY_JITTER * (tries + 1))
        raise Unavailable("database.unavailable", retry_after=1)

    async def _free_slot(self, alert: Alert, at_most: int) -> int | None:
        """Return a slot number that none of the user's alerts has, or None.

        Alerts without one (left by a merge of two users) lower the number of slots for the others.
        """
        mine = self._alerts.find({"user_id": ObjectId(alert.user_id)}, {"key": 1, "place": 1})
        others = [doc.get("place") async for doc in mine if doc["key"] != alert.key]
        if len(others) >= at_most:
            return None
        return next((slot for slot in range(others.count(None), at_most) if slot not in others), None)

    async def _begin(self, alert: Alert, slot: int) -> Alert:
        doc = ALERT.document(replace(alert, is_running=True, finds=()))
        stored = await self._alerts.find_one_and_update(
            {"user_id": ObjectId(alert.user_id), "key": alert.key},
            {
                "$set": {name: doc[name] for name in RENEWED},
                "$setOnInsert": {"place": slot}
                | {name: value for name, value in doc.items() if name not in (*RENEWED, *COUNTED)},
                "$inc": {"version": 1},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return alert_from(stored)

    async def renew(self, user_id: str, alert_id: str, *, expires_at: datetime) -> Alert | None:
        """Set a new end for an alert. None when this user has no such alert."""
        doc = await self._alerts.find_one_and_update(
            _own(user_id, alert_id),
            {"$set": {"expires_at": expires_at, "is_running": True}, "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return alert_from(doc) if doc else None

    async def find(self, alert_id: str) -> Alert | None:
        oid = object_id(alert_id)
        doc = await self._alerts.find_one({"_id": oid}) if oid else None
        return alert_from(doc) if doc else None

    async def list_of(self, user_id: str, *, limit: int) -> list[Alert]:
        """Return a user's alerts, ended ones included, newest first."""
        cursor = self._alerts.find({"user_id": ObjectId(user_id)}).sort([("_id", -1)]).limit(limit)
        return [alert_from(doc) async for doc in cursor]

    async def remove(self, user_id: str, alert_id: str) -> bool:
        """Delete an alert together with its open deliveries. False when this user has no such alert."""
        return bool((await self._alerts.delete_one(_own(user_id, alert_id))).deleted_count)

    async def erase(self, user_id: str) -> None:
        await self._alerts.delete_many({"user_id": ObjectId(user_id)})

    async def waited_for(self, keys: Collection[str]) -> set[str]:
        """Return those of these keys for which an alert is running."""
        return set(await self._alerts.distinct("key", {"key": {"$in": list(keys)}, "is_running": True}))

    async def waiting_for(self, keys: Sequence[str], teacher_id: str) -> AsyncIterator[Alert]:
        """Yield other users' running alerts for these keys that have not found this teacher yet."""
        teacher = ObjectId(teacher_id)
        query = {
            "key": {"$in": list(keys)},
            "is_running": True,
            "user_id": {"$ne": teacher},
            "finds.teacher_id": {"$ne": teacher},
            **HAS_ROOM,
        }
        async for doc in self._alerts.find(query):
            yield alert_from(doc)

    async def add_find(self, alert: Alert, find: Find, deliveries: Sequence[Delivery]) -> bool:
        """Add a find and its deliveries. False when the alert has changed since it was read."""
        teacher = ObjectId(find.teacher_id)
        change: dict[str, Any] = {
            "$push": {"finds": {"teacher_id": teacher, "tell_at": find.tell_at}},
            "$inc": {"version": 1},
        }
        _add_deliveries(change, deliveries, tell_at=find.tell_at)
        query = {"_id": ObjectId(alert.id), "version": alert.version, "finds.teacher_id": {"$ne": teacher}}
        return bool((await self._alerts.update_one(query, change)).modified_count)

    async def reported_teachers(self, alert_id: str, delivery_id: str) -> tuple[Alert | None, tuple[str, ...]]:
        """Return the alert, and the ids of the teachers that this delivery reports."""
        oid = object_id(alert_id)
        doc = await self._alerts.find_one({"_id": oid}) if oid else None
        if doc is None:
            return None, ()
        alert = alert_from(doc)
        tell_at = next((line.get("tell_at") for line in doc.get("outbox", ()) if line["id"] == delivery_id), None)
        return alert, alert.told_at(tell_at) if tell_at is not None else ()

    async def due_to_end(self, now: datetime) -> list[Alert]:
        """Return running alerts whose time is over."""
        query = {"is_running": True, "expires_at": {"$lte": now}}
        return [alert_from(doc) async for doc in self._alerts.find(query).sort([("expires_at", 1)]).limit(AT_ONCE)]

    async def end(self, alert: Alert, deliveries: Sequence[Delivery]) -> bool:
        """End the alert. False when it has changed since it was read."""
        change: dict[str, Any] = {"$unset": {"is_running": ""}, "$inc": {"version": 1}}
        _add_deliveries(change, deliveries)
        query = {"_id": ObjectId(alert.id), "version": alert.version}
        return bool((await self._alerts.update_one(query, change)).modified_count)

    # ---- when a skill gets another key ------------------------------------------------------------------------------

    async def for_keys(self, keys: Sequence[str]) -> AsyncIterator[Alert]:
        """Yield all users' alerts for these keys, ended ones included."""
        async for doc in self._alerts.find({"key": {"$in": list(keys)}}).batch_size(AT_ONCE):
            yield alert_from(doc)

    async def backfill_keys(self, alert: Alert, key: str, *, at: datetime) -> bool:
        """Set the alert's key; when its user has an alert for this key already, merge the two.

        False when one of them has changed since it was read.
        """
        query = {"_id": ObjectId(alert.id), "version": alert.version}
        try:
            result = await self._alerts.update_one(query, {"$set": {"key": key}, "$inc": {"version": 1}})
        except DuplicateKeyError:
            return await self._join(alert, key, at)
        return bool(result.modified_count)

    async def _join(self, alert: Alert, key: str, at: datetime) -> bool:
        """Merge two alerts in one transaction: all finds and all open deliveries are kept."""

        async def work(session: Session) -> bool:
            known = {"user_id": ObjectId(alert.user_id), "key": key}
            other = await self._alerts.find_one({"_id": ObjectId(alert.id)}, session=session)
            kept = await self._alerts.find_one(known, session=session)
            if other is None or kept is None or other["key"] == key:
                return False
            await self._alerts.delete_one({"_id": other["_id"]}, session=session)
            await self._alerts.update_one(known, joined_change(kept, other, at), session=session)
            return True

        return await self._database.transaction(work)


def joined_change(kept: dict[str, Any], other: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the update that merges `other` into `kept`: two alerts of one user, for one skill."""
    open_times = [line["tell_at"] for line in _open(kept) if "lease" not in line and line["tell_at"] > at + CLOSING]
    lines, open_at = _open(other), max(open_times, default=None)
    before = alert_from(kept)
    both = before.taking_in(alert_from(other), untold={line["tell_at"] for line in lines}, open_at=open_at)
    change = difference(ALERT.document(before), ALERT.document(both), without=("version",)) | {"$inc": {"version": 1}}
    if lines and open_at is None:
        moved = [{name: value for name, value in line.items() if name != "lease"} for line in lines]
        change["$push"] = {"outbox": {"$each": moved, "$slice": -MAX_DELIVERIES}}
        change["$min"] = {WAITING: min(line["due_at"] for line in moved)}
    return change


def _open(doc: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the open deliveries of finds."""
    lines = doc.get("outbox", ())
    return [line for line in lines if line["event"] == ALERT_FOUND and line["state"] == QUEUED and "due_at" in line]


def _own(user_id: str, alert_id: str) -> dict[str, Any]:
    return {"_id": object_id(alert_id), "user_id": ObjectId(user_id)}


def _add_deliveries(change: dict[str, Any], deliveries: Sequence[Delivery], **more: Any) -> None:
    """Extend an update so that it also pushes these deliveries to the outbox."""
    if deliveries:
        lines = [delivery_doc(delivery) | more for delivery in deliveries]
        change["$push"] = {**change.get("$push", {}), "outbox": {"$each": lines, "$slice": -MAX_DELIVERIES}}
        change["$min"] = {WAITING: min(delivery.due_at for delivery in deliveries)}


class Beginnings:
    """Skills that users have begun to teach since the alerts were last searched.

    They are stored in the profile and removed once all alerts were searched. A crash in between repeats the search,
    which finds no teacher twice.
    """

    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def waiting(self) -> list[tuple[str, list[str]]]:
        """Return (user id, keys), longest waiting first."""
        cursor = self._users.find({"begun_keys": {"$exists": True}}, {"begun_keys": 1}).limit(AT_ONCE)
        return [(str(doc["_id"]), doc["begun_keys"]) async for doc in cursor]

    async def finish(self, begun: Sequence[tuple[str, list[str]]]) -> None:
        """Remove the keys of these (user id, keys). Of one who has begun another skill meanwhile all are searched once
        more."""
        done = [
            UpdateOne({"_id": ObjectId(user_id), "begun_keys": keys}, {"$unset": {"begun_keys": ""}})
            for user_id, keys in begun
        ]
        if done:
            await self._users.bulk_write(done, ordered=False)

    async def having(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, list[str]]]:
        """Yield (user id, keys) of users who have begun to teach one of these."""
        query = {"begun_keys": {"$in": list(keys)}}
        async for doc in self._users.find(query, {"begun_keys": 1}).batch_size(AT_ONCE):
            yield str(doc["_id"]), doc["begun_keys"]

    async def backfill_keys(self, user_id: str, before: Sequence[str], after: Sequence[str]) -> bool:
        """Replace the keys. False when they are no longer `before`."""
        query = {"_id": ObjectId(user_id), "begun_keys": list(before)}
        return bool((await self._users.update_one(query, {"$set": {"begun_keys": list(after)}})).modified_count)
