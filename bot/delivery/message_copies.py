"""Copies of a message in a chat: each shows one part, is sent, edited to another part, or deleted."""

from __future__ import annotations

from telegram import Bot, InputMediaPhoto, Message, MessageId
from telegram.error import BadRequest

from bot.delivery.message_parts import Part
from bot.views.blank_photo import blank_photo
from bot.views.screens import NO_PREVIEW, edit_photo, is_unchanged, send_photo
from domain.messages import Copy
from handlers.runtime.deps import Deps

GONE = ("not found", "message_id_invalid")
"""Words of Telegram's errors for a message that has been deleted."""

KEPT = ("can't be edited", "no text in the message", "no caption in the message")
"""Words of Telegram's errors for a message that stays in the chat and cannot become this part."""

CHAT_GONE = "chat not found"


async def send_part(
    bot: Bot, deps: Deps, chat_id: int, part: Part, *, is_silent: bool, is_plain: bool, reply_to: int | None = None
) -> Message | MessageId:
    """Send one part. `is_plain`: without formatting, and with a line instead of a photo or an attachment."""
    if part.source is not None and not is_plain:
        return await bot.copy_message(
            chat_id,
            *part.source,
            caption=part.text or None,
            caption_entities=part.entities,
            disable_notification=is_silent,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True,
        )
    if part.photo_url is not None and not is_plain:
        return await send_photo(
            bot,
            deps,
            chat_id,
            part.photo_url,
            caption=part.text,
            caption_entities=part.entities,
            disable_notification=is_silent,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True,
        )
    return await bot.send_message(
        chat_id,
        part.plain_text,
        entities=[] if is_plain else part.entities,
        link_preview_options=NO_PREVIEW,
        disable_notification=is_silent,
        reply_to_message_id=reply_to,
        allow_sending_without_reply=True,
    )


async def edit_copy(bot: Bot, deps: Deps, copy: Copy, part: Part, *, is_plain: bool) -> bool:
    """Edit a copy to show a part; return False when Telegram does not let it: deleted there, too old, not the bot's."""
    try:
        if part.source is not None and not is_plain:
            if part.text:
                await bot.edit_message_caption(
                    copy.chat_id, copy.message_id, caption=part.text, caption_entities=part.entities
                )
        elif part.photo_url is not None and not is_plain:
            caption = {"caption": part.text, "caption_entities": part.entities}
            await edit_photo(bot, deps, copy.chat_id, copy.message_id, part.photo_url, **caption)
        else:
            await bot.edit_message_text(
                part.plain_text,
                copy.chat_id,
                copy.message_id,
                entities=[] if is_plain else part.entities,
                link_preview_options=NO_PREVIEW,
            )
    except BadRequest as error:
        if is_unchanged(error):
            return True
        if _is_about(error, *GONE, *KEPT):
            return False
        raise
    return True


async def remove_copy(bot: Bot, copy: Copy, instead: str) -> bool:
    """Delete a copy from a chat, and return whether it is gone. One that Telegram no longer deletes (after two days) is
    edited to `instead`."""
    try:
        await bot.delete_message(copy.chat_id, copy.message_id)
    except BadRequest as error:
        return _is_about(error, *GONE) or await _blank(bot, copy, instead)
    return True


async def _blank(bot: Bot, copy: Copy, instead: str) -> bool:
    """Edit a copy to other words, a photo to a blank one, and return whether it is gone."""
    try:
        await bot.edit_message_text(instead, copy.chat_id, copy.message_id)
    except BadRequest:
        try:
            await bot.edit_message_media(InputMediaPhoto(blank_photo(), instead), copy.chat_id, copy.message_id)
        except BadRequest as error:  # the user's own message, or deleted: nothing more can be done
            return _is_about(error, *GONE)
    return False


def is_about_chat(error: BadRequest) -> bool:
    """Return whether Telegram does not find the chat at all."""
    return CHAT_GONE in error.message.casefold()


def _is_about(error: BadRequest, *words: str) -> bool:
    message = error.message.casefold()
    return not is_about_chat(error) and any(some in message for some in words)
