"""Indexes are created at every start, and changed ones replaced."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from storage.mongodb import indexes as table
from storage.mongodb.database import Database
from storage.mongodb.indexes import ASKED_AT_ONCE, INDEXES, ensure_indexes, index_names
from tests.conftest import with_database


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


async def test_a_start_asks_for_indexes_over_few_connections(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_indexes(database)
    now, most, ask = 0, 0, database.list_indexes

    async def count(collection: str) -> list[dict[str, Any]]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            return await ask(collection)
        finally:
            now -= 1

    monkeypatch.setattr(database, "list_indexes", count)
    await ensure_indexes(database)
    assert most == ASKED_AT_ONCE < len(INDEXES) / 4


async def test_start_waits_for_indexes_that_take_longer_than_any_other_answer(
    new_database: Database, mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build among millions of documents takes minutes; here an open transaction holds it up."""
    monkeypatch.setattr(table, "INDEXES", {"blocks": INDEXES["blocks"]})
    monkeypatch.setattr(table, "SAY_EVERY", 0.2)
    await new_database.collection("blocks").insert_one({})
    uri, said = re.sub("&?socketTimeoutMS=[0-9]+", "", with_database(mongo_uri, new_database.name)), list[str]()
    impatient = await Database.open(f"{uri}&socketTimeoutMS=1500")
    starting: list[asyncio.Task[None]] = []

    async def hold_up(session: object) -> None:
        await new_database.collection("blocks").insert_one({"by": 1}, session=session)
        starting.append(asyncio.create_task(ensure_indexes(impatient, progress=said.append)))
        await asyncio.wait(starting, timeout=2.5)

    try:
        await new_database.transaction(hold_up)
        await starting[0]
    finally:
        await impatient.close()
    assert {index["name"] for index in await new_database.list_indexes("blocks")} == index_names("blocks") | {"_id_"}
    assert said
    assert said[0].startswith("Building indexes: ")
