"""Edits and deletions: each has a change number within its swap, and clients sync by the highest one they have.

A message keeps its newest number only, so the numbers that were assigned cannot be read off the messages: the swap
counts them. Counting and writing are one transaction, and the counter admits one writer of a swap at a time; so no
number is assigned twice, and none becomes visible before a lower one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from domain.deliveries import Delivery
from domain.errors import Unavailable
from domain.events import MESSAGE_DELETED, MESSAGE_EDITED
from domain.messages import MAX_PAGE, Message
from storage.messages import MESSAGE, message_from
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import difference
from storage.outbox import WAITING, delivery_doc

T = TypeVar("T")

MAX_TRIES = 10
RETRY_JITTER = 0.01
CHANGE_EVENTS = (MESSAGE_EDITED, MESSAGE_DELETED)
COUNT = "changes"
"""Field of a swap: the change numbers assigned so far."""


class Edits:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._messages = database.collection("messages")
        self._swaps = database.collection("swaps")

    async def change(self, before: Message, after: Message, deliveries: Sequence[Delivery]) -> Message | None:
        """Replace `before` by `after` under the swap's next change number, with its deliveries. None when it has
        changed since it was read."""
        as_seen = {
            "_id": ObjectId(before.id),
            "changed": before.changed or {"$exists": False},
            "is_erased": {"$exists": False},
        }

        async def work(session: Session) -> Message | None:
            if await self._messages.find_one(as_seen, {"_id": 1}, session=session) is None:
                return None
            number = await self._take(ObjectId(before.swap_id), 1, session)
            doc = await self._messages.find_one_and_update(
                as_seen,
                _change(before, after, number, deliveries),
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            return message_from(doc) if doc else None

        return await self._in_turn(work)

    async def last(self, swap_id: str, *, session: Session = None) -> int:
        """Return the number of the swap's newest edit or deletion; 0 before the first."""
        query = {"swap_id": ObjectId(swap_id), "changed": {"$gt": 0}}
        doc = await self._messages.find_one(query, {"changed": 1}, sort=[("changed", -1)], session=session)
        return int(doc["changed"]) if doc else 0

    async def number_blanked(self, user_id: str) -> None:
        """Assign change numbers to the newest blanked messages of each swap, so that clients that show them are
        updated."""
        swaps: dict[ObjectId, list[tuple[int, ObjectId]]] = {}
        blanked = {"from_user_id": ObjectId(user_id), "client_id": {"$gt": ""}, "is_counted": {"$ne": True}}
        async for doc in self._messages.find(blanked, {"swap_id": 1, "seq": 1}):
            swaps.setdefault(doc["swap_id"], []).append((doc["seq"], doc["_id"]))
        for swap_id, said in swaps.items():
            await self._number(swap_id, [message_id for _, message_id in sorted(said)[-MAX_PAGE:]])

    async def _number(self, swap_id: ObjectId, message_ids: Sequence[ObjectId]) -> None:
        async def work(session: Session) -> None:
            first = await self._take(swap_id, len(message_ids), session)
            changes = [
                UpdateOne({"_id": one}, {"$set": {"changed": number, "is_counted": True}})
                for number, one in enumerate(message_ids, first)
            ]
            await self._messages.bulk_write(changes, session=session)

        await self._in_turn(work)

    async def _take(self, swap_id: ObjectId, count: int, session: Session) -> int:
        """Reserve `count` numbers and return the first. Other writers of this swap wait until the transaction ends."""
        top = await self.last(str(swap_id), session=session)  # assigned before the swap had a counter
        counted = {"$add": [{"$max": [f"${COUNT}", top]}, count]}
        doc = await self._swaps.find_one_and_update(
            {"_id": swap_id},
            [{"$set": {COUNT: counted}}],
            projection={COUNT: 1},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return int(doc[COUNT]) - count + 1 if doc else top + 1

    async def _in_turn(self, work: Callable[[Session], Awaitable[T]]) -> T:
        for tries in range(MAX_TRIES):
            try:
                return await self._database.transaction(work)
            except DuplicateKeyError:  # a process of an older version assigns numbers without the counter
                await asyncio.sleep(random.random() * RETRY_JITTER * min(2**tries, 16))
        raise Unavailable("chat.busy", retry_after=1)


def _change(before: Message, after: Message, number: int, deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Return the update pipeline. User text is a literal in it. Finished deliveries of changes are dropped, so that a
    message that is edited often stays small."""
    update = difference(MESSAGE.document(before), MESSAGE.document(after), without=("changed",))
    fields: dict[str, Any] = {name: {"$literal": value} for name, value in update.get("$set", {}).items()}
    fields |= dict.fromkeys(update.get("$unset", ()), "$$REMOVE")
    fields["changed"] = number
    lines = {"$ifNull": ["$outbox", []]}
    is_kept = {"$or": [{"$not": [{"$in": ["$$line.event", list(CHANGE_EVENTS)]}]}, {"$gt": ["$$line.due_at", None]}]}
    fields["outbox"] = {"$filter": {"input": lines, "as": "line", "cond": is_kept}}
    return [
        {"$set": fields},
        *({"$set": {"outbox": {"$concatArrays": ["$outbox", _unless_waiting(delivery)]}}} for delivery in deliveries),
        {"$set": {WAITING: {"$ifNull": [{"$min": "$outbox.due_at"}, "$$REMOVE"]}}},
    ]


def _unless_waiting(delivery: Delivery) -> dict[str, Any]:
    """Return the delivery to append, or nothing while an open one of the same kind exists: it reads the state when it
    is sent."""
    says_it = {
        "$and": [
            {"$eq": ["$$line.to", ObjectId(delivery.to)]},
            {"$eq": ["$$line.channel", delivery.channel]},
            {"$eq": ["$$line.event", delivery.event]},
            {"$eq": [{"$type": "$$line.due_at"}, "date"]},
            {"$eq": [{"$type": "$$line.lease"}, "missing"]},
        ]
    }
    waiting = {"$filter": {"input": "$outbox", "as": "line", "cond": says_it}}
    return {"$cond": [{"$eq": [waiting, []]}, [{"$literal": delivery_doc(delivery)}], []]}
