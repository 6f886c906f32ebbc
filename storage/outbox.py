"""Deliveries, claimed with a lease where they lie: inside the swap, the message, the alert or the news of circles
that they tell about.

`due_at` stands on a delivery only while it is open. The earliest one of a document stands beside its outbox as
`outbox_due_at`: MongoDB does not sort by an index on an array, and the partial index on this field holds just the work
that is left. The lease is fenced: only the worker that claimed last may finish a delivery.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from domain.deliveries import DEAD, LEASE, MAX_ATTEMPTS, PARKED, QUEUED, SKIPPED, TELEGRAM, Delivery
from domain.events import SWAP_ACCEPTED, SWAP_CANCELLED
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, Mapper

log = logging.getLogger(__name__)

SOURCES = ("swaps", "messages", "alerts", "circle_news")
WAITING = "outbox_due_at"
REQUEUED = "requeued_at"
"""Set on a document by whoever makes a delivery in it due that its workers do not wait for: the change stream passes
this on, and nothing else that is written about deliveries."""

SCAN = 500
"""How many due documents for people who are not busy one claim looks at; those that must wait leave the queue."""

LOOK_AHEAD = 10
"""So many of them are fetched at once: most claims take one of the first."""

TALK_BEGINS, TALK_ENDS = SWAP_ACCEPTED, SWAP_CANCELLED


def outbox_fields(told: Sequence[Delivery]) -> dict[str, Any]:
    """What a new document with these deliveries carries."""
    if not told:
        return {}
    return {"outbox": [delivery_doc(delivery) for delivery in told], WAITING: min(line.due_at for line in told)}


DELIVERY = Mapper(Delivery, {"to": ID}, apart=("source", "source_id", "lease", "reason"))
"""The collection and the document that a delivery is in are not stored; lease and reason have writers of their own."""


def delivery_doc(delivery: Delivery) -> dict[str, Any]:
    return DELIVERY.document(delivery)


def delivery_from(doc: dict[str, Any], source: str, source_id: ObjectId) -> Delivery:
    return DELIVERY.value({**doc, "source": source, "source_id": str(source_id)})


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._collections = {source: database.collection(source) for source in SOURCES}

    async def claim(self, worker: str, *, now: datetime, busy: set[str], channel: str = TELEGRAM) -> Delivery | None:
        """The next due delivery of this channel, for nobody in `busy` (user ids), leased to `worker`; None when there
        is none.

        What is told of one swap reaches a person in the order in which it happened, or not yet.
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
        """What could be claimed; False when the queue was put in order instead and has to be read again."""
        open_line = {"due_at": {"$lte": now}, "to": {"$nin": busy}, "channel": channel}
        due = {WAITING: {"$lte": now}, "outbox": {"$elemMatch": open_line}}
        cursor = self._collections[source].find(due, {"outbox": 1, "swap_id": 1, "seq": 1})
        held: dict[tuple[ObjectId, ObjectId], tuple[ObjectId, str]] = {}  # (swap, person) -> whose turn it is there
        async for doc in cursor.sort([(WAITING, 1), ("_id", 1)]).limit(SCAN).batch_size(LOOK_AHEAD):
            for place, entry in enumerate(doc["outbox"]):
                line = (doc.get("swap_id", doc["_id"]), entry["to"])
                if "due_at" not in entry or entry["due_at"] > now or entry["to"] in busy or entry["channel"] != channel:
                    continue
                if held.get(line, this := (doc["_id"], entry["id"])) != this:
                    continue
                first = await self._first_before(source, doc, place)
                if first is not None:
                    held[line] = (first["doc_id"], first["id"])
                    if await self._wait_for(first, line, now) and first["due_at"] <= now:
                        return None, False  # the first one is due, but was behind this one
                    continue
                claimed = await self._lease(source, doc["_id"], entry, worker, now)
                if claimed is not None and claimed.attempts <= MAX_ATTEMPTS:
                    return claimed, True
                if claimed is not None:  # whoever had it died of it, every time
                    log.error("delivery %s of %s %s is dead: no attempt ended", claimed.event, source, doc["_id"])
                    await self.finish(claimed, DEAD, reason="no attempt ended")
        return None, True

    async def _first_before(self, source: str, doc: dict[str, Any], place: int) -> dict[str, Any] | None:
        """The open delivery of the same swap to the same person that has to arrive before this one."""
        entry = doc["outbox"][place]
        to, channel, swap_id = entry["to"], entry["channel"], doc.get("swap_id", doc["_id"])
        before = _first_open(doc, to, channel, doc["outbox"][:place])
        if before is not None:
            return before
        if source == "messages":
            begun = await self._collections["swaps"].find_one(
                {"_id": swap_id, "outbox": {"$elemMatch": _open(to, channel) | {"event": TALK_BEGINS}}}, {"outbox": 1}
            )
            if begun is not None:
                return _first_open(begun, to, channel)
        elif entry["event"] != TALK_ENDS:
            return None
        said = {"swap_id": swap_id, WAITING: {"$exists": True}, "outbox": {"$elemMatch": _open(to, channel)}}
        if source == "messages":
            said["seq"] = {"$lt": doc["seq"]}
        message = await self._collections["messages"].find_one(said, {"outbox": 1}, sort=[("seq", 1)])
        return _first_open(message, to, channel) if message is not None else None

    async def _wait_for(self, first: dict[str, Any], line: tuple[ObjectId, ObjectId], now: datetime) -> bool:
        """What comes after the first one becomes due no earlier than that, all at once: nobody else has to wait while
        a long line is looked through. One that is being sent just now is waited for where they are."""
        until = first["due_at"]
        if "lease" in first and until > now:
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
        said = await messages.update_many({"swap_id": swap_id, WAITING: {"$exists": True}, **waiting}, update)
        told = await swaps.update_one({"_id": swap_id, **waiting}, update)
        return bool(said.modified_count or told.modified_count)

    async def _lease(
        self, source: str, doc_id: ObjectId, entry: dict[str, Any], worker: str, now: datetime
    ) -> Delivery | None:
        attempts = entry["attempts"] + 1
        as_seen = {"id": entry["id"], "due_at": entry["due_at"], "attempts": entry["attempts"]}
        leased = {"due_at": now + LEASE, "lease": f"{worker}:{attempts}", "attempts": attempts}
        doc = await self._collections[source].find_one_and_update(
            {"_id": doc_id, "outbox": {"$elemMatch": as_seen}},
            _changed(_is_line(entry["id"]), leased),
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
        """Put a claimed delivery back; `is_attempt=False` for a pause that was asked for (429) or a clean stop."""
        attempts = delivery.attempts if is_attempt else delivery.attempts - 1
        fields: dict[str, Any] = {"state": QUEUED, "due_at": due_at, "attempts": attempts}
        return await self._update(delivery, fields | ({"reason": reason} if reason else {}), gone=("lease",))

    async def divert(self, delivery: Delivery, channel: str, *, due_at: datetime) -> bool:
        """Let a claimed delivery go through another channel. False when the lease was lost."""
        fields = {"channel": channel, "state": QUEUED, "due_at": due_at, "attempts": 0}
        return await self._update(delivery, fields, gone=("lease",), requeued_at=due_at)

    async def unpark(self, to: str, *, due_at: datetime) -> int:
        """Let what was parked for this person be tried from the beginning; returns in how many messages."""
        person = ObjectId(to)
        which = {"$and": [{"$eq": ["$$line.to", person]}, {"$eq": ["$$line.state", PARKED]}]}
        result = await self._collections["messages"].update_many(
            {"outbox.state": PARKED, "outbox.to": person},
            [*_changed(which, {"state": QUEUED, "due_at": due_at, "attempts": 0}), _requeued(due_at)],
        )
        return int(result.modified_count)

    async def finish_talk(self, swap_id: str, to: str, channel: str, state: str, *, through: int) -> None:
        """Close the open deliveries of messages of a swap to this person, those up to the number `through`."""
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

    async def release_leases(self, is_gone: Callable[[str], bool], *, now: datetime) -> int:
        """Make due again what workers hold that are certainly gone, without waiting for their leases to end."""
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
                *_changed(_is_line(delivery.id), fields, gone),
                *([_requeued(requeued_at)] if requeued_at is not None else ()),
            ],
        )
        return bool(result.modified_count)

    async def list_lines(self, state: str, *, limit: int) -> list[Delivery]:
        """Deliveries that are queued (longest due first) or dead, at most `limit`."""
        found: list[Delivery] = []
        for source, collection in self._collections.items():
            query = {WAITING: {"$exists": True}} if state == QUEUED else {"outbox.state": state}
            order = [(WAITING, 1), ("_id", 1)] if state == QUEUED else [("outbox.state", 1)]
            async for doc in collection.find(query, {"outbox": 1}).sort(order).limit(limit):
                lines = [line for line in doc["outbox"] if line["state"] == state]
                found += [delivery_from({"due_at": None, **line}, source, doc["_id"]) for line in lines]
        return sorted(found, key=lambda delivery: delivery.happened_at)[:limit]

    async def each_dead(self) -> AsyncIterator[Delivery]:
        """All dead deliveries; what is done about them meanwhile ends nothing."""
        for source, collection in self._collections.items():
            async for doc in collection.find({"outbox.state": DEAD}, {"outbox": 1}).batch_size(SCAN):
                for line in doc["outbox"]:
                    if line["state"] == DEAD:
                        yield delivery_from({"due_at": None, **line}, source, doc["_id"])

    async def revive(self, source_id: str, delivery_id: str, *, due_at: datetime) -> bool:
        """Let a dead delivery be tried again, from the beginning. False when there is none of this id."""
        again = {"state": QUEUED, "due_at": due_at, "attempts": 0}
        stages = [*_changed(_is_line(delivery_id), again, ("reason",)), _requeued(due_at)]
        return await self._change_line(source_id, delivery_id, DEAD, stages)

    async def drop(self, source_id: str, delivery_id: str) -> bool:
        """Be done with a dead delivery. False when there is none of this id."""
        stages = _changed(_is_line(delivery_id), {"state": SKIPPED})
        return await self._change_line(source_id, delivery_id, DEAD, stages)

    async def _change_line(self, source_id: str, delivery_id: str, state: str, stages: list[dict[str, Any]]) -> bool:
        for collection in self._collections.values():
            line = {"id": delivery_id, "state": state}
            query = {"_id": object_id(source_id), "outbox": {"$elemMatch": line}}
            result = await collection.update_one(query, stages)
            if result.modified_count:
                return True
        return False

    async def next_due(self) -> datetime | None:
        """When the earliest open delivery is due."""
        earliest: datetime | None = None
        for collection in self._collections.values():
            doc = await collection.find_one({WAITING: {"$exists": True}}, {WAITING: 1}, sort=[(WAITING, 1), ("_id", 1)])
            if doc is not None and (earliest is None or doc[WAITING] < earliest):
                earliest = doc[WAITING]
        return earliest

    async def next_due_on(self, channel: str, *, before: datetime) -> datetime | None:
        """When the earliest open delivery of this channel is due, if that is before this time."""
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
        """How many deliveries are in each state that matters to an operator; what is being sent is queued, too."""
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
    """The first open line for that person, with the id of its document as `doc_id`."""
    lines = doc["outbox"] if lines is None else lines
    mine = (line for line in lines if line["to"] == to and line["channel"] == channel and "due_at" in line)
    return next((line | {"doc_id": doc["_id"]} for line in mine), None)


def _is_line(delivery_id: str) -> dict[str, Any]:
    return {"$eq": ["$$line.id", {"$literal": delivery_id}]}


def _changed(which: dict[str, Any], fields: dict[str, Any], gone: Iterable[str] = ()) -> list[dict[str, Any]]:
    """An update of those lines of the outbox, and of what the document says about its earliest open one."""
    changed: dict[str, Any] = {
        "$mergeObjects": ["$$line", {name: {"$literal": value} for name, value in fields.items()}]
    }
    for name in gone:
        changed = {"$unsetField": {"field": name, "input": changed}}
    lines = {"$map": {"input": "$outbox", "as": "line", "in": {"$cond": [which, changed, "$$line"]}}}
    return [{"$set": {"outbox": lines}}, {"$set": {WAITING: {"$ifNull": [{"$min": "$outbox.due_at"}, "$$REMOVE"]}}}]


def _requeued(due_at: datetime) -> dict[str, Any]:
    """The stage of an update that has the change stream wake the workers."""
    return {"$set": {REQUEUED: {"$literal": due_at}}}
