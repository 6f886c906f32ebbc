"""Conversations: messages of the user go to the partner of a swap, and the bot always shows to which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from telegram import Message, Update
from telegram.error import TelegramError

from bot.albums import set_place
from bot.attachments import content_of
from bot.errors import problem_text
from bot.held_messages import (
    HELD,
    NOBODY,
    ask_about_held,
    ask_about_held_in_place,
    choice_rows,
    held_messages,
    hold_message,
    no_conversation_screen,
    unheard_swap,
)
from bot.photos import download_photo
from bot.replies import Target
from bot.updates.context import Context
from bot.views.conversations import choice_text, ended_screen, safety_rows_for, talking_screen
from bot.views.lengths import short
from bot.views.screens import Screen, back_button, button, show, show_in_place, toast
from bot.views.swap_cards import conversation_name, name_of, swap_button
from bot.words import words_of
from domain.albums import ON_HOLD, TO_NOBODY, TO_SWAP, Album
from domain.attachments import SAYS_ALL, Attachment
from domain.errors import Invalid, NotFound, Problem
from domain.messages import MAX_STORED_LENGTH, TELEGRAM
from domain.messages import Message as SwapMessage
from domain.screening import ScreenedWords
from domain.swaps import Swap
from domain.talks import is_talk_open
from handlers.messages import Draft, find_sent, list_conversations, require_room, send_message
from handlers.photos import CHAT, remember_file, upload_photo
from handlers.screening import find_waiting
from handlers.swaps import get_swap
from handlers.users import get_people

MAX_LABEL = 60
"""Characters of a button that names a conversation."""

DELIVERED = "👌"
CLOSE = "-"


async def on_text(context: Context, message: Message, replied: Target | None) -> bool:
    """Send a text to the swap it replies to, else to the open conversation; else hold it until a swap is chosen.

    Returns False when nobody gets it.
    """
    text = words_of(message)
    if context.is_repeat and not await _is_sent(context, message):
        return True  # a repeated update whose text was the answer to a question
    if len(text) > MAX_STORED_LENGTH:
        await show(context, Screen(context.texts("chat.too_long", n=len(text), max=MAX_STORED_LENGTH)))
        return False
    return await _send_or_hold(context, message, replied, text=text)


async def on_media(context: Context, message: Message, replied: Target | None) -> bool:
    """Send a photo or an attachment with its caption. A photo is downloaded only when there is a swap to send it to.

    Returns False when nobody gets it.
    """
    content = content_of(message)
    length = len(content["text"])
    if await _is_sent(context, message):
        await _mark_accepted(context, message.message_id)
        return True
    if context.is_repeat:
        return True
    if _has_open_question(context) and replied is None:
        await set_place(context, message, TO_NOBODY)
        await show(context, Screen(context.texts("chat.not_now")))
        return False
    if length > MAX_STORED_LENGTH:
        await show(context, Screen(context.texts("chat.too_long", n=length, max=MAX_STORED_LENGTH)))
        return False
    return await _send_or_hold(context, message, replied, **content)


async def on_further_part(context: Context, message: Message, album: Album) -> bool:
    """Take a further part of an album to where the first one went: a swap, or the messages that wait for a choice.

    Returns False when it cannot be held.
    """
    item = _held_item(message, **content_of(message))
    if album.place == TO_SWAP:
        await _send(context, await get_swap(context.deps, context.user, album.swap_id), item)
    elif not await _is_sent(context, message):
        seen = (held["seen"] for held in held_messages(context) if held.get("album") == album.group_id)
        return await hold_message(context, item, seen=next(seen, ""))
    return True


async def _send_or_hold(context: Context, message: Message, replied: Target | None, **content: Any) -> bool:
    """Send a message to the swap it replies to, or to the open conversation if that is the one the sender saw last.

    Any other message is held until its sender says whom it is for, and so is what they write until they have. Returns
    False when it cannot be held.
    """
    if replied is not None:
        await set_place(context, message, TO_SWAP, swap_id=replied.swap.id)
        await _send(context, replied.swap, _held_item(message, reply_to=replied.reply_to, **content))
        await _switch_conversation(context, replied.swap)
        return True
    item = _held_item(message, **content)
    active = await active_swap(context)
    seen = unheard_swap(context, message, active)
    is_open = active is not None and seen is None and not context.dialog.held
    if not is_open and not await _is_sent(context, message):
        is_held = await hold_message(context, item, seen=seen or (active.id if active is not None else ""))
        await set_place(context, message, ON_HOLD if is_held else TO_NOBODY)
        return is_held
    if active is not None:
        await set_place(context, message, TO_SWAP, swap_id=active.id)
        await _send(context, active, item)
    return True


async def on_chat(update: Update, context: Context, *parts: str) -> None:
    """Show the open conversation and offer the others."""
    swaps = await list_conversations(context.deps, context.user)
    if not swaps:
        await show(context, no_conversation_screen(context))
    elif len(swaps) == 1:
        await open_conversation(context, swaps[0])
    else:
        current = await active_swap(context)
        rows = await choice_rows(context, swaps, current, "c")
        if current is not None:
            rows.append([button(context.texts.plain("chat.close"), "c", CLOSE)])
        rows.append([back_button(context.texts, "home")])
        text = await choice_text(context.deps, context.texts, current, context.user.id)
        shown = await show(context, Screen(text, rows))
        await context.note_named(shown.message_id, *(swap.id for swap in swaps))


async def on_choice(update: Update, context: Context, *parts: str) -> None:
    """Handle `c:<swap>` (open that conversation) and `c:-` (close the open one)."""
    if parts == (CLOSE,):
        await context.open_conversation(None)
        await show_in_place(
            context, Screen(context.texts("chat.closed_by_you"), [[back_button(context.texts, "home")]])
        )
        return
    swap = await get_swap(context.deps, context.user, parts[0] if parts else "")
    if not is_talk_open(swap, context.deps.now()):
        over = await ended_screen(context.deps, context.texts, swap, context.user.id)
        await context.note_named(await show_in_place(context, over), swap.id)
        return
    await context.open_conversation(swap.id)
    shown = await show_in_place(context, await talking_screen(context.deps, context.texts, swap, context.user.id))
    await context.note_receiver(swap.id, shown)
    await _ask_again(context)


async def on_held_choice(update: Update, context: Context, *parts: str) -> None:
    """Handle `h:<last>:<swap>` (send the held messages up to the id `last` there, open that conversation) and
    `h:<last>:-` (drop them).

    A press on a question that has been answered sends nothing and opens nothing.
    """
    last, choice = (*parts, "", "")[:2]
    named = [item for item in held_messages(context) if last.isdecimal() and item["message_id"] <= int(last)]
    if not named and (choice == NOBODY or not context.is_repeat):
        await toast(context, context.texts.plain("chat.held_settled"))
        return
    if choice == NOBODY:
        await show_in_place(context, Screen(context.texts("chat.held_dropped", n=len(named))))
        await _keep_rest(context, named, None)
        return
    swap = await get_swap(context.deps, context.user, choice)
    name = await conversation_name(context.deps, context.texts, swap, context.user.id)
    if not is_talk_open(swap, context.deps.now()):
        await ask_about_held_in_place(context, context.texts("chat.over", name=name))
        return
    sent = await _send_held(context, swap, named)
    if context.is_repeat:  # the first of them have been sent by an attempt that had to wait
        sent = min(sent, 1)
    is_beside = _has_open_question(context)
    rest = await _keep_rest(context, named, None if is_beside else swap.id)
    screen = Screen(context.texts("chat.sent_beside", name=name))
    if not is_beside:
        screen = await talking_screen(context.deps, context.texts, swap, context.user.id, sent=sent)
    shown = await show_in_place(context, screen)
    await context.note_named(shown, swap.id)
    if not is_beside:
        await context.note_receiver(swap.id, shown)
    if rest:
        await ask_about_held(context)


async def _keep_rest(context: Context, settled: list[dict[str, Any]], opened: str | None) -> bool:
    """Keep only the held messages that came after the settled ones, and open a conversation if one is given; return
    whether any are left. The pressed question stays in the chat as their answer."""
    await context.settle_held([item for item in held_messages(context) if item not in settled], opened)
    return bool(context.dialog.held)


async def _send_held(context: Context, swap: Swap, held: list[dict[str, Any]]) -> int:
    """Send the held messages to a swap, in order; return how many were sent.

    One that can never be sent is answered with the reason. Anything else keeps it and those after it, and is raised.
    """
    sent = 0
    for number, item in enumerate(held):
        try:
            await _send(context, swap, item)
            sent += 1
        except Invalid as problem:
            reason = context.texts("problem.answer", text=problem_text(context.texts, problem))
            await show(context, Screen(reason), reply_to=item["message_id"])
        except Problem:
            done = held[:number]
            await context.hold(
                [one for one in held_messages(context) if one not in done], asked=context.dialog.held_asked
            )
            raise
    return sent


async def _ask_again(context: Context) -> None:
    """Ask again about held messages below the line that names another receiver: opening a conversation sends none."""
    if context.dialog.held:
        await ask_about_held(context)


async def active_swap(context: Context) -> Swap | None:
    """Return the swap of the open conversation; None when there is none or the swap has ended."""
    swap_id = context.dialog.active_swap_id
    if swap_id is None:
        return None
    try:
        swap = await get_swap(context.deps, context.user, swap_id)
    except NotFound:
        return None
    return swap if is_talk_open(swap, context.deps.now()) else None


async def open_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of a swap, and confirm it with a message."""
    await context.open_conversation(swap.id)
    shown = await show(context, await talking_screen(context.deps, context.texts, swap, context.user.id))
    await context.note_receiver(swap.id, shown.message_id)
    await _ask_again(context)


