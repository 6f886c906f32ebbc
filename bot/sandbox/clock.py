"""The time of the sandbox: that of this machine, or that of the service under test, which may be moved ahead.

Messages are dated by it, and it decides how long a message can be deleted. How long the sandbox keeps an update or a
button press for the bot is counted in real time: a move loses neither.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` returns seconds since 1970. `move` moves the clock ahead, and raises ValueError for a step that it cannot
    do; None: this clock cannot be moved."""

    now: Callable[[], float] = time.time
    move: Callable[[timedelta], Awaitable[object]] | None = None

    def as_json(self) -> dict[str, object]:
        """Return what the page shows: by how many seconds it is ahead of this machine's, and whether it can be
        moved."""
        return {"ahead": round(self.now() - time.time()), "is_movable": self.move is not None}
