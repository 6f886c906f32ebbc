"""Alerts: a standing request to be notified when a person starts to teach a skill. One notification a day at most, each
teacher once; an alert ends after a fixed time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LIVES = timedelta(days=90)
KEPT = timedelta(days=30)
"""Time during which an ended alert can be renewed; after it, the alert is removed."""

QUIET = timedelta(days=1)
"""Least time between two notifications of one alert; teachers found in between share the next one."""

CLOSING = timedelta(minutes=1)
"""Time before a notification is due from which on no teacher is added to it, since the clocks of processes differ."""

MAX_ALERTS = 20
MAX_FINDS = 300
"""Teachers that one alert reports in its whole life."""


@dataclass(frozen=True, slots=True)
class Find:
    """A teacher found for an alert; finds with the same `tell_at` share one notification."""

    teacher_id: str
    tell_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One user's alert for one skill: `key` is compared, `skill` is the user's spelling; unique per user and key."""

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
        """Return when a teacher found at `at` is reported, and whether that needs a new notification."""
        last = max((find.tell_at for find in self.finds), default=None)
        if last is None:
            return at, True
        if last > at + CLOSING:
            return last, False
        return max(at, last + QUIET), True

    def told_at(self, tell_at: datetime) -> tuple[str, ...]:
        """Return the ids of the teachers that the notification due at `tell_at` reports."""
        return tuple(find.teacher_id for find in self.finds if find.tell_at == tell_at)

    def taking_in(self, other: Alert, *, untold: Collection[datetime], open_at: datetime | None) -> Alert:
        """Return this alert merged with another one of the same user that turned out to be for the same skill.

        Finds of the other alert that have not been reported yet (`untold`: when their notifications are due) move to
        this alert's next notification at `open_at`; with None they keep their times.
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
