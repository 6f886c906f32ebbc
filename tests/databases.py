"""The database of the tests of a run: emptied between two tests, indexed where that is undone."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary, WeakSet

from pymongo.errors import OperationFailure

from handlers.runtime.showings import Showings
from storage.mongodb.database import UNJOURNALED, Database
from storage.mongodb.foreign_indexes import NOT_ALLOWED
from storage.mongodb.indexes import ensure_indexes

_states: WeakKeyDictionary[Database, tuple[int, list[str]] | None] = WeakKeyDictionary()
"""Number of indexes of each open database after `ensure_indexes`, and the names of its collections."""
LATE_WRITERS: WeakSet[Showings] = WeakSet()
"""Counts that may be written after a test has ended, of all operations that were built."""


async def empty(database: Database) -> None:
    """Delete all documents, also those that are still to be written.

    One command tells which collections have any: a test leaves few of forty filled. It reads what the server has: a
    majority would have what was written without a journal a moment later only.
    """
    while LATE_WRITERS:
        await LATE_WRITERS.pop().close()
    looks = [
        {"$unionWith": {"coll": name, "pipeline": [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]}}
        for name in await _collections_of(database)
    ]
    cursor = await database.collection("none").with_options(**UNJOURNALED).aggregate(looks)
    filled = await cursor.to_list(None)
    await asyncio.gather(*(database.collection(found["_id"]).delete_many({}) for found in filled))


async def index(database: Database) -> None:
    """Create the indexes, unless as many are there as when they were, of the same collections: a look at each takes
    longer than most tests. They are looked at each time for a database user who may not ask for the number."""
    state = await _state_of(database)
    if state is None or state != _states.get(database):
        await ensure_indexes(database)
        _states[database] = await _state_of(database)


async def _state_of(database: Database) -> tuple[int, list[str]] | None:
    """Return the number of indexes and the collections; None where the database user may not ask."""
    try:
        number = (await database.command("dbStats"))["indexes"]
    except OperationFailure as error:
        if error.code in NOT_ALLOWED:
            return None
        raise
    return number, await _collections_of(database)


async def _collections_of(database: Database) -> list[str]:
    reply = await database.command("listCollections", nameOnly=True)
    return sorted(found["name"] for found in reply["cursor"]["firstBatch"] if not found["name"].startswith("system."))
