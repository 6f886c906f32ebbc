"""A delivery: one event on its way to one person through one channel. It rides in the document it tells about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from skillswap.domain.users import BANNED, DELETED, User

TELEGRAM = "telegram"

LEASE = timedelta(seconds=30)
"""How long a worker has for one send; after that the delivery is due again for another."""

MAX_ATTEMPTS = 12
MAX_BACKOFF = timedelta(minutes=5)

QUEUED, SENT, SKIPPED, DEAD = "queued", "sent", "skipped", "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`source` is the collection of the document it rides in ("swaps", "messages"), `source_id` that document."""

    id: str
    to: str
    channel: str
    event: str
    due_at: datetime
    state: str = QUEUED
    attempts: int = 0
    source: str = ""
    source_id: str = ""
    lease: str = ""


def deliveries_for(people: Iterable[User], event: str, at: datetime) -> list[Delivery]:
    """One delivery of `event` for each of those people who can be reached in Telegram."""
    return [
        Delivery(
            id=f"{event}:{user.id}:{int(at.timestamp() * 1000)}", to=user.id, channel=TELEGRAM, event=event, due_at=at
        )
        for user in people
        if user.telegram_id is not None and user.status not in (DELETED, BANNED)
    ]


def backoff(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the nth failure: doubling from a second, `jitter` in 0..1 spreads the herd."""
    return min(MAX_BACKOFF, timedelta(seconds=2 ** min(attempts, 10))) * (0.5 + jitter / 2)
