"""Edits and deletions from Telegram: an edited message is updated for the partner, /delete in reply deletes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram import Message, Update

from bot.attachments import attachment_of, content_of, file_fields
from bot.errors import problem_text, waits_its_turn
from bot.held_messages import drop_held, edit_held
from bot.messages import find_screened_message, find_sent_message, store_photo
from bot.settings import ask_to_delete
from bot.updates.context import Context
from bot.views.screens import Screen, send_screen, show
from domain.attachments import Attachment
from domain.dialogs import Handled
from domain.errors import Problem
from domain.messages import TELEGRAM
from domain.messages import Message as SwapMessage
from handlers.edits import delete_message, edit_message
from handlers.messages import find_conversation, require_room
from handlers.photos import find_photo
from handlers.screening import change_waiting, take_back_waiting

DELETABLE = timedelta(hours=48)
"""Age up to which Telegram lets a bot delete a message. After it, a text can still be edited away, a sticker cannot."""

TakeAgain = Callable[[Update, Context, Message, Handled], Awaitable[bool]]
"""Takes an edited message that went to no conversation; False when it has no effect."""


async def on_edit(update: Update, context: Context, *, take_again: TakeAgain) -> None:
    """Edit the sent message for the other side as well, or take what went to no conversation as it reads now.

    Where neither is possible, the sender is told that the edit stays in this chat.
    """
    message = update.edited_message
    if message is None or not context.is_registered or message.location is not None:
        return  # a live location moves every few seconds, and its sender has been answered
    sent = await find_sent_message(context, message)
    try:
        if sent is not None:
            await _edit_sent(context, message, sent)
        elif (waiting := await find_screened_message(context, message)) is not None:
            await change_waiting(context.deps, waiting, content_of(message)["text"])
        elif not await edit_held(context, message, **content_of(message)):
            before = next((one for one in context.dialog.handled if one.message_id == message.message_id), None)
            if before is None or not await take_again(update, context, message, before):
                is_answer = before is not None and not before.is_refused
                await _say_it_stays(
                    context, message, context.texts(f"chat.{'edit_of_answer' if is_answer else 'edit_unread'}")
                )
    except Problem as problem:
        if waits_its_turn(update, problem, context.deps):
            raise
        await _say_it_stays(context, message, problem_text(context.texts, problem))


async def _edit_sent(context: Context, message: Message, sent: SwapMessage) -> None:
    """Change the words of a sent message, and its photo when another one has taken its place. Raises Problem."""
    text, attachment = content_of(message)["text"], attachment_of(message)
    if _file_id(attachment) != _file_id(sent.attachment):  # another file in its place, or another kind of message
        await _say_it_stays(context, message, context.texts("chat.edit_unread"))
        return
    photo_url = await _new_photo(context, message, sent)
    if photo_url is not None or sent.message != text.strip():
        deps = context.deps
        edited = await edit_message(deps, context.user, sent.swap_id, sent.seq, text, via=TELEGRAM, photo_url=photo_url)
        if edited.is_screened and not context.is_repeat:
            await show(context, Screen(context.texts("screening.edit")), reply_to=message.message_id)


def _file_id(attachment: Attachment | None) -> str | None:
    return attachment.unique_id if attachment is not None else None


async def _new_photo(context: Context, message: Message, sent: SwapMessage) -> str | None:
    """Store the photo that a message shows now, and return its address; None when it is the one that was sent."""
    file = file_fields(message)
    if not file or sent.attachment is not None:
        return None
    known = await find_photo(context.deps, sent.photo_url) if sent.photo_url is not None else None
    if known is not None and known.telegram_unique_id == file["unique_id"]:
        return None
    sent.require_editable(by=context.user.id, at=context.deps.now())
    require_room(context.deps, context.user)
    return await store_photo(context, file)


async def _say_it_stays(context: Context, message: Message, reason: str) -> None:
    screen = Screen(context.texts("chat.edit_stays", text=reason))
    await send_screen(context.bot, context.deps, message.chat_id, screen, is_silent=True, reply_to=message.message_id)


async def on_delete(update: Update, context: Context, *parts: str) -> None:
    """Delete the message that /delete replies to; without a reply, ask about deleting the account."""
    message = update.message
    reply = message.reply_to_message if message is not None else None
    if message is None or reply is None:
        await ask_to_delete(update, context, *parts)
        return
    found = await find_conversation(context.deps, context.user, message.chat_id, reply.message_id)
    if found is None and (waiting := await find_screened_message(context, reply)) is not None:
        await take_back_waiting(context.deps, context.user, waiting.id)
        await show(context, Screen(context.texts("chat.held_taken_back")))
        return
    if found is None:
        was_held = await drop_held(context, reply.message_id)
        key = "chat.held_taken_back" if was_held else "chat.nothing_to_take_back"
        await show(context, Screen(context.texts(key)))
        return
    swap, quoted = found
    await delete_message(context.deps, context.user, swap.id, quoted.seq)
    is_kept = quoted.attachment is not None and context.deps.now() - quoted.created_at > DELETABLE
    await show(context, Screen(context.texts("chat.taken_back_late" if is_kept else "chat.taken_back")))


COMMANDS = {"delete": on_delete}
