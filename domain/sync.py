"""Catching up: cursors of a client, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.messages import Message
from domain.swaps import Swap

MAX_CURSORS = 50
"""Conversations per sync."""

MAX_AWAY = timedelta(days=30)
"""Longest absence that can be caught up with; after it, a client reads everything again."""

OVERLAP = timedelta(seconds=60)
"""Overlap that is read again before a cursor's time, since the clocks of processes differ and a write takes time."""

MAX_SWAPS = 100


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """A client's cursor in a conversation: the highest seq and the highest change number that it has.

    Without a seq the newest messages are returned; without a change number, the present change number is.
    """

    swap_id: str
    after: int | None = None
    changes: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Changes of one conversation since a client's cursor: `messages` after it, by seq; `changed` since, by change
    number; `changes` is the change number of the next cursor.

    `is_lost`: the cursor is ahead of the conversation, which has to be read again. `is_absent`: the user has no such
    swap.
    """

    swap_id: str
    messages: list[Message] = field(default_factory=list)
    changed: list[Message] = field(default_factory=list)
    changes: int = 0
    reads: dict[str, int] = field(default_factory=dict)
    has_more: bool = False
    is_lost: bool = False
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """Changes since a client's cursor: `swaps` changed since it; `at` is the time of the next cursor."""

    conversations: list[Missed]
    swaps: list[Swap]
    at: datetime
    is_lost: bool = False


def is_too_far(since: datetime, *, at: datetime) -> bool:
    """Return whether a time is too long ago, or too far ahead, to catch up from."""
    return since < at - MAX_AWAY or since > at + OVERLAP
