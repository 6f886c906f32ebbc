"""Which skills there are: those that the vocabulary names, and those that people here have brought.

The collection holds what the vocabulary does not know, and never forgets it; whether a skill is taught or wanted now,
and how it is written, is read off the people who are listed: nothing of a private profile shows here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.errors import BulkWriteError

from skillswap.domain.vocabulary import Vocabulary
from storage.mongo import Database

MAX_KNOWN: Final = 50_000
MAX_LOOKED_AT: Final = 60
"""Keys that one completion tries: behind some of them nobody is listed any more."""

MAX_COUNTED: Final = 100
"""Of a skill that more people have it is enough to know that they are many."""

PENDING: Final = "pending"
LAST_CHARACTER: Final = "\U0010ffff"
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True)
class SkillPresence:
    """A skill as it is called or as one listed person writes it, and how many of the listed teach it and want it."""

    key: str
    skill: str
    teachers: int
    learners: int


class Skills:
    """`vocabulary` is the one in force."""

    def __init__(self, database: Database, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._skills = database.collection("skills")
        self._users = database.collection("users")
        self._known: set[str] = set()

    async def note(self, spellings: Mapping[str, str]) -> None:
        """Remember skills that the vocabulary does not know, by key; what this process noted before costs nothing."""
        new = {key for key in spellings if key not in self.vocabulary} - self._known
        if not new:
            return
        try:
            rows = [{"_id": key, "spelling": spellings[key], "state": PENDING} for key in new]
            await self._skills.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(problem["code"] != DUPLICATE_KEY for problem in (error.details or {}).get("writeErrors", ())):
                raise
        if len(self._known) < MAX_KNOWN:
            self._known |= new

    async def unnamed(self, prefix: str, *, limit: int) -> list[SkillPresence]:
        """Skills of listed people that the vocabulary does not know and whose key begins so, in the order of keys."""
        query: dict[str, Any] = {"_id": {"$gte": prefix, "$lt": prefix + LAST_CHARACTER}}
        found: list[SkillPresence] = []
        async for doc in self._skills.find(query, {"_id": 1}).sort([("_id", 1)]).limit(MAX_LOOKED_AT):
            if len(found) >= limit:
                break
            if (presence := await self._unnamed(doc["_id"])) is not None:
                found.append(presence)
        return found

    async def _unnamed(self, key: str) -> SkillPresence | None:
        if self.vocabulary.key_of(key) != key or key in self.vocabulary or key in self.vocabulary.rejected:
            return None
        taught, wanted = await asyncio.gather(
            self._users.find_one({"offered_keys": key, "is_listed": True}, {"skills_offered": 1}),
            self._users.find_one({"wanted_keys": key, "is_listed": True}, {"skills_wanted": 1}),
        )
        written = [*(taught or {}).get("skills_offered", ()), *(wanted or {}).get("skills_wanted", ())]
        spelling = next((skill for skill in written if self.vocabulary.key_of(skill) == key), None)
        return await self.presence(key, spelling) if spelling is not None else None

    async def presence(self, key: str, spelling: str) -> SkillPresence:
        """How many listed people teach and want a skill, counted up to MAX_COUNTED."""
        taught, wanted = await asyncio.gather(
            self._users.count_documents({"offered_keys": key, "is_listed": True}, limit=MAX_COUNTED),
            self._users.count_documents({"wanted_keys": key, "is_listed": True}, limit=MAX_COUNTED),
        )
        return SkillPresence(key, spelling, int(taught), int(wanted))
