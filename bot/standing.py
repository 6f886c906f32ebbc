"""A warning of the moderators, acknowledged."""

from __future__ import annotations

from telegram import Update

from bot.updates.context import Context
from bot.views.screens import show_in_place
from bot.views.standing import acknowledged_screen
from handlers.standing import acknowledge_warning


async def on_acknowledge(update: Update, context: Context, *parts: str) -> None:
    """Handle `ack`, the button below a warning."""
    context.user = await acknowledge_warning(context.deps, context.user)
    await show_in_place(context, acknowledged_screen(context.texts))


BUTTONS = {"ack": on_acknowledge}
