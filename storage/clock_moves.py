"""Moves of the clock, for trying out what takes days: stored once for all processes, and never undone.

They stay over a restart, as the documents written in the moved time do: going back would leave requests, messages and
due times in a future that the service does not know. So a database whose clock was moved stays moved, and a service
that may not move its clock does not start on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from storage.mongodb.clock import Move
from storage.mongodb.database import Database

RECORD: Final = "clock"
"""Id of the document in `meta`: {ahead: milliseconds in all, moves: [{at: real time, ahead: milliseconds since}]}."""

MAX_STEP: Final = timedelta(days=366)
MAX_AHEAD: Final = timedelta(days=3660)
MAX_MOVES: Final = 200
"""Moves that are kept with their times; what happened before the first of them counts as moved by it."""


class ClockMoves:
    def __init__(self, database: Database) -> None:
        self._meta = database.collection("meta")
        self._clock = database.clock

    async def ahead(self) -> timedelta:
        """Return how far the clock of this database was moved, whether or not this process follows it."""
        return _milliseconds((await self._meta.find_one({"_id": RECORD}) or {}).get("ahead", 0))

    async def load(self) -> bool:
        """Follow the moves that other processes have made; returns whether there were any."""
        doc = await self._meta.find_one({"_id": RECORD})
        return doc is not None and self.follow(doc)

    def follow(self, doc: Mapping[str, Any]) -> bool:
        """Move this process's clock to where the record is; returns whether it moved. An older record, read late,
        changes nothing."""
        moves = tuple(Move(move["at"], _milliseconds(move["ahead"])) for move in doc.get("moves", ()))
        if not self._clock.is_movable or not moves or moves[-1].ahead <= self._clock.ahead:
            return False
        self._clock.moves = moves
        return True

    async def move(self, step: timedelta) -> datetime:
        """Move the clock ahead for all processes, and return the time that it shows now.

        Raises ValueError for a clock that cannot be moved, and for a step that is not ahead or too long.
        """
        if not self._clock.is_movable:
            raise ValueError("the clock of this service cannot be moved")
        if not timedelta(milliseconds=1) <= step <= MAX_STEP:
            raise ValueError(f"the clock moves ahead only, by at most {MAX_STEP.days} days at once")
        by = int(step / timedelta(milliseconds=1))
        ahead = {"$add": [{"$ifNull": ["$ahead", 0]}, by]}
        moves = {"$concatArrays": [{"$ifNull": ["$moves", []]}, [{"at": "$$NOW", "ahead": "$ahead"}]]}
        room = {"_id": RECORD, "ahead": {"$not": {"$gt": MAX_AHEAD / timedelta(milliseconds=1) - by}}}
        stages = [{"$set": {"ahead": ahead}}, {"$set": {"moves": {"$slice": [moves, -MAX_MOVES]}}}]
        for _ in range(2):
            try:
                doc = await self._meta.find_one_and_update(
                    room, stages, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:  # two first moves at once; or the record has no room for this step
                continue
            self.follow(doc)
            return self._clock.now()
        raise ValueError(f"the clock is at most {MAX_AHEAD.days} days ahead")


def _milliseconds(count: float) -> timedelta:
    return timedelta(milliseconds=count)
