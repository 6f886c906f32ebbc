"""Alerts, and whom they have found. What is told of an alert rides in it, as with swaps and messages."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.alerts import CLOSING, MAX_FINDS, Alert, Find
from domain.deliveries import QUEUED, Delivery
from domain.errors import Unavailable
from domain.events import ALERT_FOUND
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper, difference, nested_list
from storage.outbox import WAITING, delivery_doc

MAX_LINES = 40
"""Deliveries that an alert remembers; one a day, and only the last may still be open."""

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
"""Fields of an existing alert for the same skill that adding it again writes; the others stay."""

COUNTED = ("user_id", "key", "version")
"""Fields that the filter of an upsert, or a counter in it, writes."""


def alert_from(doc: dict[str, Any]) -> Alert:
    """Return the alert of a document."""
    return ALERT.value(doc)


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._alerts = database.collection("alerts")

    async def put(self, alert: Alert, *, at_most: int) -> Alert | None:
        """Begin an alert, or let the one that this person has for the key begin anew; returns it as it stands.

        None when the person has `at_most` others. Each new one takes a place that no other of theirs has, so many at
        once are no more than there are places. Raises Unavailable when others are faster every time.
        """
        for tries in range(MAX_TRIES):
            place = await self._free_place(alert, at_most)
            if place is None:
                return None
            with contextlib.suppress(DuplicateKeyError):
                return await self._begin(alert, place)
            await asyncio.sleep(random.random() * RETRY_JITTER * (tries + 1))
        raise Unavailable("database.unavailable", retry_after=1)

    async def _free_place(self, alert: Alert, at_most: int) -> int | None:
        """What has no place, as after two people have become one, leaves as many fewer to the others."""
        mine = self._alerts.find({"user_id": ObjectId(alert.user_id)}, {"key": 1, "place": 1})
        others = [doc.get("place") async for doc in mine if doc["key"] != alert.key]
        if len(others) >= at_most:
            return None
        return next((place for place in range(others.count(None), at_most) if place not in others), None)

    async def _begin(self, alert: Alert, place: int) -> Alert:
        doc = ALERT.document(replace(alert, is_running=True, finds=()))
        stored = await self._alerts.find_one_and_update(
            {"user_id": ObjectId(alert.user_id), "key": alert.key},
            {
                "$set": {name: doc[name] for name in RENEWED},
                "$setOnInsert": {"place": place}
                | {name: value for name, value in doc.items() if name not in (*RENEWED, *COUNTED)},
                "$inc": {"version": 1},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return alert_from(stored)

    async def renew(self, user_id: str, alert_id: str, *, expires_at: datetime) -> Alert | None:
        """None when this person has no such alert."""
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
        """One person's alerts, those that have ended among them, newest first."""
        cursor = self._alerts.find({"user_id": ObjectId(user_id)}).sort([("_id", -1)]).limit(limit)
        return [alert_from(doc) async for doc in cursor]

    async def remove(self, user_id: str, alert_id: str) -> bool:
        """What was still to be told goes with it."""
        return bool((await self._alerts.delete_one(_own(user_id, alert_id))).deleted_count)

    async def erase(self, user_id: str) -> None:
        await self._alerts.delete_many({"user_id": ObjectId(user_id)})

    async def waiting_for(self, keys: Sequence[str], teacher_id: str) -> AsyncIterator[Alert]:
        """Other people's running alerts for these keys that have not found this teacher yet."""
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

    async def add_find(self, alert: Alert, find: Find, told: Sequence[Delivery]) -> bool:
        """Write down who was found, and what is told of it; False when the alert has changed since it was read."""
        teacher = ObjectId(find.teacher_id)
        change: dict[str, Any] = {
            "$push": {"finds": {"teacher_id": teacher, "tell_at": find.tell_at}},
            "$inc": {"version": 1},
        }
        _tell(change, told, tell_at=find.tell_at)
        query = {"_id": ObjectId(alert.id), "version": alert.version, "finds.teacher_id": {"$ne": teacher}}
        return bool((await self._alerts.update_one(query, change)).modified_count)

    async def told_of(self, alert_id: str, delivery_id: str) -> tuple[Alert | None, tuple[str, ...]]:
        """The alert as it stands, and the ids of the people whom this delivery tells of."""
        oid = object_id(alert_id)
        doc = await self._alerts.find_one({"_id": oid}) if oid else None
        if doc is None:
            return None, ()
        alert = alert_from(doc)
        tell_at = next((line.get("tell_at") for line in doc.get("outbox", ()) if line["id"] == delivery_id), None)
        return alert, alert.told_at(tell_at) if tell_at is not None else ()

    async def due_to_end(self, now: datetime) -> list[Alert]:
        """Running alerts whose time is over."""
        query = {"is_running": True, "expires_at": {"$lte": now}}
        return [alert_from(doc) async for doc in self._alerts.find(query).sort([("expires_at", 1)]).limit(AT_ONCE)]

    async def end(self, alert: Alert, told: Sequence[Delivery]) -> bool:
        """False when the alert has changed since it was read."""
        change: dict[str, Any] = {"$unset": {"is_running": ""}, "$inc": {"version": 1}}
        _tell(change, told)
        query = {"_id": ObjectId(alert.id), "version": alert.version}
        return bool((await self._alerts.update_one(query, change)).modified_count)

    # ---- when a skill gets another key ------------------------------------------------------------------------------

    async def for_keys(self, keys: Sequence[str]) -> AsyncIterator[Alert]:
        """Everybody's alerts for these keys, those that have ended among them."""
        async for doc in self._alerts.find({"key": {"$in": list(keys)}}).batch_size(AT_ONCE):
            yield alert_from(doc)

    async def backfill_keys(self, alert: Alert, key: str, *, at: datetime) -> bool:
        """Let an alert wait for this key; when its person has one for it already, the two become one.

        False when one of them has changed since it was read.
        """
        query = {"_id": ObjectId(alert.id), "version": alert.version}
        try:
            result = await self._alerts.update_one(query, {"$set": {"key": key}, "$inc": {"version": 1}})
        except DuplicateKeyError:
            return await self._join(alert, key, at)
        return bool(result.modified_count)

    async def _join(self, alert: Alert, key: str, at: datetime) -> bool:
        """One transaction: nobody who was found is forgotten, and no telling that is still open."""

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
    """The change that makes the first alert both of them; of one person, for one skill."""
    release_leases = [line["tell_at"] for line in _open(kept) if "lease" not in line and line["tell_at"] > at + CLOSING]
    lines, open_at = _open(other), max(release_leases, default=None)
    before = alert_from(kept)
    both = before.taking_in(alert_from(other), untold={line["tell_at"] for line in lines}, open_at=open_at)
    change = difference(ALERT.document(before), ALERT.document(both), without=("version",)) | {"$inc": {"version": 1}}
    if lines and open_at is None:
        moved = [{name: value for name, value in line.items() if name != "lease"} for line in lines]
        change["$push"] = {"outbox": {"$each": moved, "$slice": -MAX_LINES}}
        change["$min"] = {WAITING: min(line["due_at"] for line in moved)}
    return change


