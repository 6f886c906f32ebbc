"""Deciding a dispute, for moderators: a button for the decision, then a text with the reason."""

from __future__ import annotations

from telegram import Update

from bot.staff.questions import ask_staff
from bot.updates.context import Context
from bot.views.dispute_cards import reason_screen
from bot.views.screens import Screen
from domain.outcomes import DECISIONS
from domain.staff_cards import DISPUTE
from handlers.disputes import decide_dispute, get_dispute


async def on_decision(update: Update, context: Context, *parts: str) -> None:
    """Handle `dd:<swap>:<number of the decision>`: ask for the reason."""
    swap_id, number = (*parts, "", "")[:2]
    if not number.isdecimal() or int(number) >= len(DECISIONS):
        return
    swap = await get_dispute(context.deps, context.user, swap_id)
    decision = DECISIONS[int(number)]
    await ask_staff(context, DISPUTE, swap.id, decision, reason_screen(context.texts, decision))


async def take_reason(context: Context, swap_id: str, decision: str, text: str) -> Screen:
    """Decide with this reason."""
    await decide_dispute(context.deps, context.user, swap_id, decision, text)
    decision = context.texts.plain(f"dispute.decide_{decision}")
    return Screen(context.texts("dispute.decided", decision=decision))


BUTTONS = STAFF_BUTTONS = {"dd": on_decision}
