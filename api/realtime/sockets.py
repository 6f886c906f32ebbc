"""Sockets held by this process, with limits on their number and on their use of memory.

A new socket is rejected when its address has too many. The oldest socket of a user is closed when
the user has too many. A periodic sweep closes connections that do not authenticate, stop reading,
announce an attachment without sending it, leave a ping unanswered, or whose session has expired.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

import orjson
from aiohttp import web

from api.http.json_text import parse_event
from api.http.metrics import Refusals
from domain.users import User
from handlers.runtime.background import BackgroundTask, stop_all

log = logging.getLogger(__name__)

MAX_SOCKETS_PER_USER: Final = 10
MAX_SOCKETS_PER_ADDRESS: Final = 500
"""Sockets of one address other than this machine; a whole campus may share one.

Further ones are refused with `retry_after`. A single user stays far below, by MAX_SOCKETS_PER_USER.
"""
MAX_QUEUED_PACKETS: Final = 256
MAX_QUEUED_BYTES: Final = 1_000_000
BACKPRESSURE_BYTES: Final = 250_000
"""Queued bytes beyond which a client's next event waits until it has read the responses before."""
BACKPRESSURE_POLL_SECONDS: Final = 0.05
FEW_PACKETS: Final = 3
"""Queue length up to which bytes are not counted."""
CONNECT_SECONDS: Final = 10.0
SWEEP_SECONDS: Final = 2.0
CLOSE_TIMEOUT_SECONDS: Final = 3.0
CLOSE_BATCH: Final = 100
CLOSE_FRAME: Final = b"\x88\x02\x03\xe9"
"""Last frame of a websocket: close code 1001, "going away"."""
DRAIN_STEP_SECONDS: Final = 0.05


