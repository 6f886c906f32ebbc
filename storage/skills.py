"""Which skills there are: those that the vocabulary names, and those that people here have brought.

The collection holds what the vocabulary does not know, and never forgets it; whether a skill is taught or wanted now,
and how it is written, is read off the people who are listed: nothing of a private profile shows here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError

from domain.vocabulary import DECISIONS, Decision, Vocabulary
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import Field, Mapper

MAX_KNOWN: Final = 50_000
MAX_LOOKED_AT: Final = 60
"""Keys that one completion tries: behind some of them nobody is listed any more."""

MAX_COUNTED: Final = 100
"""Of a skill that more people have it is enough to know that they are many."""

PENDING: Final = "pending"
VOCABULARY: Final = "vocabulary"

FILE: Final = ""
"""Which vocabulary file everybody's keys are of: a row like a decision's, for what is to follow when it changes."""
LAST_CHARACTER: Final = "\U0010ffff"
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True)
class SkillPresence:
    """A skill as it is called or as one listed person writes it, and how many of the listed teach it and want it."""

    key: str
    skill: str
    teachers: int
    learners: int


@dataclass(frozen=True, slots=True)
class SkillRecord:
    """What is kept of a skill that is not as the file says. `revision` is 0 before the first decision."""

    key: str
    spelling: str
    state: str
    revision: int
    decision: Decision
    decided_by: str
    moved: tuple[str, ...]
    settle_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Who decides and when; which keys change by it, and until when somebody may still write an old one."""

    by: str
    at: datetime
    moved: tuple[str, ...]
    settle_at: datetime


class _Slower(Exception):
    """Another decision was faster: nothing is written."""


