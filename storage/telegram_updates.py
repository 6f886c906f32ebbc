"""Telegram updates, stored before they are acknowledged: each acts once, in order within its chat."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.errors import InvalidDocument
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database

log = logging.getLogger(__name__)

NEW, DONE, DEAD = "new", "done", "dead"

ALL_DEAD = {"state": DEAD, "lane": {"$gte": -(2**63)}}
"""With the lane, for the index is on that."""


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """`lane` is the chat (or user) within which order is kept; `body` is the update as Telegram sent it."""

    bot_id: int
    update_id: int
    lane: int
    body: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadUpdate:
    """An update that nobody could act on, without what stands in it."""

    bot_id: int
    update_id: int
    attempts: int
    stored_at: datetime


class TelegramUpdates:
    def __init__(self, database: Database) -> None:
        self._updates = database.collection("telegram_updates")

    async def store(self, bot_id: int, update_id: int, lane: int, body: Mapping[str, Any], *, at: datetime) -> bool:
        """False when this update is here already, or has a number or a name in it that no document can have."""
        doc = {
            "bot_id": bot_id,
            "update_id": update_id,
            "lane": lane,
            "body": dict(body),
            "state": NEW,
            "attempts": 0,
            "stored_at": at,
            "due_at": at,
        }
        try:
            await self._updates.insert_one(doc)
        except DuplicateKeyError:
            return False
        except (OverflowError, InvalidDocument) as error:  # as it is, no number of tries would change that
            log.warning("an update cannot be kept: %s", type(error).__name__)
            return False
        return True

    async def waiting(self, bot_id: int, *, besides: Collection[int], limit: int) -> list[StoredUpdate]:
        """The oldest open updates of all lanes but those in `besides`."""
        query = {"bot_id": bot_id, "state": NEW, "lane": {"$nin": list(besides)}}
        cursor = self._updates.find(query).sort([("update_id", 1)]).limit(limit)
        return [_update_from(doc) async for doc in cursor]

    async def start_attempt(self, update: StoredUpdate) -> bool:
        """Count an attempt before it is made, so that an update that kills the process is not tried for ever.

        False when it is no longer as it was read: another process has taken it, and perhaps acted on it.
        """
        as_read = _key(update) | {"state": NEW, "attempts": update.attempts}
        return bool((await self._updates.update_one(as_read, {"$inc": {"attempts": 1}})).modified_count)

    async def forgive_attempt(self, update: StoredUpdate) -> None:
        """Take back this attempt, if it has been counted: it failed through no fault of the update's."""
        counted = _key(update) | {"attempts": update.attempts + 1}
        await self._updates.update_one(counted, {"$set": {"attempts": update.attempts}})

    async def finish(self, update: StoredUpdate) -> None:
        """Acted on. The body goes at once: nothing people wrote is kept here."""
        await self._updates.update_one(_key(update), {"$set": {"state": DONE}, "$unset": {"body": "", "due_at": ""}})

    async def dead_letter(self, update: StoredUpdate) -> None:
        """Given up; the body stays for whoever looks into it, until it expires."""
        await self._updates.update_one(_key(update), {"$set": {"state": DEAD}, "$unset": {"due_at": ""}})

    async def erase_dead(self, lane: int) -> None:
        """Drop what was kept of this chat's updates that nobody could act on."""
        await self._updates.update_many({"lane": lane, "state": DEAD}, {"$set": {"lane": 0}, "$unset": {"body": ""}})

    async def counts(self) -> dict[str, int]:
        """How many wait, and how many have been given up."""
        waiting = await self._updates.count_documents({"bot_id": {"$gt": 0}, "state": NEW})
        return {NEW: waiting, DEAD: await self._updates.count_documents(ALL_DEAD)}

    async def list_dead(self, limit: int) -> list[DeadUpdate]:
        """The newest that were given up."""
        cursor = self._updates.find(ALL_DEAD, {"body": 0}).sort([("_id", -1)]).limit(limit)
        return [DeadUpdate(doc["bot_id"], doc["update_id"], doc["attempts"], doc["stored_at"]) async for doc in cursor]

    async def each_dead(self) -> AsyncIterator[DeadUpdate]:
        """All that were given up; what is done about them meanwhile ends nothing."""
        async for doc in self._updates.find(ALL_DEAD, {"body": 0}):
            yield DeadUpdate(doc["bot_id"], doc["update_id"], doc["attempts"], doc["stored_at"])

    async def revive(self, bot_id: int, update_id: int, *, at: datetime) -> bool:
        """Let it be tried again. False when there is no such dead update, or its person has had it erased."""
        query = {"bot_id": bot_id, "update_id": update_id, "state": DEAD, "body": {"$exists": True}}
        change = {"$set": {"state": NEW, "attempts": 0, "due_at": at}}
        return bool((await self._updates.update_one(query, change)).modified_count)

    async def drop(self, bot_id: int, update_id: int) -> bool:
        """Be done with a dead update, and keep nothing of it."""
        query = {"bot_id": bot_id, "update_id": update_id, "state": DEAD}
        return bool(
            (await self._updates.update_one(query, {"$set": {"state": DONE}, "$unset": {"body": ""}})).modified_count
        )


def _key(update: StoredUpdate) -> dict[str, Any]:
    return {"bot_id": update.bot_id, "update_id": update.update_id}


def _update_from(doc: dict[str, Any]) -> StoredUpdate:
    return StoredUpdate(doc["bot_id"], doc["update_id"], doc["lane"], doc["body"], doc["attempts"])
