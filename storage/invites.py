"""Invite links."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.invites import Invite
from storage.audit import Audit, AuditEntry
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Mapper

INVITE = Mapper(Invite, {"id": OWN_ID, "by": ID})


class Invites:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._invites = database.collection("invites")
        self._audit = Audit(database)

    async def insert(self, invite: Invite, entry: AuditEntry) -> None:
        """Insert a link together with the entry of the audit about it."""

        async def work(session: Session) -> None:
            await self._invites.insert_one(INVITE.document(invite), session=session)
            await self._audit.add(entry, session=session)

        await self._database.transaction(work)

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

    async def revoke(self, invite_id: str, entry: AuditEntry) -> Invite | None:
        """End a link together with the entry of the audit about it; None when it has been ended before."""

        async def work(session: Session) -> dict[str, Any] | None:
            doc: dict[str, Any] | None = await self._invites.find_one_and_update(
                {"_id": ObjectId(invite_id), "revoked_at": None},
                {"$set": {"revoked_at": entry.at}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            if doc is not None:
                await self._audit.add(entry, session=session)
            return doc

        doc = await self._database.transaction(work)
        return INVITE.value(doc) if doc else None

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the links of one account to another one of the same person; a use counts once for the two."""
        await self._invites.update_many({"by": loser}, {"$set": {"by": survivor}}, session=session)
        used = {"people": loser}
        async for doc in self._invites.find(used, {"people": 1}, session=session):
            change: dict[str, Any] = {"$pull": {"people": loser}}
            if survivor in doc["people"]:
                change["$inc"] = {"used": -1}
            await self._invites.update_one({"_id": doc["_id"]}, change, session=session)
            added = {"$addToSet": {"people": survivor}}
            await self._invites.update_one({"_id": doc["_id"]}, added, session=session)

    async def erase(self, user_id: str) -> None:
        """Forget a user: their links, and that they came by somebody's."""
        await self._invites.delete_many({"by": ObjectId(user_id)})
        await self._invites.update_many({"people": ObjectId(user_id)}, {"$pull": {"people": ObjectId(user_id)}})
