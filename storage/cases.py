"""Cases of the moderators. At most one that is not done stands for a person: `open_about` is unique."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.cases import DONE, Case, CaseEvent
from domain.reports import KEPT_FOR
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper
from storage.reports import Reports

MAX_CASES = 100

EVENT: Mapper[CaseEvent] = Mapper(CaseEvent)
CASE: Mapper[Case] = Mapper(
    Case,
    {
        "id": OWN_ID,
        "about": ID,
        "history": Field(
            write=lambda history: [EVENT.document(event) for event in history],
            read=lambda docs: tuple(EVENT.value(doc) for doc in docs),
        ),
    },
)


class Cases:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._cases = database.collection("cases")

    async def insert(self, case: Case) -> bool:
        """Insert a case. False when one about this person is not done yet."""
        try:
            await self._cases.insert_one(case_document(case))
        except DuplicateKeyError:
            return False
        return True

    async def replace(self, before: Case, after: Case) -> bool:
        """Write the next version of a case. False when it has changed meanwhile, or another one stands in its place."""
        query = {"_id": ObjectId(before.id), "version": before.version}
        try:
            return bool((await self._cases.replace_one(query, case_document(after))).matched_count)
        except DuplicateKeyError:
            return False

    async def find(self, case_id: str) -> Case | None:
        oid = object_id(case_id)
        doc = await self._cases.find_one({"_id": oid}) if oid else None
        return CASE.value(doc) if doc else None

    async def find_open(self, about: str) -> Case | None:
        """Return the case about this person that is not done."""
        doc = await self._cases.find_one({"open_about": ObjectId(about)})
        return CASE.value(doc) if doc else None

    async def list_of(
        self, states: Sequence[str], *, besides: str, before: str | None = None, limit: int = MAX_CASES
    ) -> list[Case]:
        """Return cases in these states, oldest first when they are to be looked at, newest first when they are done;
        none about the user `besides`."""
        is_done = list(states) == [DONE]
        state: object = {"$in": list(states)} if len(states) > 1 else states[0]
        query: dict[str, object] = {"state": state, "about": {"$ne": ObjectId(besides)}}
        if before is not None and (oid := object_id(before)):
            query["_id"] = {"$lt": oid} if is_done else {"$gt": oid}
        cursor = self._cases.find(query).sort([("_id", -1 if is_done else 1)]).limit(min(limit, MAX_CASES))
        return [CASE.value(doc) async for doc in cursor]

    async def list_about(self, about: str, *, limit: int = MAX_CASES) -> list[Case]:
        """Return the cases about a person, newest first."""
        cursor = self._cases.find({"about": ObjectId(about)}).sort([("_id", -1)]).limit(limit)
        return [CASE.value(doc) async for doc in cursor]

    async def put_into(self, case: Case, version: int, other: Case) -> Case | None:
        """Put a case that is done (in this version) into an open one about the same person, with its reports and its
        history. Returns that one; None when one of the two has changed."""

        async def work(session: Session) -> dict[str, Any] | None:
            here = {"_id": ObjectId(other.id), "open_about": {"$exists": True}}
            if await self._cases.find_one(here, session=session) is None:
                return None
            gone = await self._cases.delete_one({"_id": ObjectId(case.id), "version": version}, session=session)
            if not gone.deleted_count:
                return None
            await Reports(self._database).move_to_case(ObjectId(case.id), ObjectId(other.id), session)
            doc = CASE.document(case)
            change = _joining(doc) | {"$push": {"history": {"$each": doc["history"], "$sort": {"at": 1}}}}
            found: dict[str, Any] | None = await self._cases.find_one_and_update(
                here, change, session=session, return_document=ReturnDocument.AFTER
            )
            return found

        doc = await self._database.transaction(work)
        return CASE.value(doc) if doc is not None else None

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session, reports: Reports) -> None:
        """Give the cases about one account to another. Of two that are not done one is left, with what is in both."""
        mine = await self._cases.find_one({"open_about": survivor}, session=session)
        theirs = await self._cases.find_one({"open_about": loser}, session=session)
        if mine is not None and theirs is not None:
            await reports.move_to_case(theirs["_id"], mine["_id"], session)
            await self._cases.update_one({"_id": mine["_id"]}, _joining(theirs), session=session)
            await self._cases.delete_one({"_id": theirs["_id"]}, session=session)
        await self._cases.update_many({"open_about": loser}, {"$set": {"open_about": survivor}}, session=session)
        await self._cases.update_many({"about": loser}, {"$set": {"about": survivor}}, session=session)


def _joining(doc: dict[str, Any]) -> dict[str, Any]:
    """Return the change by which what is in one case is added to another."""
    return {
        "$inc": {"reports": doc["reports"], "version": 1},
        "$addToSet": {"kinds": {"$each": doc["kinds"]}, "reasons": {"$each": doc["reasons"]}},
    }


def case_document(case: Case) -> dict[str, object]:
    """Return the document of a case. While it is not done, `open_about` says whom it is about; afterwards `forget_at`
    says how long it is kept."""
    doc = CASE.document(case)
    if case.state != DONE:
        doc["open_about"] = ObjectId(case.about)
    else:
        doc["forget_at"] = case.updated_at + KEPT_FOR
    return doc
