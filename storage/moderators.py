"""The people who decide: moderators and admins."""

from __future__ import annotations

from domain.users import ADMIN, MODERATOR
from storage.mongodb.database import Database

MAX_MODERATORS = 100


class Moderators:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def list_ids(self) -> list[str]:
        """Return the user ids of the moderators and admins."""
        query = {"role": {"$in": [MODERATOR, ADMIN]}}
        return [str(doc["_id"]) for doc in await self._users.find(query, {"_id": 1}).to_list(MAX_MODERATORS)]
