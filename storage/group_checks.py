"""Times at which Telegram is to be asked whether a user is in the community's group: everybody with Telegram in turn.

The times are bookkeeping beside the profile: they change no version of it. Who has none yet is due at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId

from domain.users import User
from storage.mongodb.database import Database
from storage.users import user_from

AHEAD: Final = timedelta(days=3650)
"""Time by which the turn of whoever it is about now comes before all others, who wait for that of the day."""

MAX_REMEMBERED: Final = 10_000
"""Users of whom a process remembers when it last wanted a look."""


@dataclass(frozen=True, slots=True)
class GroupCheck:
    """A user whose turn it is. `due_at` is the stored time, None for the first time."""

    user: User
    due_at: datetime | None


class GroupChecks:
    def __init__(self, database: Database) -> None:
        self._users = database.collection("users")
        self._wanted: dict[str, datetime] = {}

    async def due(self, at: datetime, *, limit: int) -> list[GroupCheck]:
        """Return users whose turn it is, longest due first, then those who have had none yet."""
        again = {"telegram_id": {"$gt": 0}, "group_check_at": {"$lte": at}}
        docs = await self._users.find(again).sort([("group_check_at", 1)]).limit(limit).to_list(None)
        if len(docs) < limit:
            first = {"telegram_id": {"$gt": 0}, "group_check_at": None}
            docs += await self._users.find(first).limit(limit - len(docs)).to_list(None)
        return [GroupCheck(user_from(doc), doc.get("group_check_at")) for doc in docs]

    async def want(self, user_id: str, *, at: datetime, fresh_for: timedelta) -> None:
        """Have a user's turn come now, unless Telegram has been asked within this time. The database is not asked
        again, either, within this time."""
        if (known := self._wanted.get(user_id)) is not None and known > at - fresh_for:
            return
        if len(self._wanted) >= MAX_REMEMBERED:
            self._wanted.clear()
        self._wanted[user_id] = at
        stale = {"group_checked_at": {"$lte": at - fresh_for}, "group_check_at": {"$gt": at}}
        await self._users.update_one({"_id": ObjectId(user_id), **stale}, {"$set": {"group_check_at": at - AHEAD}})

    async def want_at_once(self, telegram_id: int, *, at: datetime) -> bool:
        """Have the turn of the user of a Telegram account come now, also while Telegram is being asked."""
        change = {"$set": {"group_check_at": at - AHEAD}}
        return bool((await self._users.update_one({"telegram_id": telegram_id}, change)).matched_count)

    async def done(self, check: GroupCheck, *, at: datetime, next_at: datetime) -> bool:
        """Note that Telegram was asked; False when it is to be asked again because of what has happened meanwhile."""
        query: dict[str, Any] = {"_id": ObjectId(check.user.id), "group_check_at": check.due_at}
        change = {"$set": {"group_check_at": next_at, "group_checked_at": at}}
        return bool((await self._users.update_one(query, change)).modified_count)
