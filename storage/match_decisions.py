"""Decisions of a viewer about candidates, so that the same card is not shown again."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from storage.mongodb.database import Database

PASSED, SKIPPED, ASKED = "passed", "skipped", "asked"
"""Shown and left for later; skipped; asked for a swap."""
TAKEN_BACK = (PASSED, SKIPPED)
"""Decisions that "show them again" deletes."""


class MatchDecisions:
    def __init__(self, database: Database) -> None:
        self._seen = database.collection("seen")

    async def add(self, viewer_id: str, subject_id: str, kind: str, *, mark: str, at: datetime) -> None:
        """Record a decision. ASKED stays, also when the user is skipped later. `mark` is what the decision is
        based on."""
        pair = {"viewer_id": ObjectId(viewer_id), "subject_id": ObjectId(subject_id)}
        kept = {"$cond": [{"$eq": ["$kind", ASKED]}, ASKED, kind]}
        await self._seen.update_one(pair, [{"$set": {"kind": kept, "mark": mark, "at": at}}], upsert=True)

    async def latest(self, viewer_id: str, *, since: datetime, limit: int) -> dict[str, tuple[str, str | None]]:
        """Return the viewer's latest decisions since a time, (kind, mark) by user id."""
        query = {"viewer_id": ObjectId(viewer_id), "at": {"$gte": since}}
        cursor = self._seen.find(query, {"subject_id": 1, "kind": 1, "mark": 1}).sort([("at", -1)]).limit(limit)
        return {str(doc["subject_id"]): (doc.get("kind", SKIPPED), doc.get("mark")) async for doc in cursor}

    async def forget_skipped(self, viewer_id: str) -> int:
        """Delete the viewer's skips; returns their number."""
        query = {"viewer_id": ObjectId(viewer_id), "kind": {"$in": list(TAKEN_BACK)}}
        return int((await self._seen.delete_many(query)).deleted_count)

    async def take_back(self, viewer_id: str, subject_id: str) -> bool:
        """Delete one skip or pass; False when there is none."""
        pair = {"viewer_id": ObjectId(viewer_id), "subject_id": ObjectId(subject_id)}
        found = await self._seen.delete_one({**pair, "kind": {"$in": list(TAKEN_BACK)}})
        return bool(found.deleted_count)

    async def erase(self, user_id: str) -> None:
        await self._seen.delete_many({"viewer_id": ObjectId(user_id)})
        await self._seen.delete_many({"subject_id": ObjectId(user_id)})
