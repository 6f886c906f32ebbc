"""An exit: the way of somebody out of all that is running, step by step, after a ban, a suspension or a departure.

What is still to do is stored with the user, so that a process that is killed leaves it to the next one. Every step may
be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.standing import MEMBER
from domain.users import BANNED, User

BAN, SUSPENSION, LEAVING = "ban", "suspension", "leaving"

UNDO_WITHIN: Final = timedelta(minutes=10)
"""Time in which a moderator may undo a decision. What cannot be undone (swaps end, partners are told) waits for it."""

SETTLE_AFTER: Final = timedelta(seconds=60)
"""Time after which every request that was begun before the decision is over: then the swaps are looked at once more."""

MAX_PAUSE: Final = timedelta(hours=1)
"""Time after which a step that has failed often is tried again."""

MAX_SUSPENSION: Final = timedelta(days=90)
USUAL_SUSPENSION: Final = timedelta(days=7)

CLOSE, SWAPS, CIRCLES, RATINGS, ALERTS, DECKS, SETTLE = (
    "close",
    "swaps",
    "circles",
    "ratings",
    "alerts",
    "decks",
    "settle",
)

STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    BAN: (CLOSE, SWAPS, CIRCLES, RATINGS, ALERTS, DECKS, SETTLE),
    SUSPENSION: (SWAPS, CIRCLES, DECKS, SETTLE),
    LEAVING: (SWAPS, CIRCLES, ALERTS, DECKS, SETTLE),
}
"""The steps of each exit, in order. CLOSE is done at once, the others when there is nothing left to undo."""


def is_grounded(kind: str, person: User) -> bool:
    """Return whether the reason of an exit still holds; without one it is given up where it stands."""
    if kind == BAN:
        return person.status == BANNED
    if kind == SUSPENSION:
        return person.standing.suspended_until is not None
    return person.standing.membership != MEMBER


def resumed(before: User, after: User) -> str | None:
    """Return the exit that begins again when a ban ends which has taken its place."""
    if before.status != BANNED or after.status == BANNED:
        return None
    if after.standing.suspended_until is not None:
        return SUSPENSION
    return LEAVING if after.standing.membership != MEMBER else None


def pause_after(failures: int) -> timedelta:
    """Return how long a step waits that has failed again: a minute at first, doubled each time, an hour at most."""
    return min(MAX_PAUSE, timedelta(minutes=2 ** min(failures, 6)))


@dataclass(frozen=True, slots=True)
class Exit:
    """Steps that are left to do: `step` is the number of the next one, due at `due_at`. `decision` is the id of the
    audit's entry that it follows from, `ends_at` when the decision can no longer be undone. `failures`: how often the
    next step has failed."""

    kind: str
    decision: str
    due_at: datetime
    ends_at: datetime
    step: int = 0
    failures: int = 0

    @property
    def next_step(self) -> str | None:
        steps = STEPS[self.kind]
        return steps[self.step] if self.step < len(steps) else None

    def due_of(self, step: int, now: datetime) -> datetime:
        """Return when a step of this exit is due."""
        name = STEPS[self.kind][step]
        if name == CLOSE:
            return now
        if name == SETTLE:
            return max(now, self.ends_at) + SETTLE_AFTER
        return max(now, self.ends_at)
