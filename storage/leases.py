"""Leases: one process at a time runs a job, and another one takes over when it dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from storage.mongodb.database import Database

LEASES = "leases"  # {_id: name, holder, until, fence}


class Leases:
    """Named leases in the database, timed by the server's clock: the holders' clocks do not matter."""

    def __init__(self, database: Database) -> None:
        self._leases = database.collection(LEASES)

    async def hold(self, name: str, holder: str, ttl: timedelta) -> int | None:
        """Take the lease, or extend it by `ttl` from now if this holder has it.

        Returns the fence, a number that grows with every change of holder, so that writes of a former holder can be
        rejected. None while another holder has the lease.
        """
        taking = asyncio.ensure_future(
            self._leases.find_one_and_update(
                {"_id": name}, _take(holder, ttl), upsert=True, return_document=ReturnDocument.AFTER
            )
        )
        try:
            lease = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The driver completes the operation: wait for it, or it would take the lease again after a release.
            await asyncio.wait([taking])
            raise
        except DuplicateKeyError:  # two inserted it at once; the other one won
            return None
        return int(lease["fence"]) if lease["holder"] == holder else None

    async def holder(self, name: str) -> str | None:
        """Return the last holder that has not released the lease."""
        lease = await self._leases.find_one({"_id": name}, {"holder": 1})
        return lease.get("holder") if lease else None

    async def release(self, name: str, holder: str) -> None:
        """Release the lease at once, before its time ends. Does nothing unless this holder has it."""
        await self._leases.update_one({"_id": name, "holder": holder}, {"$set": {"holder": None}})


def _take(holder: str, ttl: timedelta) -> list[dict[str, Any]]:
    """Return one update that decides and acts. `$literal` keeps a name that begins with a dollar sign a name."""
    me = {"$literal": holder}
    mine = {"$eq": ["$holder", me]}
    vacant = {"$eq": [{"$ifNull": ["$holder", None]}, None]}
    over = {"$lte": ["$until", "$$NOW"]}
    until = {"$add": ["$$NOW", int(ttl.total_seconds() * 1000)]}
    next_fence = {"$add": [{"$ifNull": ["$fence", 0]}, 1]}
    return [
        {"$set": {"turn": {"$switch": {"branches": [
            {"case": mine, "then": "again"},
            {"case": {"$or": [vacant, over]}, "then": "new"},
        ], "default": "no"}}}},
        {"$set": {
            "fence": {"$cond": [{"$eq": ["$turn", "new"]}, next_fence, "$fence"]},
            "until": {"$cond": [{"$eq": ["$turn", "no"]}, "$until", until]},
            "holder": {"$cond": [{"$eq": ["$turn", "no"]}, "$holder", me]},
        }},
        {"$unset": "turn"},
    ]  # fmt: skip
