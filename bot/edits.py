"""Edits and deletions from Telegram: an edited message is updated for the partner, /delete in reply deletes it."""

from __future__ import annotations

from telegram import Message, Update

from bot.errors import problem_text
from bot.messages import CHOOSE_SWAP, find_sent_message, held_messages
from bot.settings import ask_to_delete
from bot.updates.context import Context
from bot.views.screens import Screen, send_screen, show
from domain.errors import Problem
from handlers.edits import delete_message, edit_message
from handlers.messages import find_conversation


async def on_edit(update: Update, context: Context) -> None:
    """Edit the sent message for the other side as well, or tell the sender why the edit stays in this chat."""
    message = update.edited_message
    if message is None or not context.is_registered or context.is_repeat:
        return
    text = message.text or message.caption or ""
    sent = await find_sent_message(context, message)
    if sent is None:
        await _edit_held(context, message, text)
    elif sent.message != text.strip():
        try:
            await edit_message(context.deps, context.user, sent.swap_id, sent.seq, text)
        except Problem as problem:
            screen = Screen(context.texts("chat.edit_stays", text=problem_text(context.texts, problem)))
            await send_screen(
                context.bot, context.deps, message.chat_id, screen, is_silent=True, reply_to=message.message_id
            )


async def _edit_held(context: Context, message: Message, text: str) -> None:
    """Edit a held message, so that it is later sent in its new wording."""
    held = held_messages(context)
    if any(item["message_id"] == message.message_id for item in held):
        changed = [item | {"text": text} if item["message_id"] == message.message_id else item for item in held]
        await context.move_dialog(CHOOSE_SWAP, "choose", held=changed)


async def on_delete(update: Update, context: Context, *parts: str) -> None:
    """Delete the message that /delete replies to; without a reply, ask about deleting the account."""
    message = update.message
    reply = message.reply_to_message if message is not None else None
    if message is None or reply is None:
        await ask_to_delete(update, context, *parts)
        return
    found = await find_conversation(context.deps, context.user, message.chat_id, reply.message_id)
    if found is None:
        await show(context, Screen(context.texts("chat.nothing_to_take_back")))
        return
    swap, quoted = found
    await delete_message(context.deps, context.user, swap.id, quoted.seq)
    await show(context, Screen(context.texts("chat.taken_back")))


COMMANDS = {"delete": on_delete}
