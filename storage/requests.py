"""The requests that one user has made: the places of their quota, and their notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from domain.near_equal import COMPARED, COUNTED_WITHIN
from domain.quotas import MOST_PLACES, TAKEN_BACK_COUNTS
from domain.screening import SCREENED_FOR
from domain.swaps import ANSWER_WITHIN, CANCELLED, PENDING, PROPOSED
from storage.mongodb.database import Database

MAX_TAKEN = 2 * MOST_PLACES
"""Requests that are counted: who had a higher quota once, or makes counter-offers, may have more open than places."""


class Requests:
    def __init__(self, database: Database) -> None:
        self._swaps = database.collection("swaps")

    async def places_taken(self, user_id: str, *, at: datetime) -> list[datetime]:
        """Return until when each place of this user's quota is taken: by what waits for an answer and by what they took
        back lately."""
        asker = ObjectId(user_id)
        waiting = {"from_user_id": asker, "status": {"$in": [PENDING, PROPOSED]}, "turn": {"$exists": False}}
        ends = {"due_at": 1, "screened_at": 1}
        taken = [_ends_at(doc, at) async for doc in self._swaps.find(waiting, ends).limit(MAX_TAKEN)]
        made = {"from_user_id": asker, "status": CANCELLED, "created_at": {"$gt": at - TAKEN_BACK_COUNTS}}
        fields = {"created_at": 1, "plan.accepted_at": 1, "history": {"$slice": -1}}
        async for doc in self._swaps.find(made, fields).limit(MAX_TAKEN):
            is_theirs = any(event.get("by") == asker for event in doc["history"])
            if is_theirs and "accepted_at" not in doc.get("plan", {}):
                taken.append(doc["created_at"] + TAKEN_BACK_COUNTS)
        return taken

    async def last_notes(self, user_id: str, *, at: datetime) -> list[str]:
        """Return the first notes of a user's last requests, those of COUNTED_WITHIN, newest first."""
        query = {"from_user_id": ObjectId(user_id), "request_number": {"$gt": 0}}
        fields = {"message": 1, "created_at": 1, "offers": {"$slice": 1}}
        found = self._swaps.find(query, fields).sort([("request_number", -1)]).limit(COMPARED)
        return [
            doc["offers"][0]["message"] if doc.get("offers") else doc.get("message", "")
            async for doc in found
            if doc["created_at"] > at - COUNTED_WITHIN
        ]


def _ends_at(doc: dict[str, Any], at: datetime) -> datetime:
    """Return when a request that waits ends by itself; for one that is screened, at the latest."""
    ends: datetime = doc.get("due_at", at)
    return doc["screened_at"] + SCREENED_FOR + ANSWER_WITHIN if doc.get("screened_at") else ends
