"""Times as people and programs write them: ISO 8601 with a difference from UTC, or by the clock of a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from domain.availability import clock_of, is_zone
from domain.errors import Invalid

MAX_TIME_LENGTH: Final = 40
_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?P<offset>Z|[+-]\d{2}:?\d{2})?", re.ASCII
)


def read_time(text: str, zone: str | None, field: str) -> datetime:
    """Return a time in UTC. `zone` is the IANA name of the zone whose clock a time without a difference from UTC is by.

    Of an hour that comes twice in autumn the first is meant. Raises Invalid: for what is no time, a zone that is
    missing or unknown, and an hour that is left out in spring. Blocking: reads the zone from a file, once.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise Invalid("session.time", field=field)
    try:
        said = datetime.fromisoformat(text)
        if match["offset"]:
            return said.astimezone(UTC)
    except (ValueError, OverflowError):  # the 30th of February; the first hours of the year 1
        raise Invalid("session.time", field=field) from None
    if not zone:
        raise Invalid("session.zone_missing", field="timezone")
    if not is_zone(zone):
        raise Invalid("timezone.unknown", field="timezone")
    return utc_of(said, zone, field)


def utc_of(said: datetime, zone: str, field: str) -> datetime:
    """Return the time that a clock of this zone shows as `said` (naive), for the first time. Raises Invalid when it
    never does, as in the hour that is left out in spring."""
    local = said.replace(tzinfo=clock_of(zone), fold=0)
    try:
        at = local.astimezone(UTC)
        shown = at.astimezone(local.tzinfo).replace(tzinfo=None)
    except OverflowError:
        raise Invalid("session.time", field=field) from None
    if shown != said:
        raise Invalid("session.no_such_time", field=field)
    return at
