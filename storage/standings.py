"""Decisions about a user's standing, each one transaction: the user, the entry of the audit, and the letter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.deliveries import Delivery
from domain.exits import Exit
from domain.letters import Letter
from domain.users import ACTIVE, BANNED, PAUSED, User
from storage.audit import Audit, AuditEntry
from storage.derived_fields import derived_fields, may_close_circles
from storage.letters import Letters
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import Mapper
from storage.users import EPOCH, STANDING, Users, user_from

EXIT = Mapper(Exit)
AT_ONCE = 100
"""Exits and suspensions that one run of a job goes on with."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter with its deliveries."""

    letter: Letter
    deliveries: Sequence[Delivery]


class Standings:
    def __init__(self, database: Database, users: Users) -> None:
        self._database = database
        self._users = database.collection("users")
        self._cache = users.cache
        self._audit = Audit(database)
        self._letters = Letters(database)

    async def decide(
        self, before: User, after: User, entry: AuditEntry, *, leaves: Exit | None = None, told: Told | None = None
    ) -> User | None:
        """Write a decision, if the user is still as they were read; None when not.

        `leaves`: the exit that begins with it, in place of one that is under way. Sessions end with a ban.
        """
        derived = derived_fields(after)
        change: dict[str, Any] = {
            "$set": {"status": after.status, "standing": STANDING.document(after.standing), **derived},
            "$inc": {"profile_version": 1, "session_version": after.session_version - before.session_version},
        }
        if leaves is not None:
            change["$set"]["exit"] = EXIT.document(leaves)
        if may_close_circles(derived_fields(before), derived):
            change["$currentDate"] = {"circle_look_at": True}
        version = {"$in": [0, None]} if before.profile_version == 0 else before.profile_version
        query = {"_id": ObjectId(before.id), "status": before.status, "profile_version": version}

        async def work(session: Session) -> dict[str, Any] | None:
            doc: dict[str, Any] | None = await self._users.find_one_and_update(
                query, change, return_document=ReturnDocument.AFTER, session=session
            )
            if doc is not None:
                await self._audit.add(entry, session=session)
                if told is not None:
                    await self._letters.add(told.letter, told.deliveries, session=session)
            return doc

        doc = await self._database.transaction(work)
        return self._cache.put(before.id, user_from(doc)) if doc is not None else None

    async def due_exits(self, now: datetime) -> list[tuple[str, Exit]]:
        """Return (user id, exit) of those with a step that is due, longest due first."""
        cursor = self._users.find({"exit.due_at": {"$lte": now}}, {"exit": 1}).sort([("exit.due_at", 1)])
        return [(str(doc["_id"]), EXIT.value(doc["exit"])) async for doc in cursor.limit(AT_ONCE)]

    async def exit_of(self, user_id: str) -> Exit | None:
        doc = await self._users.find_one({"_id": ObjectId(user_id)}, {"exit": 1})
        return EXIT.value(doc["exit"]) if doc and "exit" in doc else None

    async def advance(self, user_id: str, before: Exit, after: Exit | None) -> bool:
        """Note that a step was done; None when it was the last one. False when the exit has changed."""
        query = {"_id": ObjectId(user_id), "exit.decision": before.decision, "exit.step": before.step}
        change = {"$unset": {"exit": ""}} if after is None else {"$set": {"exit": EXIT.document(after)}}
        return bool((await self._users.update_one(query, change)).modified_count)

    async def next_exit_at(self) -> datetime | None:
        """Return when the next step of an exit is due."""
        doc = await self._users.find_one({"exit.due_at": {"$exists": True}}, {"exit": 1}, sort=[("exit.due_at", 1)])
        return EXIT.value(doc["exit"]).due_at if doc is not None else None

    async def banned(self, user_ids: Collection[str] | None) -> list[str]:
        """Return the ids of users who are banned and on no way out, among these or among all."""
        query: dict[str, Any] = {"status": BANNED, "exit": {"$exists": False}}
        if user_ids is not None:
            query["_id"] = {"$in": [oid for oid in map(object_id, user_ids) if oid]}
        return [str(doc["_id"]) async for doc in self._users.find(query, {"_id": 1})]

    async def next_suspension_over(self) -> datetime | None:
        """Return when the next suspension ends."""
        field = "standing.suspended_until"
        query = {field: {"$gt": EPOCH}, "status": {"$in": [ACTIVE, PAUSED]}}
        doc = await self._users.find_one(query, {"standing": 1}, sort=[(field, 1)])
        return STANDING.value(doc["standing"]).suspended_until if doc is not None else None

    async def over_suspensions(self, now: datetime) -> list[User]:
        """Return users whose suspension is over and has not been lifted yet, without those banned since."""
        over = {"$gt": EPOCH, "$lte": now}
        cursor = self._users.find({"standing.suspended_until": over, "status": {"$in": [ACTIVE, PAUSED]}})
        return [user_from(doc) async for doc in cursor.limit(AT_ONCE)]
