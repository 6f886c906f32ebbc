"""An alert: "tell me when somebody teaches this". At most one telling a day, each teacher once; it ends by
itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LIVES = timedelta(days=90)
KEPT = timedelta(days=30)
"""So long an alert that has ended can still be renewed."""

QUIET = timedelta(days=1)
"""From one telling of an alert to the next; who is found in between is told of together."""

CLOSING = timedelta(minutes=1)
"""So shortly before it goes out nobody is added to a telling any more: clocks differ."""

MAX_ALERTS = 20
MAX_FINDS = 300
"""People that one alert tells of, in all."""

FOUND, ENDED = "alert.found", "alert.ended"
"""The events."""


@dataclass(frozen=True, slots=True)
class Find:
    """Somebody who has begun to teach the skill; those with the same `tell_at` are told of together."""

    teacher_id: str
    tell_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """`key` is what is compared, `skill` what the person wrote; one per person and key."""

    id: str
    user_id: str
    key: str
    skill: str
    created_at: datetime
    expires_at: datetime
    is_running: bool = True
    version: int = 0
    finds: tuple[Find, ...] = ()

    def next_telling(self, at: datetime) -> tuple[datetime, bool]:
        """When somebody found at this time is told of, and whether that needs a telling of its own."""
        last = max((find.tell_at for find in self.finds), default=None)
        if last is None:
            return at, True
        if last > at + CLOSING:
            return last, False
        return max(at, last + QUIET), True

    def told_at(self, tell_at: datetime) -> tuple[str, ...]:
        """The people of one telling."""
        return tuple(find.teacher_id for find in self.finds if find.tell_at == tell_at)
