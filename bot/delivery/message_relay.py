"""Messages of a swap in the chats of its participants: relayed, rewritten after an edit, removed after a deletion.

What a chat should show follows from the message alone: its parts. What it shows is remembered: its copies. An edit
compares the two, so that a chat ends with the words of the message whatever happened before.

Each function returns False when there is nothing to do for the recipient, or nothing any more.
"""

from __future__ import annotations

from bot.delivery.message_copies import edit_copy, remove_copy, send_part
from bot.delivery.message_parts import Part, compose, compose_with
from bot.delivery.telegram_channel import Postponed, Recipient, TelegramChannel
from bot.views.lengths import units
from bot.views.swap_cards import message_header
from domain.messages import Copy, Message
from domain.swaps import Swap
from handlers.dialogs import note_heard
from handlers.notifications import find_copy, forget_copy, mark_outdated, remember_copy
from handlers.presence import hold_back
from handlers.users import get_people


async def relay_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Relay a message. After an interrupted attempt, only the missing parts are sent.

    Raises Postponed while the recipient may be about to read it on the web.
    """
    if _is_author(recipient, message) or message.is_empty:
        return False
    copies = message.copies_of(recipient.person.id)
    is_seen_here_only = message.attachment is not None  # the web has a line instead
    wait = None if copies or is_seen_here_only else await hold_back(channel.deps, recipient.person, message)
    if wait is not None:
        if wait:
            raise Postponed(wait.total_seconds())
        return False
    parts, _ = await _parts_of(channel, recipient, swap, message)
    await _send_parts(channel, recipient, message, parts, start=len(copies))
    return True


async def rewrite_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Make the recipient's chat show an edited message. One not relayed yet is relayed in its current form.

    Copies are edited, missing parts sent, surplus copies deleted. From the first copy on that Telegram does not let the
    bot edit, all parts are sent anew, with a sign, so that they stay in order. Copies go last: after an interruption,
    the next attempt starts with what is there.
    """
    if not message.all_copies_of(recipient.person.id) or message.deleted_at is not None:
        return False
    copies = message.copies_of(recipient.person.id)
    parts, signed_parts = await _parts_of(channel, recipient, swap, message)
    edited = 0
    for part, copy in zip(parts, copies, strict=False):
        if not await edit_copy(channel.bot, channel.deps, copy, part, is_plain=recipient.is_plain):
            break
        edited += 1
    is_anew = edited < min(len(parts), len(copies))
    await _send_parts(channel, recipient, message, signed_parts if is_anew else parts, start=edited)
    for copy in copies[edited:]:
        await _drop_copy(channel, recipient, message, copy, is_replaced=is_anew)
    return True


async def renew_header(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Edit the relayed copies of a message to name those who are in its swap now. Nothing is sent or deleted: copies
    that Telegram does not let the bot edit stay as they are. Only a longer name that leaves no room for the words, so
    that there are more parts than copies, makes it an edit as any other: words come before the place of a message."""
    copies = message.copies_of(recipient.person.id)
    if not copies or _is_author(recipient, message) or message.deleted_at is not None:
        return False
    parts, _ = await _parts_of(channel, recipient, swap, message)
    if len(parts) > len(copies):
        return await rewrite_message(channel, recipient, swap, message)
    for part, copy in zip(parts, copies, strict=False):
        await edit_copy(channel.bot, channel.deps, copy, part, is_plain=recipient.is_plain)
    return True


async def remove_message(channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message) -> bool:
    """Remove a deleted message from the recipient's chat: the relayed copies, or the message that they sent there."""
    copies = message.all_copies_of(recipient.person.id)
    for copy in copies:
        await remove_copy(channel.bot, copy, recipient.texts.plain("chat.was_taken_back"))
    return bool(copies)


def _is_author(recipient: Recipient, message: Message) -> bool:
    return message.from_user_id == recipient.person.id


async def _parts_of(
    channel: TelegramChannel, recipient: Recipient, swap: Swap, message: Message
) -> tuple[list[Part], list[Part]]:
    """Return the parts of a message in the recipient's chat, and the same with a sign that they have been sent anew.

    Its author has sent the photo themselves; they are told the words that the bot cannot change in their message.
    """
    if _is_author(recipient, message):
        parts = compose(recipient.texts.plain("chat.changed_on_web"), message.caption, None)
        return parts, parts
    viewer_id, author_id = recipient.person.id, message.from_user_id
    others = [person for person in swap.others(viewer_id) if person != author_id]
    people = await get_people(channel.deps, (author_id, *others))
    author, *rest = (people.get(person) for person in (author_id, *others))
    header = message_header(recipient.texts, swap, viewer_id, author, *rest)
    signed = recipient.texts.plain("chat.sent_anew", header=header)
    parts, signed_parts = (_composed(message, words, room=units(signed)) for words in (header, signed))
    return parts, signed_parts


def _composed(message: Message, header: str, *, room: int) -> list[Part]:
    """Return the parts of a message. An attachment is copied from its author's chat, or a line stands for it."""
    originals = message.all_copies_of(message.from_user_id)
    if message.attachment is None or not originals:
        return compose(header, message.message, message.photo_url, room=room)
    source = (originals[0].chat_id, originals[0].message_id)
    return compose_with(message.attachment, source, header, message.caption, room=room)


async def _send_parts(
    channel: TelegramChannel, recipient: Recipient, message: Message, parts: list[Part], *, start: int
) -> None:
    """Send the parts from the number `start` on; the first one replies to what the message replies to."""
    for number, part in enumerate(parts[start:], start):
        await _send_part(channel, recipient, message, part, is_first=number == 0)


async def _send_part(
    channel: TelegramChannel, recipient: Recipient, message: Message, part: Part, *, is_first: bool
) -> None:
    person, throttle = recipient.person, channel.sound_throttle
    is_silent = recipient.is_silent or _is_author(recipient, message)
    rings = not is_silent and throttle.may_sound(person.id, message.swap_id)
    reply_to = await _replied_id(channel, recipient, message) if is_first else None
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


async def _replied_id(channel: TelegramChannel, recipient: Recipient, message: Message) -> int | None:
    """Return the Telegram id of what the message replies to; for its author, of what they wrote."""
    if _is_author(recipient, message):
        return message.all_copies_of(recipient.person.id)[0].message_id
    return await find_copy(channel.deps, message, recipient.person.id) if message.reply_to else None


async def _drop_copy(
    channel: TelegramChannel, recipient: Recipient, message: Message, copy: Copy, *, is_replaced: bool
) -> None:
    """Delete a copy that shows nothing of the message any more, or is replaced; what the author wrote stays.

    One that Telegram keeps is edited to a sign, and may be edited to a part again unless another one replaces it.
    """
    is_own = _is_author(recipient, message) and copy == message.all_copies_of(recipient.person.id)[0]
    instead = recipient.texts.plain("chat.was_shortened")
    if not is_own and await remove_copy(channel.bot, copy, instead):
        await forget_copy(channel.deps, message.id, copy)
    elif is_replaced:
        await mark_outdated(channel.deps, message.id, copy)
