"""Operator endpoints of a process without the web channel: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from api.http import health
from api.http.client_address import ClientAddresses
from api.http.context import API_CONTEXT, ApiContext
from api.http.metrics import MetricsPage
from api.http.middleware import build_middleware
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps

SECRET_BYTES: Final = 32
SHUTDOWN_TIMEOUT_SECONDS: Final = 1.0


class Probes:
    """Small HTTP server of a bot or worker process. `is_ready` reports the state of that process."""

    def __init__(
        self,
        deps: Deps,
        feed: ChangeFeed,
        *,
        is_ready: Callable[[], Awaitable[dict[str, bool]]],
        trusted_proxies: Sequence[str] = (),
        metrics_token: str | None = None,
        stopping: asyncio.Event | None = None,
    ) -> None:
        """`stopping` is set when the process is about to end."""
        unused_providers = Providers(SealedCookies([secrets.token_hex(SECRET_BYTES)]))
        client_addresses = ClientAddresses(trusted_proxies)
        self._context = ApiContext(
            deps,
            unused_providers,
            frozenset(),
            is_ready,
            None,
            client_addresses=client_addresses,
            non_critical=frozenset({"indexes"}),
            stopping=stopping or asyncio.Event(),
        )
        self._context.metrics.watch(feed)
        self._context.metrics.watch_indexes(deps)
        app = web.Application(middlewares=[build_middleware(self._context)])
        app[API_CONTEXT] = self._context
        app.add_routes(
            [*health.routes(), *MetricsPage(self._context.metrics, deps, client_addresses, metrics_token).routes()]
        )
        self._runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS
        )

    async def start(self, host: str, port: int) -> None:
        """Start to listen. Raises OSError when the address cannot be used."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise

    async def stop(self) -> None:
        self._context.stopping.set()
        await self._runner.cleanup()
