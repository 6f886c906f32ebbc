"""The aiohttp application, and the server that carries it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from api import (
    accounts,
    auth,
    docs,
    edits,
    health,
    matches,
    messages,
    nextauth,
    pages,
    photos,
    sessions,
    skills,
    swaps,
    users,
)
from api.bodies import MAX_BODY_BYTES
from api.context import DOOR, Door
from api.guard import build_guard
from api.metrics import MetricsPage
from api.openapi import Reference
from api.places import Places
from api.realtime import Realtime
from handlers.changes import ChangeFeed
from handlers.deps import Deps
from handlers.providers import Providers
from handlers.seals import Seals

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS: Final = 75.0
HEAD_SECONDS: Final = 10.0
"""A new connection has sent a whole request head by then, or it is closed."""
STOP_SECONDS: Final = 10.0
LINGER_SECONDS: Final = 2.0
"""How long what is still being sent is read after it was refused, so that the answer is seen."""
MAX_LINE: Final = 16_384  # a request line or header field: a session token in pieces fits
BACKLOG: Final = 512
SECRET_BYTES: Final = 32

REALTIME = web.AppKey("realtime", Realtime)


def api_routes() -> list[web.RouteDef]:
    """The REST routes: those that the OpenAPI document describes, and the sign-in pages."""
    nouns = (users, skills, matches, swaps, messages, edits, photos, auth, nextauth, accounts, sessions, health)
    return [route for noun in nouns for route in noun.routes()]


def build_app(
    deps: Deps,
    feed: ChangeFeed,
    *,
    cors_origins: Sequence[str] = (),
    is_ready: Callable[[], Awaitable[dict[str, bool]]],
    providers: Providers | None = None,
    sandbox_page: str | None = None,
    extra_routes: Sequence[web.RouteDef] = (),
    trusted_proxies: Sequence[str] = (),
    metrics_token: str | None = None,
) -> web.Application:
    """The whole web door. `feed` is subscribed to here and started and stopped by the caller.

    `trusted_proxies` are networks whose `X-Forwarded-For` is believed; `/metrics` asks for `metrics_token`, or without
    one answers this machine only. Without `providers` one signs in by mail, which is shown in the log, under a secret
    that is gone with the process.
    """
    providers = providers or Providers(Seals([secrets.token_hex(SECRET_BYTES)]))
    origins = frozenset(origin.lower() for origin in cors_origins)
    door = Door(deps, providers, origins, is_ready, sandbox_page, places=Places(trusted_proxies))
    app = web.Application(middlewares=[build_guard(door)], client_max_size=MAX_BODY_BYTES)
    app[DOOR] = door
    routes = api_routes()
    reference = Reference(routes, deps.public_url)
    app.add_routes([*routes, *reference.routes(), docs.docs_route(reference), *pages.routes(), *extra_routes])
    realtime = Realtime(door)
    app.add_routes([*realtime.routes(), *MetricsPage(door.metrics, deps, door.places, metrics_token).routes()])
    door.metrics.gauge("sockets", "Open sockets of signed-in people", realtime.count_sockets)
    app[REALTIME] = realtime
    feed.subscribe(realtime.on_change)
    return app


class Server:
    """The application on a port. `address` is where it listens, once started."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_ServerLog(logging.getLogger("aiohttp.server")),
            handle_signals=False,
            keepalive_timeout=KEEPALIVE_SECONDS,
            shutdown_timeout=STOP_SECONDS / 2,
            lingering_time=LINGER_SECONDS,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
        )
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
        self._app[REALTIME].start()

    def _connection(self) -> asyncio.Protocol:
        assert self._runner.server is not None
        protocol = self._runner.server()
        asyncio.get_running_loop().call_later(HEAD_SECONDS, _close_silent, protocol)
        return protocol

    async def stop(self) -> None:
        """Take no more connections, let running requests end, say goodbye to the sockets; within ten seconds."""
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._app[REALTIME].stop()
                await self._runner.cleanup()


class _ServerLog(logging.LoggerAdapter[logging.Logger]):
    """aiohttp's log without what strangers sent: its errors quote a request that it cannot read."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **options: Any) -> None:
        if isinstance(exc_info, HttpProcessingError):
            self.debug("a request that cannot be read: %s", type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **options)


def _close_silent(protocol: web.RequestHandler) -> None:
    """aiohttp waits for a request head as long as for the next request; the first one is due sooner."""
    if protocol.transport is not None and not protocol._request_count:
        log.debug("closed a connection that sent no request")
        protocol.force_close()
