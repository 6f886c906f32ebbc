"""Time of the database server, shared by all processes whatever their own clocks say.

Between two readings this machine's monotonic clock carries it on, so changes of the system clock do not matter either.

In development the time can be moved ahead, never back (`storage/clock_moves.py`): `now` is then the moved time and
`unmoved` the real one. What people agree on runs by the moved time; tokens, links, leases and proofs by the real one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor

from pymongo.errors import PyMongoError

log = logging.getLogger(__name__)

READ_EVERY = 30.0
"""Seconds between two readings: a machine's quartz is a millisecond off by then, a sleeping laptop more."""

MAX_TRIP = 0.5
"""Upper bound of a round trip in seconds: the server's time is somewhere within it, so a slower reading is less precise
than the current one."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the clock: at the real time `at` it was moved ahead, to be `ahead` of the real time from then on."""

    at: datetime
    ahead: timedelta


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _in_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class ServerClock:
    def __init__(self, read: Callable[[], Awaitable[datetime]]) -> None:
        """Set up the clock. `read` queries the server. Before the first reading this machine's clock is used."""
        self._read = read
        self._base: datetime | None = None
        self._read_at = 0.0
        self._since, self._now = 0, _EPOCH  # the last answer, and its milliseconds since the reading
        self.moves: tuple[Move, ...] = ()
        """The moves so far, oldest first; always empty unless the clock `is_movable`."""
        self.is_movable = False

    @property
    def ahead(self) -> timedelta:
        """Return the time by which the clock has been moved."""
        return self.moves[-1].ahead if self.moves else timedelta(0)

    def now(self) -> datetime:
        """Return the time, moved if it was moved: aware, UTC, in milliseconds as MongoDB stores it."""
        return self.real_now() + self.ahead if self.moves else self.real_now()

    def real_now(self) -> datetime:
        """Return the server's time, which is never moved."""
        if self._base is None:
            return _in_milliseconds(datetime.now(UTC))
        since = floor((time.monotonic() - self._read_at) * 1000)
        if since != self._since:  # asked several times for each request
            self._since, self._now = since, self._base + timedelta(milliseconds=since)
        return self._now

    def unmoved(self, at: datetime) -> datetime:
        """Return the real time at which this clock showed `at`; the moment of the move for a time that it skipped."""
        if not self.moves:
            return at
        for number in range(len(self.moves) - 1, -1, -1):
            move = self.moves[number]
            if at >= move.at + move.ahead:
                return at - move.ahead
            before = self.moves[number - 1].ahead if number else timedelta(0)
            if at > move.at + before:
                return move.at
        return at

    async def read(self) -> None:
        """Query the server once. Raises what the driver raises."""
        asked = time.monotonic()
        server_time = await self._read()
        trip = time.monotonic() - asked
        if self._base is None or trip <= MAX_TRIP:
            self._base, self._read_at = _in_milliseconds(server_time.astimezone(UTC)), asked + trip / 2
            self._since, self._now = 0, self._base

    async def keep(self) -> None:
        """Query the server periodically, until cancelled."""
        while True:
            await asyncio.sleep(READ_EVERY)
            try:
                await self.read()
            except PyMongoError as error:
                log.debug("the server's clock could not be read: %s", type(error).__name__)
