"""One-time sign-in links. Only the digest of a token is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from bson import ObjectId

from storage.mongodb.database import Database

TOKEN_BYTES = 32


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


class LoginLinks:
    def __init__(self, database: Database) -> None:
        self._links = database.collection("login_links")

    async def issue(self, user_id: str, *, expires_at: datetime) -> str:
        """Return a new URL-safe token for this user."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._links.insert_one({"_id": _digest(token), "user_id": ObjectId(user_id), "expires_at": expires_at})
        return token

    async def is_valid(self, token: str, *, at: datetime) -> bool:
        return await self._links.find_one({"_id": _digest(token), "expires_at": {"$gt": at}}, {"_id": 1}) is not None

    async def redeem(self, token: str, *, at: datetime) -> str | None:
        """Return the user id of a token, once; None for used, expired and unknown tokens."""
        doc = await self._links.find_one_and_delete({"_id": _digest(token), "expires_at": {"$gt": at}})
        return str(doc["user_id"]) if doc else None

    async def erase(self, user_id: str) -> None:
        await self._links.delete_many({"user_id": ObjectId(user_id)})
