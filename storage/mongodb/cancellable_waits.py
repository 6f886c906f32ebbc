"""Waits of the driver that a cancellation always ends, as Python 3.12 has them, on Python 3.11.

There `asyncio.wait_for` returns its result when the cancellation comes just as the wait is over: a task that was told
to end goes on, and one that asks the database in a loop does so for ever. It also makes a task of each coroutine that
it waits for: one for each command that is sent.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import TypeVar

from pymongo import lock, network_layer, pool_shared

T = TypeVar("T")


async def wait_for(awaitable: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - the signature of asyncio
    """Await for so many seconds, without end if None. Raises TimeoutError."""
    async with asyncio.timeout(timeout):
        return await awaitable


def install() -> None:
    """Give the driver's modules these waits; Python itself has them from 3.12 on."""
    if sys.version_info < (3, 12):
        waits = SimpleNamespace(**vars(asyncio) | {"wait_for": wait_for})
        setattr(network_layer, "asyncio", waits)  # noqa: B010 - the modules do not export what they import
        setattr(pool_shared, "asyncio", waits)  # noqa: B010
        setattr(lock, "wait_for", wait_for)  # noqa: B010
