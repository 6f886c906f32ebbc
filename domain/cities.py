"""Cities that a name may mean, and time zones that are said as a difference from UTC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LEAST_SHARE: Final = 20
"""A city counts beside a larger one of the same name if it has at least one person for each `LEAST_SHARE` there."""

_OFFSET: Final = re.compile(r"(?:utc|gmt|z)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_EARLIEST, _LATEST = -12, 14
_HALVES: Final = {
    "-9:30": "Pacific/Marquesas", "+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul", "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu", "+6:30": "Asia/Yangon", "+8:45": "Australia/Eucla", "+9:30": "Australia/Darwin",
}  # fmt: skip
"""Zones without summer time, for differences that have no zone of their own."""


@dataclass(frozen=True, slots=True)
class City:
    """A city by its main name; `country` and `state` are codes ("US", "OR"). `is_main`: found by its main name."""

    name: str
    country: str
    state: str
    zone: str
    population: int
    is_main: bool = True


def likely(cities: Iterable[City]) -> list[City]:
    """Return the cities that are probably meant, the most populous of each time zone, largest first.

    A city that only has the name among others counts if it is larger than all that are called so.
    """
    found = sorted(cities, key=lambda city: -city.population)
    largest = next((city.population for city in found if city.is_main), 0)
    called = [city for city in found if city.is_main or city.population > largest]
    by_zone: dict[str, City] = {}
    for city in called:
        if city.population * LEAST_SHARE >= called[0].population:
            by_zone.setdefault(city.zone, city)
    return list(by_zone.values())


def zone_of_offset(text: str) -> str | None:
    """Return the zone of "UTC", "GMT+3", "UTC−05:30" or "+2"; None for anything else.

    The tz database counts the other way: UTC+3 is `Etc/GMT-3`.
    """
    said = "".join(unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").split())
    if said.upper() in ("UTC", "GMT", "Z"):
        return "UTC"
    if not (found := _OFFSET.fullmatch(said)):
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    if minutes:
        return _HALVES.get(f"{sign}{hours}:{minutes:02}")
    ahead = hours if sign == "+" else -hours
    if not _EARLIEST <= ahead <= _LATEST:
        return None
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def offset_name(zone: str) -> str | None:
    """Return "UTC+3" for `Etc/GMT-3`; None for a zone that is not named after its difference from UTC."""
    if zone == "UTC":
        return zone
    kind, _, hours = zone.partition("Etc/GMT")
    if kind or not re.fullmatch(r"[+-]\d{1,2}", hours):
        return None
    return f"UTC{-int(hours):+d}".replace("-", "−")
