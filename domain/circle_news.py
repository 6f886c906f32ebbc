"""Circle news: the notification that a circle of three has become possible, for the user whose changed profile made it
so. One a day at most, no circle twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(days=1)
"""Least time between two notifications; a profile that changes in between is examined when it is over."""

MAX_REMEMBERED = 100
"""Circles remembered per user so that none is reported twice; beyond that the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class CircleNews:
    """The circles reported to one user (`CircleCandidate.name`), and the time of the last notification."""

    user_id: str
    circles: tuple[str, ...] = ()
    told_at: datetime | None = None

    @property
    def quiet_until(self) -> datetime | None:
        """Return the time until which no further notification is sent; None before the first."""
        return self.told_at + QUIET if self.told_at is not None else None
