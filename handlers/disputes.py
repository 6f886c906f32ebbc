"""Disputes about whether a session took place: moderators read both sides and decide."""

from __future__ import annotations

from domain import outcomes
from domain.errors import Conflict, Forbidden, NotFound
from domain.events import event_of_status
from domain.swaps import Swap
from domain.users import ADMIN, MODERATOR, User
from handlers.notifications import deliveries_to
from handlers.records import note_change
from handlers.runtime.deps import Deps


async def get_dispute(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Return a swap in dispute, for a moderator who has no part in it. Raises Forbidden, NotFound, Conflict."""
    if actor.role not in (MODERATOR, ADMIN):
        raise Forbidden("role.moderator_needed")
    swap = await deps.store.swaps.find(swap_id)
    if swap is None:
        raise NotFound("swap.not_found")
    if actor.id in swap.participants:
        raise Forbidden("swap.own_dispute")
    if swap.plan.disputed_at is None or swap.plan.decision:
        raise Conflict("swap.not_disputed", current=swap)
    return swap


async def decide_dispute(deps: Deps, actor: User, swap_id: str, decision: str, reason: str) -> Swap:
    """Settle a dispute as completed, not_happened or cancelled; all who take part are told, with the reason.

    Raises what `get_dispute` raises, Invalid, and Conflict when another moderator was faster.
    """
    swap = await get_dispute(deps, actor, swap_id)
    after = outcomes.decide(swap, decision, reason, by=actor.id, at=deps.now())
    told = await deliveries_to(deps, after.participants, event_of_status(after.status))
    if not await deps.store.swaps.replace(swap, after, told):
        current = await get_dispute(deps, actor, swap_id)  # raises when it has been decided
        raise Conflict("swap.changed", current=current)
    await note_change(deps, swap, after)
    return after
