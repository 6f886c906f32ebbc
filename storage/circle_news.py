"""What people have been told of circles that became possible, and whose changed profiles are still to be looked at.

The wish for a look rides in the profile, mostly with a change of it, and is taken out once the person has been told or
there is nothing to tell. What is told rides in a document of its own, one a person, whose id is the person's.
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

LOOKS_AT_ONCE = 10
"""Changed profiles that one run of the job looks at; the others wait for the next one, a second later."""

MAX_LINES = 20
"""Deliveries that are remembered; one a day, and only the last may still be open."""


NEWS = Mapper(CircleNews, {"user_id": OWN_ID, "circles": Field("rings")})


class CirclesNews:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._news = database.collection("circle_news")

    # ---- whose profile is to be looked at ---------------------------------------------------------------------------

    async def waiting(self, now: datetime) -> list[tuple[str, datetime]]:
        """(person, since when), those who have waited the longest first."""
        cursor = self._users.find({"circle_look_at": {"$lte": now}}, {"circle_look_at": 1})
        docs = await cursor.sort([("circle_look_at", 1)]).limit(LOOKS_AT_ONCE).to_list(LOOKS_AT_ONCE)
        return [(str(doc["_id"]), doc["circle_look_at"]) for doc in docs]

    async def next_look(self) -> datetime | None:
        """When the profile that has waited the longest is, or was, to be looked at."""
        waiting = {"circle_look_at": {"$exists": True}}
        doc = await self._users.find_one(waiting, {"circle_look_at": 1}, sort=[("circle_look_at", 1)])
        return doc["circle_look_at"] if doc is not None else None

    async def wish(self, user_id: str) -> None:
        """Have this person's circles looked for though their profile has not changed."""
        query = {"_id": ObjectId(user_id), "is_listed": True}
        await self._users.update_one(query, {"$currentDate": {"circle_look_at": True}})

    async def finish(self, user_id: str, since: datetime, *, again_at: datetime | None = None) -> None:
        """Looked at, or to be looked at later; unless the profile has changed meanwhile."""
        change = {"$unset": {"circle_look_at": ""}} if again_at is None else {"$set": {"circle_look_at": again_at}}
        await self._users.update_one({"_id": ObjectId(user_id), "circle_look_at": since}, change)

    # ---- what they have been told -----------------------------------------------------------------------------------

    async def of(self, user_id: str) -> CircleNews:
        doc = await self._news.find_one({"_id": ObjectId(user_id)}, {"outbox": 0})
        return NEWS.value(doc) if doc else CircleNews(user_id)

    async def tell(self, news: CircleNews, rings: Sequence[str], told: Sequence[Delivery], *, at: datetime) -> bool:
        """Write down which rings this person is told of; False when they have been told something since `news`."""
        lines = [delivery_doc(delivery) | {"rings": list(rings)} for delivery in told]
        fields = NEWS.document(replace(news, told_at=at))
        change: dict[str, Any] = {
            "$set": {name: value for name, value in fields.items() if name not in ("_id", "rings")},
            "$push": {
                "rings": {"$each": list(rings), "$slice": -MAX_REMEMBERED},
                "outbox": {"$each": lines, "$slice": -MAX_LINES},
            },
            "$min": {WAITING: min(delivery.due_at for delivery in told)},
        }
        is_first = news.told_at is None
        query = {"_id": ObjectId(news.user_id), "told_at": {"$exists": False} if is_first else news.told_at}
        try:
            result = await self._news.update_one(query, change, upsert=is_first)
        except DuplicateKeyError:
            return False
        return bool(result.modified_count or result.upserted_id)

    async def told_of(self, user_id: str, delivery_id: str) -> frozenset[str]:
        """The names of the rings that this delivery tells of."""
        oid = object_id(user_id)
        doc = await self._news.find_one({"_id": oid}, {"outbox": 1}) if oid else None
        lines = doc.get("outbox", ()) if doc else ()
        return frozenset(name for line in lines if line["id"] == delivery_id for name in line["rings"])

    async def erase(self, user_id: str) -> None:
        await self._news.delete_one({"_id": ObjectId(user_id)})
