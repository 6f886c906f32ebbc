"""Times to tick in the pages that plan: by day, each on the clocks of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.availability import local_time
from domain.users import User, first_name
from handlers.runtime.texts import Texts

LATE_FROM, EARLY_UNTIL = 22, 7
"""Hours of a clock from which a start is late, and before which it is early."""
NIGHT_UNTIL: Final = 4
"""An hour before this one is late rather than early."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A time to tick: on the reader's clock, on the other's where that shows another one, and a warning or ""."""

    iso: str
    time: str
    theirs: str
    warning: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the reader's that has times."""

    name: str
    choices: tuple[Choice, ...]


def days_of(texts: Texts, starts: Iterable[datetime], viewer: User, partner: User | None) -> list[Day]:
    """Return times by the days of the reader's clock, in order."""
    by_day: dict[date, list[datetime]] = {}
    for start in sorted(set(starts)):
        by_day.setdefault(local_time(start, viewer.timezone).date(), []).append(start)
    return [
        Day(
            texts.day(local_time(times[0], viewer.timezone)),
            tuple(_choice(texts, start, viewer, partner) for start in times),
        )
        for times in by_day.values()
    ]


def _choice(texts: Texts, start: datetime, viewer: User, partner: User | None) -> Choice:
    mine = local_time(start, viewer.timezone)
    said, theirs = texts.time(mine.replace(tzinfo=None)), ""
    other = local_time(start, partner.timezone) if partner is not None and partner.timezone else None
    if partner is not None and other is not None and other.utcoffset() != mine.utcoffset():
        clock = texts.time(other.replace(tzinfo=None))
        if other.date() != mine.date():
            clock = f"{texts.weekday(other)} {clock}"
        theirs = texts.plain("page.session.for_them", time=clock, name=first_name(partner))
    warning = _warning(texts, mine.hour, "mine", "")
    if not warning and partner is not None and other is not None:
        warning = _warning(texts, other.hour, "theirs", first_name(partner))
    return Choice(start.isoformat(), said, theirs, warning)


def _warning(texts: Texts, hour: int, whose: str, name: str) -> str:
    if hour >= LATE_FROM or hour < NIGHT_UNTIL:
        return texts.plain(f"page.plan.late.{whose}", name=name)
    return texts.plain(f"page.plan.early.{whose}", name=name) if hour < EARLY_UNTIL else ""


def other_clock(texts: Texts, viewer: User, partner: User | None) -> str:
    """Return the zone of the other one where it is another than the viewer's; "" otherwise."""
    if partner is None or not partner.timezone or partner.timezone == viewer.timezone:
        return ""
    return texts.timezone_name(partner.timezone)
