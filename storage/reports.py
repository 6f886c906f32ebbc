"""Reports, each with its copy of what it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reports import KEPT_FOR, Evidence, Report
from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper

MAX_REPORTS = 100

EVIDENCE: Mapper[Evidence] = Mapper(
    Evidence,
    {
        "profile": Field(write=dict),
        "review": Field(write=dict),
        "messages": Field(write=lambda messages: [dict(one) for one in messages]),
    },
)
REPORT: Mapper[Report] = Mapper(
    Report,
    {
        "id": OWN_ID,
        "by": ID,
        "about": ID,
        "case_id": ID,
        "evidence": Field(write=EVIDENCE.document, read=EVIDENCE.value),
    },
)


class Reports:
    def __init__(self, database: Database) -> None:
        self._reports = database.collection("reports")

    async def insert(self, report: Report, *, number: int) -> bool:
        """Insert a report as its author's nth. False when this person has reported the same thing before, or has made
        another one with this number at the same moment."""
        doc = REPORT.document(report)
        doc |= {"number": number, "forget_at": report.created_at + KEPT_FOR}
        try:
            await self._reports.insert_one(doc)
        except DuplicateKeyError:
            return False
        return True

    async def last_number(self, by: str) -> int:
        """Return the number of this person's newest report; 0 before the first."""
        doc = await self._reports.find_one({"by": ObjectId(by), "number": {"$gt": 0}}, sort=[("number", -1)])
        return int(doc["number"]) if doc else 0

    async def find_same(self, by: str, about: str, subject: str, subject_id: str) -> Report | None:
        """Return this person's report of the same thing."""
        query = {"by": ObjectId(by), "about": object_id(about), "subject": subject, "subject_id": subject_id}
        doc = await self._reports.find_one(query)
        return REPORT.value(doc) if doc else None

    async def count_by(self, by: str, *, since: datetime) -> int:
        """Return how many reports this person has made since then."""
        return int(await self._reports.count_documents({"by": ObjectId(by), "created_at": {"$gt": since}}))

    async def list_of_case(self, case_id: str, *, limit: int = MAX_REPORTS) -> list[Report]:
        """Return the reports of a case, newest first."""
        cursor = self._reports.find({"case_id": object_id(case_id)}).sort([("_id", -1)]).limit(limit)
        return [REPORT.value(doc) async for doc in cursor]

    async def count_independent(self, case_id: str, *, since: datetime) -> int:
        """Return how many people whose reports count have made one in this case since then."""
        query: dict[str, Any] = {"case_id": ObjectId(case_id), "created_at": {"$gt": since}, "is_independent": True}
        return len(await self._reports.distinct("by", query))

    async def move(self, loser: ObjectId, survivor: ObjectId, session: Session) -> None:
        """Give the reports by and about one account to another: nobody has reported themselves, nor the same twice."""
        query = {"$or": [{"by": loser}, {"about": loser}]}
        for doc in await self._reports.find(query, session=session).to_list(None):
            pair = {name: survivor if doc[name] == loser else doc[name] for name in ("by", "about")}
            same = {**pair, "subject": doc["subject"], "subject_id": doc["subject_id"], "_id": {"$ne": doc["_id"]}}
            if pair["by"] == pair["about"] or await self._reports.find_one(same, session=session) is not None:
                await self._reports.delete_one({"_id": doc["_id"]}, session=session)
            else:
                change = {"$set": pair} | ({"$unset": {"number": ""}} if doc["by"] == loser else {})
                await self._reports.update_one({"_id": doc["_id"]}, change, session=session)

    async def move_to_case(self, case_id: ObjectId, other: ObjectId, session: Session) -> None:
        """Put the reports of one case into another."""
        await self._reports.update_many({"case_id": case_id}, {"$set": {"case_id": other}}, session=session)

    async def put_in_case(self, report_id: str, case_id: str) -> None:
        await self._reports.update_one({"_id": ObjectId(report_id)}, {"$set": {"case_id": ObjectId(case_id)}})

    async def erase_by(self, user_id: str) -> None:
        """Take the author's name off the reports of somebody who leaves: what they say goes on to be looked at, as the
        words of one person."""
        change = {"$set": {"by": ObjectId()}, "$unset": {"number": ""}}
        await self._reports.update_many({"by": ObjectId(user_id)}, change)
