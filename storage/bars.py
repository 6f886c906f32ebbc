"""Bars: digests of what a banned person signs in with, which outlive the account; and what was decided about somebody
who has deleted theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from domain.standing import Standing
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import ID, IDS, Field, Mapper
from storage.users import STANDING


@dataclass(frozen=True, slots=True)
class Bar:
    """One digest. `standing` is what the person returns with; a ban lets nobody return. `people` are the ids of all
    users who have signed in with this account: they are one person."""

    digest: str
    user_id: str
    at: datetime
    is_ban: bool
    standing: Standing
    people: tuple[str, ...] = ()


BAR = Mapper(
    Bar,
    {
        "digest": Field("_id"),
        "user_id": ID,
        "standing": Field(write=STANDING.document, read=STANDING.value),
        "people": IDS,
    },
)


class Bars:
    def __init__(self, database: Database) -> None:
        self._bars = database.collection("bars")

    async def add(self, bars: Sequence[Bar]) -> None:
        """Add bars; a ban takes the place of what was there, and nothing takes the place of a ban."""
        writes = []
        for bar in bars:
            doc = BAR.document(bar)
            digest, _ = doc.pop("_id"), doc.pop("people")
            add = {"$addToSet": {"people": doc["user_id"]}}
            if bar.is_ban:
                writes.append(UpdateOne({"_id": digest}, {"$set": doc, **add}, upsert=True))
            else:
                writes.append(UpdateOne({"_id": digest, "is_ban": {"$ne": True}}, {"$set": doc}))
                writes.append(UpdateOne({"_id": digest}, {"$setOnInsert": doc, **add}, upsert=True))
        if writes:
            await self._bars.bulk_write(writes, ordered=True)

    async def find(self, digests: Sequence[str]) -> list[Bar]:
        return [BAR.value(doc) async for doc in self._bars.find({"_id": {"$in": list(digests)}})]

    async def list_about(self, people: Collection[str]) -> list[Bar]:
        """Return the bars of accounts with which one of these users has signed in."""
        cursor = self._bars.find({"people": {"$in": [ObjectId(person) for person in people]}})
        return [BAR.value(doc) async for doc in cursor]

    async def note_return(self, digests: Sequence[str], user_id: str) -> None:
        """Note the user that a person has returned as."""
        await self._bars.update_many({"_id": {"$in": list(digests)}}, {"$addToSet": {"people": ObjectId(user_id)}})

    async def turn_into_bans(self, people: Collection[str]) -> None:
        """Make what was kept about these users a ban."""
        oids = [ObjectId(person) for person in people]
        await self._bars.update_many({"people": {"$in": oids}}, {"$set": {"is_ban": True}})

    async def lift(self, people: Collection[str]) -> None:
        """End the bans of these users; what was kept of those who have left stays without a ban."""
        oids = [ObjectId(person) for person in people]
        await self._bars.update_many({"people": {"$in": oids}}, {"$set": {"is_ban": False}})

    async def forget(self, user_id: str) -> None:
        """Remove what is kept about this user alone."""
        await self._bars.delete_many({"people": [ObjectId(user_id)]})

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Have what is kept about one account count for another one of the same person, too."""
        change = {"$addToSet": {"people": survivor}}
        await self._bars.update_many({"people": loser}, change, session=session)
        await self._bars.update_many(
            {"people": loser, "user_id": loser}, {"$set": {"user_id": survivor}}, session=session
        )
