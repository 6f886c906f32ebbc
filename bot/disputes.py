"""Deciding a dispute, for moderators: a button for the decision, then a text with the reason."""

from __future__ import annotations

from typing import Final

from telegram import Update

from bot.updates.context import Context
from bot.views.dispute_cards import reason_screen
from bot.views.screens import Screen, show, show_question
from domain.errors import Conflict
from domain.outcomes import DECISIONS
from handlers.disputes import decide_dispute, get_dispute

FLOW: Final = "dispute"
REASON: Final = "reason"


async def on_decision(update: Update, context: Context, *parts: str) -> None:
    """Handle `dd:<swap>:<number of the decision>`: ask for the reason."""
    swap_id, number = (*parts, "", "")[:2]
    if not number.isdecimal() or int(number) >= len(DECISIONS):
        return
    swap = await get_dispute(context.deps, context.user, swap_id)
    decision = DECISIONS[int(number)]
    await context.leave_dialog()  # the reason that was asked for may be that of another decision
    await context.move_dialog(FLOW, REASON, key=swap.id, decision=decision)
    await show_question(context, reason_screen(context.texts, decision))


async def on_text(update: Update, context: Context, text: str) -> None:
    """Decide with this reason. When another moderator was faster, the question is closed."""
    data = context.dialog.data
    try:
        swap = await decide_dispute(context.deps, context.user, data["key"], data["decision"], text)
    except Conflict:
        await context.end_dialog()
        raise
    decision = context.texts.plain(f"dispute.decide_{swap.status}")
    await show(context, Screen(context.texts("dispute.decided", decision=decision)))
    await context.end_dialog()


BUTTONS = {"dd": on_decision}
ON_TEXT = {FLOW: on_text}
