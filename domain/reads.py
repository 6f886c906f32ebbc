"""Who has read how far, and when a word in Telegram may wait because its reader has the conversation open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_UNREAD = 100
"""Unread messages are counted so far; who has more of them need not know how many."""

VIEW_LIVES = timedelta(seconds=40)
"""How long an open view is believed without a sign of life: longer than two of its heartbeats."""

HEARTBEAT = timedelta(seconds=15)
"""How often a client says that a conversation is still open in front of somebody."""

HELD_AT_MOST = timedelta(seconds=20)
"""So long a message may wait to be read in the open view; then Telegram gets it after all."""

LOOK_AGAIN = timedelta(seconds=4)

TYPING_EVERY = timedelta(seconds=3)
"""Of one person in one conversation; signs in between are not passed on."""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """This person has read everything up to `seq`; a mark only ever grows."""

    swap_id: str
    user_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is writing; `view_id` and `at` name this one sign of it."""

    swap_id: str
    user_id: str
    view_id: str
    at: datetime


def time_to_hold(created_at: datetime, *, at: datetime) -> timedelta | None:
    """How long a message for somebody with an open view waits on to be read there; None when it has waited enough."""
    left = created_at + HELD_AT_MOST - at
    return min(left, LOOK_AGAIN) if left > timedelta(0) else None
