"""Which skills there are, for completing what somebody types.

The collection holds keys only and never forgets one; whether a skill is taught or wanted now, and how it is written,
is read off the people who are listed: nothing of a private profile shows here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pymongo.errors import BulkWriteError

from skillswap.domain.skills import canonical_key
from storage.mongo import Database

MAX_KNOWN: Final = 50_000
MAX_LOOKED_AT: Final = 60
"""Keys that one completion tries: behind some of them nobody is listed any more."""

LAST_CHARACTER: Final = "\U0010ffff"
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True)
class SkillPresence:
    """A skill as one listed person writes it, and whether anybody listed teaches it or wants it."""

    skill: str
    is_taught: bool
    is_wanted: bool


class Skills:
    def __init__(self, database: Database) -> None:
        self._skills = database.collection("skills")
        self._users = database.collection("users")
        self._known: set[str] = set()

    async def note(self, keys: Iterable[str]) -> None:
        """Remember that these keys occur; those that this process has noted before cost nothing."""
        new = set(keys) - self._known
        if not new:
            return
        try:
            await self._skills.insert_many([{"_id": key} for key in new], ordered=False)
        except BulkWriteError as error:
            if any(problem["code"] != DUPLICATE_KEY for problem in (error.details or {}).get("writeErrors", ())):
                raise
        if len(self._known) < MAX_KNOWN:
            self._known |= new

    async def complete(self, prefix: str, *, limit: int) -> list[SkillPresence]:
        """Skills of listed people whose key begins so, in the order of the keys."""
        query: dict[str, Any] = {"_id": {"$gte": prefix, "$lt": prefix + LAST_CHARACTER}}
        found: list[SkillPresence] = []
        async for doc in self._skills.find(query).sort([("_id", 1)]).limit(MAX_LOOKED_AT):
            presence = await self._presence(doc["_id"])
            if presence is not None:
                found.append(presence)
            if len(found) == limit:
                break
        return found

    async def _presence(self, key: str) -> SkillPresence | None:
        taught, wanted = await asyncio.gather(
            self._users.find_one({"offered_keys": key, "is_listed": True}, {"skills_offered": 1}),
            self._users.find_one({"wanted_keys": key, "is_listed": True}, {"skills_wanted": 1}),
        )
        written = [*(taught or {}).get("skills_offered", ()), *(wanted or {}).get("skills_wanted", ())]
        spelling = next((skill for skill in written if canonical_key(skill) == key), None)
        if spelling is None:
            return None
        return SkillPresence(spelling, taught is not None, wanted is not None)


async def all_keys(database: Database, *, batch: int) -> AsyncIterator[list[str]]:
    """The keys of everybody's skills, some of them again and again."""
    keys: set[str] = set()
    async for doc in database.collection("users").find({}, {"offered_keys": 1, "wanted_keys": 1}):
        keys.update(doc.get("offered_keys", ()), doc.get("wanted_keys", ()))
        if len(keys) >= batch:
            yield list(keys)
            keys.clear()
    if keys:
        yield list(keys)
