"""Pages of messages that are asked for at one moment: few commands, and for each what had been written by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId, encode
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo.errors import AutoReconnect

from storage.messages import Messages
from storage.mongodb.database import Database
from storage.page_reads import MAX_TOGETHER, PATIENCE_SECONDS, Page, PageReads
from tests.waiting import eventually

TALKS = MAX_TOGETHER + 4
SAID = 30


@pytest.fixture
async def talks(database: Database) -> list[str]:
    """Swaps with messages, each some more than the one before; the first has none."""
    ids = [ObjectId() for _ in range(TALKS)]
    for number, swap_id in enumerate(ids):
        for seq in range(1, number + 1 if number < TALKS - 1 else SAID + 1):
            await say(database, str(swap_id), seq)
    return [str(swap_id) for swap_id in ids]


async def say(database: Database, swap_id: str, seq: int) -> None:
    sender = ObjectId()
    said = {
        "swap_id": ObjectId(swap_id),
        "seq": seq,
        "from_user_id": sender,
        "message": f"{seq}",
        "client_id": f"{seq}",
    }
    sent_at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=seq)
    await database.collection("messages").insert_one(said | {"created_at": sent_at, "outbox": [{}]})


@asynccontextmanager
async def commands(database: Database) -> AsyncIterator[list[str]]:
    """Collect what the database was asked about messages meanwhile."""
    seen: list[str] = []
    await database.command({"profile": 2})
    try:
        yield seen
    finally:
        await database.command({"profile": 0})
    profile = database.collection("system.profile")
    found = profile.find({"ns": f"{database.name}.messages"}).sort([("ts", 1)])
    seen.extend([next(iter(entry["command"])) async for entry in found])
    await profile.drop()


class Held:
    """A collection whose answers to `find` are kept back until `is_let_go` is set."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self.answered = asyncio.Event()
        self.is_let_go = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    def find(self, *args: Any, **options: Any) -> HeldCursor:
        return HeldCursor(self, self._collection.find(*args, **options))


class HeldCursor:
    def __init__(self, held: Held, cursor: Any) -> None:
        self._held = held
        self._cursor = cursor

    async def to_list(self, length: int) -> Any:
        found = await self._cursor.to_list(length)
        self._held.answered.set()
        await self._held.is_let_go.wait()
        return found


def newest(swap_id: str) -> Page:
    return Page(ObjectId(swap_id), 0, None, 200, is_newest=True)


def words(docs: list[dict[str, Any]]) -> list[str]:
    return [doc["message"] for doc in docs]


async def test_pages_that_are_asked_for_while_one_is_read_go_as_one_command(
    database: Database, talks: list[str]
) -> None:
    store = Messages(database)
    async with commands(database) as seen:
        pages = await asyncio.gather(*map(store.page_last, talks))
    assert seen == ["find", "aggregate", "aggregate"]  # the first at once, then as many together as may be
    for number, page in enumerate(pages[:-1]):
        assert words(page) == [f"{seq}" for seq in range(1, number + 1)]
    assert words(pages[-1]) == [f"{seq}" for seq in range(1, SAID + 1)]
    assert not any("outbox" in doc for page in pages for doc in page)


async def test_pages_one_after_the_other_do_not_wait_for_each_other(database: Database, talks: list[str]) -> None:
    store = Messages(database)
    async with commands(database) as seen:
        for swap_id in talks:
            await store.page_last(swap_id)
    assert seen == ["find"] * TALKS


async def test_each_gets_the_page_that_it_asked_for(database: Database, talks: list[str]) -> None:
    store, long, short = Messages(database), talks[-1], talks[3]
    asked = [
        (store.page_last, store.list_last, long, {"limit": 4}),
        (store.page_after, store.list_after, long, {"after": 7, "limit": 5}),
        (store.page_last, store.list_last, short, {"before": 3}),
        (store.page_last, store.list_last, long, {"before": 20, "limit": 3}),
        (store.page_after, store.list_after, short, {"after": 3}),
        (store.page_after, store.list_after, talks[0], {}),
        (store.page_last, store.list_last, long, {}),
    ]
    pages = await asyncio.gather(*(page(swap_id, **bounds) for page, _, swap_id, bounds in asked))
    for (_, read, swap_id, bounds), page in zip(asked, pages, strict=True):
        assert words(page) == [message.message for message in await read(swap_id, **bounds)]


