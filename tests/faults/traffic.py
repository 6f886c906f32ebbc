"""The load: users on sockets and in Telegram who chat, lose their connection, reconnect and synchronise.

A web user sends a message under one client id until it is acknowledged, over a socket or REST. A Telegram user sends it
once; the sandbox and the service deliver it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio

from domain.swaps import Swap
from domain.users import User
from tests.faults.cluster import Cluster

ANSWER_SECONDS = 10.0
TELEGRAM_SHARE = 0.25
"""Share of the messages that are sent in Telegram."""


@dataclass(slots=True)
class SentMessage:
    """One message. `seq` is the acknowledged number or None; `message_id` is its id in Telegram."""

    text: str
    swap: Swap
    sender: User
    client_id: str
    is_from_telegram: bool
    began: float
    seq: int | None = None
    answered: float = 0.0
    tries: int = 0
    message_id: int = 0


class Caller:
    """A web user with a socket that reconnects, and the messages received by it."""

    def __init__(self, cluster: Cluster, user: User, swaps: list[Swap], rng: random.Random) -> None:
        self.user = user
        self.received: dict[str, dict[int, str]] = {swap.id: {} for swap in swaps}
        self.inversions = self.repeats = 0
        self.syncs: list[tuple[float, float]] = []  # (time of the connect, seconds until synchronised)
        self.lags: list[tuple[float, float]] = []  # (time of sending on the web, seconds until received)
        self.client: Any = None
        self._cluster = cluster
        self._rng = rng
        self._live: dict[str, int] = {}
        self._is_behind = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.began_of: dict[str, float] = {}

    def start(self) -> None:
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._leave()

    def drop(self) -> None:
        """Abort the connection without a close frame."""
        with contextlib.suppress(Exception):
            self.client.eio.ws._response.connection.transport.abort()

    async def _stay(self) -> None:
        while True:
            try:
                await self._connect()
                while self.client.connected:
                    self._is_behind.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._is_behind.wait(), 0.25)
                        await self.catch_up()
            except (socketio.exceptions.SocketIOError, TimeoutError, OSError, aiohttp.ClientError, ValueError):
                pass
            await self._leave()
            await asyncio.sleep(self._rng.uniform(0.3, 1.0))

    async def _connect(self) -> None:
        self._live.clear()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("chat:receive", self._receive)
        self.client.on("resync_required", lambda *_: self._is_behind.set())
        auth = {"token": self._cluster.token(self.user)}
        await self.client.connect(self._cluster.url, auth=auth, transports=["websocket"], wait_timeout=ANSWER_SECONDS)
        began = time.perf_counter()
        await self.catch_up()
        self.syncs.append((began, time.perf_counter() - began))

    async def _leave(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.client.disconnect(), 1)
            if (session := self.client.eio.http) is not None:  # session of a connection that failed
                await session.close()

    async def catch_up(self) -> None:
        """Request everything after the last gapless number of each swap, in one call."""
        behind = list(self.received)
        while behind:
            cursors = [{"swap_id": swap_id, "after": _through(self.received[swap_id])} for swap_id in behind]
            answer = await self.client.call("chat:sync", {"chats": cursors}, timeout=ANSWER_SECONDS)
            if not answer.get("ok"):
                raise ValueError("refused")
            for chat in answer["chats"]:
                known = self.received[chat["swap_id"]]
                for message in chat["messages"]:
                    known[message["seq"]] = message["message"]
            behind = [chat["swap_id"] for chat in answer["chats"] if chat["has_more"]]

    async def end(self, seconds: float = 30.0) -> None:
        """Synchronise a last time, waiting for a connection if necessary."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(socketio.exceptions.SocketIOError, TimeoutError, OSError, ValueError):
                await self.catch_up()
                return
            await asyncio.sleep(0.2)

    async def _receive(self, message: dict[str, Any]) -> None:
        swap_id, seq = message["swap_id"], message["seq"]
        if (began := self.began_of.pop(message["message"], None)) is not None:
            self.lags.append((began, time.perf_counter() - began))
        last = self._live.get(swap_id)
        if last is not None:
            self.inversions += seq < last
            self.repeats += seq == last
            if seq > last + 1:
                self._is_behind.set()
        self._live[swap_id] = max(seq, last or 0)
        self.received.setdefault(swap_id, {})[seq] = message["message"]


def _through(known: dict[int, str]) -> int:
    """Return the highest number up to which there is no gap."""
    through = 0
    while through + 1 in known:
        through += 1
    return through