async def announce_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of a swap that has begun; offer it as a button if a question or another one is open."""
    current = await active_swap(context)
    if current is not None and current.id == swap.id and not context.is_repeat:
        return  # an earlier press has opened it and said so
    is_busy = context.dialog.step or context.dialog.held
    if not is_busy and (current is None or current.id == swap.id):
        await open_conversation(context, swap)
        return
    name = await conversation_name(context.deps, context.texts, swap, context.user.id)
    talk = context.texts.plain("chat.talk_to", name=short(name, MAX_LABEL))
    rows = [
        [swap_button(talk, swap, "chat", style="primary")],
        *await safety_rows_for(context.deps, context.texts, swap, context.user.id),
    ]
    shown = await show(context, Screen(context.texts("chat.begun_beside", name=name), rows))
    await context.note_named(shown.message_id, swap.id)


def _has_open_question(context: Context) -> bool:
    """Return whether a question waits for its answer."""
    return bool(context.dialog.step)


async def _send(context: Context, swap: Swap, item: dict[str, Any]) -> None:
    """Send one message. Idempotent: its client id comes from the Telegram message."""
    chat_id = context.dialog.telegram_id  # a private chat has the id of its user
    client_id = _client_id(chat_id, item)
    if await find_sent(context.deps, context.user, client_id) is None:
        original = (chat_id, item["message_id"])
        written_at = datetime.fromtimestamp(item["date"], UTC)
        photo_url = None
        if "file_id" in item:
            require_room(context.deps, context.user, written_at)
            photo_url = await store_photo(context, item)
        reply_to = item.get("reply_to")
        attachment = Attachment(**item["attachment"]) if "attachment" in item else None
        draft = Draft(swap.id, item["text"], TELEGRAM, client_id, photo_url, original, reply_to, written_at)
        sent = await send_message(context.deps, context.user, replace(draft, attachment=attachment))
        if sent.is_screened:
            await _tell_it_waits(context, swap, item)
            return
        if attachment is not None and _is_first(context, item):
            await _tell_who_sees_a_line(context, swap, item["message_id"], attachment)
    await _mark_item(context, item)


async def _tell_it_waits(context: Context, swap: Swap, item: dict[str, Any]) -> None:
    """Say that a moderator looks at a message first, once."""
    if not context.is_repeat:
        name = await conversation_name(context.deps, context.texts, swap, context.user.id)
        shown = await show(context, Screen(context.texts("screening.message", name=name)), reply_to=item["message_id"])
        await context.note_named(shown.message_id, swap.id)


async def _tell_who_sees_a_line(context: Context, swap: Swap, message_id: int, attachment: Attachment) -> None:
    """Say who cannot see or hear an attachment, as they are not in Telegram, and that a live location stands still."""
    people = await get_people(context.deps, swap.others(context.user.id))
    elsewhere = [name_of(context.texts, person) for person in people.values() if person.telegram_id is None]
    if elsewhere and attachment.kind not in SAYS_ALL:
        names = context.texts.enumerate(elsewhere)
        text = context.texts("chat.seen_as_line", name=names, line=attachment.line, n=len(elsewhere))
        await show(context, Screen(text), reply_to=message_id)
    if attachment.is_live:
        await show(context, Screen(context.texts("chat.live_location")), reply_to=message_id)


async def _switch_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of the swap that a reply went to. Held messages and an open question take precedence: they
    stay as they are."""
    if _has_open_question(context) or context.dialog.held:
        name = await conversation_name(context.deps, context.texts, swap, context.user.id)
        shown = await show(context, Screen(context.texts("chat.sent_beside", name=name)))
        await context.note_named(shown.message_id, swap.id)
    elif context.dialog.active_swap_id != swap.id:
        await open_conversation(context, swap)


