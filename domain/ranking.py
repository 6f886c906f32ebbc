"""Likelihood that a user answers a request, and the rank by which the indexes keep the likeliest first."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

PRIOR_ANSWERS, PRIOR_REQUESTS = 2, 4
"""Counted on top of a user's own, so that the first answers do not decide everything."""
BARE_PROFILE: Final = 0.7
"""Factor of an empty profile in the chance of an answer."""
NEW_FOR, NEW_LIFT = timedelta(days=14), 0.3
HALVED_IN: Final = timedelta(days=46)
"""Absence after which the chance of an answer is halved."""
RANK_STEPS: Final = 4
"""Ranks per doubling of the chance of an answer. Finer ranks cause more writes: each step moves all of a user's entries
in three indexes. With four, the best by rank are as good as the best by exact numbers."""
RANK_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def responsiveness(*, answered: int, ignored: int, completeness: float) -> float:
    """Return the chance, 0 to 1, that a user answers a request while active. `completeness`: of the profile, 0 to 1."""
    rate = (answered + PRIOR_ANSWERS) / (answered + ignored + PRIOR_REQUESTS)
    return rate * (BARE_PROFILE + (1 - BARE_PROFILE) * completeness)


def new_lift(registered_for: timedelta) -> float:
    """Return the factor for users who registered so long ago: 1 + NEW_LIFT at first, falling to 1 within NEW_FOR."""
    return 1 + NEW_LIFT * min(1.0, max(0.0, 1 - registered_for / NEW_FOR))


def rank(chance: float, *, created_at: datetime, last_active: datetime) -> int:
    """Return the position in the index by chance of an answer, in RANK_STEPS per doubling.

    It grows with time instead of falling, so that an absent user is passed by others without a write.
    """
    likely = chance * new_lift(last_active - created_at)
    return round(RANK_STEPS * ((last_active - RANK_EPOCH) / HALVED_IN + math.log2(likely)))
