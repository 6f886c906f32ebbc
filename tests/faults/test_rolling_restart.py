"""Two API processes behind nginx are replaced one after the other under load, without lost messages or failed
requests."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from domain.swaps import Swap
from domain.users import User
from handlers.auth.session_tokens import SessionTokens
from handlers.runtime.deps import Deps
from skillswap.loopback import free_port
from tests.api.conftest import COOKIE
from tests.factories import MakeSwap, MakeUser
from tests.faults.nginx import check_config, find_nginx, running_nginx, write_config
from tests.service import Service, start_service

SECRET = "a secret for the fault suite only, of 32 bytes and more"
PAIRS = 4
PAUSE = 0.1
"""Pause of a sender between two messages."""
TRIES = 20

pytestmark = [pytest.mark.faults, pytest.mark.skipif(find_nginx() is None, reason="needs nginx")]


@dataclass
class Talk:
    """One conversation: client ids acknowledged to the sender, and numbers received by the partner."""

    swap: Swap
    writer: User
    reader: User
    acknowledged: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


async def test_nginx_configuration_is_valid(tmp_path: Path) -> None:
    config = await asyncio.to_thread(write_config, tmp_path, port=free_port(), behind=(free_port(), free_port()))
    assert await check_config(config) == ""


@pytest.mark.timeout(240)
async def test_rolling_restart_loses_no_message(
    tmp_path: Path, deps: Deps, database_uri: str, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    talks = []
    for _ in range(PAIRS):
        writer, reader = await make_user(), await make_user()
        talks.append(Talk(await make_swap(writer, reader, status="accepted"), writer, reader))
    port, behind = free_port(), (free_port(), free_port())
    config = await asyncio.to_thread(write_config, tmp_path, port=port, behind=behind)
    env = {
        "DATA_DIR": str(tmp_path),
        "MONGODB_URI": database_uri,
        "NEXTAUTH_SECRET": SECRET,
        "NEXTAUTH_URL": f"https://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DRAIN_SECONDS": "2",
    }
    services = [await start_service(env, role="api", port=each) for each in behind]
    try:
        async with running_nginx(config, port), _talking(f"https://127.0.0.1:{port}", talks):
            await asyncio.sleep(2)
            for number in (0, 1):
                services[number] = await _replaced(services[number], env, behind[number])
                await asyncio.sleep(2)
        assert sum((talk.failures for talk in talks), Counter()) == Counter()
        for talk in talks:
            stored = [message.client_id for message in await deps.store.messages.list_after(talk.swap.id, limit=1000)]
            assert stored == talk.acknowledged  # each once, in order
            assert sorted(set(talk.shown)) == list(range(1, len(stored) + 1))
    finally:
        for service in services:
            assert await service.stop() == 0


async def _replaced(old: Service, env: dict[str, str], port: int) -> Service:
    assert await old.stop() == 0
    return await start_service(env, role="api", port=port)


@asynccontextmanager
async def _talking(url: str, talks: list[Talk]) -> AsyncIterator[None]:
    """Send and receive in every conversation until the block ends, then wait for pending requests."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    sessions = SessionTokens([SECRET])
    over = asyncio.Event()
    connector = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(url, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as web:
        async with asyncio.TaskGroup() as tasks:
            for talk in talks:
                tasks.create_task(_write(web, sessions, talk, over))
                tasks.create_task(_read(url, sessions, talk, over))
            try:
                yield
            finally:
                over.set()


async def _write(web: aiohttp.ClientSession, sessions: SessionTokens, talk: Talk, over: asyncio.Event) -> None:
    headers = {"Cookie": f"__Secure-{COOKIE}={_token(sessions, talk.writer)}"}
    while not over.is_set():
        client_id = secrets.token_hex(8)
        body = {"swap_id": talk.swap.id, "message": "a word", "client_id": client_id}
        for _ in range(TRIES):
            try:
                async with web.post("/api/chat", json=body, headers=headers) as answer:
                    if answer.status in (200, 201):
                        talk.acknowledged.append(client_id)
                        break
                    if answer.status != 429:  # rate limited: not a failure
                        talk.failures[str(answer.status)] += 1
            except aiohttp.ClientError as error:
                talk.failures[type(error).__name__] += 1
            await asyncio.sleep(PAUSE)
        await asyncio.sleep(PAUSE)


async def _read(url: str, sessions: SessionTokens, talk: Talk, over: asyncio.Event) -> None:
    """Receive as the web page does: reconnect after a disconnect and synchronise."""
    while True:
        is_over = over.is_set()
        trust = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=trust) as web:
            client = socketio.AsyncClient(http_session=web, reconnection=False, ssl_verify=False)
            client.on("chat:receive", lambda message: talk.shown.append(message["seq"]))
            try:
                await client.connect(
                    url, auth={"token": _token(sessions, talk.reader)}, transports=["websocket"], wait_timeout=10
                )
                await _catch_up(client, talk)
                while client.connected and (is_over or not over.is_set()):
                    if is_over:
                        return
                    await asyncio.sleep(PAUSE)
            except (socketio.exceptions.SocketIOError, aiohttp.ClientError):
                await asyncio.sleep(PAUSE)
            finally:
                await client.disconnect()


async def _catch_up(client: socketio.AsyncClient, talk: Talk) -> None:
    has_more = True
    while has_more:
        after = max(talk.shown, default=0)
        answer: dict[str, Any] = await client.call("chat:sync", {"swap_id": talk.swap.id, "after": after})
        talk.shown += [message["seq"] for message in answer["messages"]]
        has_more = answer["has_more"]


def _token(sessions: SessionTokens, user: User) -> str:
    from datetime import UTC, datetime

    return sessions.issue(user.id, name=user.name, email=None, picture=None, now=datetime.now(UTC))
