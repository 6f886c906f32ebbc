"""Words of newcomers that wait for a moderator's look, and what was decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reports import KEPT_FOR
from domain.screening import WAITING, ScreenedWords
from storage.messages import MESSAGE
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper, nested

MAX_SETTLED_AT_ONCE = 100
MAX_LISTED = 40
"""Words of one person that are read for a case."""

WORDS: Mapper[ScreenedWords] = Mapper(
    ScreenedWords,
    {
        "id": OWN_ID,
        "by": ID,
        "to": ID,
        "swap_id": ID,
        "message": nested(MESSAGE, left_out=None),
        "settle_at": Field(left_out=None),
    },
)


class Screening:
    def __init__(self, database: Database) -> None:
        self._words = database.collection("screened_words")

    async def insert(self, words: ScreenedWords) -> ScreenedWords:
        """Insert words that wait; return the ones that their writer has sent under this client id before, if any."""
        try:
            await self._words.insert_one(WORDS.document(words))
        except DuplicateKeyError:
            return await self.find(words.by, words.client_id) or words
        return words

    async def find(self, by: str, client_id: str) -> ScreenedWords | None:
        doc = await self._words.find_one({"by": ObjectId(by), "client_id": client_id})
        return WORDS.value(doc) if doc else None

    async def replace(self, before: ScreenedWords, after: ScreenedWords) -> bool:
        """Write the next state of words. False when they have changed meanwhile."""
        query = {"_id": ObjectId(before.id), "state": before.state, "text": before.text}
        doc = WORDS.document(after)
        if after.state != WAITING:
            doc["forget_at"] = after.at + KEPT_FOR
        return bool((await self._words.replace_one(query, doc)).matched_count)

    async def note_shown(self, words_id: str) -> None:
        """Note that a case has been opened for these words."""
        await self._words.update_one({"_id": ObjectId(words_id)}, {"$set": {"is_shown": True}})

    async def note_settled(self, words_id: str) -> None:
        """Note that what was decided about these words has been carried out."""
        await self._words.update_one({"_id": ObjectId(words_id)}, {"$unset": {"settle_at": ""}})

    async def list_waiting(self, by: str, *, limit: int) -> list[ScreenedWords]:
        """Return the words of a person that wait, oldest first."""
        cursor = self._words.find({"by": ObjectId(by), "state": WAITING}).sort([("_id", 1)]).limit(limit)
        return [WORDS.value(doc) async for doc in cursor]

    async def list_of(self, by: str, *, since: datetime) -> list[ScreenedWords]:
        """Return the newest words of a person since a time, oldest first."""
        query = {"by": ObjectId(by), "_id": {"$gt": ObjectId.from_datetime(since)}}
        cursor = self._words.find(query).sort([("_id", -1)]).limit(MAX_LISTED)
        return [WORDS.value(doc) for doc in reversed(await cursor.to_list(MAX_LISTED))]

    async def list_due(self, at: datetime) -> list[ScreenedWords]:
        """Return words for which something is to be done by now, in the order in which they were written."""
        cursor = self._words.find({"settle_at": {"$lte": at}}).sort([("settle_at", 1), ("_id", 1)])
        return [WORDS.value(doc) async for doc in cursor.limit(MAX_SETTLED_AT_ONCE)]

    async def next_due(self) -> datetime | None:
        doc = await self._words.find_one({"settle_at": {"$exists": True}}, {"settle_at": 1}, sort=[("settle_at", 1)])
        return doc["settle_at"] if doc else None

    async def list_not_shown(self, *, before: datetime) -> list[ScreenedWords]:
        """Return words that wait though no case has been opened for them."""
        query: dict[str, Any] = {"is_shown": False, "state": WAITING, "at": {"$lt": before}}
        return [WORDS.value(doc) async for doc in self._words.find(query).limit(MAX_SETTLED_AT_ONCE)]

    async def remove(self, words_id: str) -> None:
        await self._words.delete_one({"_id": ObjectId(words_id)})

    async def erase(self, user_id: str) -> None:
        """Erase what a user has written; what waits for them goes nowhere."""
        await self._words.delete_many({"by": ObjectId(user_id)})

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the words by and to one account to another."""
        for doc in await self._words.find({"by": loser}, session=session).to_list(None):
            change: dict[str, Any] = {"by": survivor, "client_id": f"merged.{doc['_id']}"}
            if "message" in doc:
                change |= {"message.from_user_id": survivor, "message.client_id": f"merged.{doc['_id']}"}
            await self._words.update_one({"_id": doc["_id"]}, {"$set": change}, session=session)
        waiting = {"to": loser, "state": WAITING}
        await self._words.update_many(waiting, {"$set": {"to": survivor}}, session=session)
