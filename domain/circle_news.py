"""News of circles: that a circle of three has become possible, for the user whose changed profile made it so. At most
one notification a day, no circle twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(days=1)
"""From one notification to the next; a profile that changes meanwhile is looked at when this is over."""

MAX_REMEMBERED = 100
"""Circles that one user is not notified of again; beyond this number the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class CircleNews:
    """The circles that one user has been notified of (`CircleCandidate.name`), and the time of the last one."""

    user_id: str
    rings: tuple[str, ...] = ()
    told_at: datetime | None = None

    @property
    def quiet_until(self) -> datetime | None:
        """The earliest time of the next notification."""
        return self.told_at + QUIET if self.told_at is not None else None
