"""The audit: what moderators, admins and the service decided about whom. Append only: no method changes an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bson import ObjectId

from storage.mongodb.database import Database, Session, object_id
from storage.mongodb.documents import OWN_ID, Field, Mapper

MAX_ENTRIES: Final = 100
"""Entries of one page."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One decision. `by` and `about` are ids of users, or "" for the service and for what is about nobody; `by` may
    also name the command line. `before` and `after` hold what the decision changed, as plain values."""

    id: str
    at: datetime
    by: str
    action: str
    about: str = ""
    reason: str = ""
    case_id: str = ""
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    after: Mapping[str, Any] = field(default_factory=dict, hash=False)


ENTRY = Mapper(AuditEntry, {"id": OWN_ID, "before": Field(write=dict), "after": Field(write=dict)})


class Audit:
    def __init__(self, database: Database) -> None:
        self._audit = database.collection("audit")

    async def add(self, entry: AuditEntry, *, session: Session | None = None) -> None:
        """Add an entry; one that is there already, by its id, stays as it is."""
        doc = ENTRY.document(entry)
        await self._audit.update_one({"_id": doc.pop("_id")}, {"$setOnInsert": doc}, upsert=True, session=session)

    async def find(self, entry_id: str) -> AuditEntry | None:
        oid = object_id(entry_id)
        doc = await self._audit.find_one({"_id": oid}) if oid else None
        return ENTRY.value(doc) if doc else None

    async def list(
        self,
        *,
        about: str = "",
        by: str = "",
        case_id: str = "",
        besides: str = "",
        before: str | None = None,
        limit: int = MAX_ENTRIES,
    ) -> list[AuditEntry]:
        """Return entries, newest first, of one person, of one decider, of one case, or all; none about the user
        `besides`. `before` is the id of the last one shown."""
        query: dict[str, Any] = {
            name: value for name, value in (("about", about), ("by", by), ("case_id", case_id)) if value
        }
        if besides:
            query["about"] = {"$ne": besides, **({"$eq": about} if about else {})}
        if before is not None:
            query["_id"] = {"$lt": object_id(before) or ObjectId(b"\0" * 12)}
        cursor = self._audit.find(query).sort([("_id", -1)]).limit(min(limit, MAX_ENTRIES))
        return [ENTRY.value(doc) async for doc in cursor]
