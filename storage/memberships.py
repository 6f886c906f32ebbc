"""Facts about a user as a member: the rules that they have agreed to, and how they came in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.joining import Joining
from domain.users import ACTIVE, DELETED, User
from storage.audit import Audit, AuditEntry
from storage.derived_fields import begun_keys, derived_fields, may_close_circles
from storage.letters import Letters
from storage.mongodb.database import Database, Session
from storage.standings import Told
from storage.users import JOINING, STANDING, Users, user_from

MAX_TRIES = 12
COUNTED_FOR = 60.0
"""Seconds for which the numbers of the community are kept."""


class Memberships:
    def __init__(self, database: Database, users: Users) -> None:
        self._database = database
        self._users = database.collection("users")
        self._cache = users.cache
        self._audit = Audit(database)
        self._letters = Letters(database)
        self._counted: tuple[int, int] | None = None
        self._counted_at = 0.0

    async def agree(self, user_id: str, version: int) -> User | None:
        """Note the version of the rules that a user has agreed to; a later one stays."""
        return await self._write(user_id, {"$max": {"rules_agreed": version}})

    async def change(
        self,
        user_id: str,
        change: Callable[[User], User],
        *,
        entry: AuditEntry | None = None,
        told: Told | None = None,
    ) -> User | None:
        """Change how a user belongs to the community: `joining`, and `membership` of the standing. With the same
        write others find the user, or no longer. None when the user is gone, or changes all the time.

        `entry` of the audit and `told` are written with the change, and not without one.
        """
        for _ in range(MAX_TRIES):
            doc = await self._users.find_one({"_id": ObjectId(user_id), "status": {"$ne": DELETED}})
            if doc is None:
                return None
            before = user_from(doc)
            after = change(before)
            if after == before and after.standing == before.standing and after.joining == before.joining:
                return before
            known, derived = derived_fields(before), derived_fields(after)
            begun = begun_keys(known, derived)
            standing = STANDING.document(after.standing)
            written = await self._write(
                user_id,
                {
                    "$set": {**derived, "standing": standing, "joining": JOINING.document(after.joining)},
                    **({"$addToSet": {"begun_keys": {"$each": begun}}} if begun else {}),
                    **({"$currentDate": {"circle_look_at": True}} if may_close_circles(known, derived) else {}),
                },
                entry=entry,
                told=told,
                profile_version={"$in": [0, None]} if before.profile_version == 0 else before.profile_version,
            )
            if written is not None:
                return written
        return None

    async def let_in(
        self, user_id: str, joining: Joining, *, entry: AuditEntry | None = None, told: Told | None = None
    ) -> User | None:
        """Make a user a member, in this way. Repeating it changes nothing."""

        def change(user: User) -> User:
            if user.standing.membership == "member" and user.joining.at is not None:
                return user
            came = replace(
                user.joining,
                how=joining.how,
                at=joining.at,
                seen_in_group_at=joining.seen_in_group_at or user.joining.seen_in_group_at,
                left_group_at=None,
            )
            return replace(user, standing=replace(user.standing, membership="member"), joining=came)

        return await self.change(user_id, change, entry=entry, told=told)

    async def half_made(self, since: datetime, until: datetime, *, after: str | None, limit: int) -> list[User]:
        """Return users who registered in this time and whose questions are still open, oldest first."""
        query: dict[str, Any] = {"onboarded": False, "created_at": {"$gte": since, "$lt": until}, "status": ACTIVE}
        if after:
            query["_id"] = {"$gt": ObjectId(after)}
        cursor = self._users.find(query).sort([("_id", 1)]).limit(limit)
        return [user_from(doc) async for doc in cursor]

    async def count_skills(self) -> tuple[int, int]:
        """Return how many people teach something, and how many skills they teach; counted once in COUNTED_FOR seconds,
        since it reads all of them and the front page shows it to everybody."""
        if self._counted is None or time.monotonic() - self._counted_at > COUNTED_FOR:
            listed = {"is_listed": True}
            people = await self._users.count_documents(listed)
            self._counted = int(people), len(await self._users.distinct("offered_keys", listed))
            self._counted_at = time.monotonic()
        return self._counted

    async def _write(
        self,
        user_id: str,
        change: dict[str, Any],
        *,
        entry: AuditEntry | None = None,
        told: Told | None = None,
        **also: Any,
    ) -> User | None:
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}, **also}
        change = {**change, "$inc": {"profile_version": 1}}

        async def work(session: Session | None = None) -> dict[str, Any] | None:
            doc: dict[str, Any] | None = await self._users.find_one_and_update(
                query, change, return_document=ReturnDocument.AFTER, session=session
            )
            if doc is not None and entry is not None:
                await self._audit.add(entry, session=session)
            if doc is not None and told is not None:
                await self._letters.add(told.letter, told.deliveries, session=session)
            return doc

        doc = await work() if entry is None and told is None else await self._database.transaction(work)
        return self._cache.put(user_id, user_from(doc)) if doc else None
