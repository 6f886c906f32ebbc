"""Admission of messages: no more are taken in than are handed on to the sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
import socketio

from api.app import REALTIME
from api.gate import FIRST_LIMIT, LOOK_SECONDS, LOOKS_BEFORE_LESS, WAIT_SECONDS, Gate
from api.http.context import API_CONTEXT
from api.realtime.server import MAX_STRIKES
from api.realtime.throttle import MOST_PAUSE_SECONDS, SPREAD
from domain.users import User
from handlers.messages import list_messages
from handlers.runtime.change_feed import Change
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually

Waiting = tuple[User, str, socketio.AsyncClient]
"""Somebody with a running swap and a socket."""


@pytest.fixture
async def gate(web: Web, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The gate of the server, with two credits that stay two."""
    for name in ("LEAST_LIMIT", "MOST_LIMIT"):
        monkeypatch.setattr(f"api.gate.{name}", 2.0)
    await web.catch_up()
    gate = web.server._app[API_CONTEXT].gate
    gate._limit = 2.0
    return gate


@pytest.fixture
def refuses_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first refusal counts as one of many."""
    monkeypatch.setattr("api.gate.FREELY_REFUSED", 0)


@pytest.fixture
async def held_up(web: Web) -> AsyncIterator[asyncio.Event]:
    """Messages are not handed on before this event is set."""
    go = asyncio.Event()

    async def wait(change: Change) -> None:
        if change.kind == "message":
            await go.wait()

    web.feed.subscribe(wait)
    yield go
    go.set()


async def post(session: aiohttp.ClientSession, swap_id: str, text: str, **more: Any) -> tuple[int, dict[str, Any]]:
    async with session.post("/api/chat", json={"swap_id": swap_id, "message": text, **more}) as reply:
        return reply.status, {**await reply.json(), "header": reply.headers.get("Retry-After")}


async def fill(client: Client, people: Sequence[tuple[User, str]]) -> None:
    """Have each of these people send a message, which takes a credit."""
    for who, swap in people:
        assert (await post(client(who), swap, "in"))[0] == 201


async def swaps_of(make_user: MakeUser, make_swap: MakeSwap, count: int) -> Sequence[tuple[User, str]]:
    """Return so many people, each with a running swap of their own."""
    made = []
    for _ in range(count):
        one, other = await make_user(), await make_user()
        made.append((one, (await make_swap(one, other, status="accepted")).id))
    return made


@pytest.fixture
async def one_too_many(
    gate: Gate, held_up: asyncio.Event, client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> Waiting:
    """Somebody for whose next message there is no credit, as two others have taken them."""
    *people, (who, swap) = await swaps_of(make_user, make_swap, 3)
    tab = await connect(who, transports=["websocket"])
    await fill(client, people)
    return who, swap, tab


def only_connection(web: Web) -> tuple[Any, Any]:
    """Return the session of the only socket, and the transport of its connection."""
    realtime = web.server._app[REALTIME]
    ((sid, session),) = realtime._io.eio.sockets.items()
    return session, realtime._sockets._transport(sid)


async def test_messages_beyond_the_credits_wait_in_order_until_others_are_handed_on(
    gate: Gate, held_up: asyncio.Event, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    people = await swaps_of(make_user, make_swap, 5)
    first = await asyncio.gather(*(post(client(who), swap, "in") for who, swap in people[:2]))
    assert [status for status, _ in first] == [201, 201]  # acknowledged before they are handed on
    assert gate.out == 2
    answered: list[int] = []

    async def wait_for_turn(number: int) -> int:
        who, swap = people[number]
        status, _ = await post(client(who), swap, "waiting")
        answered.append(number)
        return status

    waiting = []
    for number in (2, 3, 4):
        waiting.append(asyncio.create_task(wait_for_turn(number)))
        await eventually(lambda number=number: gate.waiting == number - 1)
    assert not answered
    held_up.set()
    assert await asyncio.gather(*waiting) == [201, 201, 201]
    assert set(answered[:2]) == {2, 3}  # these found the two credits, and the last one waited for them
    await eventually(lambda: gate.out == 0)


async def test_message_that_would_wait_too_long_is_refused_as_busy_with_a_time(
    gate: Gate, held_up: asyncio.Event, one_too_many: Waiting, client: Client
) -> None:
    who, swap, tab = one_too_many
    status, body = await post(client(who), swap, "out", client_id="same")
    assert (status, body["code"]) == (503, "chat.busy")
    assert body["retry_after"] == int(body["header"]) >= 1
    answer = await tab.call("chat:new", {"swap_id": swap, "message": "out", "client_id": "same"}, timeout=5)
    assert (answer["ok"], answer["error"]["code"]) == (False, "chat.busy")
    assert answer["error"]["retry_after"] >= 1
    held_up.set()
    await eventually(lambda: gate.out == 0)
    answer = await tab.call("chat:new", {"swap_id": swap, "message": "out", "client_id": "same"}, timeout=5)
    assert answer["ok"]
    assert answer["message"]["seq"] == 1  # what was refused had not been written


async def test_each_message_waits_for_its_own_second(
    gate: Gate, held_up: asyncio.Event, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    people = await swaps_of(make_user, make_swap, 4)
    await fill(client, people[:2])
    gate._turn = 0.1  # so that waiting for a turn seems worth it
    waits = []
    for number, (who, swap) in enumerate(people[2:], 2):
        waits.append(asyncio.create_task(post(client(who), swap, "waiting")))
        await eventually(lambda number=number: gate.waiting == number - 1)
        await asyncio.sleep(WAIT_SECONDS / 2)
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    assert [task.done() for task in waits] == [True, False]
    assert [(status, body["code"]) for status, body in await asyncio.gather(*waits)] == [(503, "chat.busy")] * 2
    assert gate.waiting == 0


async def test_what_a_socket_sends_while_its_message_waits_stays_in_the_connection(
    gate: Gate,
    held_up: asyncio.Event,
    one_too_many: Waiting,
    web: Web,
) -> None:
    _, swap, tab = one_too_many
    _, transport = only_connection(web)
    gate._turn = 0.1
    answers: list[dict[str, Any]] = []
    for number in range(2):
        await tab.emit("chat:new", {"swap_id": swap, "message": f"{number}"}, callback=answers.append)
    await eventually(lambda: gate.waiting == 1)
    assert not transport.is_reading()
    held_up.set()
    await eventually(lambda: len(answers) == 2)
    assert [answer["message"]["message"] for answer in answers] == ["0", "1"]
    assert transport.is_reading()


async def test_refusals_close_no_socket(
    gate: Gate,
    one_too_many: Waiting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.gate.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("api.realtime.throttle.EVENT_INTERVAL_SECONDS", 0.0)
    _, swap, tab = one_too_many
    for _ in range(MAX_STRIKES + 5):
        answer = await tab.call("chat:new", {"swap_id": swap, "message": "out"}, timeout=5)
        assert answer["error"]["code"] == "chat.busy"
    assert tab.connected


async def test_full_gate_refuses_a_message_before_it_is_looked_at(
    gate: Gate,
    held_up: asyncio.Event,
    client: Client,
    connect: Connect,
    make_user: MakeUser,
    make_swap: MakeSwap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.gate.WAIT_SECONDS", 0.01)
    people = await swaps_of(make_user, make_swap, 3)
    tab = await connect(people[2][0])
    await fill(client, people[:2])
    answer = await tab.call("chat:new", {"message": 7}, timeout=5)
    assert (answer["ok"], answer["error"]["code"]) == (False, "chat.busy")


@pytest.mark.usefixtures("refuses_many")
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_who_floods_a_gate_that_refuses_many_is_answered_in_order_and_after_a_pause(
    transport: str,
    gate: Gate,
    held_up: asyncio.Event,
    client: Client,
    connect: Connect,
    make_user: MakeUser,
    make_swap: MakeSwap,
) -> None:
    (who, swap), (other, another_swap), (third, third_swap) = await swaps_of(make_user, make_swap, 3)
    tab = await connect(who, transports=[transport])
    others_tab = await connect(other)
    assert (await post(client(other), another_swap, "in"))[0] == 201
    assert (await post(client(third), third_swap, "in"))[0] == 201
    began = time.monotonic()
    answers: list[tuple[int, bool, float]] = []
    told: list[int] = []
    for number in range(3):

        def keep(answer: dict[str, Any], number: int = number) -> None:
            answers.append((number, answer["ok"], time.monotonic() - began))
            told.extend([] if answer["ok"] else [answer["error"]["retry_after"]])

        await tab.emit("chat:new", {"swap_id": swap, "message": f"{number}"}, callback=keep)
    await eventually(lambda: len(answers) == 1)
    assert answers[0][:2] == (0, False)
    held_up.set()
    await eventually(lambda: gate.out == 0)
    assert (await post(client(other), another_swap, "meanwhile"))[0] == 201
    said = [("chat:receive", "in"), ("chat:receive", "meanwhile")]
    await eventually(lambda: [(event, data["message"]) for event, data in others_tab.received] == said)
    assert len(answers) == 1
    await eventually(lambda: len(answers) == 3)
    assert [answer[:2] for answer in answers] == [(0, False), (1, True), (2, True)]
    assert answers[1][2] - answers[0][2] > min(MOST_PAUSE_SECONDS, told[0]) * (1 - SPREAD) - 0.2


@pytest.mark.usefixtures("refuses_many")
async def test_who_waits_as_told_meets_no_pause_and_may_do_other_things_meanwhile(
    held_up: asyncio.Event, one_too_many: Waiting
) -> None:
    _, swap, tab = one_too_many
    said = {"swap_id": swap, "message": "hi", "client_id": "same"}
    refusal = await tab.call("chat:new", said, timeout=5)
    refused_at = time.monotonic()
    assert (await tab.call("chat:sync", {"swap_id": swap}, timeout=5))["ok"]
    assert time.monotonic() - refused_at < 0.5
    held_up.set()
    await asyncio.sleep(refusal["error"]["retry_after"])
    sent_at = time.monotonic()
    assert (await tab.call("chat:new", said, timeout=5))["ok"]
    assert time.monotonic() - sent_at < 0.5


@pytest.mark.usefixtures("refuses_many")
async def test_client_that_goes_during_a_pause_is_noticed(
    one_too_many: Waiting,
    web: Web,
) -> None:
    _, swap, tab = one_too_many
    assert not (await tab.call("chat:new", {"swap_id": swap, "message": "out"}, timeout=5))["ok"]
    await tab.emit("chat:new", {"swap_id": swap, "message": "at once"})
    await tab.disconnect()
    realtime = web.server._app[REALTIME]
    await eventually(lambda: realtime.count_sockets() == 0, within=3 * MOST_PAUSE_SECONDS)


async def test_few_refusals_slow_nobody_down(
    gate: Gate, held_up: asyncio.Event, client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    (who, swap), (other, another_swap) = await swaps_of(make_user, make_swap, 2)
    tab = await connect(who)
    assert (await post(client(other), another_swap, "in"))[0] == 201
    gate._limit = 0.001
    began = time.monotonic()
    for _ in range(3):
        answer = await tab.call("chat:new", {"swap_id": swap, "message": "hi"}, timeout=5)
        assert answer["error"]["code"] == "chat.busy"
    assert time.monotonic() - began < 1.0


@pytest.mark.usefixtures("refuses_many")
async def test_pause_does_not_delay_the_end_of_the_server(
    gate: Gate,
    held_up: asyncio.Event,
    web: Web,
    client: Client,
    connect: Connect,
    make_user: MakeUser,
    make_swap: MakeSwap,
) -> None:
    (who, swap), (other, another_swap) = await swaps_of(make_user, make_swap, 2)
    tab = await connect(who, transports=["polling", "websocket"])
    assert (await post(client(other), another_swap, "in"))[0] == 201
    gate._limit = 0.001
    session, transport = only_connection(web)
    await eventually(lambda: session.upgraded)
    assert not (await tab.call("chat:new", {"swap_id": swap, "message": "out"}, timeout=5))["ok"]
    await tab.emit("chat:new", {"swap_id": swap, "message": "at once"})
    await eventually(lambda: not transport.is_reading())  # what is sent meanwhile stays in the connection
    began = time.monotonic()
    await web.server._app[REALTIME].stop()
    assert time.monotonic() - began < 1.0


async def test_refused_and_repeated_messages_give_their_credit_back_at_once(
    gate: Gate, held_up: asyncio.Event, web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ((who, swap),) = await swaps_of(make_user, make_swap, 1)
    session = client(who)
    assert (await post(session, swap, "once", client_id="x"))[0] == 201
    for _ in range(4):
        assert (await post(session, swap, "once", client_id="x"))[0] == 200
        assert (await post(session, swap, ""))[0] == 422
        assert (await post(session, "0" * 24, "nowhere"))[0] == 404
    assert gate.out == 1
    assert len(await list_messages(web.deps, who, swap)) == 1


async def test_without_a_change_stream_credits_come_back_at_the_write(
    gate: Gate, web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    people = await swaps_of(make_user, make_swap, 4)
    await web.feed.stop()
    for who, swap in people:
        assert (await post(client(who), swap, "still"))[0] == 201


async def test_who_waits_is_let_in_when_the_change_stream_breaks(
    gate: Gate,
    held_up: asyncio.Event,
    web: Web,
    client: Client,
    make_user: MakeUser,
    make_swap: MakeSwap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.gate.WAIT_SECONDS", 5.0)
    people = await swaps_of(make_user, make_swap, 4)
    await fill(client, people[:2])
    waiting = asyncio.create_task(post(client(people[2][0]), people[2][1], "waiting"))
    await eventually(lambda: gate.waiting == 1)
    await web.feed.stop()
    await eventually(lambda: not web.feed.is_current)
    await asyncio.sleep(LOOK_SECONDS)
    assert (await post(client(people[3][0]), people[3][1], "after it"))[0] == 201
    assert (await waiting)[0] == 201


async def test_credit_of_a_message_that_is_never_handed_on_is_given_up(
    gate: Gate,
    held_up: asyncio.Event,
    client: Client,
    make_user: MakeUser,
    make_swap: MakeSwap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.gate.CREDIT_SECONDS", 0.3)
    people = await swaps_of(make_user, make_swap, 3)
    await fill(client, people[:2])
    await asyncio.sleep(0.4)
    who, swap = people[2]
    assert (await post(client(who), swap, "later"))[0] == 201


async def test_a_wrong_reading_of_the_servers_clock_refuses_nobody(
    web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    await web.catch_up()
    gate = web.server._app[API_CONTEXT].gate
    clock = web.deps.store.database.clock
    clock._read_at -= 0.3  # as after a slow reading: all changes seem to come 0.3 s late
    ((who, swap),) = await swaps_of(make_user, make_swap, 1)
    for _ in range(2 * LOOKS_BEFORE_LESS + 1):
        assert (await post(client(who), swap, "now"))[0] == 201
        await eventually(lambda: gate.out == 0)
        await asyncio.sleep(LOOK_SECONDS)
    assert gate.limit == FIRST_LIMIT


async def test_metrics_show_the_admission(gate: Gate, client: Client) -> None:
    async with client().get("/metrics") as reply:
        text = await reply.text()
    assert "skillswap_chat_credits 2.0" in text
    for name in ("chat_under_way", "chat_waiting", "chat_refused_total"):
        assert f"skillswap_{name} 0.0" in text
