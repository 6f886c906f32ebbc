"""Deliveries, claimed with a lease where they lie: inside the swap or the message that they tell about.

`due_at` stands on a delivery only while it is open, so the partial index on it holds just the work that is left.
The lease is fenced: only the worker that claimed last may finish a delivery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from skillswap.domain.deliveries import DEAD, LEASE, QUEUED, SENT, SKIPPED, Delivery
from storage.mongo import Database

SOURCES = ("swaps", "messages")
SCAN = 50
"""How many due documents one claim looks at before it gives up finding a free recipient."""


def delivery_doc(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "to": ObjectId(delivery.to),
        "channel": delivery.channel,
        "event": delivery.event,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
    }


def delivery_from(doc: dict[str, Any], source: str, source_id: ObjectId) -> Delivery:
    return Delivery(
        id=doc["id"],
        to=str(doc["to"]),
        channel=doc["channel"],
        event=doc["event"],
        due_at=doc["due_at"],
        state=doc["state"],
        attempts=doc["attempts"],
        source=source,
        source_id=str(source_id),
        lease=doc.get("lease", ""),
    )


class Outbox:
    def __init__(self, database: Database) -> None:
        self._collections = {source: database.collection(source) for source in SOURCES}

    async def claim(self, worker: str, *, now: datetime, busy: set[str]) -> Delivery | None:
        """The next due delivery, for nobody in `busy` (user ids), leased to `worker`; None when there is none."""
        for source, collection in self._collections.items():
            cursor = collection.find({"outbox.due_at": {"$lte": now}}).sort([("outbox.due_at", 1)]).limit(SCAN)
            async for doc in cursor:
                for entry in doc["outbox"]:
                    if "due_at" not in entry or entry["due_at"] > now or str(entry["to"]) in busy:
                        continue
                    if source == "messages" and await self._is_behind(doc, entry):
                        continue
                    claimed = await self._lease(source, doc["_id"], entry, worker, now)
                    if claimed is not None:
                        return claimed
        return None

    async def _is_behind(self, doc: dict[str, Any], entry: dict[str, Any]) -> bool:
        """Is an earlier message of this swap still on its way to the same person? Then this one waits."""
        earlier = {
            "swap_id": doc["swap_id"],
            "seq": {"$lt": doc["seq"]},
            "outbox": {"$elemMatch": {"to": entry["to"], "due_at": {"$exists": True}}},
            "outbox.due_at": {"$exists": True},
        }
        return await self._collections["messages"].find_one(earlier, {"_id": 1}) is not None

    async def _lease(
        self, source: str, doc_id: ObjectId, entry: dict[str, Any], worker: str, now: datetime
    ) -> Delivery | None:
        lease = f"{worker}:{entry['attempts'] + 1}"
        doc = await self._collections[source].find_one_and_update(
            {
                "_id": doc_id,
                "outbox": {"$elemMatch": {"id": entry["id"], "due_at": entry["due_at"], "attempts": entry["attempts"]}},
            },
            {"$set": {"outbox.$.due_at": now + LEASE, "outbox.$.lease": lease}, "$inc": {"outbox.$.attempts": 1}},
            projection={"outbox": 1},
            return_document=ReturnDocument.AFTER,
        )
        if doc is None:
            return None
        mine = next(line for line in doc["outbox"] if line["id"] == entry["id"])
        return delivery_from(mine, source, doc_id)

    async def finish(self, delivery: Delivery, state: str) -> bool:
        """Close a claimed delivery as sent, skipped or dead. False when the lease was lost."""
        return await self._update(
            delivery, {"$set": {"outbox.$.state": state}, "$unset": {"outbox.$.due_at": "", "outbox.$.lease": ""}}
        )

    async def retry(self, delivery: Delivery, *, due_at: datetime, is_attempt: bool = True) -> bool:
        """Put a claimed delivery back; `is_attempt=False` for a pause that was asked for (429) or a clean stop."""
        update: dict[str, Any] = {
            "$set": {"outbox.$.state": QUEUED, "outbox.$.due_at": due_at},
            "$unset": {"outbox.$.lease": ""},
        }
        if not is_attempt:
            update["$inc"] = {"outbox.$.attempts": -1}
        return await self._update(delivery, update)

    async def _update(self, delivery: Delivery, update: dict[str, Any]) -> bool:
        result = await self._collections[delivery.source].update_one(
            {
                "_id": ObjectId(delivery.source_id),
                "outbox": {"$elemMatch": {"id": delivery.id, "lease": delivery.lease}},
            },
            update,
        )
        return bool(result.modified_count)

    async def next_due(self) -> datetime | None:
        """When the earliest open delivery is due."""
        earliest: datetime | None = None
        for collection in self._collections.values():
            doc = await collection.find_one(
                {"outbox.due_at": {"$exists": True}}, {"outbox.due_at": 1}, sort=[("outbox.due_at", 1)]
            )
            for entry in doc["outbox"] if doc else ():
                if "due_at" in entry and (earliest is None or entry["due_at"] < earliest):
                    earliest = entry["due_at"]
        return earliest

    async def counts(self) -> dict[str, int]:
        """How many deliveries stand in each state that matters to an operator."""
        totals = {QUEUED: 0, DEAD: 0}
        for collection in self._collections.values():
            totals[QUEUED] += await collection.count_documents({"outbox.due_at": {"$exists": True}})
            totals[DEAD] += await collection.count_documents({"outbox.state": DEAD})
        return totals


CLOSED = (SENT, SKIPPED, DEAD)
