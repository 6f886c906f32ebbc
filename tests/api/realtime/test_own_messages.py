"""Messages that this process has written: on the sockets at once, in order, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.messages import TELEGRAM
from handlers.messages import Draft, send_message
from handlers.runtime.change_feed import Change
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


@pytest.fixture
async def held_up(web: Web) -> AsyncIterator[asyncio.Event]:
    """The feed stops after the first message that it brings, until this event is set."""
    go = asyncio.Event()

    async def wait(change: Change) -> None:
        if change.kind == "message":
            await go.wait()

    web.feed.subscribe(wait)
    yield go
    go.set()


def texts(tab: Any) -> list[str]:
    return [message["message"] for event, message in tab.received if event == "chat:receive"]


async def test_message_of_this_process_arrives_while_the_feed_is_held_up(
    held_up: asyncio.Event, connect: Connect, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    hers, his = await connect(ada), await connect(ben)
    assert (await hers.call("chat:new", {"swap_id": swap.id, "message": "one"}, timeout=5))["ok"]
    await eventually(lambda: texts(his) == ["one"])  # by the feed, which stops here
    assert (await hers.call("chat:new", {"swap_id": swap.id, "message": "two"}, timeout=5))["ok"]
    async with client(ben).post("/api/chat", json={"swap_id": swap.id, "message": "three"}) as reply:
        assert reply.status == 201
    await eventually(lambda: texts(hers) == texts(his) == ["one", "two", "three"])
    held_up.set()
    assert (await his.call("chat:new", {"swap_id": swap.id, "message": "four"}, timeout=5))["ok"]
    await asyncio.sleep(0.2)  # nothing comes a second time
    assert texts(hers) == texts(his) == ["one", "two", "three", "four"]


async def test_message_after_one_of_another_channel_waits_for_it(
    held_up: asyncio.Event, web: Web, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    hers, his = await connect(ada), await connect(ben)
    assert (await hers.call("chat:new", {"swap_id": swap.id, "message": "one"}, timeout=5))["ok"]
    await eventually(lambda: texts(his) == ["one"])
    await send_message(web.deps, ben, Draft(swap.id, "two", TELEGRAM))
    for text in ("three", "four"):
        assert (await hers.call("chat:new", {"swap_id": swap.id, "message": text}, timeout=5))["ok"]
    await asyncio.sleep(0.2)
    assert texts(hers) == texts(his) == ["one"]
    held_up.set()
    await eventually(lambda: texts(hers) == texts(his) == ["one", "two", "three", "four"])


async def test_edits_and_deletions_follow_what_has_gone_ahead(
    connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    hers, his = await connect(ada), await connect(ben)
    for text in ("one", "two"):
        assert (await hers.call("chat:new", {"swap_id": swap.id, "message": text}, timeout=5))["ok"]
        await eventually(lambda text=text: text in texts(his))
    edit = {"swap_id": swap.id, "seq": 2, "message": "2"}
    assert (await hers.call("chat:edit", edit, timeout=5))["ok"]
    assert (await hers.call("chat:delete", {"swap_id": swap.id, "seq": 1}, timeout=5))["ok"]
    heard = ["chat:receive", "chat:receive", "chat:edited", "chat:deleted"]
    await eventually(lambda: [event for event, _ in his.received if event.startswith("chat:")] == heard)
