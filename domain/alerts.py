"""Alerts: a notification when a user begins to teach a skill. At most one a day, each teacher once, for 90 days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LIVES = timedelta(days=90)
KEPT = timedelta(days=30)
"""The time in which an alert that has ended can still be renewed."""

QUIET = timedelta(days=1)
"""From one notification of an alert to the next, which names all teachers found in between."""

CLOSING = timedelta(minutes=1)
"""Before a notification goes out, the time in which no teacher is added to it any more: clocks differ."""

MAX_ALERTS = 20
MAX_FINDS = 300
"""Teachers that one alert finds, in all."""


@dataclass(frozen=True, slots=True)
class Find:
    """A user who has begun to teach the skill; those with the same `tell_at` share one notification."""

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
        """Return the time of the notification of a teacher found at `at`, and whether that is a new notification."""
        last = max((find.tell_at for find in self.finds), default=None)
        if last is None:
            return at, True
        if last > at + CLOSING:
            return last, False
        return max(at, last + QUIET), True

    def told_at(self, tell_at: datetime) -> tuple[str, ...]:
        """Return the ids of the teachers whom the notification at this time names."""
        return tuple(find.teacher_id for find in self.finds if find.tell_at == tell_at)

    def taking_in(self, other: Alert, *, untold: Collection[datetime], open_at: datetime | None) -> Alert:
        """Return this alert joined with another one of the same user that turns out to be for the same skill.

        Teachers whom the other one has found but not named yet (in its notifications at the times `untold`) move to
        this one's next notification at `open_at`; with None, they keep their times.
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
