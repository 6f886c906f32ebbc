"""Pages of messages, read together: while one read is under way, the pages that are asked for meanwhile go as one.

A command costs the driver a fixed 100 µs and the database about as much, whatever it brings. A page that finds no read
under way is read at once: nothing is delayed when nothing waits. Each page is read after it was asked for, so it has
everything that had been acknowledged by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from bson import ObjectId
from bson.errors import BSONError
from pymongo.errors import OperationFailure

MAX_TOGETHER: Final = 8
"""Pages of one command: decoding them may keep the loop for some milliseconds."""

PATIENCE_SECONDS: Final = 0.05
"""Time after which the next read no longer waits for this one: it brings many long messages, or its connection has gone
silent."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Page to be read: at most `limit` messages of a swap, those with a seq above `after` and below `before`; the first
    of them, or with `is_newest` the last, those first."""

    swap_id: ObjectId
    after: int
    before: int | None
    limit: int
    is_newest: bool

    @property
    def query(self) -> Document:
        seq = {"$gt": self.after} if self.before is None else {"$gt": self.after, "$lt": self.before}
        return {"swap_id": self.swap_id, "seq": seq}

    @property
    def direction(self) -> int:
        return -1 if self.is_newest else 1


@dataclass(slots=True, eq=False)
class _Waiting:
    page: Page
    found: asyncio.Future[list[Document]]


class _Turn:
    """A read under way, and the timer after which the next one no longer waits for it."""

    patience: asyncio.TimerHandle


class PageReads:
    def __init__(self, collection: Any, without: Sequence[str]) -> None:
        """Read from a collection, `without` these fields."""
        self._collection = collection
        self._projection = dict.fromkeys(without, 0)
        self._waiting: list[_Waiting] = []
        self._turn: _Turn | None = None  # of the read that the others wait for
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, page: Page) -> list[Document]:
        """Return the documents of a page. Raises what the driver raises."""
        if self._turn is None:
            turn = self._begin()
            try:
                return await self._read_one(page)
            finally:
                self._end(turn)
        waiting = _Waiting(page, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            return await waiting.found
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            raise

    def _begin(self) -> _Turn:
        turn = self._turn = _Turn()
        turn.patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._end, turn)
        return turn

    def _end(self, turn: _Turn) -> None:
        """Let those go that wait for this read: it is over, or has taken too long."""
        if self._turn is not turn:  # those that waited have gone long ago
            return
        turn.patience.cancel()
        self._turn = None
        if self._waiting:
            task = asyncio.create_task(self._read_waiting(self._begin()), name="pages that waited")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read_waiting(self, turn: _Turn) -> None:
        group = self._take_group()
        try:
            if len(group) == 1:
                await self._read_alone(group[0])
            else:
                await self._read_group(group)
        finally:
            self._end(turn)

    async def _read_group(self, group: Sequence[_Waiting]) -> None:
        try:
            found = await self._read_together([one.page for one in group])
        except (BSONError, OperationFailure, TypeError):  # perhaps a document of one of them is odd
            await asyncio.gather(*map(self._read_alone, group))
        except BaseException as error:  # noqa: BLE001 - each who waits gets it
            for one in group:
                _fail(one, error)
        else:
            for one, documents in zip(group, found, strict=True):
                _succeed(one, documents)

    async def _read_alone(self, one: _Waiting) -> None:
        try:
            _succeed(one, await self._read_one(one.page))
        except BaseException as error:  # noqa: BLE001 - as above
            _fail(one, error)

    def _take_group(self) -> list[_Waiting]:
        """Take those who waited longest, with one page of a swap at most: what is found is told apart by the swap."""
        group: dict[ObjectId, _Waiting] = {}
        for one in self._waiting:
            if len(group) < MAX_TOGETHER:
                group.setdefault(one.page.swap_id, one)
        taken = list(group.values())
        self._waiting = [one for one in self._waiting if one is not group.get(one.page.swap_id)]
        return taken

    async def _read_one(self, page: Page) -> list[Document]:
        """Read a page in one command: without the size of the batch, 101 documents would come first."""
        order = [("seq", page.direction)]
        cursor = self._collection.find(
            page.query, self._projection, sort=order, limit=page.limit, batch_size=page.limit
        )
        return cast("list[Document]", await cursor.to_list(page.limit))

    async def _read_together(self, pages: Sequence[Page]) -> list[list[Document]]:
        stages = self._stages(pages[0])
        for page in pages[1:]:
            stages.append({"$unionWith": {"coll": self._collection.name, "pipeline": self._stages(page)}})
        cursor = await self._collection.aggregate(stages, batchSize=sum(page.limit for page in pages) + 1)
        found: dict[ObjectId, list[Document]] = {page.swap_id: [] for page in pages}
        for document in await cursor.to_list(None):
            found[document["swap_id"]].append(document)
        return [found[page.swap_id] for page in pages]

    def _stages(self, page: Page) -> list[Document]:
        return [
            {"$match": page.query},
            {"$sort": {"seq": page.direction}},
            {"$limit": page.limit},
            {"$project": self._projection},
        ]


def _fail(one: _Waiting, error: BaseException) -> None:
    if not one.found.done():
        one.found.set_exception(error)


def _succeed(one: _Waiting, documents: list[Document]) -> None:
    if not one.found.done():
        one.found.set_result(documents)
