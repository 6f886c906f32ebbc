"""The times that somebody picks from for a session, kept in the data of the buttons.

So a keyboard works after a restart, whatever else was asked meanwhile, and however many of them are open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.views.stamps import WIDTH, number_in, numeral, stamp_of, time_of
from domain.timetable import MAX_MINUTES, MAX_SLOTS, MIN_MINUTES, USUAL_MINUTES

MAX_TIMES: Final = 4
"""Times of one keyboard; with one more the data of a button would be too long."""
HEAD: Final = 3
"""Characters before the times: two for the length, one for the ticks."""


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """Times in order, those of them that are ticked, and the length in minutes."""

    times: tuple[datetime, ...]
    ticked: frozenset[datetime] = frozenset()
    minutes: int = USUAL_MINUTES

    @property
    def chosen(self) -> tuple[datetime, ...]:
        return tuple(time for time in self.times if time in self.ticked)

    @property
    def is_full(self) -> bool:
        """Return whether no further time can be ticked."""
        return len(self.ticked) >= MAX_SLOTS

    def toggled(self, time: datetime) -> TimeChoice:
        return replace(self, ticked=self.ticked ^ {time})

    def with_time(self, time: datetime) -> TimeChoice:
        """Return the choice with one more time, which is ticked; one without a tick makes room for it."""
        if time in self.times:
            return replace(self, ticked=self.ticked | {time})
        kept = list(self.times)
        while len(kept) >= MAX_TIMES:
            kept.remove(next(old for old in kept if old not in self.ticked))
        return replace(self, times=tuple(sorted((*kept, time))), ticked=self.ticked | {time})

    def after(self, now: datetime) -> TimeChoice:
        """Return the choice without the times that have passed."""
        left = tuple(time for time in self.times if time > now)
        return replace(self, times=left, ticked=self.ticked & set(left))

    def encoded(self) -> str:
        ticks = sum(1 << number for number, time in enumerate(self.times) if time in self.ticked)
        return numeral(self.minutes, HEAD - 1) + numeral(ticks, 1) + "".join(map(stamp_of, self.times))


def choice_of(times: Iterable[datetime], *, minutes: int = USUAL_MINUTES) -> TimeChoice:
    """Return a choice of these times with none ticked."""
    return TimeChoice(tuple(sorted(set(times)))[:MAX_TIMES], minutes=minutes)


def decoded(text: str) -> TimeChoice | None:
    """Return the choice that a button holds; None for data that no button of ours has."""
    minutes, ticks = number_in(text[: HEAD - 1]), number_in(text[HEAD - 1 : HEAD])
    stamps = [text[at : at + WIDTH] for at in range(HEAD, len(text), WIDTH)]
    times = [time for stamp in stamps if (time := time_of(stamp)) is not None]
    if minutes is None or ticks is None or len(times) != len(stamps) or len(times) > MAX_TIMES:
        return None
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        return None
    ticked = frozenset(time for number, time in enumerate(times) if ticks >> number & 1)
    return TimeChoice(tuple(times), ticked, minutes)
