"""The server that carries the web door: its port, how long it waits for a connection, and how it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from api.context import DOOR
from api.metrics import Refusals
from api.realtime import Realtime

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS: Final = 75.0
HEAD_SECONDS: Final = 10.0
"""A request's head has arrived by then, the first as any later one, or the connection is closed."""
UNREAD_SECONDS: Final = 30.0
"""How long a client may leave an answer lying in its buffers without taking anything of it."""
STOP_SECONDS: Final = 10.0
LINGER_SECONDS: Final = 2.0
"""How long what is still being sent is read after it was refused, so that the answer is seen."""
MAX_LINE: Final = 16_384  # a request line or header field: a session token in pieces fits
BACKLOG: Final = 4096

REALTIME = web.AppKey("realtime", Realtime)


class Server:
    """The application on a port."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._refusals = app[DOOR].metrics.refusals
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=STOP_SECONDS / 2)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port in use: the one given, or the one that the system chose for 0."""
        assert self._server is not None, "the server has not been started"
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError when the address cannot be used."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connection, self._host, self._port, backlog=BACKLOG)
        except OSError:
            await self._runner.cleanup()
            raise
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it from the socket that listens
            for listening in self._server.sockets:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_SECONDS * 1000))
        self._app[REALTIME].start()

    def _connection(self) -> asyncio.Protocol:
        assert self._runner.server is not None
        return Connection(
            self._runner.server,
            self._refusals,
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
        self._app[DOOR].stopping.set()
        await asyncio.gather(self._app[REALTIME].drain(seconds), asyncio.sleep(seconds))

    async def stop(self) -> None:
        """Take no more connections, let running requests end, say goodbye to the sockets; within ten seconds."""
        self._app[DOOR].stopping.set()
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._app[REALTIME].stop()
                await self._runner.cleanup()


class Connection(web.RequestHandler):
    """aiohttp waits for a request's head as long as for the next request; here a head that has begun is due soon."""

    def __init__(self, server: web.Server, refusals: Refusals, **options: Any) -> None:
        super().__init__(server, **options)
        self._refusals = refusals
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        complete = self._request_count
        super().data_received(data)
        if self._request_count != complete:
            if self._head_due is not None:
                self._head_due.cancel()
                self._head_due = None
        elif self._head_due is None and self._waiter is not None and not self._waiter.done():
            self._expect_head()  # nothing is being answered: a head has begun

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_due = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._head_due = None
        self._refusals.count("slow")
        self.force_close()


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
