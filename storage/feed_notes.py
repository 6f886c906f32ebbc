"""Notes of the processes that follow the change stream: how many there are, and how far behind the slowest one is.

One document for all: each process replaces its own note, drops those that have not been renewed, and reads the rest, in
one command. The times are the database's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database

RECORD: Final = "feeds"
"""Id of the document in `meta`: {feeds: [{of, lag: seconds, at}]}."""


@dataclass(frozen=True, slots=True)
class FeedNote:
    """`of` is a process; `lag` the seconds by which its feed is late."""

    of: str
    lag: float


class FeedNotes:
    def __init__(self, database: Database) -> None:
        self._meta = database.collection("meta")

    async def write(self, note: FeedNote, *, kept: timedelta) -> Sequence[FeedNote]:
        """Write this process's note; return those of all processes that are not older than `kept`."""
        oldest = {"$subtract": ["$$NOW", int(kept / timedelta(milliseconds=1))]}
        fresh = {"$and": [{"$gt": ["$$feed.at", oldest]}, {"$ne": ["$$feed.of", note.of]}]}
        others = {"$filter": {"input": {"$ifNull": ["$feeds", []]}, "as": "feed", "cond": fresh}}
        own = {"of": note.of, "lag": note.lag, "at": "$$NOW"}
        stages: list[dict[str, Any]] = [{"$set": {"feeds": {"$concatArrays": [others, [own]]}}}]
        for is_last in (False, True):
            try:
                doc = await self._meta.find_one_and_update(
                    {"_id": RECORD}, stages, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:  # another process has begun the document at the same moment
                if is_last:
                    raise
            else:
                return [FeedNote(feed["of"], float(feed["lag"])) for feed in doc["feeds"]]
        return ()
