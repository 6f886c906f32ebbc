"""Skills: those of the vocabulary file, and those that users have added.

The collection holds skills that are not in the vocabulary, and never forgets them; whether a skill is taught or wanted,
and its spelling, is read from listed users: nothing of a private profile is exposed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError

from domain.skills import canonical_key
from domain.vocabulary import DECISIONS, Decision, Vocabulary
from storage.listed_users import listed_besides
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import Field, Mapper

MAX_KNOWN: Final = 50_000
MAX_LOOKED_AT: Final = 60
"""Keys that one completion reads: some of them have no listed users any more."""

MAX_COUNTED: Final = 100
"""Upper bound of a count: more users are reported as "many"."""

PENDING: Final = "pending"
VOCABULARY: Final = "vocabulary"

FILE: Final = ""
"""Key of the document with the vocabulary file that all users' keys follow: a change of it is handled like a
decision."""
LAST_CHARACTER: Final = "\U0010ffff"
DUPLICATE_KEY: Final = 11000


@dataclass(frozen=True, slots=True)
class SkillPresence:
    """A skill by its name, or as a listed user spells it, with the numbers of listed teachers and learners."""

    key: str
    skill: str
    teachers: int
    learners: int


@dataclass(frozen=True, slots=True)
class SkillRecord:
    """Stored state of a skill that differs from the file. `revision` is 0 before the first decision."""

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
    """Author and time of a decision, the keys that it changes, and the time until which old keys may still be
    written."""

    by: str
    at: datetime
    moved: tuple[str, ...]
    settle_at: datetime


class _Conflict(Exception):
    """Another decision was written first: nothing is written."""


class Skills:
    """Store of skills. `vocabulary` is the one in force."""

    def __init__(self, database: Database, vocabulary: Vocabulary) -> None:
        self.vocabulary = self._base = vocabulary
        self._revision = 0
        self._database = database
        self._meta = database.collection("meta")
        self._skills = database.collection("skills")
        self._users = database.collection("users")
        self._known: set[str] = set()

    async def note(self, spellings: Mapping[str, str]) -> None:
        """Record skills that the vocabulary does not know, by key; repeats within this process cost nothing."""
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

    # ---- the vocabulary file ---------------------------------------------------------------------------------------

    async def take_over_file(self, digest: str, *, settle_at: datetime) -> bool:
        """Mark the keys of users for the backfill if the file differs from the one at the last start.

        Costs one read when it is the same. True when it was not.
        """
        row = await self._skills.find_one({"_id": FILE}, {"digest": 1})
        if row is not None and row["digest"] == digest:
            return False
        row = await self._skills.find_one({"_id": FILE})
        before = dict(row["spellings"]) if row else await self._unknown_before()
        outdated = await self._renew_keys()
        moved = dict.fromkeys((*(row or {}).get("moved", ()), *self._base.moved_since(before), *outdated))
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
            return False  # another process, started at the same time, was first
        return True

    async def _renew_keys(self) -> list[str]:
        """Return the keys of unknown skills that the present rules make otherwise; note these skills under their new
        keys, too."""
        rows = self._skills.find({"_id": {"$ne": FILE}}, {"spelling": 1, "state": 1})
        outdated = {doc["_id"]: doc async for doc in rows if canonical_key(doc["_id"]) != doc["_id"]}
        pending = (doc for doc in outdated.values() if doc.get("state", PENDING) == PENDING)
        renewed = {self._base.key_of(doc["_id"]): doc.get("spelling", doc["_id"]) for doc in pending}
        await self.note(renewed)
        return list(outdated)

    async def _unknown_before(self) -> dict[str, str]:
        """Return the unknown skills of a database without a recorded file: those that users have added."""
        spellings = dict(self._base.spellings)
        async for doc in self._skills.find({"state": PENDING}, {"_id": 1}):
            if spellings.get(doc["_id"], doc["_id"]) != doc["_id"]:
                del spellings[doc["_id"]]
        return spellings

    # ---- decisions of moderators -------------------------------------------------------------------------------

    async def load(self) -> bool:
        """Load new decisions, of this or another process. True when there were any."""
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
        """Write a decision, if the record is still `before`. False when another decision was written first.

        All decisions have one order, the revision: it is incremented in the same transaction.
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
                raise _Conflict

        try:
            await self._database.transaction(work)
        except (_Conflict, DuplicateKeyError):
            return False
        return True

    async def pending(self, *, after: str | None, limit: int) -> list[SkillRecord]:
        """Return skills that wait for a moderator, in order of keys; `after` is the last key of the previous page."""
        query: dict[str, Any] = {"state": PENDING} | ({"_id": {"$gt": after}} if after is not None else {})
        cursor = self._skills.find(query).sort([("_id", 1)])
        found: list[SkillRecord] = []
        async for doc in cursor:
            if self.vocabulary.key_of(doc["_id"]) == doc["_id"] and doc["_id"] not in self.vocabulary:
                found.append(_record_from(doc))  # else the file, or another decision, has covered it meanwhile
            if len(found) == limit:
                break
        await cursor.close()
        return found

    async def count_pending(self, *, limit: int) -> int:
        return int(await self._skills.count_documents({"state": PENDING}, limit=limit))

    async def unsettled(self) -> list[SkillRecord]:
        """Return decisions whose backfill is not complete, oldest first."""
        cursor = self._skills.find({"settle_at": {"$exists": True}}, {"spellings": 0}).sort([("settle_at", 1)])
        return [_record_from(doc) async for doc in cursor]

    async def has_unsettled(self) -> bool:
        return await self._skills.find_one({"settle_at": {"$exists": True}}, {"_id": 1}) is not None

    async def settled(self, record: SkillRecord) -> None:
        query = {"_id": record.key, "revision": record.revision}
        await self._skills.update_one(query, {"$unset": {"settle_at": "", "moved": ""}})

    async def forget_pending(self, keys: Sequence[str]) -> None:
        """Remove skills from the moderators' queue that have become spellings of other skills."""
        known = [key for key in keys if self.vocabulary.key_of(key) != key]
        await self._skills.delete_many({"_id": {"$in": known}, "state": PENDING})

    async def unnamed(self, prefix: str, *, limit: int, besides: Collection[str] = ()) -> list[SkillPresence]:
        """Return skills of listed users that the vocabulary does not know, by prefix of the key, in order of keys."""
        query: dict[str, Any] = {"_id": {"$gte": prefix, "$lt": prefix + LAST_CHARACTER}}
        found: list[SkillPresence] = []
        async for doc in self._skills.find(query, {"_id": 1}).sort([("_id", 1)]).limit(MAX_LOOKED_AT):
            if len(found) >= limit:
                break
            if (presence := await self._unnamed(doc["_id"], besides)) is not None:
                found.append(presence)
        return found

    async def _unnamed(self, key: str, besides: Collection[str]) -> SkillPresence | None:
        if self.vocabulary.key_of(key) != key or key in self.vocabulary or key in self.vocabulary.rejected:
            return None
        listed = listed_besides(besides)
        taught, wanted = await asyncio.gather(
            self._users.find_one({"offered_keys": key, **listed}, {"skills_offered": 1}),
            self._users.find_one({"wanted_keys": key, **listed}, {"skills_wanted": 1}),
        )
        written = [*(taught or {}).get("skills_offered", ()), *(wanted or {}).get("skills_wanted", ())]
        spelling = next((skill for skill in written if self.vocabulary.key_of(skill) == key), None)
        return await self.presence(key, spelling, besides=besides) if spelling is not None else None

    async def presence(self, key: str, spelling: str, *, besides: Collection[str] = ()) -> SkillPresence:
        """Return the numbers of listed teachers and learners of a skill other than `besides`, up to MAX_COUNTED."""
        listed = listed_besides(besides)
        taught, wanted = await asyncio.gather(
            self._users.count_documents({"offered_keys": key, **listed}, limit=MAX_COUNTED),
            self._users.count_documents({"wanted_keys": key, **listed}, limit=MAX_COUNTED),
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
"""The decision's fields are stored in the record itself, not as an embedded document."""


def _record_from(doc: dict[str, Any]) -> SkillRecord:
    return RECORD.value(doc)


def _decision_from(doc: dict[str, Any]) -> Decision:
    return DECISION.value(doc)
