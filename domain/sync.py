"""What somebody has missed: where they stood, and what has happened since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.messages import Message
from domain.swaps import Swap

MAX_CURSORS = 50
"""Conversations that one sync may ask for."""

MAX_AWAY = timedelta(days=30)
"""Who was away for longer reads everything again."""

OVERLAP = timedelta(seconds=60)
"""Looked back so far behind a moment: the clocks of several processes differ, and a write takes its time."""

MAX_SWAPS = 100


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """Where somebody stands in a conversation: the highest seq, and the highest change number, that they have.

    Without a seq they have nothing yet and get the newest messages; without a change number they learn where the
    changes stand.
    """

    swap_id: str
    after: int | None = None
    changes: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """`messages` came after the place, by seq; `changed` was edited or deleted since, by change number; `changes` is
    the number to go on from.

    `is_lost`: the place cannot be gone on from, for it lies ahead of what is here: read again. `is_absent`: there is no
    such swap of theirs.
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
    """`swaps` have changed since the moment given; `at` is the moment to give next time."""

    conversations: list[Missed]
    swaps: list[Swap]
    at: datetime
    is_lost: bool = False


def is_too_far(since: datetime, *, at: datetime) -> bool:
    """Is that moment so long ago, or so far ahead, that what happened since cannot be told?"""
    return since < at - MAX_AWAY or since > at + OVERLAP
