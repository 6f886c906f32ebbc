"""Edits and deletions from Telegram: an edited message is updated for the partner, /delete in reply deletes it."""

from __future__ import annotations

from telegram import Update

from bot.errors import problem_text
from bot.held_messages import drop_held, edit_held
from bot.messages import file_fields, find_sent_message
from bot.settings import ask_to_delete
from bot.updates.context import Context
from bot.views.screens import Screen, send_screen, show
from domain.errors import Problem
from domain.messages import TELEGRAM
from handlers.edits import delete_message, edit_message
from handlers.messages import find_conversation


async def on_edit(update: Update, context: Context) -> None:
    """Edit the sent message for the other side as well, or tell the sender why the edit stays in this chat."""
    message = update.edited_message
    if message is None or not context.is_registered or context.is_repeat:
        return
    text = message.text or message.caption or ""
    sent = await find_sent_message(context, message)
    try:
        if sent is None:
            await edit_held(context, message, text, **file_fields(message))
        elif sent.message != text.strip():
            await edit_message(context.deps, context.user, sent.swap_id, sent.seq, text, via=TELEGRAM)
    except Problem as problem:
        screen = Screen(context.texts("chat.edit_stays", text=problem_text(context.texts, problem)))
        await send_screen(
            context.bot, context.deps, message.chat_id, screen, is_silent=True, reply_to=message.message_id
        )


async def on_delete(update: Update, context: Context, *parts: str) -> None:
    """Delete the message that /delete replies to; without a reply, ask about deleting the account."""
    message = update.message
    reply = message.reply_to_message if message is not None else None
    if message is None or reply is None:
        await ask_to_delete(update, context, *parts)
        return
    found = await find_conversation(context.deps, context.user, message.chat_id, reply.message_id)
    if found is None:
        was_held = await drop_held(context, reply.message_id)
        key = "chat.held_taken_back" if was_held else "chat.nothing_to_take_back"
        await show(context, Screen(context.texts(key)))
        return
    swap, quoted = found
    await delete_message(context.deps, context.user, swap.id, quoted.seq)
    await show(context, Screen(context.texts("chat.taken_back")))


COMMANDS = {"delete": on_delete}
