"""Pace of reading the change stream: at once while two or three processes read it, in batches when many do, and in one
that is alone: what it writes itself does not wait for the stream (`api/realtime/own_messages.py`).

Each process reads every change, and what costs is the wake-up, for the reader and for the database alike. Decision 23
has the figures, and what comes after this.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

NOTE_SECONDS: Final = 5.0
"""Interval at which a process says that it reads the stream, and hears how many others do."""
NOTE_KEPT: Final = timedelta(seconds=3 * NOTE_SECONDS)

ALONE, SEVERAL, MANY = 1, 4, 10
"""Processes from which on the stream is read in batches, and in larger ones."""
BUSY, CALM = 0.6, 0.45
"""Share of a core from which on a process counts as busy, and below which it no longer does."""
SHORT, LONG = 0.005, 0.02
"""Seconds between two reads: 5 ms halve the cost of a change, 20 ms divide it by three to five and add 11 ms of lag."""


class Load:
    """Share of a core that this process has used since the last look, and whether that is much."""

    def __init__(self) -> None:
        self._at, self._used = time.monotonic(), time.process_time()
        self.is_busy = False

    def look(self) -> None:
        at, used = time.monotonic(), time.process_time()
        share = (used - self._used) / max(at - self._at, 1e-3)
        self._at, self._used = at, used
        self.is_busy = share > (CALM if self.is_busy else BUSY)


def pause_between_reads(processes: int, *, is_busy: bool) -> float:
    """Return the seconds to wait between two reads of the stream."""
    if processes <= ALONE or processes >= MANY or (processes >= SEVERAL and is_busy):
        return LONG
    return SHORT if processes >= SEVERAL or is_busy else 0.0
