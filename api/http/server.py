"""The server that carries the web door: its port, how long it waits for a connection, and how it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from api.http.connections import MAX_ARRIVING, Arrivals, Connection, reject
from api.http.context import API_CONTEXT
from api.http.metrics import Refusals
from api.realtime.server import Realtime

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS: Final = 75.0
UNREAD_SECONDS: Final = 30.0
"""How long a client may leave an answer lying in its buffers without taking anything of it."""
STOP_SECONDS: Final = 20.0
"""More than all that is waited for on the way out, one after the other."""
FINISH_SECONDS: Final = 5.0
"""What a request that is under way gets to end by itself."""
LINGER_SECONDS: Final = 2.0
"""How long what is still being sent is read after it was refused, so that the answer is seen."""
MAX_LINE: Final = 16_384  # a request line or header field: a session token in pieces fits
BACKLOG: Final = 4096
ACCEPTORS: Final = 16
"""Connections taken in one turn of the loop. uvloop takes one for each listening socket that it knows, and in a rush of
thousands the turns are long: the system's queue runs over, and who is dropped there asks again after seconds."""
SHED_AT_ONCE: Final = 512
"""Of those that wait in the system's queue, in one turn of the loop: some milliseconds."""
SHED_SECONDS: Final = 0.005

REALTIME = web.AppKey("realtime", Realtime)


class Server:
    """The application on a port."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._refusals = app[API_CONTEXT].metrics.refusals
        self._arrivals = Arrivals(self._shed_load)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=FINISH_SECONDS)
        self._servers: list[asyncio.Server] = []
        self._doors: list[socket.socket] = []
        self._made: set[asyncio.Task[Any]] = set()

    @property
    def port(self) -> int:
        """The port in use: the one given, or the one that the system chose for 0."""
        assert self._servers, "the server has not been started"
        return int(self._servers[0].sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError when the address cannot be used."""
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            self._close()
            await self._runner.cleanup()
            raise
        self._app[REALTIME].start()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(self._connection, self._host, self._port, backlog=BACKLOG)
        self._servers.append(first)
        for listening in first.sockets:
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it from the socket that listens
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_SECONDS * 1000))
            context = listening.dup()
            context.setblocking(False)
            self._doors.append(context)
            for _ in range(ACCEPTORS - 1):  # the same queue, once more
                again = listening.dup()
                self._servers.append(await loop.create_server(self._connection, sock=again, backlog=BACKLOG))

    def _close(self) -> None:
        for server in self._servers:
            server.close()
        for context in self._doors:
            context.close()
        self._doors.clear()

    def _shed_load(self) -> None:
        """In a rush, empty the system's queue: what waits there is let in as long as there is room, and told to come
        later before anything is made for it. Left there it would be dropped, and find that out after seconds."""
        loop = asyncio.get_running_loop()
        room = MAX_ARRIVING - self._arrivals.count
        for context in self._doors:
            with contextlib.suppress(OSError):  # nobody waits
                for _ in range(SHED_AT_ONCE):
                    pending, _ = context.accept()
                    pending.setblocking(False)
                    if room > 0 or not reject(pending):
                        room -= 1
                        task = loop.create_task(loop.connect_accepted_socket(self._connection, pending))
                        self._made.add(task)
                        task.add_done_callback(self._made.discard)
                    else:
                        self._refusals.count("busy")
        if self._arrivals.is_rush and self._doors:
            loop.call_later(SHED_SECONDS, self._shed_load)
        else:
            self._arrivals.is_bouncing = False

    def _connection(self) -> asyncio.Protocol:
        assert self._runner.server is not None
        return Connection(
            self._runner.server,
            self._refusals,
            self._arrivals,
            loop=asyncio.get_running_loop(),
            access_log=None,
            logger=_ServerLog(logging.getLogger("aiohttp.server"), self._refusals),
            keepalive_timeout=KEEPALIVE_SECONDS,
            lingering_time=LINGER_SECONDS,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
        )

    async def drain(self, seconds: float) -> None:
        """Go on answering for so long, while `/readyz` says no, connections end with their next answer, and the
        sockets are sent elsewhere, a few at a time.

        What stands in front of several processes has then noticed before the port closes.
        """
        self._app[API_CONTEXT].stopping.set()
        await asyncio.gather(self._app[REALTIME].drain(seconds), asyncio.sleep(seconds))

    async def stop(self) -> None:
        """Take no more connections, let running requests end, say goodbye to the sockets; within STOP_SECONDS."""
        self._app[API_CONTEXT].stopping.set()
        self._close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._app[REALTIME].stop()
                await self._runner.cleanup()


class _ServerLog(logging.LoggerAdapter[logging.Logger]):
    """aiohttp's log without what strangers sent: its errors quote a request that it cannot read. These are counted."""

    def __init__(self, logger: logging.Logger, refusals: Refusals) -> None:
        super().__init__(logger)
        self._refusals = refusals

    def debug(self, msg: object, *args: object, exc_info: Any = None, **options: Any) -> None:
        """A first request that is no HTTP at all comes as this; the rest of its chatter is left out."""
        if isinstance(exc_info, HttpProcessingError):
            self._refusals.count("unreadable")

    def exception(self, msg: object, *args: object, exc_info: Any = True, **options: Any) -> None:
        if isinstance(exc_info, HttpProcessingError):
            self._refusals.count("unreadable")
        else:
            super().exception(msg, *args, exc_info=exc_info, **options)
