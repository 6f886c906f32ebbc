"""Deliveries, claimed with a lease and embedded in the swap, message, alert or circle-news document that they are
about.

`due_at` is set on a delivery only while it is open. The earliest one of a document is copied to its `outbox_due_at`:
MongoDB does not sort by an index on an array, and the partial index on this field holds just the remaining work. The
lease is fenced: only the worker with the latest claim may finish a delivery.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.deliveries import DEAD, LEASE, MAX_ATTEMPTS, PARKED, QUEUED, SKIPPED, TELEGRAM, Delivery
from domain.events import (
    SWAP_ACCEPTED,
    SWAP_CANCELLED,
    SWAP_COMPLETED,
    SWAP_DISPUTED,
    SWAP_LAPSED,
    SWAP_NOT_HAPPENED,
    SWAP_PARTNER_GONE,
)
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, Field, Mapper

log = logging.getLogger(__name__)

SOURCES = ("swaps", "messages", "alerts", "circle_news", "letters")
WAITING = "outbox_due_at"
REQUEUED = "requeued_at"
"""Field set on a document whose delivery becomes due without a worker waiting for it: the change stream reports this
field, and no other write to deliveries."""

SCAN = 500
"""Upper bound of due documents that one claim reads, for users who are not busy; deliveries that must wait are
postponed."""

LOOK_AHEAD = 10
"""Documents fetched at once: most claims take one of the first."""

CONVERSATION_BEGINS = SWAP_ACCEPTED
CONVERSATION_ENDS = (SWAP_PARTNER_GONE, SWAP_CANCELLED, SWAP_NOT_HAPPENED, SWAP_DISPUTED, SWAP_LAPSED, SWAP_COMPLETED)


def outbox_fields(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """Return the outbox fields of a new document with these deliveries."""
    if not deliveries:
        return {}
    return {
        "outbox": [delivery_doc(delivery) for delivery in deliveries],
        WAITING: min(line.due_at for line in deliveries),
    }


DELIVERY = Mapper(Delivery, {"to": ID, "about": Field(left_out="")}, apart=("source", "source_id", "lease", "reason"))
"""Fields apart: the collection and the document that embed a delivery are not stored; lease and reason have writers of
their own."""


def delivery_doc(delivery: Delivery) -> dict[str, Any]:
    return DELIVERY.document(delivery)


def delivery_from(doc: dict[str, Any], source: str, source_id: ObjectId) -> Delivery:
    return DELIVERY.value({**doc, "source": source, "source_id": str(source_id)})


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._collections = {source: database.collection(source) for source in SOURCES}

    async def claim(self, worker: str, *, now: datetime, busy: set[str], channel: str = TELEGRAM) -> Delivery | None:
        """Claim the next due delivery of this channel for `worker`, for no user in `busy` (ids). None when there is
        none.

        Deliveries of one swap reach a user in the order of their events.
        """
        nobody_of = [oid for oid in map(object_id, busy) if oid]
        for source in SOURCES:
            is_sorted = False
            while not is_sorted:
                claimed, is_sorted = await self._claim_from(source, worker, now, nobody_of, channel)
                if claimed is not None:
                    return claimed
        return None

    async def _claim_from(
        self, source: str, worker: str, now: datetime, busy: list[ObjectId], channel: str
    ) -> tuple[Delivery | None, bool]:
        """Claim from one collection. The flag is False when deliveries were postponed instead and the queue is read
        again."""
        open_line = {"due_at": {"$lte": now}, "to": {"$nin": busy}, "channel": channel}
        due = {WAITING: {"$lte": now}, "outbox": {"$elemMatch": open_line}}
        cursor = self._collections[source].find(due, {"outbox": 1, "swap_id": 1, "seq": 1})
        held: dict[tuple[ObjectId, ObjectId], tuple[ObjectId, str]] = {}  # (swap, user) -> the first open delivery
        async for doc in cursor.sort([(WAITING, 1), ("_id", 1)]).limit(SCAN).batch_size(LOOK_AHEAD):
            for position, entry in enumerate(doc["outbox"]):
                line = (doc.get("swap_id", doc["_id"]), entry["to"])
                if "due_at" not in entry or entry["due_at"] > now or entry["to"] in busy or entry["channel"] != channel:
                    continue
                if held.get(line, this := (doc["_id"], entry["id"])) != this or self._is_leased(entry, now):
                    continue
                first = await self._first_before(source, doc, position)
                if first is not None:
                    held[line] = (first["doc_id"], first["id"])
                    if await self._wait_for(first, line, now) and first["due_at"] <= now:
                        return None, False  # the first one is due, but was further back in the queue
                    continue
                claimed = await self._lease(source, doc["_id"], entry, worker, now)
                if claimed is not None and claimed.attempts <= MAX_ATTEMPTS:
                    return claimed, True
                if claimed is not None:  # every worker that claimed it died
                    log.error(
                        "delivery %s of %s %s is dead: no attempt was completed", claimed.event, source, doc["_id"]
                    )
                    await self.finish(claimed, DEAD, reason="no attempt was completed")
        return None, True

    async def _first_before(self, source: str, doc: dict[str, Any], position: int) -> dict[str, Any] | None:
        """Return the open delivery of the same swap to the same user that must arrive before this one."""
        entry = doc["outbox"][position]
        to, channel, swap_id = entry["to"], entry["channel"], doc.get("swap_id", doc["_id"])
        before = _first_open(doc, to, channel, doc["outbox"][:position])
        if before is not None:
            return before
        if source == "messages":
            begun = await self._collections["swaps"].find_one(
                {"_id": swap_id, "outbox": {"$elemMatch": _open(to, channel) | {"event": CONVERSATION_BEGINS}}},
                {"outbox": 1},
            )
            if begun is not None:
                return _first_open(begun, to, channel)
        elif entry["event"] not in CONVERSATION_ENDS:
            return None
        earlier = {"swap_id": swap_id, WAITING: {"$exists": True}, "outbox": {"$elemMatch": _open(to, channel)}}
        if source == "messages":
            earlier["seq"] = {"$lt": doc["seq"]}
        message = await self._collections["messages"].find_one(earlier, {"outbox": 1}, sort=[("seq", 1)])
        return _first_open(message, to, channel) if message is not None else None

    def _is_leased(self, entry: dict[str, Any], now: datetime) -> bool:
        """Return whether a worker may still be sending it: a move of the clock does not end a lease."""
        if "lease" not in entry:
            return False
        unmoved = self._database.clock.unmoved
        return entry["due_at"] > now or unmoved(now) - unmoved(entry["due_at"] - LEASE) < LEASE

    async def _wait_for(self, first: dict[str, Any], line: tuple[ObjectId, ObjectId], now: datetime) -> bool:
        """Postpone all deliveries behind the first one to its due time, in one update, so that a long queue is not read
        again for every claim. While the first one is being sent they stay as they are."""
        until = first["due_at"]
        if self._is_leased(first, now):
            return False
        swap_id, to = line
        waiting = {"outbox": {"$elemMatch": {"to": to, "channel": first["channel"], "due_at": {"$lt": until}}}}
        is_behind = {
            "$and": [
                {"$eq": ["$$line.to", to]},
                {"$eq": ["$$line.channel", first["channel"]]},
                {"$eq": [{"$type": "$$line.due_at"}, "date"]},
                {"$lt": ["$$line.due_at", until]},
                {"$eq": [{"$type": "$$line.lease"}, "missing"]},
            ]
        }
        update = _changed(is_behind, {"due_at": until})
        messages, swaps = self._collections["messages"], self._collections["swaps"]
        in_messages = await messages.update_many({"swap_id": swap_id, WAITING: {"$exists": True}, **waiting}, update)
        in_swap = await swaps.update_one({"_id": swap_id, **waiting}, update)
        return bool(in_messages.modified_count or in_swap.modified_count)

    async def _lease(
        self, source: str, doc_id: ObjectId, entry: dict[str, Any], worker: str, now: datetime
    ) -> Delivery | None:
        attempts = entry["attempts"] + 1
        as_seen = {"id": entry["id"], "due_at": entry["due_at"], "attempts": entry["attempts"]}
        leased = {"due_at": now + LEASE, "lease": f"{worker}:{attempts}", "attempts": attempts}
        doc = await self._collections[source].find_one_and_update(
            {"_id": doc_id, "outbox": {"$elemMatch": as_seen}},
            _changed(_is_delivery(entry["id"]), leased),
            projection={"outbox": 1},
            return_document=ReturnDocument.AFTER,
        )
        if doc is None:
            return None
        mine = next(line for line in doc["outbox"] if line["id"] == entry["id"])
        return delivery_from(mine, source, doc_id)

    async def finish(self, delivery: Delivery, state: str, *, reason: str = "") -> bool:
        """Close a claimed delivery as sent, skipped or dead. False when the lease was lost."""
        why = {"reason": reason} if reason else {}
        return await self._update(delivery, {"state": state} | why, gone=("due_at", "lease"))

    async def retry(self, delivery: Delivery, *, due_at: datetime, is_attempt: bool = True, reason: str = "") -> bool:
        """Requeue a claimed delivery; `is_attempt=False` for a requested pause (429) or a clean stop."""
        attempts = delivery.attempts if is_attempt else delivery.attempts - 1
        fields: dict[str, Any] = {"state": QUEUED, "due_at": due_at, "attempts": attempts}
        return await self._update(delivery, fields | ({"reason": reason} if reason else {}), gone=("lease",))

    async def divert(self, delivery: Delivery, channel: str, *, due_at: datetime) -> bool:
        """Move a claimed delivery to another channel. False when the lease was lost."""
        fields = {"channel": channel, "state": QUEUED, "due_at": due_at, "attempts": 0}
        return await self._update(delivery, fields, gone=("lease",), requeued_at=due_at)

    async def unpark(self, to: str, *, due_at: datetime) -> int:
        """Requeue the user's parked deliveries with a fresh attempt count; returns the number of messages."""
        person = ObjectId(to)
        which = {"$and": [{"$eq": ["$$line.to", person]}, {"$eq": ["$$line.state", PARKED]}]}
        result = await self._collections["messages"].update_many(
            {"outbox.state": PARKED, "outbox.to": person},
            [*_changed(which, {"state": QUEUED, "due_at": due_at, "attempts": 0}), _requeued(due_at)],
        )
        return int(result.modified_count)

    async def finish_conversation(self, swap_id: str, to: str, channel: str, state: str, *, through: int) -> None:
        """Close the open deliveries to this user of a swap's messages with a seq up to `through`."""
        person = ObjectId(to)
        which = {
            "$and": [
                {"$eq": ["$$line.to", person]},
                {"$eq": ["$$line.channel", channel]},
                {"$eq": [{"$type": "$$line.due_at"}, "date"]},
                {"$eq": [{"$type": "$$line.lease"}, "missing"]},
            ]
        }
        waiting = {"swap_id": ObjectId(swap_id), WAITING: {"$exists": True}, "seq": {"$lte": through}}
        mine = {"outbox": {"$elemMatch": _open(person, channel)}}
        await self._collections["messages"].update_many(waiting | mine, _changed(which, {"state": state}, ("due_at",)))

    async def finish_like(self, delivery: Delivery, state: str, *, due_until: datetime) -> None:
        """Close the other open deliveries of the same event about the same session to the same user, as far as they are
        due until then."""
        same = {"to": ObjectId(delivery.to), "channel": delivery.channel, "event": delivery.event}
        which = {
            "$and": [
                *({"$eq": [f"$$line.{name}", value]} for name, value in (same | {"about": delivery.about}).items()),
                {"$eq": [{"$type": "$$line.due_at"}, "date"]},
                {"$lte": ["$$line.due_at", due_until]},
                {"$eq": [{"$type": "$$line.lease"}, "missing"]},
            ]
        }
        changed = _changed(which, {"state": state}, ("due_at",))
        await self._collections[delivery.source].update_one({"_id": ObjectId(delivery.source_id)}, changed)

    async def release_leases(self, is_gone: Callable[[str], bool], *, now: datetime) -> int:
        """Release the leases of workers that are known to be gone, before they expire."""
        freed = 0
        for source, collection in self._collections.items():
            held = {WAITING: {"$exists": True}, "outbox.lease": {"$exists": True}}
            async for doc in collection.find(held, {"outbox": 1}):
                for entry in doc["outbox"]:
                    if "due_at" in entry and is_gone(entry.get("lease", "").rpartition(":")[0]):
                        freed += await self.retry(delivery_from(entry, source, doc["_id"]), due_at=now)
        return freed

    async def _update(
        self, delivery: Delivery, fields: dict[str, Any], *, gone: Iterable[str], requeued_at: datetime | None = None
    ) -> bool:
        result = await self._collections[delivery.source].update_one(
            {
                "_id": ObjectId(delivery.source_id),
                "outbox": {"$elemMatch": {"id": delivery.id, "lease": delivery.lease}},
            },
            [
                *_changed(_is_delivery(delivery.id), fields, gone),
                *([_requeued(requeued_at)] if requeued_at is not None else ()),
            ],
        )
        return bool(result.modified_count)

    async def list_deliveries(self, state: str, *, limit: int) -> list[Delivery]:
        """Return queued (longest due first) or dead deliveries, at most `limit`."""
        found: list[Delivery] = []
        for source, collection in self._collections.items():
            query = {WAITING: {"$exists": True}} if state == QUEUED else {"outbox.state": state}
            order = [(WAITING, 1), ("_id", 1)] if state == QUEUED else [("outbox.state", 1)]
            async for doc in collection.find(query, {"outbox": 1}).sort(order).limit(limit):
                lines = [line for line in doc["outbox"] if line["state"] == state]
                found += [delivery_from({"due_at": None, **line}, source, doc["_id"]) for line in lines]
        return sorted(found, key=lambda delivery: delivery.happened_at)[:limit]

    async def each_dead(self) -> AsyncIterator[Delivery]:
        """Yield all dead deliveries; they may be changed meanwhile."""
        for source, collection in self._collections.items():
            async for doc in collection.find({"outbox.state": DEAD}, {"outbox": 1}).batch_size(SCAN):
                for line in doc["outbox"]:
                    if line["state"] == DEAD:
                        yield delivery_from({"due_at": None, **line}, source, doc["_id"])

    async def revive(self, source_id: str, delivery_id: str, *, due_at: datetime) -> bool:
        """Requeue a dead delivery with a fresh attempt count. False when there is none with this id."""
        again = {"state": QUEUED, "due_at": due_at, "attempts": 0}
        stages = [*_changed(_is_delivery(delivery_id), again, ("reason",)), _requeued(due_at)]
        return await self._change_delivery(source_id, delivery_id, DEAD, stages)

    async def drop(self, source_id: str, delivery_id: str) -> bool:
        """Drop a dead delivery. False when there is none with this id."""
        stages = _changed(_is_delivery(delivery_id), {"state": SKIPPED})
        return await self._change_delivery(source_id, delivery_id, DEAD, stages)

    async def _change_delivery(
        self, source_id: str, delivery_id: str, state: str, stages: list[dict[str, Any]]
    ) -> bool:
        for collection in self._collections.values():
            line = {"id": delivery_id, "state": state}
            query = {"_id": object_id(source_id), "outbox": {"$elemMatch": line}}
            result = await collection.update_one(query, stages)
            if result.modified_count:
                return True
        return False

    async def next_due(self) -> datetime | None:
        """Return the due time of the earliest open delivery."""
        earliest: datetime | None = None
        for collection in self._collections.values():
            doc = await collection.find_one({WAITING: {"$exists": True}}, {WAITING: 1}, sort=[(WAITING, 1), ("_id", 1)])
            if doc is not None and (earliest is None or doc[WAITING] < earliest):
                earliest = doc[WAITING]
        return earliest

    async def next_due_on(self, channel: str, *, before: datetime) -> datetime | None:
        """Return the due time of this channel's earliest open delivery, if it is below `before`."""
        earliest: datetime | None = None
        due = {WAITING: {"$lt": before}, "outbox": {"$elemMatch": {"channel": channel, "due_at": {"$lt": before}}}}
        for collection in self._collections.values():
            cursor = collection.find(due, {"outbox": 1, WAITING: 1}).sort([(WAITING, 1), ("_id", 1)])
            async for doc in cursor.batch_size(LOOK_AHEAD):
                if earliest is not None and doc[WAITING] >= earliest:
                    break  # none of the others has an earlier one
                lines = (line for line in doc["outbox"] if line["channel"] == channel and "due_at" in line)
                due_at = min(line["due_at"] for line in lines)
                earliest = due_at if earliest is None else min(earliest, due_at)
            await cursor.close()
        return earliest

    async def counts(self) -> dict[str, int]:
        """Return the number of deliveries in each state for operators; a claimed delivery counts as queued."""
        holding: dict[str, dict[str, Any]] = {QUEUED: {WAITING: {"$exists": True}}, DEAD: {"outbox.state": DEAD}}
        totals = dict.fromkeys(holding, 0)
        for source in SOURCES:
            for state, documents in holding.items():
                lines: list[dict[str, Any]] = [
                    {"$match": documents},
                    {"$unwind": "$outbox"},
                    {"$match": {"outbox.state": state}},
                    {"$count": "total"},
                ]
                totals[state] += sum(found["total"] for found in await self._database.aggregate(source, lines))
        return totals


