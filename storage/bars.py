"""Bars: digests of what a banned person signs in with, which outlive the account; and what was decided about somebody
who has deleted theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from domain.standing import Standing
from storage.mongodb.database import Database
from storage.mongodb.documents import ID, Field, Mapper
from storage.users import STANDING


@dataclass(frozen=True, slots=True)
class Bar:
    """One digest. `standing` is what the person returns with; a ban lets nobody return. `back_as` is the id of the user
    that the person has returned as, "" for none."""

    digest: str
    user_id: str
    at: datetime
    is_ban: bool
    standing: Standing
    back_as: str = ""


BAR = Mapper(
    Bar,
    {"digest": Field("_id"), "user_id": ID, "standing": Field(write=STANDING.document, read=STANDING.value)},
)


class Bars:
    def __init__(self, database: Database) -> None:
        self._bars = database.collection("bars")

    async def add(self, bars: Sequence[Bar]) -> None:
        """Add bars; a ban takes the place of what was there, and nothing takes the place of a ban."""
        writes = []
        for bar in bars:
            doc = BAR.document(bar)
            digest = doc.pop("_id")
            query = {"_id": digest} if bar.is_ban else {"_id": digest, "is_ban": {"$ne": True}}
            writes.append(UpdateOne(query, {"$set": doc}, upsert=bar.is_ban))
            if not bar.is_ban:
                writes.append(UpdateOne({"_id": digest}, {"$setOnInsert": doc}, upsert=True))
        if writes:
            await self._bars.bulk_write(writes, ordered=True)

    async def find(self, digests: Sequence[str]) -> list[Bar]:
        return [BAR.value(doc) async for doc in self._bars.find({"_id": {"$in": list(digests)}})]

    async def note_return(self, digests: Sequence[str], user_id: str) -> None:
        await self._bars.update_many({"_id": {"$in": list(digests)}}, {"$set": {"back_as": user_id}})

    async def turn_into_bans(self, user_id: str) -> list[Bar]:
        """Make what was kept about a person who has left a ban; return the bars, none when nothing was kept."""
        await self._bars.update_many({"user_id": ObjectId(user_id)}, {"$set": {"is_ban": True}})
        return [BAR.value(doc) async for doc in self._bars.find({"user_id": ObjectId(user_id)})]

    async def lift(self, user_id: str) -> None:
        """Remove all bars of this person."""
        await self._bars.delete_many({"user_id": ObjectId(user_id)})
