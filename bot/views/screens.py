"""Screens: a text with an optional photo and keyboard, sent as a new message or edited into an existing one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.lengths import MAX_CALLBACK_BYTES, MAX_TOAST
from domain.photos import Photo
from handlers.photos import find_photo, read_photo, remember_file
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

log = logging.getLogger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

WRONG_FILE_ID = ("wrong file identifier", "wrong remote file", "file_reference", "invalid file id")
"""Words of Telegram's errors for a file id of another bot, or one that no longer leads to a file."""

Row = Sequence[InlineKeyboardButton]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message. `text` is HTML of at most MAX_TEXT visible units (MAX_CAPTION with a photo); `photo_url` may be
    unreachable."""

    text: str
    rows: Sequence[Row] = ()
    photo_url: str | None = None

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        return InlineKeyboardMarkup([list(row) for row in self.rows]) if self.rows else None


def button(label: str, *parts: object, style: str | None = None) -> InlineKeyboardButton:
    """Return a button with callback data "part:part:…". `style`: success, danger or primary. Raises ValueError if too
    long."""
    data = ":".join(str(part) for part in parts)
    if len(data.encode()) > MAX_CALLBACK_BYTES:
        raise ValueError(f"callback data has {len(data)} bytes, at most {MAX_CALLBACK_BYTES} are allowed")
    return InlineKeyboardButton(label, callback_data=data, style=style)


def back_button(texts: Texts, to: str) -> InlineKeyboardButton:
    """Return the button back to a parent screen: `home`, `profile`, `settings` or `swaps`."""
    return button(texts.plain(f"button.to_{to}"), to)


def link(label: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, url=url)


async def send_screen(
    bot: Bot,
    deps: Deps,
    chat_id: int,
    screen: Screen,
    *,
    is_silent: bool = False,
    reply_to: int | None = None,
    thread_id: int | None = None,
) -> Message:
    """Send a screen as a new message, in a topic of a group if one is given; without its photo when Telegram cannot
    fetch that."""
    options: dict[str, Any] = {
        "parse_mode": ParseMode.HTML,
        "reply_markup": screen.keyboard,
        "disable_notification": is_silent,
        "reply_to_message_id": reply_to,
        "allow_sending_without_reply": True,  # the message replied to may have been deleted
        **({"message_thread_id": thread_id} if thread_id is not None else {}),
    }
    if screen.photo_url is not None:
        try:
            return await send_photo(bot, deps, chat_id, screen.photo_url, caption=screen.text, **options)
        except BadRequest as error:  # an external URL may be unreachable; the text is sent all the same
            log.warning("screen sent without its photo: %s", error.message)
    return await bot.send_message(chat_id, screen.text, link_preview_options=NO_PREVIEW, **options)


async def send_photo(bot: Bot, deps: Deps, chat_id: int, url: str, **options: Any) -> Message:
    """Send a photo by its Telegram file id where one is known, else as bytes (our own) or by URL."""
    photo = await find_photo(deps, url)
    if photo is not None and photo.telegram_file_id:
        try:
            return await bot.send_photo(chat_id, photo.telegram_file_id, **options)
        except BadRequest:  # the file id belongs to another bot
            log.info("file id of photo %s refused; uploading it again", photo.id)
    message = await bot.send_photo(chat_id, await _content(deps, photo, url), **options)
    if photo is not None and message.photo:
        await remember_file(deps, photo.id, file_id=message.photo[-1].file_id)
    return message


async def edit_photo(bot: Bot, deps: Deps, chat_id: int, message_id: int, url: str, **caption: Any) -> None:
    """Edit a message to show this photo with a caption. Raises BadRequest.

    The file id by which Telegram knows the photo keeps the picture in place when only the caption changes.
    """
    photo = await find_photo(deps, url)
    if photo is not None and photo.telegram_file_id:
        try:
            await bot.edit_message_media(InputMediaPhoto(photo.telegram_file_id, **caption), chat_id, message_id)
        except BadRequest as error:
            if not any(words in error.message.casefold() for words in WRONG_FILE_ID):
                raise
        else:
            return
    media = InputMediaPhoto(await _content(deps, photo, url), **caption)
    message = await bot.edit_message_media(media, chat_id, message_id)
    if photo is not None and isinstance(message, Message) and message.photo:
        await remember_file(deps, photo.id, file_id=message.photo[-1].file_id)


async def _content(deps: Deps, photo: Photo | None, url: str) -> bytes | str:
    return (await read_photo(deps, photo.id) if photo is not None else None) or url


async def edit_screen(bot: Bot, deps: Deps, chat_id: int, message_id: int, screen: Screen, *, had_photo: bool) -> bool:
    """Edit a message to show a screen. Return False when it cannot: deleted, or text would have to become a photo."""
    try:
        if screen.photo_url is not None and had_photo:
            photo = await find_photo(deps, screen.photo_url)
            known = photo.telegram_file_id if photo is not None else None
            source = known or await _content(deps, photo, screen.photo_url)
            media = InputMediaPhoto(source, screen.text, parse_mode=ParseMode.HTML)
            await bot.edit_message_media(media, chat_id, message_id, reply_markup=screen.keyboard)
        elif screen.photo_url is None and not had_photo:
            await edit_text(bot, chat_id, message_id, screen)
        else:
            return False
    except BadRequest as error:
        return is_unchanged(error)
    return True


async def edit_text(bot: Bot, chat_id: int, message_id: int, screen: Screen) -> None:
    """Edit text and keyboard of a text message. Raises TelegramError."""
    await bot.edit_message_text(
        screen.text,
        chat_id,
        message_id,
        parse_mode=ParseMode.HTML,
        reply_markup=screen.keyboard,
        link_preview_options=NO_PREVIEW,
    )


def is_unchanged(error: BadRequest) -> bool:
    """Return whether Telegram refused an edit because it changes nothing."""
    return "not modified" in error.message.casefold()


def pressed_message(context: Context) -> Message | None:
    """Return the message whose button was pressed; None for any other update, or when it is too old to be edited."""
    query = context.incoming.callback_query if context.incoming else None
    return query.message if query and isinstance(query.message, Message) else None


def thread_of(context: Context) -> int | None:
    """Return the topic of a group that the update comes from. A thread of replies is none."""
    message = context.incoming.effective_message if context.incoming else None
    if not isinstance(message, Message) or not message.is_topic_message:
        return None
    return message.message_thread_id


async def show(context: Context, screen: Screen, *, reply_to: int | None = None) -> Message:
    """Answer the current update with a new message in its chat."""
    return await send_screen(
        context.bot, context.deps, _chat_id(context), screen, reply_to=reply_to, thread_id=thread_of(context)
    )


async def show_in_place(context: Context, screen: Screen) -> int:
    """Answer a callback query by editing its message; any other update, or a failed edit, with a new message.

    Returns the id of the message that shows the screen.
    """
    old = pressed_message(context)
    if old is not None:
        if await edit_screen(context.bot, context.deps, old.chat_id, old.message_id, screen, had_photo=bool(old.photo)):
            return old.message_id
        await drop_keyboard(context, old)
    return (await show(context, screen)).message_id


async def show_question(context: Context, screen: Screen) -> None:
    """Show the open question, or a remark on it, in a new message."""
    await context.note_question((await show(context, screen)).message_id)


async def show_question_in_place(context: Context, screen: Screen) -> int:
    """Show the open question like `show_in_place`, and return the id of its message."""
    shown = await show_in_place(context, screen)
    await context.note_question(shown)
    return shown


async def drop_keyboard(context: Context, message: Message) -> None:
    """Remove the keyboard of an outdated message."""
    try:
        await context.bot.edit_message_reply_markup(message.chat_id, message.message_id, reply_markup=None)
    except BadRequest:
        return  # already without a keyboard, or deleted


async def toast(context: Context, text: str = "", *, is_alert: bool = False) -> None:
    """Answer the callback query with a plain text of which MAX_TOAST characters are kept, or without one.

    Only the first call has an effect: a later, empty answer would hide the text. A query that is too old is ignored.
    """
    query = context.incoming.callback_query if context.incoming else None
    if query is not None and not context.is_query_answered:
        context.is_query_answered = True
        try:
            await query.answer(text[:MAX_TOAST] or None, show_alert=is_alert)
        except BadRequest:
            return


def _chat_id(context: Context) -> int:
    chat = context.incoming.effective_chat if context.incoming else None
    if chat is None:
        raise LookupError("this update has no chat")
    return chat.id