def _open(doc: dict[str, Any]) -> list[dict[str, Any]]:
    """The tellings of people found that have not gone out yet."""
    lines = doc.get("outbox", ())
    return [line for line in lines if line["event"] == ALERT_FOUND and line["state"] == QUEUED and "due_at" in line]


def _own(user_id: str, alert_id: str) -> dict[str, Any]:
    return {"_id": object_id(alert_id), "user_id": ObjectId(user_id)}


def _tell(change: dict[str, Any], told: Sequence[Delivery], **more: Any) -> None:
    """Have the change also put these deliveries in the outbox."""
    if told:
        lines = [delivery_doc(delivery) | more for delivery in told]
        change["$push"] = {**change.get("$push", {}), "outbox": {"$each": lines, "$slice": -MAX_LINES}}
        change["$min"] = {WAITING: min(delivery.due_at for delivery in told)}


class Beginnings:
    """What people have begun to teach since alerts were last looked through: it rides in the profile, and is taken out
    once every alert knows. A crash in between repeats the look, which finds nobody twice."""

    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def waiting(self) -> list[tuple[str, list[str]]]:
        """(person, keys), those who have waited the longest first."""
        cursor = self._users.find({"begun_keys": {"$exists": True}}, {"begun_keys": 1}).limit(AT_ONCE)
        return [(str(doc["_id"]), doc["begun_keys"]) async for doc in cursor]

    async def finish(self, user_id: str, keys: Sequence[str]) -> None:
        """Unless the person has begun yet another meanwhile: then all are looked at once more."""
        query = {"_id": ObjectId(user_id), "begun_keys": list(keys)}
        await self._users.update_one(query, {"$unset": {"begun_keys": ""}})

    async def having(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, list[str]]]:
        """(person, keys), of those who have begun one of these."""
        query = {"begun_keys": {"$in": list(keys)}}
        async for doc in self._users.find(query, {"begun_keys": 1}).batch_size(AT_ONCE):
            yield str(doc["_id"]), doc["begun_keys"]

    async def backfill_keys(self, user_id: str, before: Sequence[str], after: Sequence[str]) -> bool:
        """False when it is not so any more."""
        query = {"_id": ObjectId(user_id), "begun_keys": list(before)}
        return bool((await self._users.update_one(query, {"$set": {"begun_keys": list(after)}})).modified_count)