@dataclass
class Traffic:
    """The messages of one run, and the clients that receive them."""

    cluster: Cluster
    seed: int
    telegram_share: float = TELEGRAM_SHARE
    messages: list[SentMessage] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    callers: dict[str, Caller] = field(default_factory=dict)
    slowest_answer: float = 0.0
    _sending: set[asyncio.Task[None]] = field(default_factory=set)
    _web: aiohttp.ClientSession | None = None

    @property
    def unanswered(self) -> int:
        return len(self._sending)

    async def open(self) -> None:
        rng = random.Random(self.seed)
        self._web = aiohttp.ClientSession(self.cluster.url, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS + 5))
        for user in self.cluster.web:
            own_swaps = [swap for swap in self.cluster.swaps if user.id in swap.participants]
            self.callers[user.id] = Caller(self.cluster, user, own_swaps, random.Random(rng.random()))
            self.callers[user.id].start()

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await asyncio.gather(*(caller.stop() for caller in self.callers.values()))
        if self._web is not None:
            await self._web.close()

    async def talk(self, seconds: float, rate: float) -> None:
        """Send `rate` messages a second. Returns after `seconds`; unanswered requests continue."""
        rng = random.Random(self.seed + 1)
        started = time.perf_counter()
        for number in range(int(seconds * rate)):
            self._send_one(rng)
            await asyncio.sleep(max(0.0, started + (number + 1) / rate - time.perf_counter()))

    def _send_one(self, rng: random.Random) -> None:
        people = {user.id: user for user in (*self.cluster.web, *self.cluster.telegram)}
        in_telegram = rng.random() < self.telegram_share
        crossing = self.cluster.swaps[: len(self.cluster.telegram)]
        swap = rng.choice(crossing if in_telegram else self.cluster.swaps)
        writers = swap.participants if self.telegram_share else swap.participants[1:]
        sender = people[swap.from_user_id if in_telegram else rng.choice(writers)]
        in_telegram = sender.telegram_id is not None
        number = len(self.messages)
        message = SentMessage(
            f"w{number}x", swap, sender, f"client-{self.seed}-{number}", in_telegram, time.perf_counter()
        )
        self.messages.append(message)
        for person in swap.participants:
            if person in self.callers and not in_telegram:
                self.callers[person].began_of[message.text] = message.began
        self._sending.add(
            task := asyncio.create_task(self._by_telegram(message) if in_telegram else self._by_web(message))
        )
        task.add_done_callback(self._sending.discard)

    async def _by_telegram(self, message: SentMessage) -> None:
        assert message.sender.telegram_id is not None
        message.message_id = await self.cluster.sandbox.send_text(message.sender.telegram_id, message.text)

    async def _by_web(self, message: SentMessage) -> None:
        rng = random.Random(message.client_id)
        body = {"swap_id": message.swap.id, "message": message.text, "client_id": message.client_id}
        while message.seq is None:
            message.tries += 1
            began = time.perf_counter()
            try:
                by_socket = rng.random() < 0.7
                answer = await (self._by_socket(message, body) if by_socket else self._by_rest(message, body))
            except (socketio.exceptions.SocketIOError, TimeoutError):
                self.errors["no answer"] += 1
            except (aiohttp.ClientError, OSError):
                self.errors["no connection"] += 1
            else:
                self.slowest_answer = max(self.slowest_answer, time.perf_counter() - began)
                if answer is not None:
                    message.seq, message.answered = int(answer["seq"]), time.perf_counter()
                    return
            await asyncio.sleep(rng.uniform(0.2, 0.8) * min(message.tries, 4))

    async def _by_socket(self, message: SentMessage, body: dict[str, Any]) -> dict[str, Any] | None:
        client = self.callers[message.sender.id].client
        if client is None or not client.connected:
            raise OSError
        answer = await client.call("chat:new", body, timeout=ANSWER_SECONDS)
        if answer.get("ok"):
            return dict(answer["message"])
        self.errors[str(answer["error"].get("code"))] += 1
        return None

    async def _by_rest(self, message: SentMessage, body: dict[str, Any]) -> dict[str, Any] | None:
        assert self._web is not None
        async with self._web.post("/api/chat", json=body, headers=self.cluster.headers(message.sender)) as reply:
            answer = await reply.json()
            if reply.status == 201 or reply.status == 200:
                return dict(answer)
            self.errors[f"{reply.status}" if reply.status >= 500 else str(answer.get("code"))] += 1
            return None

    async def settle(self, seconds: float = 120.0) -> float:
        """Wait until every message is answered and every delivery and update is processed; return the seconds."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if not self._sending and await self._is_drained():
                break
            await asyncio.sleep(0.2)
        drained = time.monotonic() - began
        await asyncio.sleep(0.5)
        await asyncio.gather(*(caller.end() for caller in self.callers.values()))
        return drained

    async def _is_drained(self) -> bool:
        store = self.cluster.deps.store
        try:
            return not (await store.outbox.counts())["queued"] and not (await store.telegram_updates.counts())["new"]
        except Exception:  # noqa: BLE001 - the database may just be gone
            return False
