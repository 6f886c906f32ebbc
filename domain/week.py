"""The week of a profile: the hours in which somebody is free, and the slots that say it in words.

An hour is a number from 0 (Monday at midnight) to 167, on the person's own clock. The slots of the availability are the
coarse statement, which any channel can change; hours that were given say more precisely what of a slot is meant, and
add what lies outside of all slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from domain.errors import Invalid

DAYS: Final = 7
HOURS: Final = 24
ALL_HOURS: Final = DAYS * HOURS
DAYS_OF: Final = {"weekday": range(5), "weekend": range(5, 7)}
HOURS_OF: Final = {"mornings": range(8, 12), "afternoons": range(12, 18), "evenings": range(18, 22)}
"""Days and local hours that the two words of a slot stand for."""

SLOTS: Final = tuple(f"{day} {part}" for day in DAYS_OF for part in HOURS_OF)
"""Slots that the bot offers as buttons; `availability` stores the chosen ones as readable text."""


def _hours_of(slot: str) -> frozenset[int]:
    day, part = slot.split()
    return frozenset(number * HOURS + hour for number in DAYS_OF[day] for hour in HOURS_OF[part])


OF_SLOT: Final = {slot: _hours_of(slot) for slot in SLOTS}
_IN_SLOTS: Final = frozenset().union(*OF_SLOT.values())


@lru_cache(maxsize=4096)
def slots_in(availability: str) -> tuple[str, ...]:
    """Return the SLOTS that an availability names; free text names none."""
    named = {part.strip().casefold() for part in availability.split(",")}
    return tuple(slot for slot in SLOTS if slot in named)


def words_beside_slots(availability: str) -> str:
    """Return the part of an availability that a person has typed, without the slots."""
    parts = (part.strip() for part in availability.split(","))
    return ", ".join(part for part in parts if part and part.casefold() not in SLOTS)


def format_slots(slots: Iterable[str]) -> str:
    """Return the availability text that `slots_in` reads back."""
    chosen = frozenset(slots)
    return ", ".join(slot for slot in SLOTS if slot in chosen)


@lru_cache(maxsize=4096)
def free_hours(given: tuple[int, ...], slots: tuple[str, ...]) -> tuple[int, ...]:
    """Return the hours of a week in which somebody is free who has given these hours, and has these slots now.

    A slot of which no hour was given counts as a whole: it was chosen later, as a word. Hours within a slot that is not
    chosen (any more) do not count.
    """
    hours = frozenset(given)
    free = hours - _IN_SLOTS
    for slot in slots:
        free |= OF_SLOT[slot] & hours or OF_SLOT[slot]
    return tuple(sorted(free))


@lru_cache(maxsize=4096)
def hours_within(hours: tuple[int, ...], slot: str) -> tuple[int, ...]:
    return tuple(hour for hour in hours if hour in OF_SLOT[slot])


def slots_touched(hours: Iterable[int]) -> tuple[str, ...]:
    """Return the slots of which at least one hour is free."""
    chosen = frozenset(hours)
    return tuple(slot for slot in SLOTS if OF_SLOT[slot] & chosen)


def clean_hours(hours: Iterable[int], field: str) -> tuple[int, ...]:
    """Return hours in order, each once. Raises Invalid."""
    chosen = tuple(sorted(set(hours)))
    if any(not 0 <= hour < ALL_HOURS for hour in chosen):
        raise Invalid("text.not_allowed", field=field)
    return chosen


def by_day(hours: Iterable[int]) -> list[list[int]]:
    """Return hours as seven lists, Monday first, of the hours of each day."""
    days: list[list[int]] = [[] for _ in range(DAYS)]
    for hour in hours:
        days[hour // HOURS].append(hour % HOURS)
    return days


def from_days(days: Sequence[Iterable[int]]) -> tuple[int, ...]:
    """Return what `by_day` turns into lists."""
    return tuple(number * HOURS + hour for number, hours in enumerate(days) for hour in hours)
