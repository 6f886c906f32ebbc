"""Private calendar feeds, one for each user. Only the digest of a token is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from bson import ObjectId

from storage.mongodb.database import Database

TOKEN_BYTES = 32


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class CalendarFeeds:
    def __init__(self, database: Database) -> None:
        self._feeds = database.collection("calendar_feeds")

    async def issue(self, user_id: str, *, at: datetime) -> str:
        """Return a new URL-safe token for this user; the one before ends."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        fields = {"digest": _digest(token), "created_at": at}
        await self._feeds.update_one({"_id": ObjectId(user_id)}, {"$set": fields}, upsert=True)
        return token

    async def find(self, token: str) -> str | None:
        """Return the id of the user whose feed this token opens."""
        digest = _digest(token)
        doc = await self._feeds.find_one({"digest": digest})
        return str(doc["_id"]) if doc and hmac.compare_digest(doc["digest"], digest) else None

    async def created_at(self, user_id: str) -> datetime | None:
        """Return when this user's feed was issued; None for no feed."""
        doc = await self._feeds.find_one({"_id": ObjectId(user_id)}, {"created_at": 1})
        return doc["created_at"] if doc else None

    async def erase(self, user_id: str) -> None:
        await self._feeds.delete_one({"_id": ObjectId(user_id)})
