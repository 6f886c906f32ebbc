"""Deciding about applications, for moderators: by the buttons of the card, in the group or in private."""

from __future__ import annotations

from telegram import Update

from bot.staff.questions import ask_staff
from bot.updates.context import Context
from bot.views.screens import Screen, toast
from domain.applications import LET_IN, NOT_NOW
from domain.staff_cards import APPLICATION
from handlers.applications import ask_applicant, decide_application, get_applicant

ASK = "ask"


async def on_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `ap:<user>:in`, `ap:<user>:no` and `ap:<user>:ask`; the card follows by itself."""
    user_id, verb = (*parts, "", "")[:2]
    if verb == ASK:
        user, _ = await get_applicant(context.deps, user_id)
        await ask_staff(context, APPLICATION, user_id, ASK, Screen(context.texts("application.what", name=user.name)))
    elif verb in ("in", "no"):
        await decide_application(context.deps, context.user, user_id, LET_IN if verb == "in" else NOT_NOW)
        await toast(context, context.texts.plain("settings.saved"))


async def take_question(context: Context, user_id: str, action: str, text: str) -> Screen:
    """Ask the applicant this."""
    await ask_applicant(context.deps, context.user, user_id, text)
    return Screen(context.texts("application.is_asked"))


BUTTONS = STAFF_BUTTONS = {"ap": on_button}
