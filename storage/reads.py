"""Read marks: one small document for each user in each swap, with a number that only grows."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from domain.reads import ReadMark
from storage.mongodb.database import Database
from storage.mongodb.documents import ID, Mapper

MAX_KNOWN = 20_000


READ_MARK = Mapper(ReadMark, {"swap_id": ID, "user_id": ID})


def read_mark_from(doc: dict[str, Any]) -> ReadMark:
    return READ_MARK.value(doc)


class _Marking:
    """Requested and written seq of one mark, and the lock for its writes."""

    __slots__ = ("lock", "wanted", "written")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.wanted = self.written = 0


class Reads:
    """Store of read marks. Marks that arrive while another of the same user and swap is being written become one
    write."""

    def __init__(self, database: Database) -> None:
        self._marks = database.collection("read_marks")
        self._known: OrderedDict[tuple[str, str], _Marking] = OrderedDict()

    async def mark(self, swap_id: str, user_id: str, seq: int) -> int:
        """Raise the mark to `seq` unless it is as high; returns a lower bound of its value."""
        marking = self._marking(swap_id, user_id)
        marking.wanted = max(marking.wanted, seq)
        async with marking.lock:
            if marking.written < seq:
                target = marking.wanted
                await self._raise(swap_id, user_id, target)
                marking.written = target
        return marking.written

    async def _raise(self, swap_id: str, user_id: str, seq: int) -> None:
        mark = READ_MARK.document(ReadMark(swap_id, user_id, seq))
        lower = {"swap_id": mark.pop("swap_id"), "user_id": mark.pop("user_id"), "seq": {"$lt": seq}}
        try:
            await self._marks.update_one(lower, {"$set": mark}, upsert=True)
        except DuplicateKeyError:  # it is as high already, or another process has just inserted it, perhaps lower
            await self._marks.update_one(lower, {"$set": mark})

    def _marking(self, swap_id: str, user_id: str) -> _Marking:
        key = (swap_id, user_id)
        marking = self._known.get(key)
        if marking is None:
            marking = self._known[key] = _Marking()
            if len(self._known) > MAX_KNOWN:
                oldest = next(iter(self._known))
                if not self._known[oldest].lock.locked():
                    del self._known[oldest]
        self._known.move_to_end(key)
        return marking

    async def get(self, swap_id: str, user_id: str) -> int:
        """Return the seq up to which this user has read; 0 without a mark."""
        doc = await self._marks.find_one({"swap_id": ObjectId(swap_id), "user_id": ObjectId(user_id)})
        return int(doc["seq"]) if doc else 0

    async def list_of(self, swap_ids: Iterable[str]) -> list[ReadMark]:
        """Return the marks of all users in those swaps."""
        query = {"swap_id": {"$in": [ObjectId(swap_id) for swap_id in swap_ids]}}
        return [read_mark_from(doc) async for doc in self._marks.find(query)]

    async def forget(self, user_id: str) -> None:
        """Delete all marks of this user."""
        await self._marks.delete_many({"user_id": ObjectId(user_id)})
