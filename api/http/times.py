"""Times in requests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from domain.local_times import read_time


async def read_times(said: Sequence[str], zone: str | None, field: str) -> tuple[datetime, ...]:
    """Return times in whole minutes, by the clock of this zone unless they name a difference from UTC.

    Raises Invalid.
    """
    if not said:
        return ()
    found = await asyncio.to_thread(lambda: [read_time(text, zone, field) for text in said])
    return tuple(at.replace(second=0, microsecond=0) for at in found)
