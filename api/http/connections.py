"""Connection protocol with a limit on pending Socket.IO handshakes and a timeout for request headers.

When a process restarts, all its clients reconnect at once. Authenticating a socket costs database
and CPU time, and if all handshakes ran together, each would take as long as all of them. So at most
MAX_PENDING_HANDSHAKES run at a time; further ones are rejected with 429 and `Retry-After` before
any object is created for them (load shedding).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from api.http.metrics import Refusals
from api.http.tracebacks import drop_tracebacks

HEADERS_SECONDS: Final = 10.0
"""Time for the headers of a request to arrive, first or later; then the connection is closed."""
MAX_PENDING_HANDSHAKES: Final = 200
"""Sockets that may be authenticating at once. A process authenticates several times as many a second."""
HANDSHAKE_SECONDS: Final = 5.0
"""Time after which an unfinished handshake is no longer counted, so that slow clients
do not block others.
"""
RETRY_AFTER_SECONDS: Final = 2
"""Value of `Retry-After` in a rejected handshake."""
BURST_SIZE: Final = 16
"""Number of pending handshakes from which on the server also accepts and sheds connections by itself."""
PEEK_BYTES: Final = 4096
"""Bytes of a waiting connection that are looked at to recognise a handshake."""

_HANDSHAKE_PREFIXES: Final = (b"GET /socket.io", b"GET /api/socket")
_TOO_MANY_REQUESTS: Final = (
    f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {RETRY_AFTER_SECONDS}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
).encode()


def reject(pending: socket.socket) -> bool:
    """Answer 429 and close the connection if it asks for a new socket.

    Return False, with the connection untouched, if it asks for anything else.
    """
    with contextlib.suppress(OSError):
        request_head = pending.recv(PEEK_BYTES, socket.MSG_PEEK)
        if request_head.startswith(_HANDSHAKE_PREFIXES) and b"sid=" not in request_head.partition(b" HTTP/")[0]:
            pending.recv(PEEK_BYTES)  # closing with unread data would reset the connection and lose the response
            pending.send(_TOO_MANY_REQUESTS)
            pending.close()
            return True
    return False


class PendingHandshakes:
    """Counter of the sockets that are authenticating."""

    def __init__(self, on_burst: Callable[[], object]) -> None:
        """`on_burst` is called once, in the next iteration of the loop, when a burst begins.

        The callee resets `is_shedding` when the burst is over.
        """
        self.count = 0
        self.is_shedding = False
        self._on_burst = on_burst

    def add(self) -> None:
        self.count += 1
        if self.is_burst and not self.is_shedding:
            self.is_shedding = True
            asyncio.get_running_loop().call_soon(self._on_burst)

    @property
    def is_burst(self) -> bool:
        return self.count >= BURST_SIZE

    @property
    def is_full(self) -> bool:
        return self.count >= MAX_PENDING_HANDSHAKES


class Connection(web.RequestHandler):
    """aiohttp's protocol with a timeout for request headers and admission of handshakes.

    aiohttp waits for headers that have begun as long as for the next request of an idle connection.
    """

    def __init__(self, server: web.Server, refusals: Refusals, handshakes: PendingHandshakes, **options: Any) -> None:
        super().__init__(server, **options)
        self._refusals = refusals
        self._handshakes = handshakes
        self._headers_timer: asyncio.TimerHandle | None = None
        self._handshake_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start_headers_timer()

    def data_received(self, data: bytes) -> None:
        if data.startswith(_HANDSHAKE_PREFIXES) and not self._admit_handshake(data):
            return
        requests_before = self._request_count
        super().data_received(data)
        if self._request_count != requests_before:
            if self._headers_timer is not None:
                self._headers_timer.cancel()
                self._headers_timer = None
        elif self._headers_timer is None and not (self._request_in_progress or self._messages or self._upgraded):
            self._start_headers_timer()  # idle until now: the headers of a new request have begun

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None
        self.finish_handshake()
        for message, _ in self._messages:  # unreadable ones that were not reached
            drop_tracebacks(getattr(message, "exc", None))
        super().connection_lost(exc)

    def finish_handshake(self) -> None:
        """Stop counting this connection: it is authenticated, closed, or too slow."""
        if self._handshake_timer is not None:
            self._handshake_timer.cancel()
            self._handshake_timer = None
            self._handshakes.count -= 1

    def _admit_handshake(self, data: bytes) -> bool:
        """Return False, after answering 429, if too many handshakes are pending."""
        is_new = b"sid=" not in data.partition(b" HTTP/")[0]
        if self._handshake_timer is not None or not is_new:
            return True
        if self._handshakes.is_full:
            self._refusals.count("busy")
            if self.transport is not None:
                self.transport.write(_TOO_MANY_REQUESTS)
            self.force_close()
            return False
        self._handshakes.add()
        self._handshake_timer = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, self.finish_handshake)
        return True

    def _start_headers_timer(self) -> None:
        self._headers_timer = asyncio.get_running_loop().call_later(HEADERS_SECONDS, self._close_slow_connection)

    def _close_slow_connection(self) -> None:
        self._headers_timer = None
        if self._request_in_progress or self._upgraded:  # the data belonged to a request body
            return
        self._refusals.count("slow")
        self.force_close()
