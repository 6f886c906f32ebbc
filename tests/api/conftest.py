"""Fixtures: the web server on a real port, and HTTP and Socket.IO clients of it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import aiohttp
import pytest
import socketio

from api.app import Server, build_app
from domain.users import User
from handlers.runtime.change_feed import Change, ChangeFeed
from handlers.runtime.deps import Deps
from tests.factories import SignIn

COOKIE = "next-auth.session-token"
EVENTS = (
    "chat:receive", "chat:edited", "chat:deleted", "chat:read", "chat:typing", "swap:updated", "session:updated",
    "circle:updated", "review:revealed",
    "user:updated", "chat:error", "resync_required",
)  # fmt: skip
ALLOWED_ORIGIN = "https://app.example.org"
"""An origin allowed by `CORS_ORIGINS`."""


class Client(Protocol):
    """An HTTP client, signed in as `user` or anonymous; paths are relative to the server."""

    def __call__(self, user: User | None = None) -> aiohttp.ClientSession: ...


class Connect(Protocol):
    """A connected Socket.IO client; its received events are in `client.received` as (event, data)."""

    async def __call__(self, user: User, **options: Any) -> socketio.AsyncClient: ...


class Web:
    """A running web server with its change feed."""

    def __init__(self, server: Server, feed: ChangeFeed, deps: Deps, parts: dict[str, bool]) -> None:
        self.server = server
        self.feed = feed
        self.deps = deps
        self.parts = parts
        self._updates = 0
        feed.subscribe(self._count)

    async def _count(self, change: Change) -> None:
        self._updates += change.kind == "update"

    async def catch_up(self) -> None:
        """Wait until the change feed has delivered all committed changes, so that a new socket receives only later
        ones."""
        async with asyncio.timeout(10):
            while not self.feed.is_live:
                await asyncio.sleep(0.01)
            before = self._updates
            while self._updates == before:  # the stream of another server may have opened after this write: write again
                await self.deps.store.telegram_updates.store(0, secrets.randbits(40), 0, {}, at=self.deps.now())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        while self._updates == before:
                            await asyncio.sleep(0.005)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


@asynccontextmanager
async def open_web(deps: Deps, *, port: int = 0, **options: Any) -> AsyncIterator[Web]:
    """Serve `deps` on this port; 0 lets the system choose one."""
    parts = {"database": True, "changes": True}

    async def is_ready() -> dict[str, bool]:
        return parts

    feed = ChangeFeed(deps)
    app = build_app(deps, feed, cors_origins=[ALLOWED_ORIGIN], is_ready=is_ready, **options)
    server = Server(app, "127.0.0.1", port)
    await server.start()
    feed.start()
    yield Web(server, feed, deps, parts)
    await server.stop()
    await feed.stop()


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps, sandbox_page="http://127.0.0.1:9/sandbox") as running:
        yield running


@pytest.fixture
async def client(web: Web, sign_in: SignIn) -> AsyncIterator[Client]:
    opened: list[aiohttp.ClientSession] = []

    def open_client(user: User | None = None) -> aiohttp.ClientSession:
        headers = {"Cookie": f"{COOKIE}={sign_in(user)}"} if user is not None else {}
        session = aiohttp.ClientSession(
            web.url, headers=headers, timeout=aiohttp.ClientTimeout(total=20), cookie_jar=aiohttp.DummyCookieJar()
        )
        opened.append(session)
        return session

    yield open_client
    for session in opened:
        await session.close()


@pytest.fixture
async def connect(web: Web, sign_in: SignIn) -> AsyncIterator[Connect]:
    opened: list[socketio.AsyncClient] = []

    async def open_socket(user: User, **options: Any) -> socketio.AsyncClient:
        await web.catch_up()
        socket = socketio.AsyncClient(reconnection=False)
        socket.received = []
        for event in EVENTS:
            socket.on(event, lambda data, event=event: socket.received.append((event, data)))
        opened.append(socket)
        settings = {"transports": ["websocket"], "headers": {"Cookie": f"{COOKIE}={sign_in(user)}"}, **options}
        await socket.connect(settings.pop("url", web.url), **settings)
        return socket

    yield open_socket
    for socket in opened:
        with suppress(TimeoutError):  # disconnecting waits for a pending long poll
            await asyncio.wait_for(socket.disconnect(), 0.5)
