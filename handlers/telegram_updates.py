"""Updates from Telegram: stored, then acknowledged, processed once and in order."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from handlers.runtime.deps import Deps
from handlers.runtime.leases import hold_lease
from handlers.runtime.metrics import BAD_CONTENT, BAD_ID, BAD_JSON
from storage.telegram_updates import DEAD, NEW, StoredUpdate

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
PAGE = 100
"""Waiting updates read at a time."""
MAX_UPDATE_ID = 2**63 - 1
UPDATE_LEASE = timedelta(seconds=10)

__all__ = ["StoredUpdate"]


async def store_update(deps: Deps, bot_id: int, body: Mapping[str, Any]) -> bool:
    """Store an update as Telegram sent it; False when it is stored already or cannot be processed.

    One without a usable id is dropped: without it, nothing tells it from another.
    """
    update_id = body.get("update_id")
    if type(update_id) is not int or not 0 <= update_id <= MAX_UPDATE_ID:  # bool is an int, too
        deps.metrics.rejected_update(BAD_ID)
        log.warning("an update without a usable id was rejected")
        return False
    state = await deps.store.telegram_updates.store(bot_id, update_id, _lane(body), body, at=deps.now())
    if state == DEAD:
        deps.metrics.rejected_update(BAD_CONTENT)
    return state == NEW


def reject_unreadable(deps: Deps) -> None:
    """Count and log a body that is no JSON object: there is nothing in it to store."""
    deps.metrics.rejected_update(BAD_JSON)
    log.warning("an update that is no JSON object was rejected")


def _lane(body: Mapping[str, Any]) -> int:
    """Return the chat, or else the sender, within whose updates order is kept."""
    for part in body.values():
        if isinstance(part, dict):
            message = part.get("message")
            chat = message.get("chat") if isinstance(message, dict) else part.get("chat")
            for owner in (chat, part.get("from"), part.get("user")):
                if isinstance(owner, dict) and isinstance(owner.get("id"), int):
                    return int(owner["id"])
    return 0


async def waiting_updates(
    deps: Deps, bot_id: int, *, besides: Collection[int] = (), limit: int = PAGE
) -> list[StoredUpdate]:
    """Return open updates, oldest first, of all lanes but those in `besides`, so that a waiting chat does not delay
    others."""
    return await deps.store.telegram_updates.waiting(bot_id, besides=besides, limit=limit)


async def start_attempt(deps: Deps, update: StoredUpdate) -> bool:
    """Start an attempt; False when another process has the update, after a lease that was lost."""
    return await deps.store.telegram_updates.start_attempt(update)


async def forgive_attempt(deps: Deps, update: StoredUpdate) -> None:
    """Take back an attempt that failed because Telegram or the database did not answer."""
    await deps.store.telegram_updates.forgive_attempt(update)


async def finish_update(deps: Deps, update: StoredUpdate) -> None:
    await deps.store.telegram_updates.finish(update)


async def dead_letter_update(deps: Deps, update: StoredUpdate) -> None:
    await deps.store.telegram_updates.dead_letter(update)


async def hold_update_lease(deps: Deps, bot_id: int, holder: str) -> bool:
    """Take or keep the lease; its holder is the one process that handles this bot's updates."""
    return await hold_lease(deps, f"telegram-intake:{bot_id}", holder, UPDATE_LEASE)


async def release_update_lease(deps: Deps, bot_id: int, holder: str) -> None:
    await deps.store.leases.release(f"telegram-intake:{bot_id}", holder)
