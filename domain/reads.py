"""Read marks, and the delay of a notification while its recipient has the conversation open on the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_UNREAD = 100
"""Unread messages are counted up to this number."""

VIEW_LIVES = timedelta(seconds=40)
"""Time after the last heartbeat for which an open view counts as open: more than two heartbeats."""

HEARTBEAT = timedelta(seconds=15)
"""Interval at which a client reports that a conversation is still open."""

HELD_AT_MOST = timedelta(seconds=20)
"""Longest time for which a message waits to be read in an open view before it is sent to Telegram."""

LOOK_AGAIN = timedelta(seconds=4)

TYPING_EVERY = timedelta(seconds=3)
"""Least time between two typing events of one user in one conversation."""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """This user has read everything up to `seq`; a mark only increases."""

    swap_id: str
    user_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Typing:
    """A typing event; `view_id` and `at` identify it."""

    swap_id: str
    user_id: str
    view_id: str
    at: datetime


def time_to_hold(created_at: datetime, *, at: datetime) -> timedelta | None:
    """Return how much longer a message waits for a recipient with an open view; None when it has waited long enough."""
    left = created_at + HELD_AT_MOST - at
    return min(left, LOOK_AGAIN) if left > timedelta(0) else None
