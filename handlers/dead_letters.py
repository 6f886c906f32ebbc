"""Dead deliveries and updates, for an operator; message texts are not shown."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.deliveries import Delivery
from handlers.runtime.deps import Deps
from storage.telegram_updates import DeadUpdate

MAX_LISTED = 200

__all__ = ["DeadUpdate"]


async def list_deliveries(deps: Deps, state: str, *, limit: int = MAX_LISTED) -> list[Delivery]:
    """Return deliveries in that state ("queued" or "dead"), oldest first."""
    return await deps.store.outbox.list_deliveries(state, limit=limit)


def each_dead_delivery(deps: Deps) -> AsyncIterator[Delivery]:
    """Iterate over all dead deliveries, in no order."""
    return deps.store.outbox.each_dead()


async def retry_delivery(deps: Deps, source_id: str, delivery_id: str) -> bool:
    """Queue a dead delivery again with all its attempts. False when there is none."""
    return await deps.store.outbox.revive(source_id, delivery_id, due_at=deps.now())


async def drop_delivery(deps: Deps, source_id: str, delivery_id: str) -> bool:
    """Give up a dead delivery for good: it is marked as skipped. False when there is none."""
    return await deps.store.outbox.drop(source_id, delivery_id)


async def list_dead_updates(deps: Deps, *, limit: int = MAX_LISTED) -> list[DeadUpdate]:
    """Return updates from Telegram that were given up, newest first."""
    return await deps.store.telegram_updates.list_dead(limit)


def each_dead_update(deps: Deps) -> AsyncIterator[DeadUpdate]:
    """Iterate over all updates that were given up, in no order."""
    return deps.store.telegram_updates.each_dead()


async def retry_update(deps: Deps, bot_id: int, update_id: int) -> bool:
    """Process a dead update again. False when there is none, or its user has left."""
    return await deps.store.telegram_updates.revive(bot_id, update_id, at=deps.now())


async def drop_update(deps: Deps, bot_id: int, update_id: int) -> bool:
    """Give up a dead update for good and erase its content. False when there is none."""
    return await deps.store.telegram_updates.drop(bot_id, update_id)
