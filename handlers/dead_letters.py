"""What could not be told or acted on, for an operator: nothing of what people wrote."""

from __future__ import annotations

from handlers.deps import Deps
from skillswap.domain.deliveries import Delivery
from skillswap.domain.errors import NotFound
from storage.telegram_updates import DeadUpdate

MAX_LISTED = 200

__all__ = ["DeadUpdate"]


async def list_deliveries(deps: Deps, state: str, *, limit: int = MAX_LISTED) -> list[Delivery]:
    """Deliveries in that state ("queued" or "dead"), oldest first."""
    return await deps.store.outbox.list_lines(state, limit=limit)


async def retry_delivery(deps: Deps, source_id: str, delivery_id: str) -> None:
    """Try a dead delivery again, from the beginning. Raises NotFound."""
    if not await deps.store.outbox.revive(source_id, delivery_id, due_at=deps.now()):
        raise NotFound("not_found")


async def drop_delivery(deps: Deps, source_id: str, delivery_id: str) -> None:
    """Be done with a dead delivery. Raises NotFound."""
    if not await deps.store.outbox.drop(source_id, delivery_id):
        raise NotFound("not_found")


async def list_dead_updates(deps: Deps, *, limit: int = MAX_LISTED) -> list[DeadUpdate]:
    """Updates from Telegram that were given up, newest first."""
    return await deps.store.telegram_updates.list_dead(limit)


async def retry_update(deps: Deps, bot_id: int, update_id: int) -> None:
    """Act on a dead update after all. Raises NotFound, also when its person has left."""
    if not await deps.store.telegram_updates.revive(bot_id, update_id, at=deps.now()):
        raise NotFound("not_found")


async def drop_update(deps: Deps, bot_id: int, update_id: int) -> None:
    """Be done with a dead update, and keep nothing of it. Raises NotFound."""
    if not await deps.store.telegram_updates.drop(bot_id, update_id):
        raise NotFound("not_found")