async def test_page_has_what_was_written_before_it_was_asked_for(database: Database, talks: list[str]) -> None:
    held = Held(database.collection("messages"))
    reads = PageReads(held, ("outbox",))
    first = asyncio.create_task(reads.read(newest(talks[1])))
    await held.answered.wait()
    await say(database, talks[1], 2)
    second, third = (asyncio.create_task(reads.read(newest(talks[number]))) for number in (1, 2))
    await asyncio.sleep(0)
    held.is_let_go.set()
    assert [words(await page) for page in (first, second, third)] == [["1"], ["2", "1"], ["2", "1"]]


async def test_slow_read_holds_up_its_own_page_alone(database: Database, talks: list[str]) -> None:
    held = Held(database.collection("messages"))
    reads = PageReads(held, ("outbox",))
    slow = asyncio.create_task(reads.read(newest(talks[1])))
    await held.answered.wait()
    async with asyncio.timeout(PATIENCE_SECONDS + 5):
        others = await asyncio.gather(*(reads.read(newest(talks[number])) for number in (2, 3)))
    assert list(map(len, others)) == [2, 3]
    assert not slow.done()
    held.is_let_go.set()
    assert len(await slow) == 1


async def test_reader_who_is_gone_before_the_turn_does_not_disturb_the_others(
    database: Database, talks: list[str]
) -> None:
    reads = PageReads(database.collection("messages"), ("outbox",))
    asked = [asyncio.create_task(reads.read(newest(swap_id))) for swap_id in talks[1:5]]
    await asyncio.sleep(0)
    asked[1].cancel()
    asked[3].cancel()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [len(page) for page in found if isinstance(page, list)] == [1, 3]


async def test_document_that_cannot_be_read_spoils_its_own_page_alone(database: Database, talks: list[str]) -> None:
    said = encode({"_id": ObjectId(), "swap_id": ObjectId(talks[3]), "seq": 4, "client_id": "x", "message": "??"})
    unreadable = RawBSONDocument(said.replace(b"??", b"\xff\xff"))
    await database.collection("messages").insert_one(unreadable, bypass_document_validation=True)
    store = Messages(database)
    pages = await asyncio.gather(*map(store.page_last, talks[:6]), return_exceptions=True)
    assert [type(page) for page in pages] == [list, list, list, InvalidBSON, list, list]
    assert [len(page) for page in pages if isinstance(page, list)] == [0, 1, 2, 4, 5]


async def test_message_of_several_swaps_spoils_no_other_page(database: Database, talks: list[str]) -> None:
    """Another program may write a list where the id of a swap belongs; the query finds it by each id in it."""
    odd = {"swap_id": [ObjectId(talks[3])], "seq": 99, "message": "odd"}
    await database.collection("messages").insert_one(odd, bypass_document_validation=True)
    store = Messages(database)
    pages = await asyncio.gather(*map(store.page_last, talks[:6]), return_exceptions=True)
    assert [len(page) for page in pages if isinstance(page, list)] == [0, 1, 2, 4, 4, 5]


async def test_failure_of_a_read_reaches_all_whom_it_was_for_and_nobody_else(
    database: Database, talks: list[str]
) -> None:
    class Broken(Held):
        async def aggregate(self, *_: Any, **__: Any) -> Any:
            raise AutoReconnect("connection closed")

    broken = Broken(database.collection("messages"))
    reads = PageReads(broken, ("outbox",))
    first = asyncio.create_task(reads.read(newest(talks[1])))
    await broken.answered.wait()
    others = [asyncio.create_task(reads.read(newest(swap_id))) for swap_id in talks[2:4]]
    await eventually(lambda: len(reads._waiting) == len(others))
    broken.is_let_go.set()
    assert len(await first) == 1
    assert [type(one) for one in await asyncio.gather(*others, return_exceptions=True)] == [AutoReconnect] * 2
    assert len(await reads.read(newest(talks[4]))) == 4
