"""Effect of the reasons of a user's own declines on the matches that suit them."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from domain.declines import NO_TIME, TOO_FAR
from domain.users import DELETED
from storage.mongodb.database import Database


class Answers:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def note_decline(self, user_id: str, reason: str, *, at: datetime) -> None:
        """Note the reason of a no of this user; most reasons, and none, change nothing."""
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}}
        if reason == TOO_FAR:
            await self._users.update_one(query, {"$inc": {"far_declines": 1}})
        elif reason == NO_TIME:
            await self._users.update_one(query, {"$set": {"no_time_at": at}})
