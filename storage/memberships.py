"""What concerns a user as a member: the rules that they have agreed to, and how they came in."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.users import DELETED, User
from storage.mongodb.database import Database
from storage.users import Users, user_from


class Memberships:
    def __init__(self, database: Database, users: Users) -> None:
        self._users = database.collection("users")
        self._cache = users.cache

    async def agree(self, user_id: str, version: int) -> User | None:
        """Note the version of the rules that a user has agreed to; a later one stays."""
        return await self._change(user_id, {"$max": {"rules_agreed": version}})

    async def _change(self, user_id: str, change: dict[str, Any], **also: Any) -> User | None:
        doc = await self._users.find_one_and_update(
            {"_id": ObjectId(user_id), "status": {"$ne": DELETED}, **also},
            {**change, "$inc": {"profile_version": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return self._cache.put(user_id, user_from(doc)) if doc else None
