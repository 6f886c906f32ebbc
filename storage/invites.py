"""Invite links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.invites import Invite
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, OWN_ID, Mapper

INVITE = Mapper(Invite, {"id": OWN_ID, "by": ID})


class Invites:
    def __init__(self, database: Database) -> None:
        self._invites = database.collection("invites")

    async def insert(self, invite: Invite) -> None:
        await self._invites.insert_one(INVITE.document(invite))

    async def find(self, invite_id: str) -> Invite | None:
        oid = object_id(invite_id)
        return await self._find({"_id": oid}) if oid else None

    async def find_by_code(self, code: str) -> Invite | None:
        return await self._find({"code": code})

    async def _find(self, query: dict[str, Any]) -> Invite | None:
        doc = await self._invites.find_one(query)
        return INVITE.value(doc) if doc else None

    async def list_of(self, user_id: str, *, limit: int) -> list[Invite]:
        """Return a user's links, newest first."""
        cursor = self._invites.find({"by": ObjectId(user_id)}).sort("_id", -1).limit(limit)
        return [INVITE.value(doc) async for doc in cursor]

    async def use(self, invite_id: str, user_id: str) -> bool:
        """Count one use, once for each user, whoever repeats it. False when the link is used up or revoked."""
        query = {"_id": ObjectId(invite_id), "people": {"$ne": ObjectId(user_id)}, "revoked_at": None}
        used = await self._invites.update_one(
            {**query, "$expr": {"$lt": ["$used", "$uses"]}},
            {"$inc": {"used": 1}, "$push": {"people": ObjectId(user_id)}},
        )
        if used.modified_count:
            return True
        again = {"_id": ObjectId(invite_id), "people": ObjectId(user_id)}
        return await self._invites.find_one(again, projection={"_id": 1}) is not None

    async def revoke(self, invite_id: str, *, at: datetime) -> Invite | None:
        doc = await self._invites.find_one_and_update(
            {"_id": ObjectId(invite_id), "revoked_at": None},
            {"$set": {"revoked_at": at}},
            return_document=ReturnDocument.AFTER,
        )
        return INVITE.value(doc) if doc else None

    async def erase(self, user_id: str) -> None:
        """Forget a user: their links, and that they came by somebody's."""
        await self._invites.delete_many({"by": ObjectId(user_id)})
        await self._invites.update_many({"people": ObjectId(user_id)}, {"$pull": {"people": ObjectId(user_id)}})
