"""Responses to requests with an idempotency key, kept for a day and returned to repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Binary, ObjectId
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database

KEPT: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=90)
"""Lease of a key, longer than any request may take: a holder beyond it has died."""

RUNNING, DONE = "running", "done"


@dataclass(frozen=True, slots=True)
class Answer:
    """Stored response: status, body and the headers that belong to it."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class InFlight:
    """State of a key that is taken: by a request with other content, by one in progress, or by an answered one."""

    is_same: bool
    answer: Answer | None


class Idempotency:
    def __init__(self, database: Database) -> None:
        self._answers = database.collection("idempotency")

    async def begin(self, key: str, digest: str, *, user_id: str, holder: str, at: datetime) -> InFlight | None:
        """Take the key for a request with this content. Returns None on success, else the state of the key."""
        fresh = {
            "_id": key,
            "user_id": ObjectId(user_id),
            "digest": digest,
            "state": RUNNING,
            "holder": holder,
            "lease_until": at + LEASE,
            "expires_at": at + KEPT,
        }
        try:
            await self._answers.insert_one(fresh)
            return None
        except DuplicateKeyError:
            pass
        # The server's TTL sweep runs once a minute, and a holder that died has left no response.
        left = {
            "$or": [{"expires_at": {"$lte": at}}, {"state": RUNNING, "lease_until": {"$lte": at}, "digest": digest}]
        }
        replaced = await self._answers.find_one_and_replace({"_id": key, **left}, fresh)
        if replaced is not None:
            return None
        doc = await self._answers.find_one({"_id": key})
        if doc is None:  # released a moment ago
            return InFlight(is_same=True, answer=None)
        return InFlight(doc["digest"] == digest, _answer(doc))

    async def finish(self, key: str, *, holder: str, answer: Answer) -> None:
        await self._answers.update_one(
            {"_id": key, "holder": holder, "state": RUNNING},
            {
                "$set": {
                    "state": DONE,
                    "status": answer.status,
                    "body": Binary(answer.body),
                    "headers": answer.headers,
                },
                "$unset": {"lease_until": ""},
            },
        )

    async def release(self, key: str, *, holder: str) -> None:
        """Release the key without a response: the same request may be tried again."""
        await self._answers.delete_one({"_id": key, "holder": holder, "state": RUNNING})

    async def erase(self, user_id: str) -> None:
        await self._answers.delete_many({"user_id": ObjectId(user_id)})


def _answer(doc: dict[str, Any]) -> Answer | None:
    if doc["state"] != DONE:
        return None
    return Answer(int(doc["status"]), bytes(doc["body"]), dict(doc["headers"]))
