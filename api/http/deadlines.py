"""How long somebody waits for an answer at the most, whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from domain.errors import Unavailable

ANSWER_SECONDS: Final = 8.0
RETRY_AFTER_SECONDS: Final = 2

T = TypeVar("T")


async def in_time(answer: Awaitable[T]) -> T:
    """The answer. Raises Unavailable when it takes too long; what it would have done may be done or not."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as deadline:
            return await answer
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unavailable("database.unavailable", retry_after=RETRY_AFTER_SECONDS) from None