class Skills:
    """`vocabulary` is the one in force."""

    def __init__(self, database: Database, vocabulary: Vocabulary) -> None:
        self.vocabulary = self._base = vocabulary
        self._revision = 0
        self._database = database
        self._meta = database.collection("meta")
        self._skills = database.collection("skills")
        self._users = database.collection("users")
        self._known: set[str] = set()

    async def note(self, spellings: Mapping[str, str]) -> None:
        """Remember skills that the vocabulary does not know, by key; what this process noted before costs nothing."""
        new = {key for key in spellings if key not in self.vocabulary} - self._known
        if not new:
            return
        try:
            rows = [{"_id": key, "spelling": spellings[key], "state": PENDING} for key in new]
            await self._skills.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(problem["code"] != DUPLICATE_KEY for problem in (error.details or {}).get("writeErrors", ())):
                raise
        if len(self._known) < MAX_KNOWN:
            self._known |= new

    # ---- what the file says ----------------------------------------------------------------------------------------

    async def take_over_file(self, digest: str, *, settle_at: datetime) -> bool:
        """Have people follow, by the job that follows decisions, if the file is another one than at the last start.

        One look at one row when it is the same. True when it was not.
        """
        row = await self._skills.find_one({"_id": FILE}, {"digest": 1})
        if row is not None and row["digest"] == digest:
            return False
        row = await self._skills.find_one({"_id": FILE})
        before = dict(row["spellings"]) if row else await self._unknown_before()
        moved = dict.fromkeys((*(row or {}).get("moved", ()), *self._base.moved_since(before)))
        fields: dict[str, Any] = {
            "state": VOCABULARY,
            "digest": digest,
            "spellings": [list(pair) for pair in self._base.spellings.items()],
            "revision": (row["revision"] if row else 0) + 1,
        }
        if moved:
            fields |= {"moved": list(moved), "settle_at": settle_at}
        query = {"_id": FILE, "digest": row["digest"]} if row else {"_id": FILE, "digest": {"$exists": False}}
        try:
            await self._skills.update_one(query, {"$set": fields}, upsert=row is None)
        except DuplicateKeyError:
            return False  # another process, started at the same time, was faster
        return True

    async def _unknown_before(self) -> dict[str, str]:
        """Before files were remembered: all that is known now was known, but for what people have brought."""
        spellings = dict(self._base.spellings)
        async for doc in self._skills.find({"state": PENDING}, {"_id": 1}):
            if spellings.get(doc["_id"], doc["_id"]) != doc["_id"]:
                del spellings[doc["_id"]]
        return spellings

    # ---- what the moderators decide ----------------------------------------------------------------------------

    async def load(self) -> bool:
        """Take over what has been decided meanwhile, here or in another process. True when there was something."""
        revision = int(((await self._meta.find_one({"_id": VOCABULARY})) or {}).get("revision", 0))
        if revision == self._revision:
            return False
        rows = self._skills.find({"state": {"$in": list(DECISIONS)}}).sort([("revision", 1)])
        decisions = [_decision_from(row) async for row in rows]
        self.vocabulary = await asyncio.to_thread(self._base.decided, decisions)
        self._revision = revision
        return True

    async def find(self, key: str) -> SkillRecord | None:
        doc = await self._skills.find_one({"_id": key})
        return _record_from(doc) if doc else None

    async def decide(self, decision: Decision, before: SkillRecord | None, mark: Mark) -> bool:
        """Write a decision over what was read as `before`. False when another one was faster.

        All decisions have one order, the revision: it is counted in the same transaction.
        """

        async def work(session: Session) -> None:
            counted = await self._meta.find_one_and_update(
                {"_id": VOCABULARY}, {"$inc": {"revision": 1}}, upsert=True,
                return_document=ReturnDocument.AFTER, session=session,
            )  # fmt: skip
            spelling = before.spelling if before else decision.key
            record = SkillRecord(
                decision.key,
                spelling,
                decision.verdict,
                counted["revision"],
                decision,
                mark.by,
                mark.moved,
                mark.settle_at,
            )
            fields = DECISION.document(decision) | RECORD.document(record) | {"decided_at": mark.at}
            del fields["_id"]
            if before is None:
                await self._skills.insert_one({"_id": decision.key, **fields}, session=session)
                return
            query = {"_id": decision.key, "revision": before.revision if before.revision else {"$exists": False}}
            result = await self._skills.update_one(query, {"$set": fields}, session=session)
            if not result.modified_count:
                raise _Slower

        try:
            await self._database.transaction(work)
        except (_Slower, DuplicateKeyError):
            return False
        return True

    async def pending(self, *, after: str | None, limit: int) -> list[SkillRecord]:
        """What waits for a moderator, in the order of keys; `after` is the key of the last one already seen."""
        query: dict[str, Any] = {"state": PENDING} | ({"_id": {"$gt": after}} if after is not None else {})
        cursor = self._skills.find(query).sort([("_id", 1)])
        found: list[SkillRecord] = []
        async for doc in cursor:
            if self.vocabulary.key_of(doc["_id"]) == doc["_id"] and doc["_id"] not in self.vocabulary:
                found.append(_record_from(doc))  # else the file, or another decision, has come to know it
            if len(found) == limit:
                break
        await cursor.close()
        return found

    async def count_pending(self, *, limit: int) -> int:
        return int(await self._skills.count_documents({"state": PENDING}, limit=limit))

    async def unsettled(self) -> list[SkillRecord]:
        """Decisions whose skills people may still have under an older key, oldest first."""
        cursor = self._skills.find({"settle_at": {"$exists": True}}, {"spellings": 0}).sort([("settle_at", 1)])
        return [_record_from(doc) async for doc in cursor]

    async def has_unsettled(self) -> bool:
        return await self._skills.find_one({"settle_at": {"$exists": True}}, {"_id": 1}) is not None

    async def settled(self, record: SkillRecord) -> None:
        query = {"_id": record.key, "revision": record.revision}
        await self._skills.update_one(query, {"$unset": {"settle_at": "", "moved": ""}})

    async def forget_pending(self, keys: Sequence[str]) -> None:
        """What has become a spelling of another skill waits no more."""
        known = [key for key in keys if self.vocabulary.key_of(key) != key]
        await self._skills.delete_many({"_id": {"$in": known}, "state": PENDING})

    async def unnamed(self, prefix: str, *, limit: int) -> list[SkillPresence]:
        """Skills of listed people that the vocabulary does not know and whose key begins so, in the order of keys."""
        query: dict[str, Any] = {"_id": {"$gte": prefix, "$lt": prefix + LAST_CHARACTER}}
        found: list[SkillPresence] = []
        async for doc in self._skills.find(query, {"_id": 1}).sort([("_id", 1)]).limit(MAX_LOOKED_AT):
            if len(found) >= limit:
                break
            if (presence := await self._unnamed(doc["_id"])) is not None:
                found.append(presence)
        return found

    async def _unnamed(self, key: str) -> SkillPresence | None:
        if self.vocabulary.key_of(key) != key or key in self.vocabulary or key in self.vocabulary.rejected:
            return None
        taught, wanted = await asyncio.gather(
            self._users.find_one({"offered_keys": key, "is_listed": True}, {"skills_offered": 1}),
            self._users.find_one({"wanted_keys": key, "is_listed": True}, {"skills_wanted": 1}),
        )
        written = [*(taught or {}).get("skills_offered", ()), *(wanted or {}).get("skills_wanted", ())]
        spelling = next((skill for skill in written if self.vocabulary.key_of(skill) == key), None)
        return await self.presence(key, spelling) if spelling is not None else None

    async def presence(self, key: str, spelling: str) -> SkillPresence:
        """How many listed people teach and want a skill, counted up to MAX_COUNTED."""
        taught, wanted = await asyncio.gather(
            self._users.count_documents({"offered_keys": key, "is_listed": True}, limit=MAX_COUNTED),
            self._users.count_documents({"wanted_keys": key, "is_listed": True}, limit=MAX_COUNTED),
        )
        return SkillPresence(key, spelling, int(taught), int(wanted))


DECISION = Mapper(
    Decision,
    {
        "key": Field("_id"),
        "verdict": Field("state", read_doc=lambda doc: doc.get("state", PENDING)),
        "aliases": Field(read=tuple),
    },
)
RECORD = Mapper(
    SkillRecord,
    {
        "key": Field("_id"),
        "spelling": Field(read_doc=lambda doc: doc.get("spelling", doc["_id"])),
        "state": Field(read_doc=lambda doc: doc.get("state", PENDING)),
        "revision": Field(read_doc=lambda doc: doc.get("revision", 0)),
        "decision": Field(read_doc=lambda doc: _decision_from(doc)),
        "decided_by": Field(read_doc=lambda doc: doc.get("decided_by", "")),
        "moved": Field(read_doc=lambda doc: tuple(doc.get("moved", ()))),
        "settle_at": Field(read_doc=lambda doc: doc.get("settle_at")),
    },
    apart=("decision",),
)
"""A decision stands in the record itself, not as a document in it."""


def _record_from(doc: dict[str, Any]) -> SkillRecord:
    return RECORD.value(doc)


def _decision_from(doc: dict[str, Any]) -> Decision:
    return DECISION.value(doc)
