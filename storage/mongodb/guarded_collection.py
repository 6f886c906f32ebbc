"""A collection of the driver whose writes are repeated when an index of another program was in their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.errors import BulkWriteError, OperationFailure

from storage.mongodb.foreign_indexes import MAX_DROPS, ForeignIndexes, IndexMet


class GuardedCollection:
    """Writes as the driver has them; all else is the driver's own.

    A single write that fails has changed nothing, so it is repeated as it is. Of a bulk, what has not been written yet
    is repeated, and the result counts that only. `update_many` may have changed some documents: what it sets must be
    the same the second time. Inside a transaction IndexMet is raised, for `Database.transaction`.
    """

    def __init__(self, collection: Any, foreign_indexes: ForeignIndexes) -> None:
        self._collection = collection
        self._foreign_indexes = foreign_indexes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    def with_options(self, **options: Any) -> GuardedCollection:
        return GuardedCollection(self._collection.with_options(**options), self._foreign_indexes)

    async def insert_one(self, *args: Any, **options: Any) -> Any:
        return await self._write("insert_one", args, options)

    async def update_one(self, *args: Any, **options: Any) -> Any:
        return await self._write("update_one", args, options)

    async def update_many(self, *args: Any, **options: Any) -> Any:
        return await self._write("update_many", args, options)

    async def replace_one(self, *args: Any, **options: Any) -> Any:
        return await self._write("replace_one", args, options)

    async def find_one_and_update(self, *args: Any, **options: Any) -> Any:
        return await self._write("find_one_and_update", args, options)

    async def find_one_and_replace(self, *args: Any, **options: Any) -> Any:
        return await self._write("find_one_and_replace", args, options)

    async def insert_many(self, documents: Sequence[Any], **options: Any) -> Any:
        return await self._write_all("insert_many", documents, options)

    async def bulk_write(self, requests: Sequence[Any], **options: Any) -> Any:
        return await self._write_all("bulk_write", requests, options)

    async def _write(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        operation = getattr(self._collection, name)
        for _ in range(MAX_DROPS):
            try:
                return await operation(*args, **options)
            except OperationFailure as error:
                if not await self._cleared(error, options):
                    raise
        return await operation(*args, **options)

    async def _write_all(self, name: str, requests: Sequence[Any], options: dict[str, Any]) -> Any:
        operation = getattr(self._collection, name)
        for _ in range(MAX_DROPS):
            try:
                return await operation(requests, **options)
            except BulkWriteError as error:
                if not await self._cleared(error, options):
                    raise
                failed = [problem["index"] for problem in error.details["writeErrors"]]
                is_ordered = options.get("ordered", True)
                requests = requests[failed[0] :] if is_ordered else [requests[index] for index in failed]
        return await operation(requests, **options)

    async def _cleared(self, error: OperationFailure, options: dict[str, Any]) -> bool:
        """Drop what has rejected a write. False when it was one of our indexes, or none."""
        names = await self._foreign_indexes.met_by(self.name, error)
        if names is None:
            return False
        session = options.get("session")
        if session is not None and session.in_transaction:
            raise IndexMet(self.name, names) from error
        for name in names:
            await self._foreign_indexes.drop(self.name, name)
        return True
