"""Blocks between users. A block works both ways; only the user who made it can remove it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from storage.mongodb.database import Database, object_id


class Blocks:
    def __init__(self, database: Database) -> None:
        self._blocks = database.collection("blocks")

    async def add(self, by: str, whom: str, *, at: datetime, circle_id: str = "") -> None:
        """Add a block. `circle_id`: the circle in which its author knows a seat, and not who sits there."""
        pair = {"by": ObjectId(by), "whom": ObjectId(whom)}
        added = {"at": at} | ({"circle_id": ObjectId(circle_id)} if circle_id else {})
        change = {"$setOnInsert": added} | ({} if circle_id else {"$unset": {"circle_id": ""}})
        await self._blocks.update_one(pair, change, upsert=True)

    async def remove(self, by: str, reference: str) -> bool:
        """Remove a block, named by its id or, where its author knows it, by that of the blocked user. False when there
        was none."""
        oid = object_id(reference)
        named: list[dict[str, object]] = [{"_id": oid}, {"whom": oid, "circle_id": {"$exists": False}}]
        return bool((await self._blocks.delete_one({"by": ObjectId(by), "$or": named})).deleted_count)

    async def unnamed_by(self, user_id: str, *, limit: int) -> dict[str, str]:
        """Return the ids of this user's blocks of people whom they know by a seat alone, by blocked user."""
        query = {"by": ObjectId(user_id), "circle_id": {"$exists": True}}
        return {str(doc["whom"]): str(doc["_id"]) async for doc in self._blocks.find(query).limit(limit)}

    async def made_by(self, user_id: str, *, limit: int) -> list[tuple[str, datetime]]:
        """Return (blocked user, since) of this user's blocks."""
        cursor = self._blocks.find({"by": ObjectId(user_id)}).sort([("by", 1), ("whom", 1)]).limit(limit)
        return [(str(doc["whom"]), doc["at"]) async for doc in cursor]

    async def pairs_among(self, people: Iterable[str]) -> frozenset[frozenset[str]]:
        """Return the pairs of these users with a block, in either direction."""
        ids = [ObjectId(person) for person in people]
        cursor = self._blocks.find({"by": {"$in": ids}, "whom": {"$in": ids}}, {"by": 1, "whom": 1})
        return frozenset([frozenset((str(doc["by"]), str(doc["whom"]))) async for doc in cursor])

    async def users_barred_from(self, user_id: str) -> set[str]:
        """Return all users with a block to or from this user."""
        me = ObjectId(user_id)
        cursor = self._blocks.find({"$or": [{"by": me}, {"whom": me}]}, {"_id": 0, "by": 1, "whom": 1})
        return {str(doc["whom"] if doc["by"] == me else doc["by"]) async for doc in cursor}

    async def erase(self, user_id: str) -> None:
        for side in ("by", "whom"):
            await self._blocks.delete_many({side: ObjectId(user_id)})
