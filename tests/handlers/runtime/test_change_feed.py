"""The feeds of several processes: each knows of the others, and reads the stream as often as there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from domain.swaps import ACCEPTED
from handlers.messages import Draft, send_message
from handlers.runtime.change_feed import Change, ChangeFeed
from handlers.runtime.deps import Deps
from handlers.runtime.feed_pace import LONG, SHORT, pause_between_reads
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, build_deps
from tests.waiting import eventually

NOTE_SECONDS = 0.1


@asynccontextmanager
async def processes(database_uri: str, count: int) -> AsyncIterator[list[ChangeFeed]]:
    """So many feeds, each with a connection of its own."""
    async with AsyncExitStack() as stack:
        feeds = []
        for _ in range(count):
            opened = await Database.open(database_uri)
            stack.push_async_callback(opened.close)
            feed = ChangeFeed(await build_deps(opened))
            feed.start()
            stack.push_async_callback(feed.stop)
            feeds.append(feed)
        yield feeds


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.runtime.change_feed.NOTE_SECONDS", NOTE_SECONDS)
    monkeypatch.setattr("handlers.runtime.feed_pace.BUSY", 100.0)  # the tests themselves use the core


async def test_stream_is_read_at_once_by_few_processes_and_in_batches_by_several(database_uri: str) -> None:
    async with processes(database_uri, 3) as feeds:
        await eventually(lambda: all(feed.is_current for feed in feeds))
        await asyncio.sleep(5 * NOTE_SECONDS)
        assert [feed.pause for feed in feeds] == [0.0] * 3
        async with processes(database_uri, 1) as (fourth,):
            await eventually(lambda: [feed.pause for feed in (*feeds, fourth)] == [SHORT] * 4)


async def test_process_that_is_gone_no_longer_counts(database_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.runtime.change_feed.NOTE_KEPT", timedelta(seconds=10 * NOTE_SECONDS))
    async with processes(database_uri, 3) as feeds:
        async with processes(database_uri, 1):
            await eventually(lambda: {feed.pause for feed in feeds} == {SHORT})
        await eventually(lambda: {feed.pause for feed in feeds} == {0.0})


async def test_messages_between_two_reads_of_a_paced_stream_come_together_in_order(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.runtime.change_feed.pause_between_reads", lambda *_, **__: 0.5)
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status=ACCEPTED)
    heard: list[int] = []
    batches: list[int] = []

    async def hear(change: Change) -> None:
        if change.kind == "message" and change.message is not None:
            heard.append(change.message.seq)

    feed = ChangeFeed(deps)
    feed.subscribe(hear)
    feed.after_each_batch(lambda batch: batches.append(len(batch)))
    feed.start()
    await eventually(lambda: feed.pause > 0)
    for number in range(1, 9):
        await send_message(deps, ada, Draft(swap.id, f"{number}", "web"))
    await eventually(lambda: len(heard) >= 8)
    await feed.stop()
    assert heard == list(range(1, 9))
    assert max(batches) > 1


@pytest.mark.parametrize(
    ("count", "is_busy", "pause"),
    [
        (1, False, LONG),
        (2, False, 0.0),
        (3, False, 0.0),
        (3, True, SHORT),
        (4, False, SHORT),
        (4, True, LONG),
        (10, False, LONG),
    ],
)
def test_pause_grows_with_the_processes_and_their_load(count: int, is_busy: bool, pause: float) -> None:
    assert pause_between_reads(count, is_busy=is_busy) == pause
