"""News of circles: "a circle of three is possible now", for the one whose changed profile made it so. At most one
telling a day, no circle twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(days=1)
"""From one telling to the next; a profile that changes meanwhile is looked at when this is over."""

MAX_REMEMBERED = 100
"""Circles that one person has been told of and is not told of again; beyond that the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class CircleNews:
    """What one person has been told: the names of rings (`Ring.name`), and when that was last."""

    user_id: str
    rings: tuple[str, ...] = ()
    told_at: datetime | None = None

    @property
    def quiet_until(self) -> datetime | None:
        """Before this nothing more is told."""
        return self.told_at + QUIET if self.told_at is not None else None