def _open(to: ObjectId, channel: str) -> dict[str, Any]:
    return {"to": to, "channel": channel, "due_at": {"$exists": True}}


def _first_open(
    doc: dict[str, Any], to: ObjectId, channel: str, lines: Sequence[dict[str, Any]] | None = None
) -> dict[str, Any] | None:
    """Return the first open delivery to that user, with its document's id as `doc_id`."""
    lines = doc["outbox"] if lines is None else lines
    mine = (line for line in lines if line["to"] == to and line["channel"] == channel and "due_at" in line)
    return next((line | {"doc_id": doc["_id"]} for line in mine), None)


def _is_delivery(delivery_id: str) -> dict[str, Any]:
    return {"$eq": ["$$line.id", {"$literal": delivery_id}]}


def _changed(which: dict[str, Any], fields: dict[str, Any], gone: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return an update of the matching deliveries, and of the copy of the earliest due time."""
    changed: dict[str, Any] = {
        "$mergeObjects": ["$$line", {name: {"$literal": value} for name, value in fields.items()}]
    }
    for name in gone:
        changed = {"$unsetField": {"field": name, "input": changed}}
    lines = {"$map": {"input": "$outbox", "as": "line", "in": {"$cond": [which, changed, "$$line"]}}}
    return [{"$set": {"outbox": lines}}, {"$set": {WAITING: {"$ifNull": [{"$min": "$outbox.due_at"}, "$$REMOVE"]}}}]


def _requeued(due_at: datetime) -> dict[str, Any]:
    """Return the update stage by which the change stream wakes the workers."""
    return {"$set": {REQUEUED: {"$literal": due_at}}}
