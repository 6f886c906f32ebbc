"""Open views of conversations and typing indicators, shared by all processes, for a minute.

Writes do not wait for the disk: what a crash loses is repeated at the next heartbeat. The server's clock decides which
views are still open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reads import VIEW_LIVES, Typing
from storage.mongodb.database import UNJOURNALED, Database
from storage.mongodb.documents import ID, Field, Mapper

TYPING = Mapper(Typing, {"swap_id": ID, "user_id": ID, "view_id": Field("_id"), "at": Field("typing_at")})


def typing_from(doc: dict[str, Any]) -> Typing | None:
    if "typing_at" not in doc:
        return None
    return TYPING.value(doc)


class Presence:
    def __init__(self, database: Database) -> None:
        self._views = database.collection("presence").with_options(**UNJOURNALED)

    async def open(self, view_id: str, user_id: str, swap_id: str, *, is_typing: bool = False) -> None:
        """Record that the user has this view of the conversation open; it expires after some seconds."""
        fields: dict[str, Any] = {
            "user_id": ObjectId(user_id),
            "swap_id": ObjectId(swap_id),
            "open_until": {"$add": ["$$NOW", _milliseconds(VIEW_LIVES)]},
        }
        if is_typing:
            fields["typing_at"] = "$$NOW"
        try:
            await self._views.update_one({"_id": view_id}, [{"$set": fields}], upsert=True)
        except DuplicateKeyError:
            return  # two inserts at once

    async def close(self, view_ids: Sequence[str]) -> None:
        await self._views.delete_many({"_id": {"$in": list(view_ids)}})

    async def is_open(self, user_id: str, swap_id: str) -> bool:
        """Return whether this user has a view of the conversation open anywhere."""
        views = self._views.find(
            {"user_id": ObjectId(user_id), "swap_id": ObjectId(swap_id)},
            {"is_open": {"$gt": ["$open_until", "$$NOW"]}},
        )
        return any([view["is_open"] async for view in views])

    async def claim_relay(self, typing: Typing) -> bool:
        """Claim the relay of this typing indicator; True for one of the processes that try."""
        result = await self._views.update_one(
            {"_id": typing.view_id, "typing_at": typing.at, "carried_at": {"$ne": typing.at}},
            {"$set": {"carried_at": typing.at}},
        )
        return bool(result.modified_count)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
