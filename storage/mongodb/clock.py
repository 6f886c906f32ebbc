"""Time of the database server, shared by all processes whatever their own clocks say.

Between two readings this machine's monotonic clock carries it on, so changes of the system clock do not matter either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError

log = logging.getLogger(__name__)

READ_EVERY = 30.0
"""Seconds between two readings: a machine's quartz is a millisecond off by then, a sleeping laptop more."""

MAX_TRIP = 0.5
"""Upper bound of a round trip in seconds: the server's time is somewhere within it, so a slower reading is less precise
than the current one."""


class ServerClock:
    def __init__(self, read: Callable[[], Awaitable[datetime]]) -> None:
        """Set up the clock. `read` queries the server. Before the first reading this machine's clock is used."""
        self._read = read
        self._base: datetime | None = None
        self._read_at = 0.0

    def now(self) -> datetime:
        """Return the time: aware, UTC, in milliseconds as MongoDB stores it."""
        if self._base is None:
            now = datetime.now(UTC)
        else:
            now = self._base + timedelta(seconds=time.monotonic() - self._read_at)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    async def read(self) -> None:
        """Query the server once. Raises what the driver raises."""
        asked = time.monotonic()
        server_time = await self._read()
        trip = time.monotonic() - asked
        if self._base is None or trip <= MAX_TRIP:
            self._base, self._read_at = server_time.astimezone(UTC), asked + trip / 2

    async def keep(self) -> None:
        """Query the server periodically, until cancelled."""
        while True:
            await asyncio.sleep(READ_EVERY)
            try:
                await self.read()
            except PyMongoError as error:
                log.debug("the server's clock could not be read: %s", type(error).__name__)
