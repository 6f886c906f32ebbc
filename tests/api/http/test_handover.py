"""Connections that go from one process to another: each arrives whole, or stays where it is."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from api.http.handover import Place, Receiver, _receive, hand_over
from api.http.server import REALTIME
from tests.api.conftest import Web
from tests.waiting import eventually

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:  # a path of pytest's may be too long for a Unix socket
        yield Place(0, 2, Path(folder))


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[int]:
    """Serve requests by the handler; yields the port."""
    app = web.Application()
    app.router.add_get("/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_what_a_client_sends_after_its_answer_is_read_by_the_owner_alone(place: Place) -> None:
    second: list[bytes] = []

    def own() -> None:
        link, _ = listening.accept()
        connection, _ = _receive(link)
        connection.setblocking(True)
        connection.settimeout(1)
        with connection:
            connection.sendall(ANSWER)
            time.sleep(0.2)  # busy with something else
            with suppress(TimeoutError):
                second.append(connection.recv(1000))

    def ask(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(REQUEST % b"first")
            connection.recv(1000)
            connection.sendall(REQUEST % b"second")
            owner.join()

    is_over = False

    def be_busy() -> None:
        if not is_over:
            time.sleep(0.005)
            asyncio.get_running_loop().call_soon(be_busy)

    async def hand(request: web.Request) -> web.Response:
        be_busy()
        assert await hand_over(place, request, 1)
        return web.Response()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(place.socket_of(1))
        listening.listen()
        owner = threading.Thread(target=own)
        owner.start()
        async with serving(hand) as port:
            await asyncio.to_thread(ask, port)
            is_over = True
    assert second == [REQUEST % b"second"]


async def test_connection_waits_for_an_owner_that_many_others_wait_for(place: Place) -> None:
    outcomes: list[bool] = []

    async def hand(request: web.Request) -> web.Response:
        outcomes.append(await hand_over(place, request, 1))
        return web.Response()

    def take_all() -> None:
        while True:
            link, _ = listening.accept()
            with link, suppress(TimeoutError):
                link.settimeout(0.1)
                for file in socket.recv_fds(link, 4, 1)[1]:
                    os.close(file)
                return

    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(place.socket_of(1))
        listening.listen(0)
        for _ in range(3):
            one = stack.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            with suppress(BlockingIOError):  # the queue is full
                one.connect(place.socket_of(1))
        async with serving(hand) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(REQUEST % b"x")
            await asyncio.sleep(0.1)
            assert outcomes == []
            await asyncio.to_thread(take_all)
            await eventually(lambda: outcomes == [True])
            writer.close()


async def test_connections_are_taken_again_after_a_moment_without_free_files(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.handover.FILES_SECONDS", 0.05)
    taken: list[bytes] = []

    async def accept(connection: socket.socket, head: bytes) -> None:
        connection.close()
        taken.append(head)

    receiver = Receiver(Place(1, 2, place.folder), accept)
    receiver.start()
    ours, theirs = socket.socketpair()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ours, theirs, socket.socket(socket.AF_UNIX) as link:
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            link.connect(place.socket_of(1))
            await asyncio.sleep(0.2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        socket.send_fds(link, [(4).to_bytes(4, "big")], [theirs.fileno()])
        link.sendall(b"head")
        try:
            await eventually(lambda: taken == [b"head"])
        finally:
            await receiver.stop()


async def test_body_that_does_not_come_is_not_waited_for_to_hand_it_over(
    web: Web, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.bodies.BODY_SECONDS", 0.2)
    realtime = web.server._app[REALTIME]
    monkeypatch.setattr(realtime, "_context", replace(realtime._context, place=place))
    host, port = web.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /api/socket/?EIO=4&transport=polling&sid=1.made-up HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    )
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert b" 408 " in status
