"""Circles that users were notified about, and the queue of changed profiles to find circles for.

The request for a search is a field of the profile, mostly written with a change of it, and removed once the user has
been notified or nothing was found. Deliveries are embedded in a document of their own, one a user, with the user's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.circle_news import MAX_REMEMBERED, CircleNews
from domain.deliveries import Delivery
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import OWN_ID, Field, Mapper
from storage.outbox import WAITING, delivery_doc

SEARCHES_AT_ONCE = 10
"""Profiles that one run of the job searches for; the others wait for the next run, a second later."""

MAX_DELIVERIES = 20
"""Deliveries that are kept: there is one a day, and only the last may still be open."""


NEWS = Mapper(CircleNews, {"user_id": OWN_ID, "circles": Field("rings")})


class CirclesNews:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._news = database.collection("circle_news")

    # ---- profiles to search for -------------------------------------------------------------------------------------

    async def waiting(self, now: datetime) -> list[tuple[str, datetime]]:
        """Return (user id, since), longest waiting first."""
        cursor = self._users.find({"circle_look_at": {"$lte": now}}, {"circle_look_at": 1})
        docs = await cursor.sort([("circle_look_at", 1)]).limit(SEARCHES_AT_ONCE).to_list(SEARCHES_AT_ONCE)
        return [(str(doc["_id"]), doc["circle_look_at"]) for doc in docs]

    async def next_search(self) -> datetime | None:
        """Return the due time of the profile that has waited the longest, perhaps in the past."""
        waiting = {"circle_look_at": {"$exists": True}}
        doc = await self._users.find_one(waiting, {"circle_look_at": 1}, sort=[("circle_look_at", 1)])
        return doc["circle_look_at"] if doc is not None else None

    async def request_search(self, user_id: str) -> None:
        """Request a search for this user's circles though the profile has not changed."""
        query = {"_id": ObjectId(user_id), "is_listed": True}
        await self._users.update_one(query, {"$currentDate": {"circle_look_at": True}})

    async def finish(self, user_id: str, since: datetime, *, again_at: datetime | None = None) -> None:
        """Remove the request, or set its next time, unless the profile has changed meanwhile."""
        change = {"$unset": {"circle_look_at": ""}} if again_at is None else {"$set": {"circle_look_at": again_at}}
        await self._users.update_one({"_id": ObjectId(user_id), "circle_look_at": since}, change)

    # ---- circles that users were notified about ---------------------------------------------------------------------

    async def of(self, user_id: str) -> CircleNews:
        doc = await self._news.find_one({"_id": ObjectId(user_id)}, {"outbox": 0})
        return NEWS.value(doc) if doc else CircleNews(user_id)

    async def add(
        self, news: CircleNews, names: Sequence[str], deliveries: Sequence[Delivery], *, at: datetime
    ) -> bool:
        """Record the circles that these deliveries report. False when the document has changed since `news` was
        read."""
        lines = [delivery_doc(delivery) | {"rings": list(names)} for delivery in deliveries]
        fields = NEWS.document(replace(news, told_at=at))
        change: dict[str, Any] = {
            "$set": {name: value for name, value in fields.items() if name not in ("_id", "rings")},
            "$push": {
                "rings": {"$each": list(names), "$slice": -MAX_REMEMBERED},
                "outbox": {"$each": lines, "$slice": -MAX_DELIVERIES},
            },
            "$min": {WAITING: min(delivery.due_at for delivery in deliveries)},
        }
        is_first = news.told_at is None
        query = {"_id": ObjectId(news.user_id), "told_at": {"$exists": False} if is_first else news.told_at}
        try:
            result = await self._news.update_one(query, change, upsert=is_first)
        except DuplicateKeyError:
            return False
        return bool(result.modified_count or result.upserted_id)

    async def reported_circles(self, user_id: str, delivery_id: str) -> frozenset[str]:
        """Return the names of the circles that this delivery reports."""
        oid = object_id(user_id)
        doc = await self._news.find_one({"_id": oid}, {"outbox": 1}) if oid else None
        lines = doc.get("outbox", ()) if doc else ()
        return frozenset(name for line in lines if line["id"] == delivery_id for name in line["rings"])

    async def erase(self, user_id: str) -> None:
        await self._news.delete_one({"_id": ObjectId(user_id)})
