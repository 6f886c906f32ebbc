"""Group commit of profiles: while changes are on their way to the journal, those that come meanwhile go together next.

As with messages (`storage/message_batches.py`) a command costs the driver far more than what is in it. A change that
finds few on their way goes at once, in a command of its own: nothing is delayed when nothing waits.

Each change is for one version of one profile, and each gets an outcome of its own. The server says of a batch only how
many it has written: when these are not all, the profiles tell which ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson.errors import BSONError
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError, WriteError

MAX_BATCH = 100
"""Changes of one command: some 2 kB each, so far below what a command may hold."""

SIDE_BY_SIDE = 2
"""Commands on their way at a time."""

PATIENCE_SECONDS = 0.5
"""Time after which the next command no longer waits for this one: a connection that has gone silent holds up its own
changes until the driver gives it up, and no others."""

DUPLICATE_KEY = 11000

Document = dict[str, Any]


@dataclass(slots=True, eq=False)
class _Waiting:
    query: Document
    update: Document
    version: int
    is_written: asyncio.Future[bool]


class _Turn:
    """A command on its way, and the timer after which the next one no longer waits for it."""

    patience: asyncio.TimerHandle


class ProfileBatches:
    """Updates profiles, each only if it has the version that its change was made for."""

    def __init__(self, users: Any) -> None:
        self._users = users
        self._waiting: list[_Waiting] = []
        self._under_way: set[_Turn] = set()  # commands that the others wait for
        self._tasks: set[asyncio.Task[None]] = set()

    async def update(self, query: Document, update: Document, *, version: int) -> bool:
        """Update the profile that the query finds by its `_id` and its version; `version` is the one that it has then.

        False when it has another one by now. Raises what the driver raises for this update, or for the whole command,
        after which it is unknown whether it was written.
        """
        if self._waiting or len(self._under_way) >= SIDE_BY_SIDE:
            return await self._wait(query, update, version)
        turn = self._begin()
        try:
            return bool((await self._users.update_one(query, update)).modified_count)
        finally:
            self._end(turn)

    async def _wait(self, query: Document, update: Document, version: int) -> bool:
        waiting = _Waiting(query, update, version, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            return await waiting.is_written
        except asyncio.CancelledError:
            if waiting in self._waiting:  # nobody waits for it any more, and it is not on its way
                self._waiting.remove(waiting)
            raise

    def _begin(self) -> _Turn:
        turn = _Turn()
        turn.patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._end, turn)
        self._under_way.add(turn)
        return turn

    def _end(self, turn: _Turn) -> None:
        """Let those go that wait for this command: it is over, or has taken too long."""
        if turn not in self._under_way:  # those that waited have gone long ago
            return
        turn.patience.cancel()
        self._under_way.remove(turn)
        if self._waiting:
            task = asyncio.create_task(self._update_all(self._next_batch(), self._begin()), name="profiles that waited")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next_batch(self) -> list[_Waiting]:
        """Take what goes next. Of two changes of one profile the later one waits: one of the two is in vain, and an
        outcome that is known for all would not be any more."""
        batch: dict[Any, _Waiting] = {}
        rest: list[_Waiting] = []
        for one in self._waiting:
            if len(batch) < MAX_BATCH and one.query["_id"] not in batch:
                batch[one.query["_id"]] = one
            else:
                rest.append(one)
        self._waiting = rest
        return list(batch.values())

    async def _update_all(self, batch: Sequence[_Waiting], turn: _Turn) -> None:
        try:
            if len(batch) == 1:
                await self._update_each(batch)
                return
            failed: Mapping[Any, Exception] = {}
            try:
                updates = [UpdateOne(one.query, one.update) for one in batch]
                count = (await self._users.bulk_write(updates, ordered=False)).modified_count
            except BulkWriteError as error:
                failed, count = _errors(error, batch), 0
            written = {one.query["_id"] for one in batch} if count == len(batch) else await self._written(batch)
            for one in batch:
                problem = failed.get(one.query["_id"])
                _settle(one, problem if problem is not None else one.query["_id"] in written)
        except (BSONError, ValueError, OverflowError):  # one that cannot be encoded: nothing has been sent
            await self._update_each(batch)
        except BaseException as error:  # noqa: BLE001 - each who waits gets it
            for one in batch:
                _settle(one, error)
        finally:
            self._end(turn)

    async def _update_each(self, batch: Sequence[_Waiting]) -> None:
        for one in batch:
            try:
                _settle(one, bool((await self._users.update_one(one.query, one.update)).modified_count))
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                _settle(one, error)

    async def _written(self, batch: Sequence[_Waiting]) -> set[Any]:
        """Return the ids of the profiles that are as these changes make them.

        One that has been changed once more since counts as not written: its change is then made again, upon that.
        """
        found = self._users.find({"_id": {"$in": [one.query["_id"] for one in batch]}})
        profiles = {profile["_id"]: profile async for profile in found}
        return {one.query["_id"] for one in batch if _is_as_changed(profiles.get(one.query["_id"], {}), one)}


def _is_as_changed(profile: Document, change: _Waiting) -> bool:
    fields = change.update.get("$set", {})
    return (
        profile.get("profile_version") == change.version
        and all(name in profile and profile[name] == value for name, value in fields.items())
        and not any(name in profile for name in change.update.get("$unset", ()))
    )


def _errors(error: BulkWriteError, batch: Sequence[_Waiting]) -> dict[Any, Exception]:
    """Return the errors of single updates by id, as `update_one` would have raised them."""
    details = error.details or {}
    errors: dict[Any, Exception] = {}
    for unsure in details.get("writeConcernErrors", ()):  # none of them is known to last
        problem = WriteConcernError(unsure.get("errmsg", ""), unsure.get("code"), unsure)
        errors |= dict.fromkeys((one.query["_id"] for one in batch), problem)
    for problem in details.get("writeErrors", ()):
        kind = DuplicateKeyError if problem["code"] == DUPLICATE_KEY else WriteError
        without_words = {name: value for name, value in problem.items() if name != "op"}
        errors[problem["op"]["q"]["_id"]] = kind(problem["errmsg"], problem["code"], without_words)
    return errors


def _settle(one: _Waiting, outcome: bool | BaseException) -> None:
    if one.is_written.done():
        return
    if isinstance(outcome, BaseException):
        one.is_written.set_exception(outcome)
    else:
        one.is_written.set_result(outcome)
