"""One connection, and how many may be on their way in at a time.

When a process comes back, everybody whose page was open knocks at once. Each sign-in of a socket is some work, and if
all were begun together each would take as long as all of them. So a bounded number is under way; who comes then is
told to come later, at next to no cost, before anything is made for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from api.http.metrics import Refusals

HEAD_SECONDS: Final = 10.0
"""A request's head has arrived by then, the first as any later one, or the connection is closed."""
MAX_ARRIVING: Final = 200
"""Sockets that are signing in; a process signs in a few times as many in a second."""
ARRIVING_SECONDS: Final = 5.0
"""Who has not signed in by then no longer counts: it is their own slowness, even where this process takes its time."""
BUSY_SECONDS: Final = 2
RUSH: Final = 16
"""So many at a time are not everyday life: the queue before the door is looked at."""
HEAD_BYTES: Final = 4096

_HANDSHAKES: Final = (b"GET /socket.io", b"GET /api/socket")
_BUSY: Final = (
    f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {BUSY_SECONDS}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
).encode()


def reject(pending: socket.socket) -> bool:
    """Tell a connection that has asked for a new socket to come later. False: it is none of these, and untouched."""
    with contextlib.suppress(OSError):
        asked = pending.recv(HEAD_BYTES, socket.MSG_PEEK)
        if asked.startswith(_HANDSHAKES) and b"sid=" not in asked.partition(b" HTTP/")[0]:
            pending.recv(HEAD_BYTES)  # what is left unread would cut the answer off
            pending.send(_BUSY)
            pending.close()
            return True
    return False


class Arrivals:
    """Counts the sockets that are signing in."""

    def __init__(self, on_rush: Callable[[], object]) -> None:
        """`on_rush` is called in the next turn of the loop; whoever is called says when that is over."""
        self.count = 0
        self.is_bouncing = False
        self._on_rush = on_rush

    def add(self) -> None:
        self.count += 1
        if self.is_rush and not self.is_bouncing:
            self.is_bouncing = True
            asyncio.get_running_loop().call_soon(self._on_rush)

    @property
    def is_rush(self) -> bool:
        return self.count >= RUSH

    @property
    def is_full(self) -> bool:
        return self.count >= MAX_ARRIVING


class Connection(web.RequestHandler):
    """aiohttp waits for a request's head as long as for the next request; here a head that has begun is due soon."""

    def __init__(self, server: web.Server, refusals: Refusals, arrivals: Arrivals, **options: Any) -> None:
        super().__init__(server, **options)
        self._refusals = refusals
        self._arrivals = arrivals
        self._head_due: asyncio.TimerHandle | None = None
        self._arrival: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if data.startswith(_HANDSHAKES) and not self._may_arrive(data):
            return
        complete = self._request_count
        super().data_received(data)
        if self._request_count != complete:
            if self._head_due is not None:
                self._head_due.cancel()
                self._head_due = None
        elif self._head_due is None and not (self._request_in_progress or self._messages or self._upgraded):
            self._expect_head()  # nothing is being answered: a head has begun

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        self.arrived()
        super().connection_lost(exc)

    def arrived(self) -> None:
        """The socket is signed in, has gone, or takes its time: it is no longer among those on their way in."""
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None
            self._arrivals.count -= 1

    def _may_arrive(self, data: bytes) -> bool:
        if self._arrival is not None or b"sid=" in data.partition(b" HTTP/")[0]:  # not a first request
            return True
        if self._arrivals.is_full:
            self._refusals.count("busy")
            if self.transport is not None:
                self.transport.write(_BUSY)
            self.force_close()
            return False
        self._arrivals.add()
        self._arrival = asyncio.get_running_loop().call_later(ARRIVING_SECONDS, self.arrived)
        return True

    def _expect_head(self) -> None:
        self._head_due = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._head_due = None
        if self._request_in_progress or self._upgraded:  # it was the rest of a body, on its way to its handler
            return
        self._refusals.count("slow")
        self.force_close()
