"""The sockets that this process holds, and what keeps them from costing too much.

Turned away are those from an address that has too many. Closed are: a connection that never signs in, one that has
stopped reading, one that holds back an attachment it announced, one whose session has run out, and
the oldest when a person has too many.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

import orjson
from aiohttp import web

from api.http.metrics import Refusals
from domain.users import User
from handlers.runtime.background import BackgroundTask, stop_all

log = logging.getLogger(__name__)

MAX_SOCKETS_PER_USER: Final = 10
MAX_SOCKETS_PER_ADDRESS: Final = 500
"""Of one address other than this machine, where a whole campus may share one; it is told to come back later. What one
person holds is bounded above, so nobody alone comes near."""
MAX_QUEUED: Final = 256
MAX_WAITING_BYTES: Final = 1_000_000
BEHIND_BYTES: Final = 250_000
"""A client that asks faster than it reads is answered as fast as it reads."""
BEHIND_PAUSE_SECONDS: Final = 0.05
FEW_PACKETS: Final = 3
CONNECT_SECONDS: Final = 10.0
SWEEP_SECONDS: Final = 2.0
GOODBYE_SECONDS: Final = 3.0
GOODBYES_AT_ONCE: Final = 100
GOING_AWAY: Final = b"\x88\x02\x03\xe9"
"""A websocket's last frame: 1001, "going away"."""
DRAIN_STEP_SECONDS: Final = 0.05


