"""Group commit of messages: while inserts are on their way to the journal, those that come meanwhile go together next.

A command costs the driver a fixed 100 µs and the database a wait for its journal, whatever is in it. A message that
finds no insert on its way goes at once: nothing is delayed when nothing waits. While few messages wait for each insert,
two may be on their way: at 400 a second most would otherwise wait for half of another one's. Two messages of one swap
are never in one batch, as the second is numbered once the first is written (`storage/messages.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError, WriteError

MAX_BATCH = 200
"""Documents of one insert: with their deliveries some 200 kB, far below what a command may hold."""

SIDE_BY_SIDE = 2
"""Inserts on their way at a time, while they are small."""

FEW = 2
"""Messages of an insert up to which another one may go beside it; what brings more is better served by fewer
commands."""

PATIENCE_SECONDS = 0.5
"""Time after which the next insert no longer waits for this one: a connection that has gone silent holds up its own
messages until the driver gives it up, and no others."""

DUPLICATE_KEY = 11000

Document = dict[str, Any]


@dataclass(slots=True, eq=False)
class _Waiting:
    document: Document
    written: asyncio.Future[None]


class _Turn:
    """An insert on its way, and the timer after which the next one no longer waits for it."""

    patience: asyncio.TimerHandle


class MessageBatches:
    """Inserts documents with unique ids, each with an outcome of its own."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self._waiting: list[_Waiting] = []
        self._under_way: set[_Turn] = set()  # inserts that the others wait for
        self._last = 1  # messages of the one that began last
        self._tasks: set[asyncio.Task[None]] = set()

    async def insert(self, document: Document) -> None:
        """Insert a document. Raises what the driver raises for it: DuplicateKeyError with its `keyPattern`, other
        errors of this write, or the error of the whole command, after which it is unknown whether it was written."""
        if self._waiting or not self._has_room():
            await self._wait(document)
            return
        turn = self._begin(1)
        try:
            await self._collection.insert_one(document)
        finally:
            self._end(turn)

    async def _wait(self, document: Document) -> None:
        waiting = _Waiting(document, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting.written
        except asyncio.CancelledError:
            if waiting in self._waiting:  # nobody waits for it any more, and it is not on its way
                self._waiting.remove(waiting)
            raise

    def _has_room(self) -> bool:
        return len(self._under_way) < (SIDE_BY_SIDE if self._last <= FEW else 1)

    def _begin(self, count: int) -> _Turn:
        turn, self._last = _Turn(), count
        turn.patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._end, turn)
        self._under_way.add(turn)
        return turn

    def _end(self, turn: _Turn) -> None:
        """Let those go that wait for this insert: it is over, or has taken too long."""
        if turn not in self._under_way:  # those that waited have gone long ago
            return
        turn.patience.cancel()
        self._under_way.remove(turn)
        if self._waiting and self._has_room():
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            task = asyncio.create_task(self._insert_all(batch, self._begin(len(batch))), name="messages that waited")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _insert_all(self, batch: Sequence[_Waiting], turn: _Turn) -> None:
        try:
            if len(batch) == 1:
                await self._collection.insert_one(batch[0].document)
            else:
                await self._collection.insert_many([one.document for one in batch], ordered=False)
        except BulkWriteError as error:
            _answer(batch, error)
        except (BSONError, ValueError, OverflowError):  # a document that cannot be encoded: nothing has been sent
            await self._insert_each(batch)
        except BaseException as error:  # noqa: BLE001 - each who waits gets it
            for one in batch:
                _fail(one, error)
        else:
            for one in batch:
                _succeed(one)
        finally:
            self._end(turn)

    async def _insert_each(self, batch: Sequence[_Waiting]) -> None:
        for one in batch:
            try:
                await self._collection.insert_one(one.document)
            except Exception as error:  # noqa: BLE001 - as above
                _fail(one, error)
            else:
                _succeed(one)


def _answer(batch: Sequence[_Waiting], error: BulkWriteError) -> None:
    """Give each its own outcome, as `insert_one` would have raised it."""
    details = error.details or {}
    failed = {problem["op"]["_id"]: problem for problem in details.get("writeErrors", ())}
    unsure = next(iter(details.get("writeConcernErrors", ())), None)
    for one in batch:
        problem = failed.get(one.document["_id"])
        if problem is not None:
            kind = DuplicateKeyError if problem["code"] == DUPLICATE_KEY else WriteError
            without_words = {name: value for name, value in problem.items() if name != "op"}
            _fail(one, kind(problem["errmsg"], problem["code"], without_words))
        elif unsure is not None:  # none of the others is known to last
            _fail(one, WriteConcernError(unsure.get("errmsg", ""), unsure.get("code"), unsure))
        else:
            _succeed(one)


def _fail(one: _Waiting, error: BaseException) -> None:
    if not one.written.done():
        one.written.set_exception(error)


def _succeed(one: _Waiting) -> None:
    if not one.written.done():
        one.written.set_result(None)
