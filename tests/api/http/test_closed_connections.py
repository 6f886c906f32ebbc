"""A connection is freed as soon as it has ended, in any way: many end before garbage is looked for."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from api.http.connections import Connection
from domain.users import User
from tests.api.conftest import COOKIE, Web
from tests.factories import MakeUser, SignIn
from tests.waiting import eventually

Leave = Callable[[Web, str], Awaitable[None]]
SOCKET = "/socket.io/?EIO=4&transport="


async def send(web: Web, data: bytes) -> None:
    """Send bytes, read what is answered until the server closes, or for a moment, and close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    writer.write(data)
    try:
        async with asyncio.timeout(1):
            await reader.read()
    except (TimeoutError, ConnectionError):
        pass
    writer.transport.abort()


async def open_socket(session: ClientSession, cookie: str) -> ClientWebSocketResponse:
    socket = await session.ws_connect(f"{SOCKET}websocket", headers={"Cookie": cookie})
    await socket.receive()
    await socket.send_str("40")
    await socket.receive()
    return socket


async def unreadable_request(web: Web, cookie: str) -> None:
    await send(web, b"\x9e8z\xffwa\xa83 / HTTP/1.1\r\n\r\n")


async def unreadable_second_request(web: Web, cookie: str) -> None:
    await send(web, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\x9e8z\xffwa\xa83 / HTTP/1.1\r\n\r\n")


async def body_that_breaks_off(web: Web, cookie: str) -> None:
    head = f"PUT /api/user HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    await send(web, f"{head}Content-Length: 1000\r\n\r\n{{".encode())


async def unreadable_body(web: Web, cookie: str) -> None:
    head = f"PUT /api/user HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    await send(web, f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode())


async def body_that_becomes_unreadable(web: Web, cookie: str) -> None:
    head = f"PUT /api/user HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n".encode())
    await asyncio.sleep(0.2)  # the handler waits for more
    writer.write(b"zz\r\n")
    await asyncio.sleep(0.2)
    writer.transport.abort()


async def headers_that_are_too_long(web: Web, cookie: str) -> None:
    await send(web, b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n")


async def frame_that_is_too_long(web: Web, cookie: str) -> None:
    async with ClientSession(web.url) as session:
        socket = await open_socket(session, cookie)
        await socket.send_str("4" + "x" * 70_000)
        await socket.receive()


async def frame_that_is_no_text(web: Web, cookie: str) -> None:
    async with ClientSession(web.url) as session:
        socket = await open_socket(session, cookie)
        await socket.send_bytes(b"\xff\xff\xff")
        await socket.receive()


async def frame_without_a_mask(web: Web, cookie: str) -> None:
    async with ClientSession(web.url) as session:
        socket = await open_socket(session, cookie)
        transport = socket._conn.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.write(b"\xc1\x02ab")
        await socket.receive()


async def socket_that_breaks_off(web: Web, cookie: str) -> None:
    async with ClientSession(web.url) as session:
        socket = await open_socket(session, cookie)
        transport = socket._conn.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()


async def socket_that_is_closed(web: Web, cookie: str) -> None:
    async with ClientSession(web.url) as session:
        await (await open_socket(session, cookie)).close()


WAYS: tuple[Leave, ...] = (
    unreadable_request,
    unreadable_second_request,
    body_that_breaks_off,
    unreadable_body,
    headers_that_are_too_long,
    body_that_becomes_unreadable,
    frame_that_is_too_long,
    frame_that_is_no_text,
    frame_without_a_mask,
    socket_that_breaks_off,
    socket_that_is_closed,
)


@pytest.fixture
async def no_collector() -> AsyncIterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def connections() -> int:
    return sum(isinstance(one, Connection) for one in gc.get_objects())


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_connection_is_freed_without_a_look_for_garbage(
    web: Web, make_user: MakeUser, sign_in: SignIn, way: Leave
) -> None:
    user: User = await make_user()
    await way(web, f"{COOKIE}={sign_in(user)}")
    await eventually(lambda: connections() == 0)
