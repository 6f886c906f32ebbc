"""Reports, each with its copy of what it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reports import KEPT_FOR, Evidence, Report
from storage.mongodb.database import Database, object_id
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

    async def insert(self, report: Report) -> bool:
        """Insert a report. False when this person has reported the same thing before."""
        doc = REPORT.document(report)
        doc["forget_at"] = report.created_at + KEPT_FOR
        try:
            await self._reports.insert_one(doc)
        except DuplicateKeyError:
            return False
        return True

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

    async def count_independent(self, about: str, *, since: datetime) -> int:
        """Return how many people with accounts that are old enough have reported this person since then."""
        query: dict[str, Any] = {"about": ObjectId(about), "created_at": {"$gt": since}, "is_independent": True}
        return len(await self._reports.distinct("by", query))

    async def erase_by(self, user_id: str) -> None:
        """Take the author's name off the reports of somebody who leaves: what they say goes on to be looked at."""
        await self._reports.update_many({"by": ObjectId(user_id)}, [{"$set": {"by": "$_id"}}])
