"""Steps in the life of swaps: what is due, and the marks of what has been done. Each mark is one compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from domain.deliveries import Delivery
from domain.swaps import COMPLETED, Swap
from domain.timeline import PutOff, Told, next_step
from storage.mongodb.database import Database
from storage.outbox import REQUEUED, WAITING, delivery_doc
from storage.reviews import REVEALED
from storage.swaps import swap_from


class SwapSteps:
    def __init__(self, database: Database) -> None:
        self._swaps = database.collection("swaps")

    async def due(self, at: datetime, *, limit: int) -> list[Swap]:
        """Return swaps of which a step of `domain.timeline` is due, longest overdue first."""
        cursor = self._swaps.find({"wake_at": {"$lte": at}}, {"outbox": 0}).sort([("wake_at", 1)]).limit(limit)
        return [swap_from(doc) for doc in await cursor.to_list(limit)]

    async def next_due(self) -> datetime | None:
        """Return when the next step of any swap is due."""
        doc = await self._swaps.find_one({"wake_at": {"$exists": True}}, {"wake_at": 1}, sort=[("wake_at", 1)])
        return doc["wake_at"] if doc else None

    async def mark_told(
        self,
        swap: Swap,
        keys: Sequence[str],
        deliveries: Sequence[Delivery],
        *,
        nudged: Sequence[str],
        at: datetime,
        has_revealed: bool = False,
    ) -> bool:
        """Record that these steps are done (and have shown ratings). False when the swap has changed, or one of them is
        done already."""
        told = Told(swap, tuple(keys), tuple(deliveries), tuple(nudged), has_revealed=has_revealed)
        return await self.mark_all([told], at=at) == 1

    async def mark_all(self, told: Sequence[Told], *, at: datetime) -> int:
        """Record steps of many swaps in one bulk: the mark of each, with its deliveries and the users who were nudged,
        is one write of its own, which fails alone. Returns how many were recorded."""
        return await self._write([_mark_of(one, at) for one in told])

    async def put_off_all(self, put_off: Sequence[PutOff]) -> None:
        """Look at these swaps again at other times, unless they have changed; None for no more."""
        await self._write([_new_time_of(one) for one in put_off])

    async def _write(self, updates: list[UpdateOne]) -> int:
        if not updates:
            return 0
        return int((await self._swaps.bulk_write(updates, ordered=False)).modified_count)


def _mark_of(told: Told, at: datetime) -> UpdateOne:
    """Return the write of a mark, which fails when the swap has changed or one of the steps is done already.

    The version stays: a reminder changes nothing that a front end or a button could have been wrong about.
    """
    swap, deliveries = told.swap, told.deliveries
    step = next_step(replace(swap, told={**swap.told, **dict.fromkeys(told.keys, at)}))
    guard = _unchanged(swap) | {"status": swap.status}
    for key in told.keys:
        guard[f"told.{key}"] = {"$exists": False}
    update: dict[str, Any] = {"$set": {f"told.{key}": at for key in told.keys}}
    if told.has_revealed:
        update["$set"][REVEALED] = at
    if step is not None:
        update["$set"]["wake_at"] = step.at
    else:
        update["$unset"] = {"wake_at": ""}
    if told.nudged:
        update["$inc"] = {f"nudges.{person}": 1 for person in told.nudged}
    if deliveries:
        update["$push"] = {"outbox": {"$each": [delivery_doc(delivery) for delivery in deliveries]}}
        update["$min"] = {WAITING: min(delivery.due_at for delivery in deliveries)}
        update["$set"][REQUEUED] = at  # wakes the notifier
    return UpdateOne(guard, update)


def _new_time_of(put_off: PutOff) -> UpdateOne:
    swap, until = put_off.swap, put_off.until
    guard = _unchanged(swap) | {"wake_at": {"$exists": True}}
    return UpdateOne(guard, {"$unset": {"wake_at": ""}} if until is None else {"$set": {"wake_at": until}})


def _unchanged(swap: Swap) -> dict[str, Any]:
    """Return the query for this version of the swap; a rating changes what is due, too, and leaves the version."""
    query: dict[str, Any] = {"_id": ObjectId(swap.id), "version": swap.version}
    if swap.status == COMPLETED:
        query["rated"] = [ObjectId(person) for person in swap.rated] or {"$in": [None, []]}
    return query
