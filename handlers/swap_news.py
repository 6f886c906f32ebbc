"""News of a swap: the deliveries of a new status, and of changes to its sessions. Written with the change itself."""

from __future__ import annotations

from domain.deliveries import Delivery
from domain.events import (
    SESSION_CHANGED,
    SWAP_ARRANGED,
    SWAP_CARD_CHANGED,
    SWAP_DONE,
    SWAP_UNDECIDED,
    event_of_status,
)
from domain.planning import people_of
from domain.sessions import UNKNOWN, Session
from domain.swaps import ACCEPTED, Swap
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps


async def news_of(deps: Deps, before: Swap, after: Swap, actor_id: str) -> list[Delivery]:
    """Return the deliveries of a change: what concerns them for the others, a card up to date for the actor.

    `actor_id` is "" for a change that time has brought.
    """
    if after.status != before.status:
        return await news_of_status(deps, after, actor_id)
    if after.plan.undecided_at is not None and before.plan.undecided_at is None:
        return await deliveries_to(deps, after.participants, SWAP_UNDECIDED)
    deliveries: list[Delivery] = []
    for session in after.plan.sessions:
        if session != (known := before.plan.find(session.id)):
            deliveries += await _swap_news(deps, known, session, after, actor_id)
    if after.plan.arranged_by and not before.plan.arranged_by:
        deliveries += await deliveries_to(deps, after.others(actor_id), SWAP_ARRANGED)
    if len(after.plan.done) > len(before.plan.done):
        deliveries += await deliveries_to(deps, after.others(actor_id), SWAP_DONE, about=actor_id)
    return [*deliveries, *await _new_card(deps, actor_id)]


async def news_of_status(deps: Deps, swap: Swap, actor_id: str) -> list[Delivery]:
    """Return the deliveries of a swap's new status: a notification for the others, a new card for the actor.

    `actor_id` is "" when time has brought it.
    """
    deliveries = await deliveries_to(deps, swap.others(actor_id), event_of_status(swap.status))
    return [*deliveries, *await _new_card(deps, actor_id)]


async def _new_card(deps: Deps, actor_id: str) -> list[Delivery]:
    return await deliveries_to(deps, [actor_id], SWAP_CARD_CHANGED) if actor_id else []


async def _swap_news(deps: Deps, before: Session | None, session: Session, swap: Swap, actor_id: str) -> list[Delivery]:
    people = people_of(swap, session)
    others = [person for person in people if person != actor_id]
    if session.noted_by and session.is_upcoming:  # the timeline asks the other one
        return []
    is_answer_alone = before is not None and before.status == session.status and before.sequence == session.sequence
    if is_answer_alone or session.status == UNKNOWN or swap.status != ACCEPTED:
        return []
    return await deliveries_to(deps, others, SESSION_CHANGED, about=session.id)
