"""What could not be told or acted on, for an operator: nothing of what people wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator

from domain.deliveries import Delivery
from handlers.runtime.deps import Deps
from storage.telegram_updates import DeadUpdate

MAX_LISTED = 200

__all__ = ["DeadUpdate"]


async def list_deliveries(deps: Deps, state: str, *, limit: int = MAX_LISTED) -> list[Delivery]:
    """Deliveries in that state ("queued" or "dead"), oldest first."""
    return await deps.store.outbox.list_lines(state, limit=limit)


def each_dead_delivery(deps: Deps) -> AsyncIterator[Delivery]:
    """All dead deliveries, however many, in no order."""
    return deps.store.outbox.each_dead()


async def retry_delivery(deps: Deps, source_id: str, delivery_id: str) -> bool:
    """Try a dead delivery again, from the beginning. False when there is none."""
    return await deps.store.outbox.revive(source_id, delivery_id, due_at=deps.now())


async def drop_delivery(deps: Deps, source_id: str, delivery_id: str) -> bool:
    """Be done with a dead delivery. False when there is none."""
    return await deps.store.outbox.drop(source_id, delivery_id)


async def list_dead_updates(deps: Deps, *, limit: int = MAX_LISTED) -> list[DeadUpdate]:
    """Updates from Telegram that were given up, newest first."""
    return await deps.store.telegram_updates.list_dead(limit)


def each_dead_update(deps: Deps) -> AsyncIterator[DeadUpdate]:
    """All updates that were given up, however many, in no order."""
    return deps.store.telegram_updates.each_dead()


async def retry_update(deps: Deps, bot_id: int, update_id: int) -> bool:
    """Act on a dead update after all. False when there is none, or its person has left."""
    return await deps.store.telegram_updates.revive(bot_id, update_id, at=deps.now())


async def drop_update(deps: Deps, bot_id: int, update_id: int) -> bool:
    """Be done with a dead update, and keep nothing of it. False when there is none."""
    return await deps.store.telegram_updates.drop(bot_id, update_id)
