"""Fixtures: the service as processes that can be killed, with the Telegram sandbox in the test process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from bot.sandbox import Clock, Message, Sandbox
from handlers.auth.session_tokens import SessionTokens
from skillswap.loopback import free_port
from storage.mongodb.database import Database
from tests.service import Service, start_service
from tests.waiting import WAIT_SECONDS

SECRET = "a secret that only these tests know, long enough"


@dataclass(slots=True)
class Cluster:
    """The sandbox, the settings of the service, and the processes started so far."""

    sandbox: Sandbox
    env: dict[str, str]
    log: Path
    services: list[Service]
    url: str = ""

    async def start(self, role: str = "run", **settings: str) -> Service:
        port = free_port() if not self.url or role != "run" else int(self.url.rpartition(":")[2])
        service = await start_service(self.env | settings, role=role, port=port, log=self.log)
        self.services.append(service)
        if role in ("run", "api"):
            self.url = service.url
        return service

    async def send(self, person: int, text: str, shows: str | None = None) -> Message:
        sent = await self.sandbox.send_text(person, text)
        return await self.sees(person, shows, after=sent)

    async def sees(self, person: int, shows: str | None = None, *, after: int = 0) -> Message:
        """Wait for a message of the bot with `shows` in its text or buttons; return the newest one."""

        def matches(message: Message) -> bool:
            buttons = " ".join(f"{button.label} {button.data}" for button in message.buttons)
            return shows is None or shows in message.words or shows in buttons

        return await self.sandbox.wait_for(person, matches, after=after, timeout=WAIT_SECONDS)

    async def press(self, person: int, data: str, shows: str | None = None) -> Message:
        message = await self.sees(person, data)
        button = next(button for button in message.buttons if button.data and data in button.data)
        await self.sandbox.press(person, message.id, str(button.data))
        return await self.sees(person, shows, after=message.id)

    async def register(self, name: str, *, teach: str, learn: str) -> int:
        """Complete onboarding with as few answers as possible; return the id of the Telegram user."""
        person = self.sandbox.add_person(name).id
        await self.send(person, "/start", "step:teach")
        await self.press(person, "step:teach", "step:learn")
        await self.send(person, teach, f"{teach} ✕")
        await self.press(person, "step:learn", "step:times")
        await self.send(person, learn, f"{learn} ✕")
        shown = ("ob:times:on", "step:photo", "ob:photo:mine", "ob:visibility:public")
        for step, shows in zip(("times", "location", "photo", "visibility"), shown, strict=True):
            await self.press(person, f"step:{step}", shows)
        await self.press(person, "ob:visibility:public", "ob:preview:done")
        await self.press(person, "ob:preview:done", "🎉")
        return person

    async def swap(self, asker: int, partner: int) -> str:
        """Let the asker propose and the partner accept, in Telegram; return the id of the swap."""
        await self.send(asker, "/match", ":ask")
        last = self.sandbox.chat(partner)[-1].id
        await self.press(asker, ":ask", ":send")
        await self.press(asker, ":send")
        request = await self.sees(partner, ":accept", after=last)
        accept = next(button.data for button in request.buttons if ":accept" in str(button.data))
        await self.press(partner, ":accept", ":chat")
        await self.sees(asker, ":end")
        return str(accept).split(":")[1]

    async def cookie(self, person: int) -> str:
        """Return the cookie of a web session, opened by the login link of the bot."""
        answer = await self.send(person, "/web", "token=")
        link = next(part for part in (answer.words + " " + str(answer.buttons)).split() if "token=" in part)
        token = link.partition("token=")[2].strip("\"'>),")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
            address = f"{self.url}/api/auth/callback/telegram-link"
            async with web.post(address, data={"token": token}, allow_redirects=False) as reply:
                assert reply.status in (302, 303), await reply.text()
                return "; ".join(f"{name}={value.value}" for name, value in reply.cookies.items())


class Listener:
    """A real Socket.IO client of one user; `messages` are the received `chat:receive` events, in order."""

    def __init__(self) -> None:
        self.client: Any = socketio.AsyncClient()
        self.messages: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def connect(self, url: str, cookie: str) -> None:
        async def receive(message: dict[str, Any]) -> None:
            self.messages.append(message)
            self._news.set()

        self.client.on("chat:receive", receive)
        await self.client.connect(url, headers={"Cookie": cookie}, transports=["websocket"])

    async def receive_text(self, text: str) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                self._news.clear()
                for message in self.messages:
                    if message["message"] == text:
                        return message
                await self._news.wait()


Listen = Callable[[str, str], Awaitable[Listener]]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Connect a client with (URL, cookie); all clients are disconnected afterwards."""
    made: list[Listener] = []

    async def connect(url: str, cookie: str) -> Listener:
        listener = Listener()
        made.append(listener)
        await listener.connect(url, cookie)
        return listener

    yield connect
    for listener in made:
        await listener.client.disconnect()


@pytest.fixture
async def cluster(database: Database, database_uri: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    """The sandbox and settings without a process; a test starts the processes it needs. They are stopped afterwards."""
    sandbox = Sandbox(clock=Clock(now=lambda: time.time() + database.clock.ahead.total_seconds()))
    await sandbox.start()
    env = {
        "DATA_DIR": str(tmp_path),
        "MONGODB_URI": database_uri,
        "NEXTAUTH_SECRET": SECRET,
        "TELEGRAM_API_URL": sandbox.url,
        "TELEGRAM_BOT_TOKEN": sandbox.token,
        "LOG_LEVEL": "DEBUG",  # the leak scan reads the log
    }
    cluster = Cluster(sandbox, env, tmp_path / "service.log", [])
    yield cluster
    for service in cluster.services:
        await service.stop()
    await sandbox.stop()


def session(user_id: str, name: str) -> dict[str, str]:
    """Return a header with a session token issued with the shared secret, as a NextAuth front end does."""
    token = SessionTokens([SECRET]).issue(user_id, name=name, email=None, picture=None, now=datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


async def post(url: str, cookie: str, body: dict[str, Any]) -> tuple[int, Any]:
    """POST JSON with a session cookie; return the status and the body."""
    async with aiohttp.ClientSession() as web, web.post(url, json=body, headers={"Cookie": cookie}) as reply:
        return reply.status, json.loads(await reply.read())
