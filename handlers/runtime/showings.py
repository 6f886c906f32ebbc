"""Counts of how often people were among the first cards, written together a moment later: no page of a deck waits."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final

from handlers.runtime.background import BackgroundTask
from storage.matches import Matches
from storage.mongodb.database import DATABASE_ERRORS

log = logging.getLogger(__name__)

WRITE_SECONDS: Final = 0.25
"""Time after which counts are written. What a crash loses of them is not missed."""
MAX_AT_ONCE: Final = 1_000
CLOSE_SECONDS: Final = 2.0


class Showings:
    """Counts that are not written yet, by day and user."""

    def __init__(self, matches: Matches) -> None:
        self._matches = matches
        self._counts: Counter[tuple[str, str]] = Counter()
        self._turn = asyncio.Lock()
        self._writing = BackgroundTask("counting showings", self._write_soon)

    def note(self, user_ids: Iterable[str], *, day: str) -> None:
        """Count each of these users once."""
        self._counts.update((day, user_id) for user_id in user_ids)
        if self._counts:
            self._writing.start()

    async def write(self) -> None:
        """Write what is noted, after what is being written. Raises what the driver raises; those counts are lost."""
        async with self._turn:
            noted, self._counts = self._counts, Counter()
            counts = iter(noted.items())
            while some := dict(islice(counts, MAX_AT_ONCE)):
                await self._matches.note_shown(some)

    async def close(self) -> None:
        """Write what is left. May be called twice."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.write()
        except (TimeoutError, *DATABASE_ERRORS):
            log.warning("the last showings were not counted")
        finally:
            await self._writing.stop()

    async def _write_soon(self) -> None:
        while self._counts:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self.write()
            except DATABASE_ERRORS as error:
                log.warning("showings were not counted: %s", type(error).__name__)
