"""Quotas of requests: how many may wait for an answer at a time, by how well somebody is known here.

A request takes a place until it is answered, or its time is over. One that was taken back keeps its place for the rest
of its day: to ask and take back is no way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.users import User

FIRST_PLACES: Final = 3
FIRST_DAY, FULL_PROFILE, FIRST_SWAP = "first_day", "full_profile", "first_swap"
RAISES: Final = {FIRST_DAY: 2, FULL_PROFILE: 5, FIRST_SWAP: 10}
"""Places that are added: after the first day, with a full profile, after the first completed swap."""
MOST_PLACES: Final = FIRST_PLACES + sum(RAISES.values())

FIRST_DAY_LASTS: Final = timedelta(days=1)
TAKEN_BACK_COUNTS: Final = timedelta(days=1)
"""Time for which a request that was taken back counts, from when it was made."""
SKILLS_EACH_WAY: Final = 2
"""Skills to teach, and to learn, of a full profile; it has a photo, too."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Places for open requests: how many there are, how many are `used`, and what would add more (of RAISES).

    `free_at` is when the next one is free or added at the latest; None when none is used."""

    limit: int
    used: int
    more: tuple[str, ...]
    free_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def is_half_used(self) -> bool:
        """Return whether it is time to tell how many are left."""
        return 2 * self.used >= self.limit


def is_in_first_day(user: User, at: datetime) -> bool:
    return at - user.created_at < FIRST_DAY_LASTS


def has_swapped(user: User) -> bool:
    """Return whether this user has completed a swap."""
    return user.record.swaps_held > 0


def quota_of(user: User, taken: Sequence[datetime], at: datetime) -> Quota:
    """Return the quota of a user; `taken` are the times at which the used places are free again at the latest."""
    has_skills = min(len(user.skills_offered), len(user.skills_wanted)) >= SKILLS_EACH_WAY
    reached = {
        FIRST_DAY: not is_in_first_day(user, at),
        FULL_PROFILE: user.photo_url is not None and has_skills,
        FIRST_SWAP: has_swapped(user),
    }
    limit = FIRST_PLACES + sum(places for step, places in RAISES.items() if reached[step])
    free = [*taken, *([] if reached[FIRST_DAY] else [user.created_at + FIRST_DAY_LASTS])] if taken else []
    more = tuple(step for step, is_reached in reached.items() if not is_reached)
    return Quota(limit, len(taken), more, min(free, default=None))
