"""Upper bound on the time to answer, whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from domain.errors import Unavailable

ANSWER_SECONDS: Final = 8.0
RETRY_AFTER_SECONDS: Final = 2

T = TypeVar("T")


async def with_deadline(answer: Awaitable[T]) -> T:
    """Await `answer` for at most ANSWER_SECONDS.

    Raises Unavailable on timeout; the operation may or may not have taken effect.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as deadline:
            return await answer
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unavailable("database.unavailable", retry_after=RETRY_AFTER_SECONDS) from None
