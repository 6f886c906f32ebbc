"""The card about skills that have no name yet: one for all, showing the next of them until none is left."""

from __future__ import annotations

from domain.staff_cards import SKILLS
from handlers.runtime.deps import Deps
from handlers.staff_cards import show_staff_card


async def show_skill_card(deps: Deps) -> int:
    """Have a card shown when skills wait and none is open; returns 1 for a new one. A job."""
    if not await deps.store.skills.pending(after=None, limit=1):
        return 0
    if await deps.store.staff_cards.find_open(SKILLS) is not None:
        return 0
    await show_staff_card(deps, SKILLS, f"{deps.now():%Y%m%d%H%M%S}")
    return 1


async def refresh_skill_card(deps: Deps) -> None:
    """Have the open card written anew after a decision, by whichever door it was made."""
    card = await deps.store.staff_cards.find_open(SKILLS)
    if card is not None:
        await show_staff_card(deps, card.kind, card.subject)
