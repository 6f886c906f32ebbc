"""Facts about how somebody swaps, as others see them: counted from swaps and ratings, never stated by anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.reviews import MIN_RATERS, mean_for_order
from domain.timetable import NO_SHOW_CLAIMS, NO_SHOW_WITHIN

WITHIN_AN_HOUR, WITHIN_A_DAY, WITHIN_THREE_DAYS, SELDOM = (
    "within_an_hour",
    "within_a_day",
    "within_three_days",
    "seldom",
)
REPLIES = (WITHIN_AN_HOUR, WITHIN_A_DAY, WITHIN_THREE_DAYS, SELDOM)
_LIMITS = (
    (timedelta(hours=1), WITHIN_AN_HOUR),
    (timedelta(days=1), WITHIN_A_DAY),
    (timedelta(days=3), WITHIN_THREE_DAYS),
)
MIN_REQUESTS = 3
"""Requests that somebody must have had before it is said how soon they reply."""
COUNTED_REQUESTS = 50
"""The last so many requests say how soon somebody replies."""


@dataclass(frozen=True, slots=True)
class Record:
    """Record of one user. `stars` is the sum of the ratings that count, `raters` their authors, `ratings`
    their number; `replies` one of REPLIES or "" for too few requests; `no_shows` counts the claims that stand until
    `no_shows_until`; until `gave_until` they come first with those whom they want to learn from."""

    swaps_held: int = 0
    stars: int = 0
    ratings: int = 0
    raters: int = 0
    replies: str = ""
    no_shows: int = 0
    no_shows_until: datetime | None = None
    gave_until: datetime | None = None

    @property
    def mean(self) -> float | None:
        """Return the mean of the stars to a tenth; None with fewer than MIN_RATERS raters."""
        return round(self.stars / self.ratings, 1) if self.raters >= MIN_RATERS else None

    @property
    def quality(self) -> float:
        """Return the mean by which matches are ordered, 0 to 1."""
        return mean_for_order(self.stars, self.ratings)

    def no_shows_at(self, at: datetime) -> int:
        return self.no_shows if self.no_shows_until is not None and at < self.no_shows_until else 0


def replies_within(delays: Sequence[timedelta | None]) -> str:
    """Return how soon at least half of these requests were replied to; None stands for one without a reply."""
    if len(delays) < MIN_REQUESTS:
        return ""
    for limit, word in _LIMITS:
        if 2 * sum(delay is not None and delay <= limit for delay in delays) >= len(delays):
            return word
    return SELDOM


def standing_claims(claims: Iterable[tuple[str, datetime]], at: datetime) -> tuple[int, datetime | None]:
    """Return how many no-shows count, by claims (of whom, when) of at least NO_SHOW_CLAIMS people, and until when."""
    recent = sorted(((when, claimant) for claimant, when in claims if at - when < NO_SHOW_WITHIN))
    if len({claimant for _, claimant in recent}) < NO_SHOW_CLAIMS:
        return 0, None
    # they count until so many have grown old that one person's claims are left
    for place, (when, _) in enumerate(recent):
        if len({claimant for _, claimant in recent[place + 1 :]}) < NO_SHOW_CLAIMS:
            return len(recent), when + NO_SHOW_WITHIN
    return 0, None
