"""Time zones by what people call them: a city in any language, a country, a difference from UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from domain.cities import LEAST_SHARE, City, likely, zone_of_offset
from domain.folding import place_key
from domain.languages import LOCALES
from domain.text import clean_line
from handlers.runtime.texts import Texts
from storage.cities.reader import Cities

MAX_PLACE_LENGTH: Final = 80
MAX_HITS: Final = 50
MAX_CHOICES: Final = 8
MAX_NEAR: Final = 4
MIN_BEGINNING: Final = 3
"""Shortest beginning of a name that is completed."""
MIN_GUESSED: Final = 4
"""Shortest name that is guessed at: shorter ones resemble too many others."""
MAX_QUALIFIER_WORDS: Final = 3
AREAS: Final = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)
"""Areas of the zones named after cities; the other zones are aliases and fixed offsets."""
COUNTRIES_BY_OTHER_NAMES: Final = {
    "usa": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL",
}  # fmt: skip
_PARTS: Final = re.compile(r"[,;()/،，、\n]+")

Region = tuple[str, str]
"""A country and a state of it, by their codes; "" for all states."""
Regions = Mapping[str, tuple[Region, ...]]


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """A zone that was perhaps meant, with the place for which it was found: "Portland (Oregon, United States)"."""

    zone: str
    place: str


def find_zones(cities: Cities, text: str, texts: Texts) -> list[ZoneChoice]:
    """Return the zones that a text names, likeliest first; one when there is no doubt. Raises Invalid.

    "Portland" means two, "Portland, Maine" and "Portland ME" one. Cities are known by their names in all languages.
    Blocking: reads files.
    """
    said = clean_line(text, "timezone", max_length=MAX_PLACE_LENGTH)
    if zone := zone_of_offset(said) or _zone_by_name(said):
        return [ZoneChoice(zone, texts.timezone_name(zone))]
    states = cities.state_names()
    regions = _regions(frozenset(states.items()))
    whole = place_key(said)
    of_region = _largest(cities, regions.get(whole, ()))
    for place, within in _readings(said, regions):
        found = likely(city for city in cities.named(place, limit=MAX_HITS) if _is_in(city, within))
        if found and not (of_region and of_region[0].population > LEAST_SHARE * found[0].population):
            return [_choice(city, states, texts, said) for city in found[:MAX_CHOICES]]
    if of_region:
        return [_choice(city, states, texts) for city in of_region[:MAX_CHOICES]]
    zone = next((zone for zone, names in _zone_cities(texts).items() if whole in names), None) if whole else None
    return [ZoneChoice(zone, texts.timezone_name(zone))] if zone else []


def guess_zones(cities: Cities, text: str, texts: Texts) -> list[ZoneChoice]:
    """Return zones that an unknown place may have: of cities whose names begin so, or resemble it, nearest first; else
    those of the country or state that is named behind it. To be confirmed, never assumed. Blocking: reads files."""
    if begun := _beginning(cities, place_key(text[:MAX_PLACE_LENGTH]), texts):
        return begun
    parts = [key for part in _PARTS.split(text[:MAX_PLACE_LENGTH]) if (key := place_key(part))]
    if not parts:
        return []
    states = cities.state_names()
    regions = _regions(frozenset(states.items()))
    within = tuple(region for part in parts[1:] for region in regions.get(part, ()))
    name, found = parts[0], list[City]()
    if len(name) >= MIN_GUESSED:
        slips = 1 + (len(name) > 5) + (len(name) > 9)
        near = cities.resembling(name, slips=slips, limit=MAX_HITS)
        found = [city for city in near if _is_in(city, within)][:MAX_NEAR]
    choices = (_choice(city, states, texts) for city in found or _largest(cities, within)[:MAX_CHOICES])
    return list({choice.place: choice for choice in choices}.values())


def is_choice(zone: str) -> bool:
    """Return whether `find_zones` can have offered a zone of this name. Blocking: reads files, once."""
    return zone in city_timezones() or zone_of_offset(zone.replace("Etc/", "")) is not None


@cache
def city_timezones() -> frozenset[str]:
    """Return all zones named after cities. Blocking: reads files, once."""
    return frozenset(zone for zone in available_timezones() if zone.split("/")[0] in AREAS)


def _largest(cities: Cities, regions: Iterable[Region]) -> list[City]:
    """Return the largest city in each zone of these countries and states."""
    return [city for country, state in regions for city in cities.largest(country, state)]


def _zone_by_name(said: str) -> str | None:
    wanted = said.replace(" ", "_").casefold()
    return next((zone for zone in city_timezones() if zone.casefold() == wanted), None)


def _readings(said: str, regions: Regions) -> Iterator[tuple[str, tuple[Region, ...]]]:
    """Yield what may be the place in a text, and the regions that the rest of it names: the whole first, then each part
    between commas, then the words without a country or state at their end."""
    parts = [key for part in _PARTS.split(said) if (key := place_key(part))]
    for number, place in enumerate(parts):
        named = [regions.get(other, ()) for other in parts[number + 1 :]]
        yield place, tuple(region for of_part in named for region in of_part)
    words = place_key(said).split()
    for count in range(min(MAX_QUALIFIER_WORDS, len(words) - 1), 0, -1):
        if at_end := regions.get(" ".join(words[-count:])):
            yield " ".join(words[:-count]), at_end


def _is_in(city: City, regions: Iterable[Region]) -> bool:
    regions = tuple(regions)
    return not regions or any(country == city.country and state in ("", city.state) for country, state in regions)


@cache
def _regions(states: frozenset[tuple[Region, str]]) -> Regions:
    """Return countries and states by the keys of their names in our languages, and of their codes."""
    found: dict[str, set[Region]] = {}
    for locale in LOCALES:
        for code, name in Locale.parse(locale).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(place_key(name), set()).add((code, ""))
                found.setdefault(code.lower(), set()).add((code, ""))
    for name, code in COUNTRIES_BY_OTHER_NAMES.items():
        found.setdefault(name, set()).add((code, ""))
    for (country, code), name in states:
        found.setdefault(code.lower(), set()).add((country, code))
        found.setdefault(place_key(name), set()).add((country, code))
    return {key: tuple(sorted(regions)) for key, regions in found.items()}


def _choice(city: City, states: Mapping[Region, str], texts: Texts, said: str = "") -> ZoneChoice:
    """Return the choice of a city, by its name in the reader's language if that is known, or else as it was said."""
    name = city.name
    own = texts.city(city.zone)
    if said and place_key(own) == place_key(said):
        name = own
    elif said and not city.is_main:
        spoken = _PARTS.split(said)[0].strip()
        name = spoken.title() if spoken.islower() else spoken
    region = [states.get((city.country, city.state), ""), texts.country_name(city.country)]
    return ZoneChoice(city.zone, f"{name} ({', '.join(filter(None, region))})")


