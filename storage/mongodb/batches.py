"""Changes of many documents, written in batches.

Each is an `UpdateMany` of one document by its id: the driver makes an `UpdateOne` repeatable, for which the server
notes each one of a batch in its session. That is a third of its work, and these changes can be repeated as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from pymongo import UpdateMany
from pymongo.errors import AutoReconnect

from storage.mongodb.database import Database

BATCH: Final = 1000
READ_AT_ONCE: Final = 1000
WRITE_TRIES: Final = 3
"""Times that a batch is sent when the connection is lost; the driver waits each time until there is a primary."""

Migration = Callable[[Database], AsyncIterator[int]]
"""Yields how many documents it has changed, batch by batch. Run again, it finds what is left to do."""


def writes(name: str) -> Callable[[Callable[[Database], AsyncIterator[UpdateMany]]], Migration]:
    """Make a migration of a function that yields the changes of one collection."""

    def migration_of(changes_of: Callable[[Database], AsyncIterator[UpdateMany]]) -> Migration:
        @wraps(changes_of)
        async def migration(database: Database) -> AsyncIterator[int]:
            async for count in write_batches(database.collection(name), changes_of(database)):
                yield count

        return migration

    return migration_of


async def write_batches(collection: Any, changes: AsyncIterator[UpdateMany]) -> AsyncGenerator[int]:
    """Write the changes in their order. Yields the size of each batch; while one is written, the next is made."""
    batch: list[UpdateMany] = []
    writing: asyncio.Task[int] | None = None
    try:
        async for change in changes:
            batch.append(change)
            if len(batch) == BATCH:
                if writing is not None:
                    yield await writing
                writing = asyncio.create_task(write(collection, batch))
                batch = []
        if writing is not None:
            yield await writing
        if batch:
            yield await write(collection, batch)
    finally:
        if writing is not None:  # stopped in between: nothing is written behind the back of whoever stopped it
            await asyncio.wait([writing])


async def write(collection: Any, changes: list[UpdateMany]) -> int:
    """Write one batch in order: interrupted anywhere, it leaves no gap."""
    for _ in range(WRITE_TRIES - 1):
        with suppress(AutoReconnect):
            await collection.bulk_write(changes, ordered=True)
            return len(changes)
    await collection.bulk_write(changes, ordered=True)
    return len(changes)
