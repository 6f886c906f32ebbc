"""Waiting for an effect in another task or process."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

WAIT_SECONDS = 30.0
"""Most that a test waits for what takes a moment: a busy machine takes its time, and no sweep comes as soon."""


async def eventually(condition: Callable[[], Awaitable[object] | object], *, within: float = WAIT_SECONDS) -> None:
    """Return as soon as the condition holds. Raises AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        held = condition()
        if await held if inspect.isawaitable(held) else held:
            return
        assert time.monotonic() < deadline, f"the condition did not hold within {within:g} s"
        await asyncio.sleep(0.01)
