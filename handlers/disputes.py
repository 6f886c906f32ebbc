"""Disputes about whether a session took place: moderators read both sides and decide."""

from __future__ import annotations

from domain import outcomes
from domain.errors import Conflict, Forbidden, NotFound
from domain.staff_cards import DISPUTE
from domain.swaps import Swap
from domain.timetable import DECIDE_WITHIN
from domain.users import User
from handlers.records import note_change
from handlers.runtime.deps import Deps
from handlers.staff_cards import keeping_staff_card
from handlers.standing import require_moderator
from handlers.swap_news import news_of_status


async def find_dispute(deps: Deps, swap_id: str) -> Swap | None:
    """Return a swap that is in dispute, or was."""
    swap = await deps.store.swaps.find(swap_id)
    return swap if swap is not None and swap.plan.disputed_at is not None else None


async def list_disputes(deps: Deps, actor: User, *, after: str | None = None, limit: int) -> list[Swap]:
    """Return the open disputes in which this moderator has no part, oldest first. Raises Forbidden."""
    require_moderator(actor)
    since = deps.now() - DECIDE_WITHIN
    return await deps.store.swaps.list_disputed(without=actor.id, since=since, after=after, limit=limit)


async def count_disputes(deps: Deps, actor: User) -> int:
    """Return how many open disputes there are in which this moderator has no part. Raises Forbidden."""
    require_moderator(actor)
    return await deps.store.swaps.count_disputed(without=actor.id, since=deps.now() - DECIDE_WITHIN)


async def get_dispute(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Return a swap in dispute, for a moderator who has no part in it. Raises Forbidden, NotFound, Conflict."""
    require_moderator(actor)
    swap = await deps.store.swaps.find(swap_id)
    if swap is None:
        raise NotFound("swap.not_found")
    if actor.id in swap.participants:
        raise Forbidden("swap.own_dispute")
    if not outcomes.is_in_dispute(swap, deps.now()):
        raise Conflict("swap.not_disputed", current=swap)
    return swap


async def decide_dispute(deps: Deps, actor: User, swap_id: str, decision: str, reason: str) -> Swap:
    """Settle a dispute as completed, not_happened or cancelled; all who take part are told, with the reason.

    Raises what `get_dispute` raises, Invalid, and Conflict when another moderator was faster.
    """
    swap = await get_dispute(deps, actor, swap_id)
    after = outcomes.decide(swap, decision, reason, by=actor.id, at=deps.now())
    async with keeping_staff_card(deps, DISPUTE, swap_id):
        if not await deps.store.swaps.replace(swap, after, await news_of_status(deps, after, "")):
            current = await get_dispute(deps, actor, swap_id)  # raises when it has been decided
            raise Conflict("swap.changed", current=current)
    await note_change(deps, swap, after)
    return after
