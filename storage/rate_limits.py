"""Rate limits: a token bucket for each key, shared by all processes.

A bucket is stored as one time: when it would be full again if nothing more were taken. The server's clock decides, so
the clocks of the processes need not agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pymongo import ReturnDocument, UpdateMany, UpdateOne
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import UNJOURNALED, Database

KEPT: Final = timedelta(hours=1)
"""Time to live of a full bucket: a missing one counts as full."""

DEPTH: Final = 2
"""A bucket may be overdrawn by this multiple of its size: tokens that several processes spent before they
synchronized."""

MANY: Final = 4
"""Buckets of one report from which on those that exist are updated together: one statement for all who have spent as
much, which costs a twentieth."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens spent locally: `count` tokens of a bucket that holds `burst` and regains one every `seconds`."""

    key: str
    count: int
    burst: int
    seconds: float

    def ahead_of(self, seconds: float) -> float:
        """Return the seconds until a bucket is full again that was so far from it before these tokens were spent."""
        return min(max(seconds, 0.0) + self.count * self.seconds, DEPTH * self.burst * self.seconds)


class RateBuckets:
    def __init__(self, database: Database) -> None:
        self._buckets = database.collection("rate_limits").with_options(**UNJOURNALED)

    async def spend(self, key: str, *, burst: int, seconds: float) -> float:
        """Take one token if there is one. Returns 0, or the seconds until the next one; one atomic update.

        Raises what the driver raises: a limit that cannot be read is not passed.
        """
        update = _update(1, seconds, most=burst * seconds, overdraft=False)
        for _ in range(3):
            try:
                doc = await self._buckets.find_one_and_update(
                    {"_id": key}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
                break
            except DuplicateKeyError:  # two first ones at once
                continue
        else:
            return seconds
        return 0.0 if doc["granted"] else max(0.001, doc["missing"] / 1000)

    async def give_back(self, key: str, *, seconds: float) -> None:
        """Return one token to a bucket that regains one every `seconds`."""
        returned = {"$max": [{"$subtract": ["$full_at", int(seconds * 1000)]}, "$$NOW"]}
        await self._buckets.update_one({"_id": key, "full_at": {"$exists": True}}, [{"$set": {"full_at": returned}}])

    async def report(self, spent: Sequence[Spent]) -> Mapping[str, float]:
        """Subtract tokens that were spent already; returns by key the seconds until its bucket is full again, counted
        from when this began, with what other processes had spent by then."""
        known = await self._ahead([one.key for one in spent])
        alike: dict[tuple[int, int, float], list[str]] = {}
        writes: list[UpdateOne | UpdateMany] = []
        for one in spent:
            if one.key in known and len(spent) >= MANY:
                alike.setdefault((one.count, one.burst, one.seconds), []).append(one.key)
            else:
                writes.append(UpdateOne({"_id": one.key}, _spent(one.count, one.burst, one.seconds), upsert=True))
        writes += [UpdateMany({"_id": {"$in": keys}}, _spent(*tokens)) for tokens, keys in alike.items()]
        await self._buckets.bulk_write(writes, ordered=False)
        return {one.key: one.ahead_of(known.get(one.key, 0.0)) for one in spent}

    async def _ahead(self, keys: Sequence[str]) -> dict[str, float]:
        found = self._buckets.find({"_id": {"$in": keys}}, {"ahead": {"$subtract": ["$full_at", "$$NOW"]}})
        return {doc["_id"]: doc["ahead"] / 1000 for doc in await found.to_list(None)}


def _spent(count: int, burst: int, seconds: float) -> list[dict[str, Any]]:
    """Return a pipeline for tokens that were spent already, whether they were there or not."""
    return _update(count, seconds, most=DEPTH * burst * seconds, overdraft=True)


def _update(count: int, seconds: float, *, most: float, overdraft: bool) -> list[dict[str, Any]]:
    """Return a pipeline that adds `count` tokens to a bucket that is at most `most` seconds from being full."""
    cost, limit = int(count * seconds * 1000), int(most * 1000)
    base = {"$max": [{"$ifNull": ["$full_at", "$$NOW"]}, "$$NOW"]}
    booked: dict[str, Any] = {"$set": {"wanted": {"$add": [base, cost]}}}
    latest = {"$add": ["$$NOW", limit]}
    if overdraft:
        decided: dict[str, Any] = {"$set": {"full_at": {"$min": ["$wanted", latest]}}}
    else:
        fits = {"$lte": ["$wanted", latest]}
        decided = {
            "$set": {
                "granted": fits,
                "missing": {"$subtract": ["$wanted", latest]},
                "full_at": {"$cond": [fits, "$wanted", base]},
            }
        }
    kept = {"$set": {"expires_at": {"$add": ["$full_at", int(KEPT.total_seconds() * 1000)]}}}
    return [booked, decided, kept, {"$unset": "wanted"}]
