"""Signed proofs that were used to sign in, stored as digests until they expire."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database


class UsedProofs:
    def __init__(self, database: Database) -> None:
        self._proofs = database.collection("used_proofs")

    async def add(self, proof: str, *, expires_at: datetime) -> bool:
        """Record the proof. False when it has been used already."""
        digest = hashlib.sha256(proof.encode(errors="surrogatepass")).hexdigest()
        try:
            await self._proofs.insert_one({"_id": digest, "expires_at": expires_at})
        except DuplicateKeyError:
            return False
        return True