@cache
def _zone_cities(texts: Texts) -> Mapping[str, tuple[str, str]]:
    """Return the keys of each zone's city: its name in the language of `texts`, and in the tz database. Aliases of a
    zone come after all others."""
    aliases = get_global("zone_aliases")
    return {
        zone: (place_key(texts.city(zone)), place_key(zone.rsplit("/", 1)[-1]))
        for zone in sorted(city_timezones(), key=lambda zone: (zone in aliases, zone))
    }


def _beginning(cities: Cities, key: str, texts: Texts) -> list[ZoneChoice]:
    """Return the zones of cities with a name that begins so, and of the cities that zones are named after."""
    if not key:
        return []
    named = {
        zone: names for zone, names in _zone_cities(texts).items() if any(f" {key}" in f" {name}" for name in names)
    }
    by_zone: dict[str, ZoneChoice] = {}
    for zone in named:
        place = texts.timezone_name(zone)
        if place not in {choice.place for choice in by_zone.values()}:  # aliases share one display name
            by_zone[zone] = ZoneChoice(zone, place)
    states = cities.state_names()
    for city in cities.beginning(key, limit=MAX_HITS) if len(key) >= MIN_BEGINNING else ():
        by_zone.setdefault(city.zone, _choice(city, states, texts))
    return list(by_zone.values())[:MAX_CHOICES]
