"""Removal of a name from a chat when somebody has left: from the card, the messages beside it, headers above words.

Copies of that person's own messages are removed by deliveries of their own.
"""

from __future__ import annotations

import logging

from telegram import Bot, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.delivery.circle_notifications import circle_card_screen
from bot.delivery.message_copies import is_about_chat
from bot.delivery.swap_notifications import card_screen
from bot.delivery.telegram_channel import Postponed, Recipient, TelegramChannel
from bot.views.blank_photo import blank_photo
from bot.views.screens import Screen, edit_text, is_unchanged
from bot.views.swap_cards import card_of
from domain.swaps import Card, Swap
from domain.users import DELETED
from handlers.notifications import drop_line, list_lines, renew_headers
from handlers.users import get_people

log = logging.getLogger(__name__)

LINES_AT_ONCE = 20
"""Messages that one attempt edits: all of a swap's could take longer than an attempt may, next to other chats."""


async def forget_name(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring all that the recipient's chat shows of the others in a pair or circle up to date.

    Messages beside the card are blanked if somebody has left: their texts are not kept. Each is dropped from the list
    once it is done, so that a later attempt goes on from there. Raises Postponed while some are left.
    """
    deps, viewer_id = channel.deps, recipient.person.id
    card = card_of(swap, viewer_id)
    screen = await _card_screen(channel, recipient, swap) if card is not None else None
    if card is not None and screen is not None:
        await _rewrite(channel, card, screen)
    has_left = await _has_somebody_left(channel, swap, viewer_id)
    lines = await list_lines(deps, swap.id, viewer_id) if has_left else []
    for line in lines[:LINES_AT_ONCE]:
        if card is None or (line.chat_id, line.message_id) != (card.chat_id, card.message_id):
            await _rewrite(channel, line, Screen(recipient.texts("swap.name_forgotten")))
        await drop_line(deps, swap.id, line)
    if len(lines) > LINES_AT_ONCE:
        raise Postponed(0)
    await renew_headers(deps, swap.id, viewer_id)
    return bool(card or lines)


async def _card_screen(channel: TelegramChannel, recipient: Recipient, swap: Swap) -> Screen | None:
    if swap.circle is None:
        return await card_screen(channel, recipient, swap)
    return await circle_card_screen(channel, recipient, swap)


async def _has_somebody_left(channel: TelegramChannel, swap: Swap, viewer_id: str) -> bool:
    others = {*swap.participants, *(swap.circle.gone if swap.circle is not None else ())} - {viewer_id}
    people = await get_people(channel.deps, tuple(others))
    return any(person not in people or people[person].status == DELETED for person in others)


async def _rewrite(channel: TelegramChannel, place: Card, screen: Screen) -> None:
    """Edit a message. One with a photo loses it: a blank one takes its place.

    No error when Telegram refuses (deleted there, too old): the other messages still come.
    """
    await channel.rate_limiter.wait(place.chat_id)
    try:
        await _edit(channel.bot, place, screen)
    except BadRequest as error:
        if is_about_chat(error):
            raise
        if not is_unchanged(error):
            log.info("message %s keeps the name of a user who has left: %s", place.message_id, error.message)


async def _edit(bot: Bot, place: Card, screen: Screen) -> None:
    try:
        await edit_text(bot, place.chat_id, place.message_id, screen)
    except BadRequest as error:
        if "no text in the message" not in error.message.casefold():
            raise
        media = InputMediaPhoto(blank_photo(), screen.text, parse_mode=ParseMode.HTML)
        await bot.edit_message_media(media, place.chat_id, place.message_id, reply_markup=screen.keyboard)
