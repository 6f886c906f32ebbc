"""HTTP server: listening sockets, connection timeouts, load shedding and graceful shutdown.

Two measures keep the service responsive when thousands of clients reconnect at once:

- Each listening socket is registered with the event loop several times (ACCEPTORS), because uvloop
  accepts one connection per registration and iteration.

- While many handshakes are pending, the server itself empties the kernel's accept queue and rejects
  surplus handshakes with 429 (`_shed_load`). Left in a full queue, their connection attempts would
  be dropped, and clients would retry only after a TCP timeout of seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from api.http.connections import MAX_PENDING_HANDSHAKES, Connection, PendingHandshakes, reject
from api.http.context import API_CONTEXT
from api.http.handover import Receiver
from api.http.metrics import Refusals
from api.http.tracebacks import drop_tracebacks
from api.realtime.server import Realtime

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS: Final = 75.0
SEND_TIMEOUT_SECONDS: Final = 30.0
"""Time a client may leave sent data unacknowledged (TCP_USER_TIMEOUT) before it is disconnected."""
STOP_SECONDS: Final = 20.0
"""Upper bound of `stop`; longer than the timeouts of its steps together."""
SHUTDOWN_TIMEOUT_SECONDS: Final = 5.0
"""Time that running requests get to complete on shutdown."""
LINGERING_SECONDS: Final = 2.0
"""aiohttp's `lingering_time`: time to go on reading a rejected body, so that the
client sees the response.
"""
MAX_HEADER_LINE: Final = 16_384  # bytes of the request line or a header field; a session cookie in chunks fits
BACKLOG: Final = 4096
ACCEPTORS: Final = 16
"""Registrations of each listening socket with the loop: connections accepted per iteration.

uvloop accepts one connection per registration. Under load iterations are long, so with a single one
the kernel's accept queue would overflow.
"""
MAX_ACCEPTED_AT_ONCE: Final = 512
"""Connections taken from the accept queue in one iteration of `_shed_load`: some milliseconds of work."""
SHED_INTERVAL_SECONDS: Final = 0.005
"""Pause between two iterations of `_shed_load`."""

REALTIME = web.AppKey("realtime", Realtime)


class Server:
    """The web application on a TCP port."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._place = app[API_CONTEXT].place
        self._receiver = Receiver(self._place, self._take_over) if self._place else None
        self._port = port
        self._refusals = app[API_CONTEXT].metrics.refusals
        self._logger = _ServerLogger(logging.getLogger("aiohttp.server"), self._refusals)
        self._handshakes = PendingHandshakes(self._shed_load)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS)
        self._servers: list[asyncio.Server] = []
        self._accept_sockets: list[socket.socket] = []
        self._accept_tasks: set[asyncio.Task[Any]] = set()

    @property
    def port(self) -> int:
        """The port in use: the configured one, or the one that the system chose for port 0."""
        assert self._servers, "the server has not been started"
        return int(self._servers[0].sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Start to listen. Raises OSError when the address cannot be used."""
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            self._close()
            await self._runner.cleanup()
            raise
        self._app[REALTIME].start()
        if self._receiver is not None:
            self._receiver.start()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            self._create_protocol, self._host, self._port, backlog=BACKLOG, reuse_port=self._place is not None or None
        )
        self._servers.append(server)
        for listening in server.sockets:
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux only; inherited by accepted connections
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_TIMEOUT_SECONDS * 1000))
            accept_socket = listening.dup()
            accept_socket.setblocking(False)
            self._accept_sockets.append(accept_socket)
            for _ in range(ACCEPTORS - 1):
                duplicate = listening.dup()
                self._servers.append(await loop.create_server(self._create_protocol, sock=duplicate, backlog=BACKLOG))

    async def _take_over(self, connection: socket.socket, head: bytes) -> None:
        """Serve a connection that another process has handed over, with the request that it had read."""
        loop = asyncio.get_running_loop()
        _, protocol = await loop.connect_accepted_socket(self._create_protocol, connection)
        protocol.data_received(head)

    def _close(self) -> None:
        for server in self._servers:
            server.close()
        for accept_socket in self._accept_sockets:
            accept_socket.close()
        self._accept_sockets.clear()

    def _shed_load(self) -> None:
        """Empty the kernel's accept queue during a burst of handshakes.

        Connections are served as usual while there is capacity. Beyond it, handshakes are rejected
        with 429 and other requests are served. Repeats until the burst is over.
        """
        loop = asyncio.get_running_loop()
        capacity = MAX_PENDING_HANDSHAKES - self._handshakes.count
        for accept_socket in self._accept_sockets:
            with contextlib.suppress(OSError):  # the accept queue is empty
                for _ in range(MAX_ACCEPTED_AT_ONCE):
                    pending, _ = accept_socket.accept()
                    pending.setblocking(False)
                    if capacity > 0 or not reject(pending):
                        capacity -= 1
                        task = loop.create_task(loop.connect_accepted_socket(self._create_protocol, pending))
                        self._accept_tasks.add(task)
                        task.add_done_callback(self._accept_tasks.discard)
                    else:
                        self._refusals.count("busy")
        if self._handshakes.is_burst and self._accept_sockets:
            loop.call_later(SHED_INTERVAL_SECONDS, self._shed_load)
        else:
            self._handshakes.is_shedding = False

    def _create_protocol(self) -> asyncio.Protocol:
        assert self._runner.server is not None
        return Connection(
            self._runner.server,
            self._refusals,
            self._handshakes,
            loop=asyncio.get_running_loop(),
            access_log=None,
            logger=self._logger,
            keepalive_timeout=KEEPALIVE_SECONDS,
            lingering_time=LINGERING_SECONDS,
            max_line_size=MAX_HEADER_LINE,
            max_field_size=MAX_HEADER_LINE,
        )

    async def drain(self, seconds: float) -> None:
        """Keep serving for `seconds` while clients move to other processes.

        `/readyz` fails, each connection closes after its next response, and sockets are closed
        evenly over the time, so that a load balancer stops sending traffic before the port closes.
        """
        self._app[API_CONTEXT].stopping.set()
        await asyncio.gather(self._app[REALTIME].drain(seconds), asyncio.sleep(seconds))

    async def stop(self) -> None:
        """Stop accepting, let running requests complete and close all sockets, within STOP_SECONDS."""
        self._app[API_CONTEXT].stopping.set()
        self._close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                if self._receiver is not None:
                    await self._receiver.stop()
                await self._app[REALTIME].stop()
                await self._runner.cleanup()


_UNREADABLE: Final = (HttpProcessingError, web.RequestPayloadError)


class _ServerLogger(logging.LoggerAdapter[logging.Logger]):
    """aiohttp's logger without unreadable requests and bodies, which it would quote. They are counted instead."""

    def __init__(self, logger: logging.Logger, refusals: Refusals) -> None:
        super().__init__(logger)
        self._refusals = refusals

    def debug(self, msg: object, *args: object, exc_info: Any = None, **options: Any) -> None:
        """Take an unreadable first request, which aiohttp logs at this level; drop other messages."""
        if isinstance(exc_info, _UNREADABLE):
            self._take(exc_info)

    def exception(self, msg: object, *args: object, exc_info: Any = True, **options: Any) -> None:
        if isinstance(exc_info, _UNREADABLE):
            self._take(exc_info)
        else:
            super().exception(msg, *args, exc_info=exc_info, **options)

    def _take(self, error: Exception) -> None:
        self._refusals.count("unreadable")
        drop_tracebacks(error)
