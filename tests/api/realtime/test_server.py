from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import socketio
from bson import ObjectId
from bson.datetime_ms import DatetimeMS

from api.app import REALTIME
from domain.messages import TELEGRAM
from domain.users import ProfileChanges
from handlers.auth.authentication import session_id_of
from handlers.auth.sessions import end_session, open_session
from handlers.messages import Draft, send_message
from handlers.runtime.change_feed import Change
from handlers.swaps import accept_swap
from handlers.users import delete_account, update_profile
from tests.api.conftest import ALLOWED_ORIGIN, COOKIE, Client, Connect, Web
from tests.factories import MakeSwap, MakeUser, SignIn
from tests.waiting import eventually

SECONDS = 8.0


async def received(socket: Any, count: int = 1) -> list[tuple[str, Any]]:
    await eventually(lambda: len(socket.received) >= count)
    return list(socket.received)


class Wire:
    """A raw WebSocket with hand-written packets, for violations that a real client never sends."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def connect(self) -> str:
        assert (await self.socket.receive_str()).startswith("0")
        await self.socket.send_str("40")
        return await self.socket.receive_str()

    async def closed(self) -> int | None:
        async with asyncio.timeout(20):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code


async def open_wire(session: aiohttp.ClientSession, **headers: str) -> Wire:
    return Wire(await session.ws_connect("/api/socket/?EIO=4&transport=websocket", headers=headers, autoping=False))


async def test_message_reaches_all_sockets_of_both_participants(
    connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    ada_tab, ada_other_tab = await connect(ada), await connect(ada, transports=["polling"])
    ben_tab = await connect(ben, transports=None, socketio_path="/api/socket")
    eve_tab = await connect(eve)
    answer = await ada_tab.call("chat:new", {"swap_id": swap.id, "message": "hi", "client_id": "c1"})
    assert answer["ok"] is True
    for tab in (ada_tab, ada_other_tab, ben_tab):
        assert await received(tab) == [("chat:receive", answer["message"])]
    again = await ada_tab.call("chat:new", {"swap_id": swap.id, "message": "hi", "client_id": "c1"})
    assert again == answer
    assert eve_tab.received == []


async def test_changes_through_other_channels_reach_the_socket(
    connect: Connect, web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben)
    tab = await connect(ada)
    await accept_swap(web.deps, ben, swap.id)
    await send_message(web.deps, ben, Draft(swap.id, "from Telegram", TELEGRAM))
    async with client(ben).post("/api/chat", json={"swap_id": swap.id, "message": "from REST"}):
        pass
    await update_profile(web.deps, ada, ProfileChanges(location="Harbour"))
    events = await received(tab, 4)
    assert [event for event, _ in events] == ["swap:updated", "chat:receive", "chat:receive", "user:updated"]
    assert (events[0][1]["status"], events[0][1]["can"]) == ("accepted", ["chat", "cancel", "plan", "met", "arrange"])
    assert [(message["seq"], message["message"]) for _, message in events[1:3]] == [
        (1, "from Telegram"),
        (2, "from REST"),
    ]
    assert events[3][1]["location"] == "Harbour"


async def test_unreadable_date_in_a_document_does_not_stop_events(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap, tab = await make_swap(ada, ben, status="accepted"), await connect(ada)
    latest_of_javascript = DatetimeMS(8_640_000_000_000_000)
    users = web.deps.store.database.collection("users")
    await users.update_one({"_id": ObjectId(ben.id)}, {"$set": {"emailVerified": latest_of_javascript}})
    await send_message(web.deps, ben, Draft(swap.id, "still there?", "web"))
    await eventually(lambda: any(event == "chat:receive" for event, _ in tab.received))


async def test_message_from_telegram_does_not_reveal_the_chat_id(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user(telegram_id=7_391_846_205)
    swap, tab = await make_swap(ada, ben, status="accepted"), await connect(ada)
    for number in (1, 2):
        await send_message(web.deps, ben, Draft(swap.id, "hello", TELEGRAM, f"tg:{ben.telegram_id}:{number}:0"))
    (_, first), (_, second) = await received(tab, 2)
    assert str(ben.telegram_id) not in str(tab.received)
    assert first["client_id"] != second["client_id"]


async def test_messages_of_one_sender_keep_their_order(
    connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    ada_tab, ben_tab = await connect(ada), await connect(ben)
    for number in range(10):
        await ada_tab.emit("chat:new", {"swap_id": swap.id, "message": str(number)})
    texts = [data["message"] for _, data in await received(ben_tab, 10)]
    assert texts == [str(number) for number in range(10)]


async def test_reconnected_client_receives_missed_messages(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for number in range(5):
        await send_message(web.deps, ben, Draft(swap.id, str(number), TELEGRAM))
    tab = await connect(ada)
    answer = await tab.call("chat:sync", {"swap_id": swap.id, "after": 2})
    assert [message["seq"] for message in answer["messages"]] == [3, 4, 5]
    assert (answer["ok"], answer["has_more"]) == (True, False)
    stranger = await connect(eve)
    refused = await stranger.call("chat:sync", {"swap_id": swap.id, "after": 0})
    assert (refused["ok"], refused["error"]["code"]) == (False, "swap.not_found")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"message": "hi"}, "invalid_field"),
        ({"swap_id": "zz", "message": "hi"}, "swap.not_found"),
        ({"swap_id": {"$ne": None}, "message": "hi"}, "invalid_field"),
        ({"swap_id": "0" * 24, "message": "hi", "from_user_id": "0" * 24}, "read_only_field"),
        ({"swap_id": "0" * 24, "message": ""}, "text.empty"),
        ({"swap_id": "0" * 24, "message": "x" * 4097}, "text.too_long"),
        ("text", "invalid_field"),
        ([], "invalid_field"),
        (None, "invalid_field"),
        (b"bytes", "invalid_field"),
    ],
)
async def test_invalid_message_is_acknowledged_with_an_error(
    connect: Connect, make_user: MakeUser, message: Any, code: str
) -> None:
    tab = await connect(await make_user())
    answer = await tab.call("chat:new", message)
    assert (answer["ok"], answer["error"]["code"]) == (False, code)


async def test_a_key_named_twice_is_an_error_of_an_event(
    connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    class Twice(dict[str, Any]):
        """A JSON object that names `message` twice."""

        def items(self) -> Any:
            return [*super().items(), ("message", "another")]

    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    socket = await connect(ada)
    said = await socket.call("chat:new", Twice({"swap_id": swap.id, "message": "hi"}))
    assert (said["ok"], said["error"]["code"], said["error"]["status"]) == (False, "duplicate_key", 400)
    assert (await socket.call("chat:new", {"swap_id": swap.id, "message": "hi"}))["message"]["seq"] == 1


async def test_conflict_carries_the_current_swap(connect: Connect, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="cancelled")
    answer = await (await connect(ada)).call("chat:new", {"swap_id": swap.id, "message": "hi"})
    assert answer["error"]["code"] == "chat.closed"
    assert (answer["error"]["current"]["_id"], answer["error"]["current"]["can"]) == (swap.id, [])


async def test_socket_is_authenticated_by_cookie_header_or_token(
    connect: Connect, make_user: MakeUser, sign_in: SignIn
) -> None:
    ada = await make_user()
    token = sign_in(ada)
    for options in (
        {"headers": {"Cookie": f"{COOKIE}={token}"}},
        {"headers": {"Authorization": f"Bearer {token}"}},
        {"headers": {}, "auth": {"token": token}},
        {"headers": {"Cookie": f"{COOKIE}={token}", "Origin": ALLOWED_ORIGIN}},
    ):
        assert (await connect(ada, **options)).connected


async def test_unauthenticated_socket_is_refused_with_a_code(web: Web, connect: Connect, make_user: MakeUser) -> None:
    for options in (
        {"headers": {}},
        {"headers": {"Cookie": f"{COOKIE}=garbage"}},
        {"headers": {"Authorization": "Bearer %E0%A4%A"}},
        {"headers": {}, "auth": {"token": "garbage"}},
        {"headers": {}, "auth": ["garbage"]},
    ):
        socket = socketio.AsyncClient(reconnection=False)
        reasons: list[Any] = []
        socket.on("connect_error", reasons.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await socket.connect(web.url, transports=["websocket"], **options)
        assert reasons[0]["data"]["code"] == "unauthenticated", options


async def test_cross_origin_socket_is_refused(connect: Connect, make_user: MakeUser, sign_in: SignIn) -> None:
    ada = await make_user()
    for origin in ("https://evil.example", "null"):
        for transport in ("websocket", "polling"):
            headers = {"Cookie": f"{COOKIE}={sign_in(ada)}", "Origin": origin}
            with pytest.raises(socketio.exceptions.ConnectionError):
                await connect(ada, headers=headers, transports=[transport])


async def test_other_namespaces_are_refused(web: Web, client: Client, make_user: MakeUser) -> None:
    wire = await open_wire(client(await make_user()))
    await wire.connect()
    await wire.socket.send_str("40/admin,")
    refusal = await wire.socket.receive_str()
    assert refusal.startswith("44/admin,")
    body = json.loads(refusal.removeprefix("44/admin,"))
    assert (body["data"]["code"], body["data"]["status"]) == ("socket.no_namespace", 404)
    assert body["message"] == body["data"]["detail"] != ""


async def test_unknown_events_are_ignored_and_many_close_the_connection(
    connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    tab, partner = await connect(ada), await connect(ben)
    for _ in range(19):
        await tab.emit("chat:receive", {"swap_id": swap.id, "message": "forged"})
    assert (await tab.call("chat:sync", {"swap_id": swap.id}))["messages"] == []
    assert tab.connected
    await tab.emit("chat:join", {"swap_id": swap.id})
    await eventually(lambda: not tab.connected)
    assert partner.received == []


async def test_oversized_frame_closes_the_connection(web: Web, client: Client, make_user: MakeUser) -> None:
    wire = await open_wire(client(await make_user()))
    await wire.connect()
    await wire.socket.send_str("42" + json.dumps(["chat:new", {"message": "x" * 65_536}]))
    assert await wire.closed() == 1009


async def test_socket_without_sign_in_or_with_a_missing_attachment_is_closed(
    web: Web, client: Client, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.sockets.CONNECT_SECONDS", 2.5)
    silent = await open_wire(client())
    withholding = await open_wire(client(await make_user()))
    await withholding.connect()
    await withholding.socket.send_str('451-["chat:new",{"_placeholder":true,"num":0}]')
    await asyncio.gather(silent.closed(), withholding.closed())


async def test_eleventh_socket_closes_the_oldest(connect: Connect, make_user: MakeUser) -> None:
    ada = await make_user()
    tabs = [await connect(ada) for _ in range(11)]
    await eventually(lambda: not tabs[0].connected)
    assert all(tab.connected for tab in tabs[1:])


async def test_stalled_reader_is_disconnected(
    web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.sockets.MAX_QUEUED_PACKETS", 16)
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    wire = await open_wire(client(ada))
    await wire.connect()
    transport = wire.socket._response.connection.transport
    transport.pause_reading()
    realtime = web.server._app[REALTIME]
    message = await send_message(web.deps, ben, Draft(swap.id, "x" * 4000, TELEGRAM))
    for _ in range(3000):
        if not realtime._sockets.has(ada.id):
            break
        await realtime.on_change(Change("message", message=message))
    await eventually(lambda: not realtime._sockets.has(ada.id))


async def test_deleted_or_signed_out_user_is_disconnected(web: Web, connect: Connect, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    deleted, signed_out = await connect(ada), await connect(ben)
    await delete_account(web.deps, ada)
    await web.server._app[REALTIME].on_change(Change("user", user=replace(ben, session_version=1)))
    await eventually(lambda: not deleted.connected and not signed_out.connected)


async def test_gap_in_the_change_stream_requires_a_resync(web: Web, connect: Connect, make_user: MakeUser) -> None:
    tab = await connect(await make_user())
    await web.server._app[REALTIME].on_change(Change("lost"))
    assert await received(tab) == [("resync_required", {})]


async def test_user_deleted_during_a_gap_is_disconnected(web: Web, connect: Connect, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    deleted, still_here = await connect(ada), await connect(ben)
    await web.feed.stop()
    await delete_account(web.deps, ada)
    await web.server._app[REALTIME].on_change(Change("lost"))
    await eventually(lambda: not deleted.connected)
    assert still_here.connected


async def test_session_ended_during_a_gap_is_disconnected(web: Web, connect: Connect, make_user: MakeUser) -> None:
    ada = await make_user()
    kept_token, ended_token = [await open_session(web.deps, ada, provider="email") for _ in range(2)]
    signed_out = await connect(ada, headers={}, auth={"token": ended_token})
    still_here = await connect(ada, headers={}, auth={"token": kept_token})
    await web.feed.stop()
    ended = session_id_of(web.deps, ended_token)
    assert ended is not None
    await end_session(web.deps, ada, ended)
    await web.server._app[REALTIME].on_change(Change("lost"))
    await eventually(lambda: not signed_out.connected)
    assert still_here.connected


async def test_stop_disconnects_sockets_within_the_timeout(web: Web, connect: Connect, make_user: MakeUser) -> None:
    tab = await connect(await make_user())
    polling = await connect(await make_user(), transports=["polling"])
    async with asyncio.timeout(SECONDS):
        await web.server.stop()
    await eventually(lambda: not tab.connected and not polling.connected)


async def test_draining_process_disconnects_sockets_before_it_ends(
    web: Web, client: Client, connect: Connect, make_user: MakeUser
) -> None:
    ada = await make_user()
    tabs = [await connect(await make_user()) for _ in range(4)]
    session = client(ada)
    async with session.get("/readyz") as answer:
        assert (answer.status, answer.headers.get("Connection")) == (200, None)
    draining = asyncio.create_task(web.server.drain(1.0))
    await eventually(lambda: not all(tab.connected for tab in tabs))
    assert any(tab.connected for tab in tabs)
    async with session.get("/readyz") as answer:
        assert (answer.status, (await answer.json())["parts"]["staying"]) == (503, False)
    async with session.put("/api/user", json={"location": "Lima"}) as answer:  # a kept-alive connection is still served
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
    async with session.get("/socket.io/?EIO=4&transport=polling") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    await eventually(lambda: not any(tab.connected for tab in tabs))
    await draining


async def test_answers_to_a_slow_reader_are_not_buffered_without_bound(
    web: Web, client: Client, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.throttle.EVENT_BURST", 400)
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for number in range(20):
        await send_message(web.deps, (ada, ben)[number % 2], Draft(swap.id, "x" * 4000, TELEGRAM))
    wire = await open_wire(client(ada))
    await wire.connect()
    wire.socket._response.connection.transport.pause_reading()
    waiting = web.server._app[REALTIME]._sockets._io.eio.sockets
    for number in range(300):
        question = json.dumps(["chat:sync", {"swap_id": swap.id, "after": 0}])
        await asyncio.wait_for(wire.socket.send_str(f"42{number}{question}"), 10)
    most = 0
    for _ in range(20):
        queues = [connection.queue._queue for connection in waiting.values()]
        most = max([most, *(sum(len(packet.data or "") for packet in queue if packet) for queue in queues)])
        await asyncio.sleep(0.05)
    assert most < 500_000
    wire.socket._response.connection.transport.resume_reading()
    for _ in range(50):
        assert (await asyncio.wait_for(wire.socket.receive_str(), 10)).startswith(("43", "42", "2"))
