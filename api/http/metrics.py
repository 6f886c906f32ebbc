"""Metrics in the Prometheus text format, labelled by route pattern, never by path or user."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from bisect import bisect_left
from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from operator import add
from typing import Final

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Gauge, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from api.gate import Gate
from api.http.client_address import ClientAddresses
from domain.errors import NotFound
from handlers.notifications import Backlog, measure_backlog
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import DATABASE_ERRORS, Deps

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
BACKLOG_SECONDS: Final = 2.0
NO_ROUTE: Final = "(none)"
OTHER_METHOD: Final = "(other)"
LOG_INTERVAL_SECONDS: Final = 60.0

_BUCKET_LABELS: Final = (*map(floatToGoString, BUCKETS), "+Inf")

log = logging.getLogger(__name__)


class Metrics:
    """Counters, histograms and gauges of one application.

    Each application has its own registry, so two in one process do not share counts.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = RequestCounts()
        self.registry.register(self._requests)
        self.count = self._requests.count
        self._deliveries = Gauge(
            "skillswap_deliveries", "Deliveries of the outbox, by state", ("state",), registry=self.registry
        )
        self._updates = Gauge(
            "skillswap_telegram_updates",
            "Unprocessed Telegram updates, by state",
            ("state",),
            registry=self.registry,
        )
        self._late = Gauge("skillswap_delivery_late_seconds", "Age of the oldest due delivery", registry=self.registry)
        self._ignored = Counter(
            "skillswap_ignored_names",
            "Fields and parameters of requests that this service does not know",
            ("route",),
            registry=self.registry,
        )
        self.refusals = Refusals(self.registry)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Add a gauge whose value is read at each scrape."""
        Gauge(f"skillswap_{name}", meaning, registry=self.registry).set_function(read)

    def watch(self, feed: ChangeFeed) -> None:
        """Add gauges for the lag and state of the change stream."""
        self.gauge("change_stream_lag_seconds", "Time from a commit to its change event", lambda: feed.lag)
        self.gauge(
            "change_stream_current", "1 while change events arrive without delay", lambda: float(feed.is_current)
        )

    def watch_gate(self, gate: Gate) -> None:
        """Add gauges for the admission of messages, and a counter of those refused."""
        self.gauge("chat_credits", "Messages that may be under way at a time", lambda: gate.limit)
        self.gauge("chat_under_way", "Messages taken in and not yet handed on to the sockets", lambda: gate.out)
        self.gauge("chat_waiting", "Messages that wait to be taken in", lambda: gate.waiting)
        self.registry.register(RefusedMessages(gate))

    def watch_indexes(self, deps: Deps) -> None:
        """Add a counter of dropped indexes of other programs."""
        self.registry.register(DroppedIndexes(deps.store.database.foreign_indexes.dropped))

    def ignored(self, route: str, count: int) -> None:
        """Count unknown names that a route of the contract, or `chat:new`, has ignored.

        The names come from outside and are no label: they would be without number.
        """
        if count:
            self._ignored.labels(route).inc(count)

    def set_backlog(self, backlog: Backlog) -> None:
        """Set the gauges of the outbox and the update queue."""
        for state, number in backlog.deliveries.items():
            self._deliveries.labels(state).set(number)
        for state, number in backlog.updates.items():
            self._updates.labels(state).set(number)
        self._late.set(backlog.late)


class RequestCounts(Collector):
    """Answered requests and how long they took. Added up here, for the library's counters take a lock for each."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], _Answers] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. Methods come from the client, so unknown ones share a label."""
        answers = self._answers.get((method, route, status))
        if answers is None:
            name = method if method in hdrs.METH_ALL else OTHER_METHOD
            answers = self._answers.setdefault((name, route, status), _Answers())
        answers.by_duration[bisect_left(BUCKETS, seconds)] += 1
        answers.seconds += seconds

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily("skillswap_requests", "Answered requests", labels=("method", "route", "status"))
        routes: dict[str, _Answers] = defaultdict(_Answers)
        for (method, route, status), answers in list(self._answers.items()):  # the loop counts on meanwhile
            requests.add_metric((method, route, str(status)), sum(answers.by_duration))
            total = routes[route]
            total.by_duration = [*map(add, total.by_duration, answers.by_duration)]
            total.seconds += answers.seconds
        durations = HistogramMetricFamily("skillswap_request_seconds", "Response time", labels=("route",))
        for route, total in routes.items():
            counts = accumulate(total.by_duration)
            durations.add_metric((route,), [*zip(_BUCKET_LABELS, counts, strict=True)], total.seconds)
        yield requests
        yield durations


class _Answers:
    """Answers of one kind: their number in each of BUCKETS and above them, and the sum of their durations."""

    __slots__ = ("by_duration", "seconds")

    def __init__(self) -> None:
        self.by_duration = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0


class RefusedMessages(Collector):
    """Counter of messages that were refused with `chat.busy`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "skillswap_chat_refused", "Messages refused because more arrive than are passed on", self._gate.refused
        )


class DroppedIndexes(Collector):
    """Counter of indexes that other programs have built in our collections and that were dropped."""

    def __init__(self, dropped: Mapping[tuple[str, str], int]) -> None:
        self._dropped = dropped

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(
            "skillswap_dropped_indexes", "Dropped indexes of other programs", labels=("collection", "index")
        )
        for labels, number in list(self._dropped.items()):
            family.add_metric(labels, number)
        yield family


class Refusals:
    """Counter of closed connections and unreadable requests, by reason.

    Clients can cause any number of them, so at most one log line is written per
    LOG_INTERVAL_SECONDS.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refused = Counter(
            "skillswap_refused", "Connections closed and unreadable requests", ("reason",), registry=registry
        )
        self._unlogged: Counts[str] = Counts()
        self._logged_at = -LOG_INTERVAL_SECONDS

    def count(self, reason: str) -> None:
        """Count one refusal.

        `reason` is "slow" (incomplete or no request), "unreadable" (not HTTP), "stranger" (does not
        authenticate), "unread" (the client does not read) or "busy" (load shedding).
        """
        self._refused.labels(reason).inc()
        self._unlogged[reason] += 1
        now = time.monotonic()
        if now - self._logged_at >= LOG_INTERVAL_SECONDS:
            log.warning(
                "refused connections and requests: %s",
                ", ".join(f"{number} {reason}" for reason, number in self._unlogged.items()),
            )
            self._logged_at = now
            self._unlogged.clear()


class MetricsPage:
    """`GET /metrics` for this machine, or for clients with the token; 404 for all others."""

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
            async with asyncio.timeout(BACKLOG_SECONDS):
                self._metrics.set_backlog(await measure_backlog(self._deps))
        except (TimeoutError, *DATABASE_ERRORS):  # the other metrics matter most when the database is down
            pass
        registries = (self._metrics.registry, self._deps.metrics.registry)
        # In a thread: the process metrics read files below /proc.
        text: list[bytes] = await asyncio.to_thread(lambda: [*map(generate_latest, registries)])
        return web.Response(
            body=b"".join(text), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        )

    def _has_token(self, request: web.Request) -> bool:
        if self._token is None:
            return False
        authorization = request.headers.get(hdrs.AUTHORIZATION, "")
        return hmac.compare_digest(authorization.encode(errors="replace"), f"Bearer {self._token}".encode())
