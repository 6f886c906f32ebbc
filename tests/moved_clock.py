"""Move the clock of everything that runs on a test's database, to test what takes days.

`await move_clock(days=7)` moves the time of `deps` at once, and of a running service (another process) as soon as it
hears of it: wait for what it does then. Jobs and deliveries that have become due are done at once. Time moves ahead
only; every test begins with the real time. Tokens, sessions and sign-in links live by the real time all along.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from bot.sandbox import Clock
from handlers.runtime.deps import Deps
from storage.clock_moves import ClockMoves
from storage.mongodb.database import Database


def clock_of(deps: Deps) -> Clock:
    """Return a clock for the sandbox that is moved with the operations."""
    return Clock(now=lambda: deps.now().timestamp())


class MoveClock(Protocol):
    """Move the clock ahead by the given units of `timedelta`; return the time that it shows now."""

    async def __call__(self, **units: Any) -> datetime: ...


@pytest.fixture
def move_clock(database: Database) -> MoveClock:
    database.clock.is_movable = True

    async def move(**units: Any) -> datetime:
        return await ClockMoves(database).move(timedelta(**units))

    return move
