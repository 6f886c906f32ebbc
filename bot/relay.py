"""A message of a swap as it is sent on: who says it in bold, then the words exactly as they were written."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, Message, MessageEntity

from bot.cards import units
from bot.screens import NO_PREVIEW, send_photo
from handlers.deps import Deps

MAX_TEXT = 4096
MAX_CAPTION = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One send. `bold` UTF-16 units from its start are the header."""

    text: str
    bold: int
    photo_url: str | None = None


def compose(header: str, text: str, photo_url: str | None) -> list[Part]:
    """The sends that carry a message, each under its header; more than one only when Telegram's limits demand it."""
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
    """The text in pieces of at most `room` UTF-16 units, cut where a line or a word ends if there is such a place."""
    pieces: list[str] = []
    while units(text) > room:
        fits = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", errors="ignore")
        cut = max(fits.rfind("\n"), fits.rfind(" "))
        cut = cut if cut > len(fits) // 2 else len(fits)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


async def send_part(bot: Bot, deps: Deps, chat_id: int, part: Part, *, is_silent: bool, is_plain: bool) -> Message:
    """Send one part. `is_plain`: without emphasis, and with a photo's address instead of the photo."""
    if part.photo_url is not None and not is_plain:
        return await send_photo(
            bot,
            deps,
            chat_id,
            part.photo_url,
            caption=part.text,
            caption_entities=[MessageEntity(MessageEntity.BOLD, 0, part.bold)],
            disable_notification=is_silent,
        )
    return await bot.send_message(
        chat_id,
        f"{part.text}\n{part.photo_url}" if part.photo_url else part.text,
        entities=[] if is_plain else [MessageEntity(MessageEntity.BOLD, 0, part.bold)],
        link_preview_options=NO_PREVIEW,
        disable_notification=is_silent,
    )
