"""Web sessions: one document for each, so that it can be listed and ended.

A token is valid by itself; the document only revokes it. Ended sessions are kept in memory, fed by the change stream,
so that a request costs no read. While the stream is down the database is read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from storage.mongodb.database import Database, new_id, object_id
from storage.mongodb.documents import ID, OWN_ID, Field, Mapper

MAX_LISTED = 50
SEEN_EVERY = timedelta(hours=1)
"""Resolution of the last use; a finer one would cost a write with every request."""
MAX_TOUCHED = 50_000
PRUNE_EVERY = 1000


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Web session. `provider` is the sign-in method (`email`, `google`, `telegram-link`, …), `agent` the browser in two
    words."""

    id: str
    user_id: str
    provider: str
    agent: str
    created_at: datetime
    seen_at: datetime


RECORD = Mapper(SessionRecord, {"id": OWN_ID, "user_id": ID, "provider": Field("door")})


def record_from(doc: dict[str, Any]) -> SessionRecord:
    return RECORD.value(doc)


class SessionRecords:
    def __init__(self, database: Database) -> None:
        self._records = database.collection("web_sessions")
        self._ended: dict[str, datetime] = {}
        self._touched: OrderedDict[str, datetime] = OrderedDict()
        self.is_vouched_for: Callable[[], bool] = lambda: False

    async def insert(self, user_id: str, *, provider: str, agent: str, at: datetime, lives: timedelta) -> str:
        """Insert a new session; returns its id."""
        session_id = new_id()
        record = SessionRecord(session_id, user_id, provider, agent, created_at=at, seen_at=at)
        await self._records.insert_one(RECORD.document(record) | {"expires_at": at + lives})
        self._note(session_id, at)
        return session_id

    async def is_ended(self, session_id: str) -> bool:
        """Return whether the session was ended: from memory, unless changes may have been missed."""
        if session_id in self._ended:
            return True
        if self.is_vouched_for():
            return False
        oid = object_id(session_id)
        query = {"_id": oid, "ended_at": {"$exists": True}}
        return oid is not None and await self._records.find_one(query, {"_id": 1}) is not None

    async def ended_of(self, session_ids: Sequence[str]) -> set[str]:
        """Return those of the sessions that were ended, read from the database."""
        query = {"_id": {"$in": [oid for one in session_ids if (oid := object_id(one))]}, "ended_at": {"$exists": True}}
        return {str(doc["_id"]) async for doc in self._records.find(query, {"_id": 1})}

    async def touch(self, session_id: str, *, at: datetime, lives: timedelta) -> None:
        """Record a use, once an hour; it also extends the document's life to that of a token issued now."""
        last = self._touched.get(session_id)
        if last is not None and at - last < SEEN_EVERY:
            return
        self._note(session_id, at)
        if oid := object_id(session_id):
            change = {"seen_at": at, "expires_at": at + lives + SEEN_EVERY}
            await self._records.update_one({"_id": oid, "seen_at": {"$lt": at - SEEN_EVERY}}, {"$set": change})

    def _note(self, session_id: str, at: datetime) -> None:
        self._touched[session_id] = at
        self._touched.move_to_end(session_id)
        if len(self._touched) > MAX_TOUCHED:
            self._touched.popitem(last=False)

    async def list_of(self, user_id: str, *, at: datetime) -> list[SessionRecord]:
        """Return a user's open sessions, last used first."""
        query = {"user_id": ObjectId(user_id), "ended_at": {"$exists": False}, "expires_at": {"$gt": at}}
        cursor = self._records.find(query).sort([("seen_at", -1), ("_id", -1)]).limit(MAX_LISTED)
        return [record_from(doc) for doc in await cursor.to_list(MAX_LISTED)]

    async def end(self, user_id: str, session_id: str, *, at: datetime) -> bool:
        """End a session of this user. False when it is not theirs, or ended already."""
        query = {"_id": object_id(session_id), "user_id": ObjectId(user_id), "ended_at": {"$exists": False}}
        doc = await self._records.find_one_and_update(query, {"$set": {"ended_at": at}})
        if doc is None:
            return False
        self.remember_ended(session_id, doc["expires_at"])
        return True

    async def end_all(self, user_id: str, *, at: datetime) -> None:
        query = {"user_id": ObjectId(user_id), "ended_at": {"$exists": False}}
        await self._records.update_many(query, {"$set": {"ended_at": at}})

    async def erase(self, user_id: str) -> None:
        await self._records.delete_many({"user_id": ObjectId(user_id)})

    async def load_ended(self) -> None:
        """Read the sessions that were ended and whose tokens may still be valid; called when the change stream
        starts."""
        query = {"ended_at": {"$exists": True}}
        self._ended = {str(doc["_id"]): doc["expires_at"] async for doc in self._records.find(query, {"expires_at": 1})}

    def remember_ended(self, session_id: str, expires_at: datetime) -> None:
        """Treat this session as ended from now on, in this process."""
        self._ended[session_id] = expires_at
        if len(self._ended) % PRUNE_EVERY == 0:  # expired tokens need no revocation
            now = datetime.now(expires_at.tzinfo)
            self._ended = {known: until for known, until in self._ended.items() if until > now}
