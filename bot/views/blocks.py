"""The button that blocks a user, for every card on which somebody else is shown."""

from __future__ import annotations

from telegram import InlineKeyboardButton

from bot.views.lengths import short
from bot.views.screens import button
from handlers.runtime.texts import Texts


def block_button(texts: Texts, user_id: str, name: str = "") -> InlineKeyboardButton:
    """Return the button; `name` is given where it could be meant for one of several."""
    label = texts.plain("block.named", name=short(name)) if name else texts.plain("block.button")
    return button(label, "block", user_id)
