"""Parts of a relayed message: a header in bold with the sender's name, then the text exactly as written."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, Message, MessageEntity
from telegram.error import BadRequest

from bot.views.lengths import MAX_CAPTION, MAX_TEXT, units
from bot.views.screens import NO_PREVIEW, send_photo
from domain.messages import Copy
from handlers.runtime.deps import Deps

LEFT_ALONE = ("not modified", "not found", "can't be edited")
"""Texts of Telegram's errors for a message that is up to date already, or can no longer be edited."""


@dataclass(frozen=True, slots=True)
class Part:
    """One send of a message. The first `bold` UTF-16 units are the header."""

    text: str
    bold: int
    photo_url: str | None = None


def compose(header: str, text: str, photo_url: str | None) -> list[Part]:
    """Return the parts of a message, each with its header; more than one only where Telegram's limits require it."""
    whole = f"{header}\n{text}" if text else header
    bold = units(header)
    if photo_url is not None:
        if units(whole) <= MAX_CAPTION:
            return [Part(whole, bold, photo_url)]
        return [Part(header, bold, photo_url), *compose(header, text, None)]
    if units(whole) <= MAX_TEXT:
        return [Part(whole, bold)]
    return [Part(f"{header}\n{piece}", bold) for piece in _pieces(text, MAX_TEXT - bold - 1)]


def _pieces(text: str, room: int) -> list[str]:
    """Split the text into pieces of at most `room` UTF-16 units, at the end of a line or a word where possible."""
    pieces: list[str] = []
    while units(text) > room:
        fits = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", errors="ignore")
        cut = max(fits.rfind("\n"), fits.rfind(" "))
        cut = cut if cut > len(fits) // 2 else len(fits)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


async def send_part(
    bot: Bot, deps: Deps, chat_id: int, part: Part, *, is_silent: bool, is_plain: bool, reply_to: int | None = None
) -> Message:
    """Send one part. `is_plain`: without formatting, and with the URL of a photo instead of the photo."""
    if part.photo_url is not None and not is_plain:
        return await send_photo(
            bot,
            deps,
            chat_id,
            part.photo_url,
            caption=part.text,
            caption_entities=_header_of(part),
            disable_notification=is_silent,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True,
        )
    return await bot.send_message(
        chat_id,
        _bare(part),
        entities=[] if is_plain else _header_of(part),
        link_preview_options=NO_PREVIEW,
        disable_notification=is_silent,
        reply_to_message_id=reply_to,
        allow_sending_without_reply=True,
    )


async def rewrite_part(bot: Bot, copy: Copy, part: Part) -> None:
    """Edit a part in a chat; no error when it has been deleted there."""
    try:
        if part.photo_url is None:
            await _rewrite_text(bot, copy, part)
            return
        try:
            await bot.edit_message_caption(
                copy.chat_id, copy.message_id, caption=part.text, caption_entities=_header_of(part)
            )
        except BadRequest as error:
            if "no caption" not in error.message.casefold():
                raise
            await _rewrite_text(bot, copy, part)  # the photo was sent as a URL
    except BadRequest as error:
        if not any(words in error.message.casefold() for words in LEFT_ALONE):
            raise


async def _rewrite_text(bot: Bot, copy: Copy, part: Part) -> None:
    await bot.edit_message_text(
        _bare(part), copy.chat_id, copy.message_id, entities=_header_of(part), link_preview_options=NO_PREVIEW
    )


async def remove_copy(bot: Bot, copy: Copy, instead: str) -> None:
    """Delete a copy from a chat. One that Telegram no longer deletes (after two days) is edited to `instead`."""
    try:
        await bot.delete_message(copy.chat_id, copy.message_id)
    except BadRequest as error:
        if "not found" not in error.message.casefold():
            await _blank(bot, copy, instead)


async def _blank(bot: Bot, copy: Copy, instead: str) -> None:
    try:
        await bot.edit_message_text(instead, copy.chat_id, copy.message_id)
    except BadRequest:
        try:
            await bot.edit_message_caption(copy.chat_id, copy.message_id, caption=instead)
        except BadRequest:
            return  # the user's own message, or deleted: nothing more can be done


def _header_of(part: Part) -> list[MessageEntity]:
    return [MessageEntity(MessageEntity.BOLD, 0, part.bold)]


def _bare(part: Part) -> str:
    return f"{part.text}\n{part.photo_url}" if part.photo_url else part.text
