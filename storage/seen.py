"""Whom a person has been shown and decided about, so that the same face does not come again."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from storage.mongo import Database

SKIPPED, ASKED = "skipped", "asked"
MAX_SEEN = 5000


class Seen:
    def __init__(self, database: Database) -> None:
        self._seen = database.collection("seen")

    async def add(self, viewer_id: str, subject_id: str, kind: str, *, at: datetime) -> None:
        """Whoever was asked stays asked, also when skipped later."""
        pair = {"viewer_id": ObjectId(viewer_id), "subject_id": ObjectId(subject_id)}
        decision = {"kind": kind, "at": at}
        await self._seen.update_one(
            pair, {"$set": decision} if kind == ASKED else {"$setOnInsert": decision}, upsert=True
        )

    async def of(self, viewer_id: str) -> set[str]:
        """Ids of the people this viewer has skipped or asked, the latest ones first to be kept."""
        cursor = self._seen.find({"viewer_id": ObjectId(viewer_id)}, {"subject_id": 1}).sort([("at", -1)])
        return {str(doc["subject_id"]) async for doc in cursor.limit(MAX_SEEN)}

    async def count_skipped(self, viewer_id: str) -> int:
        return int(await self._seen.count_documents({"viewer_id": ObjectId(viewer_id), "kind": SKIPPED}))

    async def forget_skipped(self, viewer_id: str) -> int:
        """Let skipped people come again; returns how many."""
        result = await self._seen.delete_many({"viewer_id": ObjectId(viewer_id), "kind": SKIPPED})
        return int(result.deleted_count)

    async def erase(self, user_id: str) -> None:
        await self._seen.delete_many({"viewer_id": ObjectId(user_id)})
        await self._seen.delete_many({"subject_id": ObjectId(user_id)})
