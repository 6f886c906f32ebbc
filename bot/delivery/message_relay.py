"""Messages of a swap in the chats of its participants: relayed, rewritten after an edit, removed after a deletion.

Each function returns False when there is nothing to do for the recipient, or nothing any more.
"""

from __future__ import annotations

from bot.delivery.message_parts import Part, compose, remove_copy, rewrite_part, send_part
from bot.delivery.telegram_channel import Postponed, Recipient, TelegramChannel
from bot.views.swap_cards import message_header
from domain.messages import Message
from domain.swaps import Swap
from handlers.dialogs import note_heard
from handlers.notifications import find_copy, remember_copy
from handlers.presence import hold_back
from handlers.users import get_people


async def relay_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Relay a message. After an interrupted attempt, only the missing parts are sent.

    Raises Postponed while the recipient may be about to read it on the web.
    """
    if message.from_user_id == recipient.person.id or not (message.message or message.photo_url):
        return False
    copies = message.copies_of(recipient.person.id)
    wait = None if copies else await hold_back(channel.deps, recipient.person, message)
    if wait is not None:
        if wait:
            raise Postponed(wait.total_seconds())
        return False
    parts = await _parts_of(channel, recipient, swap, message)
    for number, part in enumerate(parts):
        if number >= len(copies):
            await _send_part(channel, recipient, message, part, is_first=number == 0)
    return True


async def rewrite_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Edit the copies in the recipient's chat. A message not relayed yet is relayed in its current form."""
    copies = message.copies_of(recipient.person.id)
    if not copies or message.deleted_at is not None:
        return False
    parts = await _parts_of(channel, recipient, swap, message)
    for part, copy in zip(parts, copies, strict=False):
        await rewrite_part(channel.bot, copy, part)
    for part in parts[len(copies) :]:
        await _send_part(channel, recipient, message, part, is_first=False)
    for copy in copies[len(parts) :]:
        await remove_copy(channel.bot, copy, recipient.texts.plain("chat.was_shortened"))
    return True


async def remove_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Remove a deleted message from the recipient's chat: the relayed copies, or the message that they sent there."""
    copies = message.copies_of(recipient.person.id)
    for copy in copies:
        await remove_copy(channel.bot, copy, recipient.texts.plain("chat.was_taken_back"))
    return bool(copies)


async def _parts_of(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> list[Part]:
    viewer_id, author_id = recipient.person.id, message.from_user_id
    others = [person for person in swap.others(viewer_id) if person != author_id]
    people = await get_people(channel.deps, (author_id, *others))
    author, *rest = (people.get(person) for person in (author_id, *others))
    header = message_header(recipient.texts, swap, viewer_id, author, *rest)
    return compose(header, message.message, message.photo_url)


async def _send_part(
    channel: TelegramChannel, recipient: Recipient, message: Message, part: Part, *, is_first: bool
) -> None:
    person, throttle = recipient.person, channel.sound_throttle
    reply_to = await find_copy(channel.deps, message, person.id) if is_first and message.reply_to else None
    rings = not recipient.is_silent and throttle.may_sound(person.id, message.swap_id)
    await channel.rate_limiter.wait(recipient.chat_id)
    sent = await send_part(
        channel.bot,
        channel.deps,
        recipient.chat_id,
        part,
        is_silent=not rings,
        is_plain=recipient.is_plain,
        reply_to=reply_to,
    )
    if rings:
        throttle.record_sound(person.id, message.swap_id)
    await note_heard(channel.deps, recipient.chat_id, sent.message_id, message.swap_id)
    await remember_copy(channel.deps, message.id, person.id, recipient.chat_id, sent.message_id)
