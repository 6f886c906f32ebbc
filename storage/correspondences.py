"""Letters that the organisers and a person write to each other: one document a person."""

from __future__ import annotations

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.correspondence import MAX_ENTRIES, Correspondence, Entry
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import OWN_ID, Mapper, nested_list

ENTRY = Mapper(Entry)
CORRESPONDENCE = Mapper(Correspondence, {"id": OWN_ID, "entries": nested_list(ENTRY)})


class Correspondences:
    def __init__(self, database: Database) -> None:
        self._correspondences = database.collection("correspondences")

    async def get(self, user_id: str) -> Correspondence:
        """Return all that was written; an empty one when that is nothing."""
        doc = await self._correspondences.find_one({"_id": ObjectId(user_id)})
        return CORRESPONDENCE.value(doc) if doc else Correspondence(user_id)

    async def replace(self, before: Correspondence, after: Correspondence) -> bool:
        """Write the next version if the stored one is still `before`."""
        doc = CORRESPONDENCE.document(after)
        try:
            result = await self._correspondences.replace_one(
                {"_id": doc["_id"], "version": before.version}, doc, upsert=before.version == 0
            )
        except DuplicateKeyError:  # two first letters at once
            return False
        return bool(result.matched_count or result.upserted_id)

    async def erase(self, user_id: str) -> None:
        await self._correspondences.delete_one({"_id": ObjectId(user_id)})

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the entries of one account to another one of the same person."""
        doc = await self._correspondences.find_one({"_id": loser}, session=session)
        if doc is None:
            return
        push = {"$each": doc["entries"], "$sort": {"at": 1}, "$slice": -MAX_ENTRIES}
        change = {
            "$push": {"entries": push, "appealed": {"$each": doc["appealed"]}},
            "$max": {"turns": doc["turns"]},
            "$inc": {"version": 1},
        }
        await self._correspondences.update_one({"_id": survivor}, change, upsert=True, session=session)
        await self._correspondences.delete_one({"_id": loser}, session=session)
