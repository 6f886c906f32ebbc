"""A connection is freed as soon as it has ended, in any way: many end before garbage is looked for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import FrameType
from typing import Any
from weakref import ref

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from api.http.connections import Connection
from tests.api.conftest import COOKIE, Web
from tests.factories import MakeUser, SignIn
from tests.waiting import eventually

Leave = Callable[[Web, str], Awaitable[None]]
SOCKET = "/socket.io/?EIO=4&transport=websocket"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
UNREADABLE = b"\x9e8z\xffwa\xa83 / HTTP/1.1\r\n\r\n"
MOMENT = 0.2
"""Seconds after which the server has read what was sent."""


def head(line: str, cookie: str, content_type: str, length: str) -> bytes:
    return (
        f"{line} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: {content_type}\r\n{length}\r\n\r\n".encode()
    )


async def send(web: Web, *parts: bytes) -> None:
    """Send bytes, each part a moment after the one before, and break off a moment after the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    for part in parts:
        writer.write(part)
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(MOMENT):
                await reader.read()
    writer.transport.abort()


@contextlib.asynccontextmanager
async def open_socket(web: Web, cookie: str) -> AsyncIterator[ClientWebSocketResponse]:
    async with ClientSession(web.url) as session:
        socket = await session.ws_connect(SOCKET, headers={"Cookie": cookie})
        await socket.receive()
        await socket.send_str("40")
        await socket.receive()
        yield socket


def transport_of(socket: ClientWebSocketResponse) -> Any:
    assert socket._conn is not None
    return socket._conn.transport


async def unreadable_request(web: Web, cookie: str) -> None:
    await send(web, UNREADABLE)


async def unreadable_second_request(web: Web, cookie: str) -> None:
    await send(web, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + UNREADABLE)


async def headers_that_are_too_long(web: Web, cookie: str) -> None:
    await send(web, b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n")


async def body_that_breaks_off(web: Web, cookie: str) -> None:
    await send(web, head("PUT /api/user", cookie, JSON, "Content-Length: 1000"), b"{")


async def form_that_breaks_off(web: Web, cookie: str) -> None:
    await send(web, head("POST /alerts", cookie, FORM, "Content-Length: 1000"), b"skill=")


async def unreadable_body(web: Web, cookie: str) -> None:
    await send(web, head("PUT /api/user", cookie, JSON, "Transfer-Encoding: chunked") + b"zz\r\n")


async def body_that_becomes_unreadable(web: Web, cookie: str) -> None:
    await send(web, head("PUT /api/user", cookie, JSON, "Transfer-Encoding: chunked"), b"1\r\n{\r\n", b"zz\r\n")


async def form_that_becomes_unreadable(web: Web, cookie: str) -> None:
    await send(web, head("POST /alerts", cookie, FORM, "Transfer-Encoding: chunked"), b"1\r\ns\r\n", b"zz\r\n")


async def body_in_a_broken_encoding(web: Web, cookie: str) -> None:
    length = "Content-Encoding: gzip\r\nContent-Length: 30"
    await send(web, head("POST /", cookie, JSON, length) + b"z" * 30)


async def frame_that_is_too_long(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        await socket.send_str("4" + "x" * 70_000)
        await socket.receive()


async def frame_that_is_no_text(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        await socket.send_bytes(b"\xff\xff\xff")
        await socket.receive()


async def frame_of_no_kind(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        transport_of(socket).write(b"\xc1\x02ab")
        await socket.receive()


async def event_that_is_refused(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        for data in ('{"a":1,"a":2}', "{}", "1"):
            await socket.send_str(f'421["chat:read",{data}]')
            assert '"ok":false' in (await socket.receive_str())
        await socket.close()


async def socket_that_breaks_off(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        transport_of(socket).abort()


async def socket_that_is_closed(web: Web, cookie: str) -> None:
    async with open_socket(web, cookie) as socket:
        await socket.close()


WAYS: tuple[Leave, ...] = (
    unreadable_request,
    unreadable_second_request,
    headers_that_are_too_long,
    body_that_breaks_off,
    form_that_breaks_off,
    unreadable_body,
    body_that_becomes_unreadable,
    form_that_becomes_unreadable,
    body_in_a_broken_encoding,
    frame_that_is_too_long,
    frame_that_is_no_text,
    frame_of_no_kind,
    event_that_is_refused,
    socket_that_breaks_off,
    socket_that_is_closed,
)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[ref[Connection]]:
    """References to all connections that were made; those that are freed are None."""
    made: list[ref[Connection]] = []
    connection_made = Connection.connection_made

    def note(self: Connection, transport: asyncio.BaseTransport) -> None:
        made.append(ref(self))
        connection_made(self, transport)

    monkeypatch.setattr(Connection, "connection_made", note)
    return made


@pytest.fixture
def garbage() -> Iterator[list[Any]]:
    """No garbage is collected during the test; what there is of it is in the list after `gc.collect`."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_connection_is_freed_without_a_look_for_garbage(
    web: Web,
    make_user: MakeUser,
    sign_in: SignIn,
    way: Leave,
    garbage: list[Any],
    connections: list[ref[Connection]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    cookie = f"{COOKIE}={sign_in(await make_user())}"
    await way(web, cookie)
    assert connections
    await eventually(lambda: all(one() is None for one in connections))
    gc.collect()
    frames = [one for one in garbage if isinstance(one, FrameType) and one.f_globals["__name__"].startswith("api.")]
    assert frames == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
