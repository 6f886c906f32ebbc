"""Free time: the hours of two profiles, compared across time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from domain.users import User
from domain.week import hours_within

STEP: Final = 30
"""Minutes per bit; nearly every time zone is a multiple of half an hour from UTC."""
A_DAY: Final = 24 * 60 // STEP
A_WEEK: Final = 7 * A_DAY
_WHOLE_WEEK: Final = (1 << A_WEEK) - 1
_AN_HOUR: Final = (1 << 60 // STEP) - 1


@lru_cache(maxsize=4096)
def free_half_hours(hours: tuple[int, ...], *, minutes_ahead: int = 0) -> int:
    """Return the half hours of these hours of a week as bits in UTC, from Monday at midnight on, for a clock
    `minutes_ahead` of it."""
    local = 0
    for hour in hours:
        local |= _AN_HOUR << hour * 60 // STEP
    back = round(minutes_ahead / STEP) % A_WEEK
    return (local >> back | local << (A_WEEK - back)) & _WHOLE_WEEK


def minutes_together(one: User, other: User, *, at: datetime) -> int | None:
    """Return the minutes a week in which both are free; None when one of them has named no hours.

    Without a valid time zone on both profiles, both are taken to be in the same zone. Daylight saving time counts as it
    is at `at`.
    """
    ours, theirs = one.free, other.free
    if not ours or not theirs:
        return None
    ahead, behind = _clocks(one, other, at)
    both = free_half_hours(ours, minutes_ahead=ahead) & free_half_hours(theirs, minutes_ahead=behind)
    return both.bit_count() * STEP


def slots_together(one: User, other: User, *, at: datetime) -> tuple[str, ...]:
    """Return the slots that both have and in which both are free at once: two evenings in far zones do not overlap."""
    ahead, behind = _clocks(one, other, at)
    return tuple(
        slot
        for slot in one.slots
        if slot in other.slots
        and free_half_hours(hours_within(one.free, slot), minutes_ahead=ahead)
        & free_half_hours(hours_within(other.free, slot), minutes_ahead=behind)
    )


def _clocks(one: User, other: User, at: datetime) -> tuple[int, int]:
    """Return the minutes by which both clocks are ahead of UTC; the same without a valid zone on both profiles."""
    if one.timezone and other.timezone and one.timezone != other.timezone:
        day = at.toordinal()
        here, there = minutes_ahead_of_utc(one.timezone, day), minutes_ahead_of_utc(other.timezone, day)
        if here is not None and there is not None:
            return here, there
    return 0, 0


@lru_cache(maxsize=1024)
def clock_of(zone: str) -> ZoneInfo:
    """Return the clock of an IANA zone. Reads a file the first time; `ZoneInfo` by itself keeps no more than eight.
    Raises KeyError, ValueError, OSError as `ZoneInfo` does."""
    return ZoneInfo(zone)


@lru_cache(maxsize=4096)
def minutes_ahead_of_utc(zone: str, day: int) -> int | None:
    """Return the UTC offset in minutes of an IANA zone at noon of a day (its proleptic ordinal); None for an unknown
    zone."""
    try:
        offset = clock_of(zone).utcoffset(datetime.fromordinal(day).replace(hour=12))
    except (KeyError, ValueError, OSError):  # an unknown zone, an invalid name, a directory of zones
        return None
    return round(offset.total_seconds() / 60) if offset else 0


def local_time(at: datetime, zone: str | None) -> datetime:
    """Return a time on the clock of an IANA zone; in UTC without a known zone."""
    minutes = minutes_ahead_of_utc(zone, at.toordinal()) if zone else None
    return at.astimezone(clock_of(zone)) if zone and minutes is not None else at.astimezone(UTC)


def is_zone(name: str) -> bool:
    """Return whether an IANA zone of this name exists. Reads a file."""
    return minutes_ahead_of_utc(name, 1) is not None
