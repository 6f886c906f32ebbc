"""Messages of many swaps at one moment: few commands, and for each message its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.uri_parser import parse_uri

from domain.messages import Message
from domain.swaps import ACCEPTED, Swap
from handlers.runtime.deps import Deps
from storage.message_batches import FEW, PATIENCE_SECONDS, SIDE_BY_SIDE, MessageBatches
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually

SWAPS = 8


@pytest.fixture
async def talks(make_user: MakeUser, make_swap: MakeSwap) -> Sequence[Swap]:
    one = await make_user(skills_offered=("Juggling",))
    return [await make_swap(one, await make_user(), status=ACCEPTED) for _ in range(SWAPS)]


def message(swap: Swap, text: str, client_id: str | None = None) -> Message:
    sender, reader = swap.participants
    made = new_id()
    return Message(made, swap.id, 0, sender, reader, text, client_id or made, "web", swap.created_at)


async def inserts(database: Database) -> int:
    """Return how many insert commands the database has been sent."""
    return int((await database.command("serverStatus"))["metrics"]["commands"]["insert"]["total"])


async def test_messages_that_come_while_one_is_written_go_as_one_command(
    deps: Deps, database: Database, talks: Sequence[Swap]
) -> None:
    await asyncio.gather(*(deps.store.messages.append(message(swap, "first"), []) for swap in talks))
    before = await inserts(database)
    stored = await asyncio.gather(*(deps.store.messages.append(message(swap, "second"), []) for swap in talks))
    assert [one.seq for one in stored] == [2] * SWAPS
    assert await inserts(database) - before == 1 + SIDE_BY_SIDE  # the first ones at once, then all others together


async def test_small_inserts_go_side_by_side_and_large_ones_alone() -> None:
    under_way: list[asyncio.Event] = []
    sizes: list[int] = []

    class Collection:
        async def insert_one(self, document: dict[str, Any]) -> None:
            await self.insert_many([document])

        async def insert_many(self, documents: Sequence[dict[str, Any]], **_: Any) -> None:
            sizes.append(len(documents))
            under_way.append(asyncio.Event())
            await under_way[-1].wait()

    async def come(count: int) -> None:
        tasks.extend(asyncio.create_task(batches.insert({"_id": new_id()})) for _ in range(count))
        await asyncio.sleep(0.01)

    tasks: list[asyncio.Task[None]] = []
    batches = MessageBatches(Collection())
    await come(1 + SIDE_BY_SIDE)
    assert sizes == [1] * SIDE_BY_SIDE
    await come(FEW)
    under_way[0].set()
    await come(1)
    assert sizes == [1, 1, 1 + FEW]  # all that waited
    under_way[1].set()
    await come(1)
    assert sizes == [1, 1, 1 + FEW]  # a large one is under way
    under_way[2].set()
    await come(1)
    assert sorted(sizes[3:]) == [1, 2]  # a small one has another beside it
    for one in under_way:
        one.set()
    await asyncio.gather(*tasks)


async def test_messages_one_after_the_other_do_not_wait_for_each_other(
    deps: Deps, database: Database, talks: Sequence[Swap]
) -> None:
    before = await inserts(database)
    for swap in talks:
        await deps.store.messages.append(message(swap, "alone"), [])
    assert await inserts(database) - before == SWAPS


async def test_order_of_each_swap_is_kept_however_many_are_written(deps: Deps, talks: Sequence[Swap]) -> None:
    async def talk(swap: Swap) -> None:
        sending = [asyncio.create_task(deps.store.messages.append(message(swap, f"{n}"), [])) for n in range(1, 9)]
        assert [one.seq for one in await asyncio.gather(*sending)] == list(range(1, 9))

    await asyncio.gather(*map(talk, talks))
    for swap in talks:
        said = await deps.store.messages.list_after(swap.id)
        assert [(one.seq, one.message) for one in said] == [(n, f"{n}") for n in range(1, 9)]


async def test_repeated_message_gets_the_first_one_and_its_neighbours_are_written(
    deps: Deps, talks: Sequence[Swap]
) -> None:
    first = await deps.store.messages.append(message(talks[0], "once", "same"), [])
    stored = await asyncio.gather(
        *(
            deps.store.messages.append(message(swap, "many", "same" if n == 3 else None), [])
            for n, swap in enumerate(talks)
        )
    )
    assert stored[3] == first
    assert [one.message for n, one in enumerate(stored) if n != 3] == ["many"] * (SWAPS - 1)
    assert await deps.store.messages.highest(talks[3].id) == 0


async def test_document_that_cannot_be_stored_fails_alone(database: Database) -> None:
    batches = MessageBatches(database.collection("notes"))
    documents: list[dict[str, Any]] = [{"_id": n, "text": "fine"} for n in range(6)]
    documents[3]["text"] = "\ud800"  # half a character
    outcomes = await asyncio.gather(*map(batches.insert, documents), return_exceptions=True)
    assert [type(outcome) for n, outcome in enumerate(outcomes) if outcome is not None] == [UnicodeEncodeError]
    assert await database.collection("notes").count_documents({}) == 5


async def test_rejected_documents_get_their_own_errors(database: Database) -> None:
    notes = database.collection("notes")
    await notes.insert_one({"_id": 2})
    batches = MessageBatches(notes)
    outcomes = await asyncio.gather(*(batches.insert({"_id": n}) for n in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [DuplicateKeyError]
    assert isinstance(outcomes[2], DuplicateKeyError)
    assert outcomes[2].details is not None
    assert outcomes[2].details["keyPattern"] == {"_id": 1}


async def test_message_whose_sender_is_gone_before_its_turn_is_not_written(database: Database) -> None:
    notes = database.collection("notes")
    batches = MessageBatches(notes)
    tasks = [asyncio.create_task(batches.insert({"_id": n})) for n in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted([doc["_id"] async for doc in notes.find()]) == [0, 1, 3]


async def test_connection_that_goes_silent_holds_up_its_own_message_alone(database_uri: str) -> None:
    host, port = parse_uri(database_uri)["nodelist"][0]
    writers: list[asyncio.StreamWriter] = []
    goes_silent = False

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def ask() -> None:
            nonlocal goes_silent
            while data := await reader.read(65_536):
                if goes_silent and b"insert" in data:
                    goes_silent = False
                    return
                their_writer.write(data)

        async def answer() -> None:
            while data := await their_reader.read(65_536):
                writer.write(data)

        their_reader, their_writer = await asyncio.open_connection(host, port)
        writers.extend((writer, their_writer))
        with suppress(ConnectionError):
            await asyncio.gather(ask(), answer())

    between = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    uri = database_uri.replace(f"{host}:{port}", f"127.0.0.1:{between.sockets[0].getsockname()[1]}")
    database = await Database.open(f"{uri}{'&' if '?' in uri else '?'}directConnection=true")
    batches = MessageBatches(database.collection("silent"))
    try:
        goes_silent = True
        held_up = asyncio.create_task(batches.insert({"_id": 0}))
        await eventually(lambda: not goes_silent)
        async with asyncio.timeout(PATIENCE_SECONDS + 5):
            for number in range(1, 5):
                await batches.insert({"_id": number})
        assert not held_up.done()
    finally:
        for writer in writers:
            writer.close()
        between.close()
        with suppress(PyMongoError):
            await held_up
        await database.close()
