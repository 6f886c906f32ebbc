"""Letters to one person. Deliveries are embedded in the letter, as with swaps and messages."""

from __future__ import annotations

from collections.abc import Sequence

from bson import ObjectId

from domain.deliveries import Delivery
from domain.letters import Letter
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper
from storage.outbox import outbox_fields

LETTER = Mapper(Letter, {"id": OWN_ID, "to": ID, "words": Field(write=dict)})


class Letters:
    def __init__(self, database: Database) -> None:
        self._letters = database.collection("letters")

    async def add(self, letter: Letter, deliveries: Sequence[Delivery], *, session: Session | None = None) -> bool:
        """Add a letter with its deliveries. False when there is one with its key."""
        doc = LETTER.document(letter) | outbox_fields(deliveries)
        key = {"key": doc.pop("key")}
        result = await self._letters.update_one(key, {"$setOnInsert": doc}, upsert=True, session=session)
        return result.upserted_id is not None

    async def find(self, letter_id: str) -> Letter | None:
        oid = object_id(letter_id)
        doc = await self._letters.find_one({"_id": oid}) if oid else None
        return LETTER.value(doc) if doc else None

    async def note_shown(self, letter_id: str, message_id: int) -> None:
        await self._letters.update_one({"_id": ObjectId(letter_id)}, {"$set": {"message_id": message_id}})

    async def find_shown(self, user_id: str, message_id: int) -> Letter | None:
        """Return the letter that this message in its reader's chat shows."""
        doc = await self._letters.find_one({"to": ObjectId(user_id), "message_id": message_id})
        return LETTER.value(doc) if doc else None

    async def withdraw(self, keys: Sequence[str]) -> None:
        """Take letters back that are not due yet, by their keys: each can be sent again."""
        await self._letters.delete_many({"key": {"$in": list(keys)}})

    async def erase(self, user_id: str) -> None:
        await self._letters.delete_many({"to": ObjectId(user_id)})
