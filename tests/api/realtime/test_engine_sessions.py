from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

import pytest
import socketio

from api.app import REALTIME
from api.realtime.websocket import UncompressedWebSocket
from domain.messages import WEB
from handlers.messages import Draft, list_messages, send_message
from storage.messages import MESSAGE
from storage.mongodb.database import Database, new_id
from tests.api.conftest import Client, Connect, Web
from tests.api.realtime.test_server import SECONDS, open_wire, received
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


async def test_socket_without_pong_is_closed(web: Web, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = web.server._app[REALTIME]._io.eio
    monkeypatch.setattr(engine, "ping_interval", 0.3)
    monkeypatch.setattr(engine, "ping_timeout", 0.5)
    answering, silent = await open_wire(client()), await open_wire(client())
    for wire in (answering, silent):
        await wire.connect()
    pings = 0
    async with asyncio.timeout(SECONDS):
        while len(engine.sockets) == 2:
            if await answering.socket.receive_str() == "2":
                pings += 1
                await answering.socket.send_str("3")
    assert pings > 1
    await silent.closed()


async def test_socket_upgrades_from_polling_to_websocket(web: Web, connect: Connect, make_user: MakeUser) -> None:
    tab = await connect(await make_user(), transports=["polling", "websocket"])
    await eventually(lambda: any(session.upgraded for session in web.server._app[REALTIME]._io.eio.sockets.values()))
    assert (await tab.call("chat:sync", {"swap_id": "0" * 24}))["error"]["code"] == "swap.not_found"
    await web.server._app[REALTIME]._io.emit("resync_required", {})
    assert await received(tab) == [("resync_required", {})]


async def test_messages_of_one_moment_reach_a_socket_as_one_write(
    web: Web,
    client: Client,
    database: Database,
    make_user: MakeUser,
    make_swap: MakeSwap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await web.catch_up()  # before the socket: it would be told of the new swap first
    wire = await open_wire(client(ada))
    await wire.connect()
    first = await send_message(web.deps, ben, Draft(swap.id, "first", WEB))
    assert "first" in await wire.socket.receive_str()
    sizes: list[int] = []
    write = UncompressedWebSocket.write
    monkeypatch.setattr(
        UncompressedWebSocket, "write", lambda self, frames: (sizes.append(len(frames)), write(self, frames))
    )
    later = [replace(first, id=new_id(), client_id=new_id(), seq=seq, message=f"{seq}") for seq in range(2, 12)]
    await database.collection("messages").insert_many([MESSAGE.document(message) for message in later])
    received = [await wire.socket.receive_str() for _ in later]
    assert [f'"message":"{seq}"' in text for seq, text in enumerate(received, start=2)] == [True] * 10
    assert len(sizes) <= 3  # one, unless the server has given them in two answers
    assert sum(sizes) > sum(map(len, received))


async def test_frames_of_every_length_are_read_by_clients(web: Web, client: Client, make_user: MakeUser) -> None:
    wire = await open_wire(client(await make_user()))
    await wire.connect()
    for length in (1, 90, 125, 126, 127, 65_400, 65_536, 200_000):
        await web.server._app[REALTIME]._io.emit("resync_required", {"text": "é" * length})
        assert "é" * length in await wire.socket.receive_str()


async def test_fast_client_is_rate_limited_without_delaying_others(
    connect: Connect, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.throttle.EVENT_BURST", 5)
    monkeypatch.setattr("api.realtime.throttle.EVENT_INTERVAL_SECONDS", 0.1)
    eager, calm = await connect(await make_user()), await connect(await make_user())
    answered: list[str] = []

    async def ask(tab: socketio.AsyncClient, name: str) -> None:
        await tab.call("chat:sync", {"swap_id": "0" * 24}, timeout=SECONDS)
        answered.append(name)

    started = time.monotonic()
    many = [asyncio.create_task(ask(eager, "eager")) for _ in range(25)]
    await asyncio.sleep(0)
    await ask(calm, "calm")
    await asyncio.gather(*many)
    assert time.monotonic() - started >= 20 * 0.1
    assert answered.index("calm") < 15
    assert answered.count("eager") == 25  # no call is refused


async def test_handshake_burst_is_accepted_or_answered_with_retry_after(
    web: Web, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("api.http.server", "api.http.connections"):
        monkeypatch.setattr(f"{module}.MAX_PENDING_HANDSHAKES", 20)
    session = client()
    asked = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    key = b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"

    async def open_handshake() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
        writer.write(asked + key)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        writers.append(writer)
        return head

    async def get_health() -> int:
        async with session.get("/healthz") as answer:
            return answer.status

    writers: list[asyncio.StreamWriter] = []
    statuses, heads = await asyncio.gather(
        asyncio.gather(*(get_health() for _ in range(20))), asyncio.gather(*(open_handshake() for _ in range(200)))
    )
    for writer in writers:
        writer.close()
    assert set(statuses) == {200}
    assert {head[9:12] for head in heads} == {b"101", b"429"}
    assert all(b"Retry-After" in head for head in heads if head[9:12] == b"429")


@pytest.mark.parametrize(
    "frame",
    [
        "9",
        "4",
        "4x",
        '42{"a":1}',
        "42[]",
        '42[["a"]]',
        '42["connect",{}]',
        '42["disconnect"]',
        '451-["chat:new",{"_placeholder":true,"num":7}]',
        "47",
    ],
)
async def test_protocol_violation_closes_the_connection_without_a_log_line(
    web: Web, client: Client, make_user: MakeUser, caplog: pytest.LogCaptureFixture, frame: str
) -> None:
    wire = await open_wire(client(await make_user()))
    await wire.connect()
    await wire.socket.send_str(frame)
    await wire.socket.send_str(frame)
    await wire.closed()
    await eventually(lambda: not web.server._app[REALTIME]._io.eio.sockets)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("body", [b"9", b"2x", b"\xff", b"4\x1e" * 40, b'42["disconnect"]'])
async def test_protocol_violation_closes_a_polling_session_without_a_log_line(
    web: Web, client: Client, make_user: MakeUser, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    session = client(await make_user())
    async with session.get("/socket.io/?EIO=4&transport=polling") as opened:
        sid = (await opened.text()).split('"sid":"')[1].split('"')[0]
    url = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
    for packet in (b"40", body):
        async with session.post(url, data=packet):
            pass
    await eventually(lambda: not web.server._app[REALTIME]._io.eio.sockets)
    assert web.server._app[REALTIME].count_sockets() == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_polling_client_may_emit_many_events_at_once(
    connect: Connect, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.throttle.EVENT_INTERVAL_SECONDS", 0.01)
    eager = await connect(await make_user(), transports=["polling"])
    asked = (eager.call("chat:sync", {"swap_id": "0" * 24}, timeout=SECONDS) for _ in range(60))
    assert {answer["error"]["code"] for answer in await asyncio.gather(*asked)} == {"swap.not_found"}
    assert eager.connected


async def test_rate_limited_client_is_not_closed_by_the_ping_timeout(
    web: Web, connect: Connect, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = web.server._app[REALTIME]._io.eio
    monkeypatch.setattr(engine, "ping_interval", 0.3)
    monkeypatch.setattr(engine, "ping_timeout", 1.0)
    monkeypatch.setattr("api.realtime.throttle.EVENT_BURST", 2)
    monkeypatch.setattr("api.realtime.throttle.EVENT_INTERVAL_SECONDS", 0.15)
    eager = await connect(await make_user())
    asked = (eager.call("chat:sync", {"swap_id": "0" * 24}, timeout=SECONDS) for _ in range(22))
    answers = await asyncio.gather(*asked)  # the pong is queued behind the acknowledgements
    assert {answer["error"]["code"] for answer in answers} == {"swap.not_found"}


@pytest.fixture
def second_event_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket may send one event, and then one every half second."""
    monkeypatch.setattr("api.realtime.throttle.EVENT_BURST", 1)
    monkeypatch.setattr("api.realtime.throttle.EVENT_INTERVAL_SECONDS", 0.5)


@pytest.mark.usefixtures("second_event_waits")
async def test_queued_event_is_discarded_after_the_session_ends(
    web: Web, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap, tab = await make_swap(ada, ben, status="accepted"), await connect(ada)
    realtime = web.server._app[REALTIME]
    (socket,) = realtime._sockets._by_sid.values()
    for text in ("before", "after"):
        await tab.emit("chat:new", {"swap_id": swap.id, "message": text})
    await eventually(lambda: socket.next_event_at > time.monotonic() + 0.5)  # the second one waits
    await realtime._sockets.close_user(ada.id)
    await asyncio.sleep(0.6)
    assert [message.message for message in await list_messages(web.deps, ben, swap.id)] == ["before"]


@pytest.mark.usefixtures("second_event_waits")
async def test_cancelled_request_ends_its_socket_and_the_event_that_waits(
    web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    wire = await open_wire(client(ada))
    await wire.connect()  # and does not read on, so that a close is not answered
    realtime = web.server._app[REALTIME]
    (socket,) = realtime._sockets._by_sid.values()
    for text in ("before", "after"):
        await wire.socket.send_str(f'42["chat:new",{{"swap_id":"{swap.id}","message":"{text}"}}]')
    await eventually(lambda: socket.next_event_at > time.monotonic() + 0.5)  # the second one waits
    vars(realtime._io)["environ"][socket.eio_sid]["aiohttp.request"].task.cancel()
    await eventually(lambda: realtime.count_sockets() == 0)
    await asyncio.sleep(0.6)
    assert [message.message for message in await list_messages(web.deps, ben, swap.id)] == ["before"]


async def test_frames_are_not_compressed_though_a_browser_offers_it(web: Web, client: Client) -> None:
    headers = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    path = "/api/socket/?EIO=4&transport=websocket"
    async with client().ws_connect(path, headers=headers, compress=15) as socket:
        assert "Sec-WebSocket-Extensions" not in socket._response.headers
        assert (await socket.receive_str()).startswith("0")
        assert not socket.compress


async def test_leaving_the_namespace_closes_the_connection(client: Client, make_user: MakeUser) -> None:
    wire = await open_wire(client(await make_user()))
    await wire.connect()
    await wire.socket.send_str("41")  # a new socket on this connection would begin with no limits used
    await wire.closed()