class OrjsonCodec:
    """JSON functions in the form that python-socketio expects."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        return orjson.dumps(data).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return parse_event(text)


@dataclass(slots=True)
class Socket:
    """Authenticated socket. `expires` is the end of its session, in seconds since 1970;
    `next_event_at` the state of its rate limit, and `messages_paused_until` the earliest time of its next message, in
    seconds of the monotonic clock.
    """

    sid: str
    eio_sid: str
    user: User
    expires: float
    session_id: str | None = None
    strikes: int = 0
    address: str = ""
    views: set[str] = field(default_factory=set)
    typed_at: datetime | None = None
    next_event_at: float = 0.0
    messages_paused_until: float = 0.0

    def delay_of_next_event(self, burst: int, seconds: float, *, now: float) -> float:
        """Return the seconds that the next event has to wait; zero or less for none.

        `burst` events may come at once, further ones every `seconds`.
        """
        self.next_event_at = max(self.next_event_at, now) + seconds
        return self.next_event_at - burst * seconds - now


class Sockets:
    """Registry of the sockets of this process."""

    def __init__(self, io: Any, refusals: Refusals) -> None:
        self._io = io
        self._refusals = refusals
        self._by_sid: dict[str, Socket] = {}
        self._by_user: dict[str, list[Socket]] = {}
        self._count_by_address: Counter[str] = Counter()
        self._first_seen: dict[str, float] = {}
        self._transports: dict[str, asyncio.Transport] = {}
        self._tasks = (BackgroundTask("socket guard", self._watch), BackgroundTask("socket pings", io.eio.run_pings))

    def start(self) -> None:
        """Start the sweep and the pings."""
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Close all sockets: gracefully within CLOSE_TIMEOUT_SECONDS, the rest by a close frame only."""
        await stop_all(*self._tasks)
        open_sids = list(self._io.eio.sockets)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                for start in range(0, len(open_sids), CLOSE_BATCH):
                    batch = open_sids[start : start + CLOSE_BATCH]
                    await asyncio.gather(
                        *(self._close_gracefully(eio_sid) for eio_sid in batch), return_exceptions=True
                    )
        for eio_sid in list(self._io.eio.sockets):
            self._send_close_frame(eio_sid)

    def _send_close_frame(self, eio_sid: str) -> None:
        """Close a websocket without waiting for its queue.

        For clients that do not read, or when the time is over; they reconnect to another process.
        """
        if (transport := self._transport(eio_sid)) is not None:
            transport.write(CLOSE_FRAME)
            transport.close()

    async def drain(self, seconds: float) -> None:
        """Close all sockets evenly over `seconds`, so that other processes do not get
        all clients at once.
        """
        open_sids = list(self._io.eio.sockets)
        batch_size = max(1, math.ceil(len(open_sids) * DRAIN_STEP_SECONDS / seconds)) if seconds else 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as closing:
                for index, eio_sid in enumerate(open_sids if batch_size else ()):
                    closing.create_task(self._close_gracefully(eio_sid))
                    if index % batch_size == batch_size - 1:
                        await asyncio.sleep(DRAIN_STEP_SECONDS)

    async def _close_gracefully(self, eio_sid: str) -> None:
        connection = self._io.eio.sockets.get(eio_sid)
        if connection is not None:
            await connection.close(wait=False)
            if (transport := self._transport(eio_sid)) is not None:
                transport.resume_reading()  # an event that waits may have paused it: the client's close would be unread
            await connection.queue.put(None)  # the writer sends what is queued, closes the connection and ends
            pause = 0.01
            while self._is_open(eio_sid):  # the library does not signal the end of its writer
                await asyncio.sleep(pause)
                pause *= 2

    def _is_open(self, eio_sid: str) -> bool:
        transport = self._transport(eio_sid)
        return transport is not None and not transport.is_closing()

    def find(self, sid: str) -> Socket | None:
        return self._by_sid.get(sid)

    def is_full(self, address: str) -> bool:
        """Return True if the address has MAX_SOCKETS_PER_ADDRESS sockets. This machine
        ("") has no limit.
        """
        return bool(address) and self._count_by_address[address] >= MAX_SOCKETS_PER_ADDRESS

    def __len__(self) -> int:
        return len(self._by_sid)

    def has(self, user_id: str) -> bool:
        """Return True if the user has a socket in this process."""
        return user_id in self._by_user

    def user_ids(self) -> list[str]:
        """Return the ids of all users with a socket in this process."""
        return list(self._by_user)

    async def add(self, socket: Socket) -> None:
        """Register an authenticated socket; close the user's oldest when there are too many."""
        self._by_sid[socket.sid] = socket
        self._count_by_address[socket.address] += 1
        sockets = self._by_user.setdefault(socket.user.id, [])
        sockets.append(socket)
        if len(sockets) > MAX_SOCKETS_PER_USER:
            await self.close(sockets[0].eio_sid)

    def remove(self, sid: str) -> None:
        socket = self._by_sid.pop(sid, None)
        if socket is None:
            return
        self._count_by_address[socket.address] -= 1
        if not self._count_by_address[socket.address]:
            del self._count_by_address[socket.address]
        sockets = self._by_user.get(socket.user.id, [])
        if socket in sockets:
            sockets.remove(socket)
        if not sockets:
            self._by_user.pop(socket.user.id, None)

    def is_backlogged(self, eio_sid: str) -> bool:
        """Return True if so much is queued for the client that its next event should wait."""
        connection = self._io.eio.sockets.get(eio_sid)
        return connection is not None and _queued_bytes(connection) > BACKPRESSURE_BYTES

    async def wait_for_backlog(self, eio_sid: str) -> None:
        """Wait until the client has read most of what is queued, or has disconnected."""
        while self.is_backlogged(eio_sid):  # noqa: ASYNC110 - the library does not signal what its writer has sent
            await asyncio.sleep(BACKPRESSURE_POLL_SECONDS)

    @contextlib.contextmanager
    def reading_paused(self, eio_sid: str) -> Iterator[None]:
        """Leave in the connection what the client sends meanwhile. A client that polls waits for its answer anyway.

        aiohttp would take each frame in as it comes, up to 128 KB of them. That the client has gone is seen afterwards.
        """
        transport = self._transport(eio_sid)
        if transport is None or not transport.is_reading():  # polling, closing, or paused by others, who continue it
            yield
            return
        transport.pause_reading()
        try:
            yield
        finally:
            transport.resume_reading()

    async def update_user(self, user: User) -> None:
        """Store the changed user in their sockets; close those of sessions that were ended."""
        for socket in list(self._by_user.get(user.id, ())):
            if socket.user.session_version == user.session_version:
                socket.user = user
            else:
                await self.close(socket.eio_sid)

    async def close_session(self, user_id: str, session_id: str) -> None:
        """Close the sockets of a session that was ended."""
        for socket in list(self._by_user.get(user_id, ())):
            if socket.session_id == session_id:
                await self.close(socket.eio_sid)

    def sessions_of(self, user_ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return the (user id, session id) of each recorded session that has a socket of these users."""
        sockets = (socket for user_id in user_ids for socket in self._by_user.get(user_id, ()))
        return [(socket.user.id, socket.session_id) for socket in sockets if socket.session_id is not None]

    async def close_user(self, user_id: str) -> None:
        """Close all sockets of a user."""
        for socket in list(self._by_user.get(user_id, ())):
            await self.close(socket.eio_sid)

    def record_upgrade(self, request: web.Request) -> None:
        """Remember the websocket connection of a polling session: the one to abort
        if the client stalls.
        """
        eio_sid = request.query.get("sid", "") if request.headers.get("Upgrade") else ""
        if eio_sid in self._io.eio.sockets and request.transport is not None:
            self._transports[eio_sid] = request.transport

    def _transport(self, eio_sid: str) -> asyncio.Transport | None:
        if eio_sid in self._transports:
            return self._transports[eio_sid]
        connection = self._io.eio.sockets.get(eio_sid)
        if connection is None or not connection.upgraded:
            return None  # polling shares its connection with other requests of the browser
        environs = vars(self._io)["environ"]  # the library's only access to connections that are not authenticated
        request = environs.get(eio_sid, {}).get("aiohttp.request")
        return cast("asyncio.Transport | None", request.transport) if request is not None else None

    async def close(self, eio_sid: str) -> None:
        """Abort a connection at once. The client may not be reading, so nothing is awaited."""
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
                log.exception("the socket sweep failed")

    async def _sweep(self, now: float) -> None:
        connections, wall_time = self._io.eio.sockets, time.time()
        signed_in = {socket.eio_sid for socket in self._by_sid.values()}
        for eio_sid, connection in list(connections.items()):
            since = self._first_seen.setdefault(eio_sid, now)
            is_unauthenticated = eio_sid not in signed_in and now - since > CONNECT_SECONDS - SWEEP_SECONDS
            lacks_attachment = eio_sid in self._io._binary_packet and self._was_incomplete_at_last_sweep(eio_sid)
            is_not_reading = (
                connection.queue.qsize() > MAX_QUEUED_PACKETS or _queued_bytes(connection) > MAX_QUEUED_BYTES
            )
            if connection.closed and not connection.upgraded:  # a websocket session is removed with its connection
                connections.pop(eio_sid, None)
            elif connection.is_timed_out(wall_time):
                await self.close(eio_sid)
            elif is_unauthenticated or lacks_attachment or is_not_reading:
                self._refusals.count("unread" if is_not_reading else "stranger")
                await self.close(eio_sid)
        for socket in [socket for socket in self._by_sid.values() if socket.expires < wall_time]:
            await self.close(socket.eio_sid)
        for known in (self._first_seen, self._transports):
            for eio_sid in [eio_sid for eio_sid in known if eio_sid not in connections]:
                del known[eio_sid]

    def _was_incomplete_at_last_sweep(self, eio_sid: str) -> bool:
        """Return True if the same packet already lacked attachments at the last sweep."""
        packet = self._io._binary_packet[eio_sid]
        seen_by_sweep = getattr(packet, "seen_by_sweep", False)
        packet.seen_by_sweep = True
        return seen_by_sweep


def _queued_bytes(connection: Any) -> int:
    """Return the bytes queued for a connection; 0, without counting, for up to FEW_PACKETS packets."""
    queued = connection.queue._queue
    return sum(len(packet.data) for packet in queued if packet and packet.data) if len(queued) > FEW_PACKETS else 0
