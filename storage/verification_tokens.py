"""One-time tokens of mailed sign-in links, under NextAuth's names. Only digests are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.mongodb.database import Database


class VerificationTokens:
    def __init__(self, database: Database) -> None:
        self._tokens = database.collection("verification_tokens")

    async def insert(self, identifier: str, digest: str, *, expires_at: datetime) -> None:
        await self._tokens.insert_one({"identifier": identifier, "token": digest, "expires": expires_at})

    async def is_valid(self, identifier: str, digests: Sequence[str], *, at: datetime) -> bool:
        query = {"token": {"$in": list(digests)}, "identifier": identifier, "expires": {"$gt": at}}
        return await self._tokens.find_one(query, {"_id": 1}) is not None

    async def use(self, identifier: str, digests: Sequence[str], *, at: datetime) -> bool:
        """Delete the token and return True; False for one that is used, expired, unknown, or of another address."""
        query = {"token": {"$in": list(digests)}, "identifier": identifier, "expires": {"$gt": at}}
        return await self._tokens.find_one_and_delete(query, {"_id": 1}) is not None

    async def delete(self, digest: str) -> None:
        await self._tokens.delete_one({"token": digest})

    async def erase(self, identifier: str) -> None:
        """Delete all tokens of this address."""
        await self._tokens.delete_many({"identifier": identifier})
