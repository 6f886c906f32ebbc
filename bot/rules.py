"""Agreeing to the rules of the community, before the first question and again when they have changed."""

from __future__ import annotations

from telegram import Update

from bot.door import show_door
from bot.profile import onboarding
from bot.updates.context import Context
from bot.views.rules import rules_to_agree
from bot.views.screens import drop_keyboard, pressed_message, show, show_in_place, toast
from domain.errors import Conflict
from handlers.rules import agree_to_rules


async def on_agree(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `agree:<version>`: go on with the questions, or show home. Other rules are shown instead."""
    version = int(parts[0]) if parts and parts[0].isdecimal() else 0
    try:
        context.user = await agree_to_rules(context.deps, context.user, version)
    except Conflict:
        if (screen := await rules_to_agree(context)) is not None:
            await show_in_place(context, screen)
        return
    await toast(context, context.texts.plain("rules.thanks"))
    if (old := pressed_message(context)) is not None:
        await drop_keyboard(context, old)
    if context.user.onboarded and await show_door(context):
        return
    if context.user.onboarded:
        await show(context, onboarding.home_screen(context))
    else:
        await onboarding.show_step(context, onboarding.current_step(context))


BUTTONS = {"agree": on_agree}
