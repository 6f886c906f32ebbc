"""The takeover of a database of Mongoose models, when something goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from storage.mongodb import migrations
from storage.mongodb.database import Database
from storage.mongodb.guarded_collection import GuardedCollection
from storage.mongodb.migrations import MIGRATIONS, migrate
from storage.mongodb.problems import DatabaseProblem


async def test_part_that_fails_leaves_no_other_part_running(
    new_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, ended = asyncio.Event(), list[bool]()

    async def failing(_: Database) -> AsyncIterator[int]:
        """A part of the takeover that fails while the other one goes on."""
        await both.wait()
        yield 1
        raise DatabaseProblem("the disk is full")

    async def endless(_: Database) -> AsyncIterator[int]:
        """A part of the takeover that takes long."""
        both.set()
        try:
            while True:
                await asyncio.sleep(0.01)
                yield 1
        finally:
            ended.append(True)

    monkeypatch.setattr(migrations, "TAKE_OVER", ((failing,), (endless,)))
    with pytest.raises(DatabaseProblem, match="the disk is full"):
        await migrate(new_database, worker="w", progress=lambda _: None)
    assert ended
    assert await new_database.collection("meta").find_one({"_id": "schema"}) is None


async def test_batch_is_written_again_when_the_connection_is_lost(
    new_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The changes of a batch that was written without an answer are the same the second time."""
    ada, ben, swap = ObjectId(), ObjectId(), ObjectId()
    asked = {"from_user_id": ada, "to_user_id": ben}
    skills = {"skills_offered": ["Python"], "skills_wanted": ["Guitar"]}
    await new_database.collection("users").insert_many([{"_id": ada, "name": "Ada", **skills}, {"_id": ben}])
    await new_database.collection("swaps").insert_one({"_id": swap, **asked, "offered_skill": "Python"})
    await new_database.collection("messages").insert_many([{"swap_id": swap, **asked} for _ in range(3)])
    lost: set[str] = set()
    bulk_write = GuardedCollection.bulk_write

    async def lose_the_first_answer(self: GuardedCollection, requests: Sequence[Any], **options: Any) -> Any:
        written = await bulk_write(self, requests, **options)
        if self.name not in lost:
            lost.add(self.name)
            raise AutoReconnect("connection closed")
        return written

    monkeypatch.setattr(GuardedCollection, "bulk_write", lose_the_first_answer)
    assert await migrate(new_database, worker="w", progress=lambda _: None) == len(MIGRATIONS)
    assert lost == {"users", "swaps", "messages"}
    said = await new_database.collection("messages").find().sort("seq", 1).to_list(None)
    assert [doc["seq"] for doc in said] == [1, 2, 3]
    assert await new_database.collection("users").find_one({"trades": {"$exists": False}}) is None
    taken = await new_database.collection("swaps").find_one({"_id": swap})
    assert taken is not None
    assert taken["version"] == 1
