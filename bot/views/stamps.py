"""Times in the data of buttons, in few characters: Telegram allows 64 bytes for everything."""

from __future__ import annotations

from datetime import UTC, datetime
from string import ascii_lowercase, digits
from typing import Final

DIGITS: Final = digits + ascii_lowercase
WIDTH: Final = 5
"""Characters of a time: minutes since 1970 to the base of 36, which last until 2084."""


def stamp_of(at: datetime) -> str:
    return numeral(int(at.timestamp()) // 60, WIDTH)


def time_of(stamp: str) -> datetime | None:
    """Return the time of a stamp in UTC; None for anything else."""
    minutes = number_in(stamp) if len(stamp) == WIDTH else None
    return datetime.fromtimestamp(minutes * 60, UTC) if minutes is not None else None


def numeral(number: int, width: int) -> str:
    """Return a number in `width` digits."""
    found = ""
    for _ in range(width):
        number, rest = divmod(number, len(DIGITS))
        found = DIGITS[rest] + found
    return found


def number_in(text: str) -> int | None:
    """Return the number that digits stand for; None when there are others, or none."""
    return int(text, len(DIGITS)) if text and set(text) <= set(DIGITS) else None