async def store_photo(context: Context, item: dict[str, Any]) -> str:
    """Store the photo of a message. The file id is kept with it, so that Telegram needs no second upload."""
    data = await download_photo(context, item["file_id"])
    album = context.dialog.album(item.get("album"))
    is_counted = album is None or album.is_counted
    photo = await upload_photo(context.deps, context.user, data, purpose=CHAT, is_counted=is_counted)
    if album is not None:
        await context.note_album(replace(album, taken=album.taken + 1))
    file_id = item["file_id"] if item.get("is_photo") else None
    await remember_file(context.deps, photo.id, file_id=file_id, unique_id=item.get("unique_id"))
    return photo.url


async def _mark_item(context: Context, item: dict[str, Any]) -> None:
    """Mark a sent message as accepted; of an album, only the first one that was sent."""
    if not _is_first(context, item):
        return
    album = context.dialog.album(item.get("album"))
    if album is not None and album.marked is None:
        await context.note_album(replace(album, marked=item["message_id"]))
    await _mark_accepted(context, item["message_id"])


def _is_first(context: Context, item: dict[str, Any]) -> bool:
    """Return whether an item is the first of its album that was sent, or belongs to none."""
    album = context.dialog.album(item.get("album"))
    return album is None or album.marked in (None, item["message_id"])


