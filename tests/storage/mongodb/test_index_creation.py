"""Indexes are created at every start, and changed ones replaced."""

from __future__ import annotations

from storage.mongodb.database import Database
from storage.mongodb.indexes import INDEXES, ensure_indexes, index_names


async def test_ensure_indexes_is_idempotent(database: Database) -> None:
    await ensure_indexes(database)
    once = {name: await database.list_indexes(name) for name in INDEXES}
    await ensure_indexes(database)
    assert {name: await database.list_indexes(name) for name in INDEXES} == once
    for name, indexes in once.items():
        assert {index["name"] for index in indexes} == index_names(name) | {"_id_"}


async def test_changed_index_is_replaced(new_database: Database) -> None:
    database = new_database
    await database.collection("swaps").create_index("outbox.due_at", name="outbox_waiting")
    await database.collection("users").create_index("town", name="of_another_program")
    await ensure_indexes(database)
    kept = {index["name"]: index for index in await database.list_indexes("swaps")}
    assert "outbox_due_at" in kept["outbox_waiting"]["key"]
    assert "of_another_program" in {index["name"] for index in await database.list_indexes("users")}