class WireJson:
    """The two functions that Socket.IO calls, by orjson."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        return orjson.dumps(data).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)


@dataclass(slots=True)
class Socket:
    """One signed-in connection; `expires` is when its session ends, in seconds since 1970."""

    sid: str
    eio_sid: str
    user: User
    expires: int
    session_id: str | None = None
    strikes: int = 0
    address: str = ""
    views: set[str] = field(default_factory=set)
    typed_at: datetime | None = None
    turn: float = 0.0

    def turn_in(self, at_once: int, seconds: float, *, now: float) -> float:
        """How many seconds its next event has to wait, below 0 if none: `at_once` need not, then one each `seconds`."""
        self.turn = max(self.turn, now) + seconds
        return self.turn - at_once * seconds - now


class Sockets:
    def __init__(self, io: Any, refusals: Refusals) -> None:
        self._io = io
        self._refusals = refusals
        self._by_sid: dict[str, Socket] = {}
        self._of_user: dict[str, list[Socket]] = {}
        self._at_address: Counter[str] = Counter()
        self._first_seen: dict[str, float] = {}
        self._transports: dict[str, asyncio.Transport] = {}
        self._tasks = (BackgroundTask("socket guard", self._watch), BackgroundTask("socket pings", io.eio.beat))

    def start(self) -> None:
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        await stop_all(*self._tasks)
        open_sids = list(self._io.eio.sockets)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                for start in range(0, len(open_sids), GOODBYES_AT_ONCE):
                    batch = open_sids[start : start + GOODBYES_AT_ONCE]
                    await asyncio.gather(*(self._say_goodbye(eio_sid) for eio_sid in batch), return_exceptions=True)
        for eio_sid in list(self._io.eio.sockets):
            self._leave(eio_sid)

    def _leave(self, eio_sid: str) -> None:
        """For those whom there is no time for, or who do not listen: they notice, and connect to whoever is there."""
        if (transport := self._transport(eio_sid)) is not None:
            transport.write(GOING_AWAY)
            transport.close()

    async def drain(self, seconds: float) -> None:
        """Say goodbye to all, evenly over this time: together they would fall on the other processes like a wave."""
        open_sids = list(self._io.eio.sockets)
        a_step = max(1, math.ceil(len(open_sids) * DRAIN_STEP_SECONDS / seconds)) if seconds else 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as goodbyes:
                for number, eio_sid in enumerate(open_sids if a_step else ()):
                    goodbyes.create_task(self._say_goodbye(eio_sid))
                    if number % a_step == a_step - 1:
                        await asyncio.sleep(DRAIN_STEP_SECONDS)

    async def _say_goodbye(self, eio_sid: str) -> None:
        connection = self._io.eio.sockets.get(eio_sid)
        if connection is not None:
            await connection.close(wait=False)
            await connection.queue.put(None)  # lets the writer send what is left, close, and end
            pause = 0.01
            while self._is_open(eio_sid):  # the library tells nobody when its writer has ended
                await asyncio.sleep(pause)
                pause *= 2

    def _is_open(self, eio_sid: str) -> bool:
        transport = self._transport(eio_sid)
        return transport is not None and not transport.is_closing()

    def find(self, sid: str) -> Socket | None:
        return self._by_sid.get(sid)

    def is_full(self, address: str) -> bool:
        """Are there as many sockets from this address as there may be? This machine ("") is never full."""
        return bool(address) and self._at_address[address] >= MAX_SOCKETS_PER_ADDRESS

    def __len__(self) -> int:
        return len(self._by_sid)

    def has(self, user_id: str) -> bool:
        return user_id in self._of_user

    def people(self) -> list[str]:
        """Ids of all who have a socket here."""
        return list(self._of_user)

    async def add(self, socket: Socket) -> None:
        """Remember a signed-in socket; the person's oldest goes when there are too many."""
        self._by_sid[socket.sid] = socket
        self._at_address[socket.address] += 1
        mine = self._of_user.setdefault(socket.user.id, [])
        mine.append(socket)
        if len(mine) > MAX_SOCKETS_PER_USER:
            await self.close(mine[0].eio_sid)

    def remove(self, sid: str) -> None:
        socket = self._by_sid.pop(sid, None)
        if socket is None:
            return
        self._at_address[socket.address] -= 1
        if not self._at_address[socket.address]:
            del self._at_address[socket.address]
        mine = self._of_user.get(socket.user.id, [])
        if socket in mine:
            mine.remove(socket)
        if not mine:
            self._of_user.pop(socket.user.id, None)

    def is_behind(self, eio_sid: str) -> bool:
        """Does so much wait for this client that its next question had better wait, too?"""
        connection = self._io.eio.sockets.get(eio_sid)
        return connection is not None and _waiting_bytes(connection) > BEHIND_BYTES

    async def let_read(self, eio_sid: str) -> None:
        """Wait until the client has read most of what it was told, or has gone."""
        while self.is_behind(eio_sid):  # noqa: ASYNC110 - the library tells nobody when its writer has sent something
            await asyncio.sleep(BEHIND_PAUSE_SECONDS)

    async def renew(self, user: User) -> None:
        """The person's sockets act as the person is now; those of sessions ended since are closed."""
        for socket in list(self._of_user.get(user.id, ())):
            if socket.user.session_version == user.session_version:
                socket.user = user
            else:
                await self.close(socket.eio_sid)

    async def close_session(self, user_id: str, session_id: str) -> None:
        """Cut the sockets of a session that has been ended."""
        for socket in list(self._of_user.get(user_id, ())):
            if socket.session_id == session_id:
                await self.close(socket.eio_sid)

    def sessions_of(self, user_ids: Iterable[str]) -> list[tuple[str, str]]:
        """The recorded sessions whose sockets these people have here: (user id, session id)."""
        held = (socket for user_id in user_ids for socket in self._of_user.get(user_id, ()))
        return [(socket.user.id, socket.session_id) for socket in held if socket.session_id is not None]

    async def close_all_of(self, user_id: str) -> None:
        for socket in list(self._of_user.get(user_id, ())):
            await self.close(socket.eio_sid)

    def note_upgrade(self, request: web.Request) -> None:
        """A polling session moves on to a websocket: this is the connection to cut, should it stall."""
        eio_sid = request.query.get("sid", "") if request.headers.get("Upgrade") else ""
        if eio_sid in self._io.eio.sockets and request.transport is not None:
            self._transports[eio_sid] = request.transport

    def _transport(self, eio_sid: str) -> asyncio.Transport | None:
        if eio_sid in self._transports:
            return self._transports[eio_sid]
        connection = self._io.eio.sockets.get(eio_sid)
        if connection is None or not connection.upgraded:
            return None  # polling: its connection is shared with other requests of the browser
        handshakes = vars(self._io)["environ"]  # by connection; the library has no other way to the ones not signed in
        request = handshakes.get(eio_sid, {}).get("aiohttp.request")
        return cast("asyncio.Transport | None", request.transport) if request is not None else None

    async def close(self, eio_sid: str) -> None:
        """Cut a connection at once: its reader may not be reading, so nothing is waited for."""
        transport = self._transport(eio_sid)
        connection = self._io.eio.sockets.get(eio_sid)
        if connection is not None:
            await connection.close(wait=False, abort=True, reason=self._io.reason.SERVER_DISCONNECT)
            self._io.eio.sockets.pop(eio_sid, None)
        if transport is not None:
            transport.abort()
        self._transports.pop(eio_sid, None)
        self._first_seen.pop(eio_sid, None)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep(time.monotonic())
            except Exception:
                log.exception("the socket guard failed")

    async def _sweep(self, now: float) -> None:
        connections, wall = self._io.eio.sockets, time.time()
        signed_in = {socket.eio_sid for socket in self._by_sid.values()}
        for eio_sid, connection in list(connections.items()):
            since = self._first_seen.setdefault(eio_sid, now)
            is_stranger = eio_sid not in signed_in and now - since > CONNECT_SECONDS - SWEEP_SECONDS
            is_withholding = eio_sid in self._io._binary_packet and self._announced_before(eio_sid)
            is_not_reading = connection.queue.qsize() > MAX_QUEUED or _waiting_bytes(connection) > MAX_WAITING_BYTES
            if connection.closed and not connection.upgraded:  # a websocket's goes with its connection
                connections.pop(eio_sid, None)
            elif connection.is_gone(wall):
                await self.close(eio_sid)
            elif is_stranger or is_withholding or is_not_reading:
                self._refusals.count("unread" if is_not_reading else "stranger")
                await self.close(eio_sid)
        for socket in [socket for socket in self._by_sid.values() if socket.expires < wall]:
            await self.close(socket.eio_sid)
        for known in (self._first_seen, self._transports):
            for eio_sid in [eio_sid for eio_sid in known if eio_sid not in connections]:
                del known[eio_sid]

    def _announced_before(self, eio_sid: str) -> bool:
        """Was this very packet waiting for its attachments at the last look, too?"""
        packet = self._io._binary_packet[eio_sid]
        was_there = getattr(packet, "was_there", False)
        packet.was_there = True
        return was_there


def _waiting_bytes(connection: Any) -> int:
    """What is queued for a connection; looked at closely only when it is more than a few packets."""
    waiting = connection.queue._queue
    return sum(len(packet.data) for packet in waiting if packet and packet.data) if len(waiting) > FEW_PACKETS else 0
