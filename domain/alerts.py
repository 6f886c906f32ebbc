"""An alert: "tell me when somebody teaches this". At most one telling a day, each teacher once; it ends by
itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
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

    def next_notification_at(self, at: datetime) -> tuple[datetime, bool]:
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

    def taking_in(self, other: Alert, *, untold: Collection[datetime], open_at: datetime | None) -> Alert:
        """This alert, when another one of the same person turns out to be for the same skill.

        Whom the other one has found and not told of yet (the tellings `untold`) is told of with this one's next telling
        at `open_at`; with None, as the other one would have.
        """
        known = {find.teacher_id for find in self.finds}
        finds = [
            replace(find, tell_at=open_at) if open_at is not None and find.tell_at in untold else find
            for find in other.finds
            if find.teacher_id not in known
        ]
        return replace(
            self,
            created_at=min(self.created_at, other.created_at),
            expires_at=max(self.expires_at, other.expires_at),
            is_running=self.is_running or other.is_running,
            finds=(*self.finds, *finds)[:MAX_FINDS],
        )
