"""💬 Write: a moderator writes to somebody in the organisers' name, from whichever card; answers are cards below it."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardButton, Update

from bot.staff.questions import ask_staff
from bot.updates.context import Context
from bot.views.screens import Screen, button, pressed_message
from domain.correspondence import MAX_LETTER_LENGTH
from domain.errors import NotFound
from handlers.correspondence import note_answer, write_as_organisers
from handlers.runtime.texts import Texts
from handlers.staff_cards import find_staff_card_at
from handlers.users import get_people

WRITE: Final = "write:"
"""Begins the action of a question for a letter; the id of its reader follows."""


def write_button(texts: Texts, user_id: str, name: str) -> InlineKeyboardButton:
    """Return the button by which moderators write to somebody, for any card."""
    return button(texts.plain("organisers.write", name=name), "ow", user_id)


async def on_write(update: Update, context: Context, *parts: str) -> None:
    """Handle `ow:<user>` on a card: ask for the text."""
    pressed, user_id = pressed_message(context), parts[0] if parts else ""
    card = await find_staff_card_at(context.deps, pressed.chat_id, pressed.message_id) if pressed is not None else None
    people = await get_people(context.deps, (user_id,))
    if card is None or user_id not in people:
        raise NotFound("user.not_found")
    texts = context.texts
    text = texts("organisers.ask_letter", name=people[user_id].name, max=MAX_LETTER_LENGTH)
    screen = Screen(text, [[button(texts.plain("session.button.never_mind"), "sq", "end")]])
    await ask_staff(context, card.kind, card.subject, f"{WRITE}{user_id}", screen)


async def take_letter(context: Context, card: str, action: str, text: str) -> Screen:
    """Write this text to the person, from that card."""
    message = context.incoming.effective_message if context.incoming else None
    key = f"{message.chat_id}:{message.message_id}" if message is not None else ""
    user_id = action.removeprefix(WRITE)
    await write_as_organisers(context.deps, context.user, user_id, text, card=card, key=key)
    return Screen(context.texts("organisers.written"))


async def on_noted(update: Update, context: Context, *parts: str) -> None:
    """Handle `on:<user>:<entry>`: a moderator has read an answer, and nothing is to be written."""
    user_id, entry_id = (*parts, "", "")[:2]
    await note_answer(context.deps, context.user, user_id, ":".join(parts[1:]) or entry_id)


BUTTONS = STAFF_BUTTONS = {"ow": on_write, "on": on_noted}
