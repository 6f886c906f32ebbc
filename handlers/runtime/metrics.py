"""Metrics of operations; the API serves them at `/metrics`."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

SENT, SKIPPED, DEAD, RETRIED, POSTPONED = "sent", "skipped", "dead", "retried", "postponed"

COMPLETED, RECOGNISED, LEFT = "completed", "recognised", "left"

BAD_ID, BAD_JSON, BAD_CONTENT = "id", "json", "content"

BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class DeliveryMetrics:
    """Counters of deliveries, in one registry per process; made with `Deps`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "skillswap_delivery_attempts",
            "Delivery attempts by how they ended",
            ("channel", "end"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "skillswap_delivery_seconds",
            "Seconds from an event until it was delivered",
            ("channel",),
            buckets=BUCKETS,
            registry=self.registry,
        )

        self._outside = Counter(
            "skillswap_outside_writes",
            "Profiles and status changes of swaps that other programs have written, by what became of them",
            ("collection", "end"),
            registry=self.registry,
        )

        self._rejected = Counter(
            "skillswap_rejected_updates",
            "Telegram updates that cannot be processed: no JSON object, no usable id, or content that cannot be stored",
            ("reason",),
            registry=self.registry,
        )

    def rejected_update(self, reason: str) -> None:
        """Count an update that Telegram must not send again: BAD_ID, BAD_JSON (dropped), BAD_CONTENT (stored dead)."""
        self._rejected.labels(reason).inc()

    def outside_write(self, collection: str, end: str, count: int = 1) -> None:
        """Count what another program has written to `users` or `swaps`: COMPLETED, RECOGNISED or LEFT."""
        self._outside.labels(collection, end).inc(count)

    def attempt(self, channel: str, end: str) -> None:
        """Count an attempt by its outcome."""
        self._deliveries.labels(channel, end).inc()

    def delivered(self, channel: str, seconds: float) -> None:
        """Count a delivery that has arrived, `seconds` after its event."""
        self.attempt(channel, SENT)
        self._seconds.labels(channel).observe(max(0.0, seconds))
