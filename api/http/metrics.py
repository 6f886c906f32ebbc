"""What the service counts, in the text format of Prometheus: by route pattern, never by path or person."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections import Counter as Counts
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api.http.client_address import ClientAddresses
from domain.errors import NotFound
from handlers.notifications import Backlog, measure_backlog
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import DATABASE_ERRORS, Deps

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
COUNT_SECONDS: Final = 2.0
NO_ROUTE: Final = "(none)"
WARN_SECONDS: Final = 60.0

log = logging.getLogger(__name__)


class Metrics:
    """One registry for each application: two in one process do not count into each other."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "skillswap_requests", "Answered requests", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "skillswap_request_seconds", "Time to an answer", ("route",), buckets=BUCKETS, registry=self.registry
        )
        self._deliveries = Gauge(
            "skillswap_deliveries", "Deliveries of the outbox, by state", ("state",), registry=self.registry
        )
        self._updates = Gauge(
            "skillswap_telegram_updates",
            "Updates from Telegram not acted on, by state",
            ("state",),
            registry=self.registry,
        )
        self._late = Gauge(
            "skillswap_delivery_late_seconds", "How long the oldest due delivery has been due", registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self.refusals = Refusals(self.registry)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A number that is read when somebody asks."""
        Gauge(f"skillswap_{name}", meaning, registry=self.registry).set_function(read)

    def watch(self, feed: ChangeFeed) -> None:
        self.gauge("change_stream_lag_seconds", "From a commit until it was heard here", lambda: feed.lag)
        self.gauge("change_stream_current", "Is every change heard at once?", lambda: float(feed.is_current))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request. `method` comes from a client: only known ones are told apart."""
        known = self._known.get((method, route, status))
        if known is None:
            name = method if method in hdrs.METH_ALL else "(other)"
            known = (self._requests.labels(name, route, str(status)).inc, self._seconds.labels(route).observe)
            if name == method:  # else anybody could fill the table
                self._known[method, route, status] = known
        known[0]()
        known[1](seconds)

    def set_backlog(self, backlog: Backlog) -> None:
        for state, number in backlog.deliveries.items():
            self._deliveries.labels(state).set(number)
        for state, number in backlog.updates.items():
            self._updates.labels(state).set(number)
        self._late.set(backlog.late)


class Refusals:
    """Connections that were closed without an answer to a request, and requests that could not be read.

    Strangers cause these as they like, so the log gets a line a minute at most.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refused = Counter(
            "skillswap_refused", "Connections closed and requests not understood", ("reason",), registry=registry
        )
        self._since: Counts[str] = Counts()
        self._told_at = -WARN_SECONDS

    def count(self, reason: str) -> None:
        """`reason`: "slow" (half a request, or none), "unreadable", "stranger" (does not sign in), "unread", "busy"."""
        self._refused.labels(reason).inc()
        self._since[reason] += 1
        now = time.monotonic()
        if now - self._told_at >= WARN_SECONDS:
            log.warning("refused: %s", ", ".join(f"{number} {reason}" for reason, number in self._since.items()))
            self._told_at = now
            self._since.clear()


class MetricsPage:
    """`GET /metrics`, for this machine and for whoever has the token; absent for everybody else."""

    def __init__(self, metrics: Metrics, deps: Deps, client_addresses: ClientAddresses, token: str | None) -> None:
        self._metrics = metrics
        self._deps = deps
        self._client_addresses = client_addresses
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/metrics", self.get_metrics)]

    async def get_metrics(self, request: web.Request) -> web.Response:
        if not (self._has_token(request) or (self._token is None and self._client_addresses.is_this_machine(request))):
            raise NotFound("not_found")
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                self._metrics.set_backlog(await measure_backlog(self._deps))
        except (TimeoutError, *DATABASE_ERRORS):  # the rest is worth knowing then most of all
            pass
        registries = (self._metrics.registry, self._deps.metrics.registry)
        text: list[bytes] = await asyncio.to_thread(lambda: [*map(generate_latest, registries)])  # the kernel's files
        return web.Response(
            body=b"".join(text), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        )

    def _has_token(self, request: web.Request) -> bool:
        if self._token is None:
            return False
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        return hmac.compare_digest(given.encode(errors="replace"), f"Bearer {self._token}".encode())
