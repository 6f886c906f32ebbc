"""Search for people: the teachers of a skill, mutual fits first, and listed users by name. Pages are by offset, which
the callers bound."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from domain.decks import MAX_COUNTED
from domain.users import User
from storage.listed_users import listed_besides
from storage.mongodb.database import Database
from storage.skills import LAST_CHARACTER
from storage.users import BEST_FIRST, user_from

BY_NAME: Final = "by_name"
"""Index name, given as a hint: the order of a page is that of this index."""


class PeopleSearch:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")

    async def teachers(
        self, key: str, taught: Sequence[str], *, besides: Collection[str], offset: int, limit: int
    ) -> list[User]:
        """Return listed teachers of a skill: first those who want one of the keys `taught`, then the others, both best
        rank first."""
        others = listed_besides(besides)
        gives = [mine for mine in taught if mine != key]
        mutual = {"trades": {"$in": [f"{key}>{mine}" for mine in gives]}, **others}
        first = await self._users.count_documents(mutual, limit=offset + limit) if gives else 0
        found = await self._page(mutual, offset, limit) if offset < first else []
        if len(found) < limit:
            rest: dict[str, Any] = {"offered_keys": key, **others}
            if gives:
                rest["wanted_keys"] = {"$nin": gives}
            found += await self._page(rest, max(0, offset - first), limit - len(found))
        return [user for user in found if user.is_listed]  # another program may change a status alone

    async def _page(self, query: dict[str, Any], offset: int, limit: int) -> list[User]:
        cursor = self._users.find(query, {"trades": 0}).sort(BEST_FIRST).skip(offset).limit(limit)
        return [user_from(doc) async for doc in cursor]

    async def named(self, prefix: str, *, besides: Collection[str], offset: int, limit: int) -> list[User]:
        """Return listed users of whose name a word, and what follows it, starts with this key, by name."""
        cursor = self._users.find(_named(prefix, besides), {"trades": 0}).hint(BY_NAME).skip(offset).limit(limit)
        return [user for user in [user_from(doc) async for doc in cursor] if user.is_listed]

    async def count_named(self, prefix: str, *, besides: Collection[str]) -> int:
        """Count these users, up to MAX_COUNTED."""
        return int(await self._users.count_documents(_named(prefix, besides), limit=MAX_COUNTED, hint=BY_NAME))


def _named(prefix: str, besides: Collection[str]) -> dict[str, Any]:
    return {"name_keys": {"$elemMatch": {"$gte": prefix, "$lt": prefix + LAST_CHARACTER}}, **listed_besides(besides)}
