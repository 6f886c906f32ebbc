"""How often one person may do something: a token bucket for each (person, action), held by this process."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from skillswap.domain.errors import TooMany

MAX_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `seconds`."""

    burst: int
    seconds: float


MESSAGES = Rate(burst=10, seconds=1)
UPLOADS = Rate(burst=10, seconds=360)
LOGIN_LINKS = Rate(burst=5, seconds=60)


class Rates:
    """Bounded memory: the bucket that was touched longest ago is forgotten first."""

    def __init__(self) -> None:
        self._full_again: OrderedDict[tuple[str, str], float] = OrderedDict()

    def take(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        """Use one unit. Raises TooMany with the seconds until the next one."""
        key = (action, who)
        now = at.timestamp()
        full_at = max(self._full_again.get(key, now), now) + rate.seconds
        excess = full_at - now - rate.burst * rate.seconds
        if excess > 0:
            raise TooMany(f"{action}.too_fast", retry_after=max(1, math.ceil(excess)))
        self._full_again[key] = full_at
        self._full_again.move_to_end(key)
        if len(self._full_again) > MAX_BUCKETS:
            self._full_again.popitem(last=False)
