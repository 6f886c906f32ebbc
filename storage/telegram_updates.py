"""Telegram updates, stored before they are acknowledged: each is processed once, in order within its chat."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.errors import BSONError, InvalidDocument
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database

log = logging.getLogger(__name__)

NEW, DONE, DEAD = "new", "done", "dead"

MAX_DEPTH = 100
"""Levels of nesting that MongoDB supports; an update holds about ten."""
MAX_INTEGER = 2**63 - 1

ALL_DEAD = {"state": DEAD, "lane": {"$gte": -(2**63)}}
"""Filter of all dead updates; it names the lane so that the index applies."""


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """Stored update. `lane` is the chat (or user) within which order is kept; `body` is the update as Telegram
    sent it."""

    bot_id: int
    update_id: int
    lane: int
    body: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadUpdate:
    """Update that could not be processed, without its content."""

    bot_id: int
    update_id: int
    attempts: int
    stored_at: datetime


class TelegramUpdates:
    def __init__(self, database: Database) -> None:
        self._updates = database.collection("telegram_updates")

    async def store(
        self, bot_id: int, update_id: int, lane: int, body: Mapping[str, Any], *, at: datetime
    ) -> str | None:
        """Store an update. Return its state, or None when it is stored already.

        One that BSON cannot hold (deep nesting, a large number, a strange name) is DEAD, without its body: no retry
        would change that.
        """
        doc = {"bot_id": bot_id, "update_id": update_id, "lane": lane, "state": NEW, "attempts": 0, "stored_at": at}
        try:
            if _is_deeper(body, MAX_DEPTH):
                raise InvalidDocument("nested too deeply")
            await self._updates.insert_one({**doc, "body": dict(body), "due_at": at})
        except DuplicateKeyError:
            return None
        except (OverflowError, BSONError, UnicodeError) as error:
            log.error("update %s cannot be stored and is dead: %s", update_id, type(error).__name__)
            return await self._store_dead(doc)
        return NEW

    async def _store_dead(self, doc: dict[str, Any]) -> str | None:
        lane = doc["lane"] if abs(doc["lane"]) <= MAX_INTEGER else 0
        try:
            await self._updates.insert_one({**doc, "lane": lane, "state": DEAD})
        except DuplicateKeyError:
            return None
        return DEAD

    async def waiting(self, bot_id: int, *, besides: Collection[int], limit: int) -> list[StoredUpdate]:
        """Return the oldest open updates of all lanes but those in `besides`."""
        query = {"bot_id": bot_id, "state": NEW, "lane": {"$nin": list(besides)}}
        cursor = self._updates.find(query).sort([("update_id", 1)]).limit(limit)
        return [_update_from(doc) async for doc in cursor]

    async def start_attempt(self, update: StoredUpdate) -> bool:
        """Count an attempt before it is made, so that an update that kills the process is not retried for ever.

        False when it has changed since it was read: another process has taken it, and may have processed it.
        """
        as_read = _key(update) | {"state": NEW, "attempts": update.attempts}
        return bool((await self._updates.update_one(as_read, {"$inc": {"attempts": 1}})).modified_count)

    async def forgive_attempt(self, update: StoredUpdate) -> None:
        """Uncount this attempt, if it was counted: its failure was not caused by the update."""
        counted = _key(update) | {"attempts": update.attempts + 1}
        await self._updates.update_one(counted, {"$set": {"attempts": update.attempts}})

    async def finish(self, update: StoredUpdate) -> None:
        """Mark the update as processed. The body is removed at once: no user content is kept."""
        await self._updates.update_one(_key(update), {"$set": {"state": DONE}, "$unset": {"body": "", "due_at": ""}})

    async def dead_letter(self, update: StoredUpdate) -> None:
        """Give up on the update; the body stays for operators, until it expires."""
        await self._updates.update_one(_key(update), {"$set": {"state": DEAD}, "$unset": {"due_at": ""}})

    async def erase_dead(self, lane: int) -> None:
        """Delete the dead updates of this chat."""
        await self._updates.update_many({"lane": lane, "state": DEAD}, {"$set": {"lane": 0}, "$unset": {"body": ""}})

    async def counts(self) -> dict[str, int]:
        """Return the numbers of waiting and dead updates."""
        waiting = await self._updates.count_documents({"bot_id": {"$gt": 0}, "state": NEW})
        return {NEW: waiting, DEAD: await self._updates.count_documents(ALL_DEAD)}

    async def list_dead(self, limit: int) -> list[DeadUpdate]:
        """Return the newest dead updates."""
        cursor = self._updates.find(ALL_DEAD, {"body": 0}).sort([("_id", -1)]).limit(limit)
        return [DeadUpdate(doc["bot_id"], doc["update_id"], doc["attempts"], doc["stored_at"]) async for doc in cursor]

    async def each_dead(self) -> AsyncIterator[DeadUpdate]:
        """Yield all dead updates; they may be changed meanwhile."""
        async for doc in self._updates.find(ALL_DEAD, {"body": 0}):
            yield DeadUpdate(doc["bot_id"], doc["update_id"], doc["attempts"], doc["stored_at"])

    async def revive(self, bot_id: int, update_id: int, *, at: datetime) -> bool:
        """Requeue a dead update. False when there is none, or its user has had it erased."""
        query = {"bot_id": bot_id, "update_id": update_id, "state": DEAD, "body": {"$exists": True}}
        change = {"$set": {"state": NEW, "attempts": 0, "due_at": at}}
        return bool((await self._updates.update_one(query, change)).modified_count)

    async def drop(self, bot_id: int, update_id: int) -> bool:
        """Delete a dead update."""
        query = {"bot_id": bot_id, "update_id": update_id, "state": DEAD}
        return bool(
            (await self._updates.update_one(query, {"$set": {"state": DONE}, "$unset": {"body": ""}})).modified_count
        )


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether a value is nested more deeply than this; level by level, since recursion has a limit, too."""
    level: list[Any] = [value]
    for _ in range(levels):
        level = [
            part
            for each in level
            if isinstance(each, dict | list | tuple)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return any(isinstance(each, dict | list | tuple) for each in level)


def _key(update: StoredUpdate) -> dict[str, Any]:
    return {"bot_id": update.bot_id, "update_id": update.update_id}


def _update_from(doc: dict[str, Any]) -> StoredUpdate:
    return StoredUpdate(doc["bot_id"], doc["update_id"], doc["lane"], doc["body"], doc["attempts"])
