"""Read marks: one small document for each person in each swap, and the number in it only grows."""

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
    """What is wanted of one mark, what has been written, and the turn to write."""

    __slots__ = ("lock", "wanted", "written")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.wanted = self.written = 0


class Reads:
    """Marks that come while another of the same person and swap is being written become one write."""

    def __init__(self, database: Database) -> None:
        self._marks = database.collection("read_marks")
        self._known: OrderedDict[tuple[str, str], _Marking] = OrderedDict()

    async def mark(self, swap_id: str, user_id: str, seq: int) -> int:
        """Raise the mark to `seq` unless it is as high; returns where it stands at least."""
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
        except DuplicateKeyError:  # it is as high already, or another process has just made it, perhaps lower
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
        """How far this person has read; 0 when nobody has said so."""
        doc = await self._marks.find_one({"swap_id": ObjectId(swap_id), "user_id": ObjectId(user_id)})
        return int(doc["seq"]) if doc else 0

    async def list_of(self, swap_ids: Iterable[str]) -> list[ReadMark]:
        """The marks of everybody in those swaps."""
        query = {"swap_id": {"$in": [ObjectId(swap_id) for swap_id in swap_ids]}}
        return [read_mark_from(doc) async for doc in self._marks.find(query)]

    async def forget(self, user_id: str) -> None:
        """Nobody knows any more how far this person had read."""
        await self._marks.delete_many({"user_id": ObjectId(user_id)})
