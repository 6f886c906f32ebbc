"""The load: people on sockets and in Telegram who talk, lose their connection, come back and ask for what they missed.

A person on the web sends a word under one client id until it is acknowledged, at whichever door answers. A person in
Telegram sends it once: that it arrives is Telegram's business and then ours.
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
"""Of all words, those written in Telegram."""


@dataclass(slots=True)
class Word:
    """One thing said. `seq` is what its acknowledgement named, None until then; `message_id` its own in Telegram."""

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
    """One person on the web: a socket that is there most of the time, and what it has brought."""

    def __init__(self, cluster: Cluster, user: User, swaps: list[Swap], rng: random.Random) -> None:
        self.user = user
        self.heard: dict[str, dict[int, str]] = {swap.id: {} for swap in swaps}
        self.inversions = self.repeats = 0
        self.syncs: list[tuple[float, float]] = []  # when it was connected, after how many seconds it knew all
        self.lags: list[tuple[float, float]] = []  # when words of the web were said, after how many seconds heard
        self.client: Any = None
        self._town = cluster
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
        """The connection is gone, as in a tunnel: no goodbye."""
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
        auth = {"token": self._town.token(self.user)}
        await self.client.connect(self._town.url, auth=auth, transports=["websocket"], wait_timeout=ANSWER_SECONDS)
        began = time.perf_counter()
        await self.catch_up()
        self.syncs.append((began, time.perf_counter() - began))

    async def _leave(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.client.disconnect(), 1)
            if (session := self.client.eio.http) is not None:  # of a connection that never came about
                await session.close()

    async def catch_up(self) -> None:
        """Ask for all that came after what is known without a gap, everywhere at once."""
        behind = list(self.heard)
        while behind:
            places = [{"swap_id": swap_id, "after": _through(self.heard[swap_id])} for swap_id in behind]
            answer = await self.client.call("chat:sync", {"chats": places}, timeout=ANSWER_SECONDS)
            if not answer.get("ok"):
                raise ValueError("refused")
            for chat in answer["chats"]:
                known = self.heard[chat["swap_id"]]
                for message in chat["messages"]:
                    known[message["seq"]] = message["message"]
            behind = [chat["swap_id"] for chat in answer["chats"] if chat["has_more"]]

    async def end(self, seconds: float = 30.0) -> None:
        """Ask one last time, once connected: whoever has just lost the connection is given the time to come back."""
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
        self.heard.setdefault(swap_id, {})[seq] = message["message"]


def _through(known: dict[int, str]) -> int:
    """The highest number up to which nothing is missing."""
    through = 0
    while through + 1 in known:
        through += 1
    return through


@dataclass
class Traffic:
    """All that was said in one run, and by whom it was heard."""

    cluster: Cluster
    seed: int
    telegram_share: float = TELEGRAM_SHARE
    words: list[Word] = field(default_factory=list)
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
            mine = [swap for swap in self.cluster.swaps if user.id in swap.participants]
            self.callers[user.id] = Caller(self.cluster, user, mine, random.Random(rng.random()))
            self.callers[user.id].start()

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await asyncio.gather(*(caller.stop() for caller in self.callers.values()))
        if self._web is not None:
            await self._web.close()

    async def talk(self, seconds: float, rate: float) -> None:
        """Say something `rate` times a second. Returns when the time is over; what is unanswered goes on."""
        rng = random.Random(self.seed + 1)
        started = time.perf_counter()
        for number in range(int(seconds * rate)):
            self._say(rng)
            await asyncio.sleep(max(0.0, started + (number + 1) / rate - time.perf_counter()))

    def _say(self, rng: random.Random) -> None:
        people = {user.id: user for user in (*self.cluster.web, *self.cluster.telegram)}
        in_telegram = rng.random() < self.telegram_share
        crossing = self.cluster.swaps[: len(self.cluster.telegram)]
        swap = rng.choice(crossing if in_telegram else self.cluster.swaps)
        writers = swap.participants if self.telegram_share else swap.participants[1:]
        sender = people[swap.from_user_id if in_telegram else rng.choice(writers)]
        in_telegram = sender.telegram_id is not None
        number = len(self.words)
        word = Word(f"w{number}x", swap, sender, f"client-{self.seed}-{number}", in_telegram, time.perf_counter())
        self.words.append(word)
        for person in swap.participants:
            if person in self.callers and not in_telegram:
                self.callers[person].began_of[word.text] = word.began
        self._sending.add(task := asyncio.create_task(self._write(word) if in_telegram else self._send(word)))
        task.add_done_callback(self._sending.discard)

    async def _write(self, word: Word) -> None:
        assert word.sender.telegram_id is not None
        word.message_id = await self.cluster.sandbox.send_text(word.sender.telegram_id, word.text)

    async def _send(self, word: Word) -> None:
        rng = random.Random(word.client_id)
        said = {"swap_id": word.swap.id, "message": word.text, "client_id": word.client_id}
        while word.seq is None:
            word.tries += 1
            began = time.perf_counter()
            try:
                by_socket = rng.random() < 0.7
                answer = await (self._by_socket(word, said) if by_socket else self._by_rest(word, said))
            except (socketio.exceptions.SocketIOError, TimeoutError):
                self.errors["no answer"] += 1
            except (aiohttp.ClientError, OSError):
                self.errors["no connection"] += 1
            else:
                self.slowest_answer = max(self.slowest_answer, time.perf_counter() - began)
                if answer is not None:
                    word.seq, word.answered = int(answer["seq"]), time.perf_counter()
                    return
            await asyncio.sleep(rng.uniform(0.2, 0.8) * min(word.tries, 4))

    async def _by_socket(self, word: Word, said: dict[str, Any]) -> dict[str, Any] | None:
        client = self.callers[word.sender.id].client
        if client is None or not client.connected:
            raise OSError
        answer = await client.call("chat:new", said, timeout=ANSWER_SECONDS)
        if answer.get("ok"):
            return dict(answer["message"])
        self.errors[str(answer["error"].get("code"))] += 1
        return None

    async def _by_rest(self, word: Word, said: dict[str, Any]) -> dict[str, Any] | None:
        assert self._web is not None
        async with self._web.post("/api/chat", json=said, headers=self.cluster.headers(word.sender)) as reply:
            answer = await reply.json()
            if reply.status == 201 or reply.status == 200:
                return dict(answer)
            self.errors[f"{reply.status}" if reply.status >= 500 else str(answer.get("code"))] += 1
            return None

    async def settle(self, seconds: float = 120.0) -> float:
        """Wait until every word is answered and every delivery and update is done; returns how long it took."""
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
