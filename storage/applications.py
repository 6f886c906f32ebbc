"""Applications: one document for each user who came to a closed door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.applications import BEGUN, LET_IN, NOT_NOW, WAITING, Application
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import OWN_ID, Mapper
from storage.users import EPOCH

_FURTHER = (BEGUN, NOT_NOW, WAITING, LET_IN)
"""States, the one that has come furthest last."""

APPLICATION = Mapper(Application, {"id": OWN_ID})


class Applications:
    def __init__(self, database: Database) -> None:
        self._applications = database.collection("applications")

    async def begin(self, application: Application) -> Application:
        """Store an application unless the user has one; returns the stored one."""
        doc = APPLICATION.document(application)
        own_id = {"_id": doc.pop("_id")}
        found = await self._applications.find_one_and_update(
            own_id, {"$setOnInsert": doc}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return APPLICATION.value(found)

    async def renew(self, user_id: str, at: datetime) -> None:
        """Begin an application anew for somebody who was in and is not any more; one that is open stays.

        Nothing of it is due: who was a member is not erased for having applied to nothing.
        """
        doc = APPLICATION.document(Application(user_id, at))
        own_id = {"_id": doc.pop("_id")}
        del doc["version"]
        was_in = {**own_id, "state": LET_IN}
        renewed = await self._applications.update_one(was_in, {"$set": doc, "$inc": {"version": 1}})
        if not renewed.matched_count:
            await self._applications.update_one(own_id, {"$setOnInsert": {**doc, "version": 0}}, upsert=True)

    async def find(self, user_id: str) -> Application | None:
        oid = object_id(user_id)
        doc = await self._applications.find_one({"_id": oid}) if oid else None
        return APPLICATION.value(doc) if doc else None

    async def replace(self, before: Application, after: Application) -> Application | None:
        """Write the next version if the stored one is still `before`. None when it has changed."""
        doc = APPLICATION.document(after) | {"version": before.version + 1}
        doc.pop("_id")
        found = await self._applications.find_one_and_update(
            {"_id": ObjectId(before.id), "version": before.version},
            {"$set": doc},
            return_document=ReturnDocument.AFTER,
        )
        return APPLICATION.value(found) if found else None

    async def end(self, user_id: str) -> bool:
        """End an application of somebody who came in otherwise; returns whether its card is shown."""
        before = await self._applications.find_one_and_update(
            {"_id": ObjectId(user_id), "state": {"$ne": LET_IN}},
            {"$set": {"state": LET_IN, "due_at": None, "shown_at": None}, "$inc": {"version": 1}},
        )
        return before is not None and before.get("shown_at") is not None

    async def settle(self, application: Application) -> None:
        """Note that what follows from this decision has been done."""
        query = {"_id": ObjectId(application.id), "decision_id": application.decision_id}
        await self._applications.update_one(query, {"$set": {"is_unsettled": False}})

    async def list_in(self, state: str, *, after: str | None, limit: int) -> list[Application]:
        """Return applications in a state, longest waiting first; `after` is the id of the previous page's last one."""
        query: dict[str, Any] = {"state": state}
        last = await self.find(after) if after else None
        if last is not None and last.since is not None:
            query["$or"] = [
                {"since": last.since, "_id": {"$gt": ObjectId(last.id)}},
                {"since": {"$gt": last.since}},
            ]
        cursor = self._applications.find(query).sort([("since", 1), ("_id", 1)]).limit(limit)
        return [APPLICATION.value(doc) async for doc in cursor]

    async def count_waiting(self, *, limit: int) -> int:
        return int(await self._applications.count_documents({"state": WAITING}, limit=limit))

    async def show_next(self, *, at_most: int, at: datetime) -> list[str]:
        """Mark waiting applications as shown until there are `at_most` of them; returns the ids of the new ones."""
        shown = await self._applications.count_documents({"state": WAITING, "shown_at": {"$ne": None}}, limit=at_most)
        found: list[str] = []
        while shown + len(found) < at_most:
            doc = await self._applications.find_one_and_update(
                {"state": WAITING, "shown_at": None},
                {"$set": {"shown_at": at}},
                sort=[("since", 1), ("_id", 1)],
                projection={"_id": 1},
            )
            if doc is None:
                break
            found.append(str(doc["_id"]))
        return found

    async def unsettled(self, *, limit: int) -> list[Application]:
        return [APPLICATION.value(doc) async for doc in self._applications.find({"is_unsettled": True}).limit(limit)]

    async def due(self, at: datetime, *, limit: int) -> list[Application]:
        cursor = self._applications.find({"due_at": {"$lte": at}}).sort("due_at", 1).limit(limit)
        return [APPLICATION.value(doc) async for doc in cursor]

    async def next_due(self) -> datetime | None:
        doc = await self._applications.find_one({"due_at": {"$gt": EPOCH}}, sort=[("due_at", 1)])
        return APPLICATION.value(doc).due_at if doc else None

    async def waiting_in(self, states: Sequence[str], *, limit: int) -> list[Application]:
        cursor = self._applications.find({"state": {"$in": list(states)}}).limit(limit)
        return [APPLICATION.value(doc) async for doc in cursor]

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the application of one account to another one of the same person: of two, the one that has come further
        stays."""
        docs = [await self._applications.find_one({"_id": one}, session=session) for one in (loser, survivor)]
        theirs, mine = docs
        if theirs is None:
            return
        await self._applications.delete_one({"_id": loser}, session=session)
        if mine is None or _FURTHER.index(theirs["state"]) > _FURTHER.index(mine["state"]):
            version = max(doc["version"] for doc in docs if doc is not None) + 1
            moved = {**theirs, "_id": survivor, "version": version, "shown_at": mine["shown_at"] if mine else None}
            await self._applications.replace_one({"_id": survivor}, moved, upsert=True, session=session)

    async def erase(self, user_id: str) -> None:
        await self._applications.delete_one({"_id": ObjectId(user_id)})
