"""New requests: each takes a place of its asker's quota, and perhaps waits for a moderator's look."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from domain.errors import Problem, Unavailable
from domain.events import SWAP_PROPOSED
from domain.quotas import MOST_PLACES
from domain.screening import ScreenedWords
from domain.swaps import Swap
from handlers.notifications import deliveries_to
from handlers.quotas import require_place
from handlers.runtime.deps import Deps
from handlers.screening import forget_words, show_words
from storage.swaps import NumberTaken

MAX_TRIES = 2 * MOST_PLACES
RETRY_JITTER = 0.005


async def insert_request(deps: Deps, swap: Swap, require_room: Callable[[], Awaitable[None]] | None = None) -> bool:
    """Insert a request within the asker's quota, with its deliveries; False when the same swap is open already.

    The number of the request is read before the quota is checked, and is unique: simultaneous requests cannot pass the
    quota, nor another limit that `require_room` checks and raises for. Raises TooMany.
    """
    asker = swap.from_user_id
    deliveries = await deliveries_to(deps, swap.others(asker), SWAP_PROPOSED)
    for tries in range(MAX_TRIES):
        number = await deps.store.swaps.last_request_number(asker) + 1
        await require_place(deps, asker)
        if require_room is not None:
            await require_room()
        try:
            return await deps.store.swaps.insert(swap, deliveries, number=number)
        except NumberTaken:
            await asyncio.sleep(random.random() * RETRY_JITTER * (tries + 1))
    raise Unavailable("chat.busy", retry_after=1)


async def insert_screened(deps: Deps, swap: Swap, words: ScreenedWords | None) -> bool:
    """Insert a request whose words perhaps wait for a moderator's look: they are stored before it, so that it never
    waits for nothing, and shown after it."""
    try:
        is_new = await insert_request(deps, swap)
    except Problem:
        await forget_words(deps, words)
        raise
    await (show_words(deps, words) if is_new else forget_words(deps, words))
    return is_new
