"""Times to suggest for a session: starts at which both are free, soon, and spread over several days.

Whether somebody is free is read off their own clock at that moment, so that a change to summer time between now and
then makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from domain.availability import A_DAY, STEP, clock_of, free_half_hours, is_zone, local_time
from domain.timetable import MAX_SLOTS, SUGGEST_FROM, SUGGEST_UNTIL, USUAL_MINUTES
from domain.users import User
from domain.week import SLOTS, free_hours

EVENINGS: Final = free_hours((), ("weekday evenings", "weekend evenings"))
"""Hours of whoever has named none, on the clock of the one who looks."""

BY_DAY: Final = free_hours((), SLOTS)

APART: Final = timedelta(hours=2)
"""Least time between two suggestions, when there are so few days that one has two."""

DAYS: Final = 7
A_DAY_HAS: Final = 4
"""Days with times, and times of each, that a calendar of suggestions shows."""

Busy = tuple[datetime, datetime]
"""Start and end of something else."""


def suggest_times(
    actor: User, partner: User, *, at: datetime, minutes: int = USUAL_MINUTES, busy: Sequence[Busy] = ()
) -> tuple[datetime, ...]:
    """Return up to MAX_SLOTS starts in UTC, in order, on whole or half hours of the actor's clock.

    Without hours in a profile, or without an hour in which both are free, evenings on the actor's clock are suggested;
    in another zone rather an hour of the other's day. A user without a zone is taken to be in the other's.
    """
    found = _starts_for_both(actor, partner, at, minutes, busy)
    return _spread(found, actor.timezone or partner.timezone) if found else ()


def suggest_days(
    actor: User, partner: User, *, at: datetime, minutes: int = USUAL_MINUTES, busy: Sequence[Busy] = ()
) -> tuple[datetime, ...]:
    """Return starts as `suggest_times` finds them, for a calendar: the first DAYS days that have any, up to A_DAY_HAS
    whole hours each."""
    here = actor.timezone or partner.timezone
    by_day = _by_day(_starts_for_both(actor, partner, at, minutes, busy), here)
    chosen: list[datetime] = []
    for starts in list(by_day.values())[:DAYS]:
        hours = [start for start in starts if not local_time(start, here).minute] or starts
        step = max(1, len(hours) // A_DAY_HAS)
        chosen += hours[::step][:A_DAY_HAS]
    return tuple(chosen)


def _starts_for_both(
    actor: User, partner: User, at: datetime, minutes: int, busy: Sequence[Busy]
) -> Sequence[datetime]:
    here = actor.timezone or partner.timezone
    there = partner.timezone or actor.timezone
    starts = [start for start in _half_hours(at, here) if not _is_taken(start, minutes, busy)]
    wishes = (
        (actor.free or EVENINGS, partner.free or (EVENINGS if here == there else BY_DAY)),
        (EVENINGS, BY_DAY),
        (BY_DAY, BY_DAY),  # far apart: rather a morning here than the middle of the night there
        (EVENINGS, ()),
    )
    for ours, theirs in wishes:
        free = [start for start in starts if _is_free(start, minutes, ours, here)]
        if found := [start for start in free if not theirs or _is_free(start, minutes, theirs, there)]:
            return found
    return ()


def local_starts(day: date, zone: str | None) -> Iterator[datetime]:
    """Yield every half hour of a day on the clock of a zone, as UTC; those that the clock leaves out are left out."""
    clock = clock_of(zone) if zone and is_zone(zone) else UTC
    for step in range(A_DAY):
        hour, half = divmod(step * STEP, 60)
        wall = datetime(day.year, day.month, day.day, hour, half, tzinfo=clock)
        start = wall.astimezone(UTC)
        if start.astimezone(clock).replace(tzinfo=None) == wall.replace(tzinfo=None):
            yield start


def _half_hours(at: datetime, zone: str | None) -> Iterator[datetime]:
    first, last = at + SUGGEST_FROM, at + SUGGEST_UNTIL
    day, end = local_time(first, zone).date(), local_time(last, zone).date()
    while day <= end:
        yield from (start for start in local_starts(day, zone) if first <= start <= last)
        day += timedelta(days=1)


def _is_free(start: datetime, minutes: int, hours: tuple[int, ...], zone: str | None) -> bool:
    """Return whether all half hours of a session lie in these hours of a week on the clock of a zone."""
    free = free_half_hours(hours)
    for passed in range(0, minutes, STEP):
        local = local_time(start + timedelta(minutes=passed), zone)
        half_hour = local.weekday() * A_DAY + (local.hour * 60 + local.minute) // STEP
        if not free >> half_hour & 1:
            return False
    return True


def _is_taken(start: datetime, minutes: int, busy: Iterable[Busy]) -> bool:
    end = start + timedelta(minutes=minutes)
    return any(start < other_end and other_start < end for other_start, other_end in busy)


def _spread(starts: Sequence[datetime], zone: str | None) -> tuple[datetime, ...]:
    """Return one start a day, a whole hour where there is one, of days that lie apart; of the first days if they are
    few."""
    by_day = _by_day(starts, zone)
    best = [min(day, key=lambda start: (local_time(start, zone).minute, start)) for day in by_day.values()]
    step = max(1, len(best) // MAX_SLOTS)
    chosen = best[::step][:MAX_SLOTS]
    for start in starts:
        if len(chosen) < MAX_SLOTS and all(abs(start - other) >= APART for other in chosen):
            chosen.append(start)
    return tuple(sorted(chosen))


def _by_day(starts: Sequence[datetime], zone: str | None) -> dict[date, list[datetime]]:
    by_day: dict[date, list[datetime]] = {}
    for start in starts:
        by_day.setdefault(local_time(start, zone).date(), []).append(start)
    return by_day
