"""Questions to a moderator about a card: in a private chat the next text answers, in the group the reply to the
question."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import ForceReply
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.screens import NO_PREVIEW, Screen, pressed_message, show_question, thread_of
from domain.staff_cards import Prompt
from handlers.staff_cards import add_prompt, find_staff_card

FLOW: Final = "staff"
TEXT: Final = "text"


def is_in_group(context: Context) -> bool:
    """Return whether the update comes from a group."""
    chat = context.incoming.effective_chat if context.incoming else None
    return chat is not None and chat.type != ChatType.PRIVATE


async def ask_staff(context: Context, kind: str, subject: str, action: str, screen: Screen) -> None:
    """Ask the moderator who has pressed for a text about a card; `bot/staff/answers.py` has who takes it by its kind.

    The screen's buttons are left out in the group: there a question that nobody answers is in nobody's way.
    """
    if not is_in_group(context):
        await context.leave_dialog()  # the text that was asked for may be about another card
        await context.move_dialog(FLOW, TEXT, kind=kind, subject=subject, action=action)
        await show_question(context, screen)
        return
    card, pressed = await find_staff_card(context.deps, kind, subject), pressed_message(context)
    if card is None or pressed is None:
        return
    name = f'<a href="tg://user?id={context.user.telegram_id}">{escape(context.user.name)}</a>'
    asked = await context.bot.send_message(
        pressed.chat_id,
        context.texts("staff.reply_to_this", name=name, text=screen.text),
        parse_mode=ParseMode.HTML,
        link_preview_options=NO_PREVIEW,
        reply_to_message_id=pressed.message_id,
        allow_sending_without_reply=True,
        message_thread_id=thread_of(context),
        reply_markup=ForceReply(selective=True),
    )
    await add_prompt(context.deps, card, Prompt(pressed.chat_id, asked.message_id, context.user.id, action))


async def drop_question(context: Context, prompt: Prompt) -> None:
    """Remove an answered question from the group."""
    try:
        await context.bot.delete_message(prompt.chat_id, prompt.message_id)
    except BadRequest:
        return  # somebody has deleted it, or it is too old