async def _mark_accepted(context: Context, message_id: int) -> None:
    """React to the user's own message to show that it was accepted. Best effort: a failure is ignored."""
    try:
        await context.bot.set_message_reaction(context.dialog.telegram_id, message_id, DELIVERED)
    except TelegramError:
        return


def _held_item(message: Message, **kept: Any) -> dict[str, Any]:
    item = {"message_id": message.message_id, "date": int(message.date.timestamp()), **kept}
    return item | {"album": message.media_group_id} if message.media_group_id else item


def _client_id(chat_id: int, item: dict[str, Any]) -> str:
    return f"tg:{chat_id}:{item['message_id']}:{item['date']}"


async def find_screened_message(context: Context, message: Message) -> ScreenedWords | None:
    """Return the words that this Telegram message of the user was sent as and that wait for a moderator's look."""
    return await find_waiting(context.deps, context.user, _client_id(message.chat_id, _held_item(message)))


async def find_sent_message(context: Context, message: Message) -> SwapMessage | None:
    """Return the swap message that this Telegram message of the user was sent as."""
    return await find_sent(context.deps, context.user, _client_id(message.chat_id, _held_item(message)))


async def _is_sent(context: Context, message: Message) -> bool:
    return await find_sent_message(context, message) is not None


COMMANDS = {"chat": on_chat}
BUTTONS = {"chat": on_chat, "c": on_choice, HELD: on_held_choice}
