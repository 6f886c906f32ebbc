"""Conversations: messages of the user go to the partner of a swap, and the bot always shows to which."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telegram import Message, Update
from telegram.error import TelegramError

from bot.photos import download_photo
from bot.replies import Target
from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place
from bot.views.swap_cards import conversation_name, my_swaps_button, names_in, pair_line, swap_button, swap_label
from domain.errors import NotFound
from domain.messages import MAX_MESSAGE_LENGTH, TELEGRAM
from domain.messages import Message as SwapMessage
from domain.swaps import ACCEPTED, Swap
from handlers.messages import Draft, find_sent, list_conversations, send_message
from handlers.photos import CHAT, remember_file_id, upload_photo
from handlers.swaps import get_swap
from handlers.users import get_people

CHOOSE_SWAP = "hold"
"""The flow in which messages are held until the user chooses a swap for them; `data["held"]` lists them."""

MAX_HELD = 8
"""Below the number of messages a user may send at once, so that sending the held ones stays within the rate limit."""

MAX_CHOICES = 20
MAX_LABEL = 60
"""Characters of a button that names a conversation."""

DELIVERED = "👌"
CLOSE = "-"


async def on_text(context: Context, message: Message, replied: Target | None) -> None:
    """Send a text to the swap it replies to, else to the open conversation; else hold it until a swap is chosen."""
    text = message.text or ""
    if context.is_repeat and not await _is_sent(context, message):
        return  # a repeated update whose text was the answer to a question
    if len(text) > MAX_MESSAGE_LENGTH:
        await show(context, Screen(context.texts("chat.too_long", n=len(text), max=MAX_MESSAGE_LENGTH)))
        return
    target = replied or await _active_target(context)
    if target is None:
        await _hold_message(context, message, {"text": text})
        return
    await _send(context, target.swap, _held_item(message, text=text, reply_to=target.reply_to))
    await _switch_conversation(context, target.swap)


async def on_photo(context: Context, message: Message, replied: Target | None) -> None:
    """Send a photo with its caption. The file is downloaded only when there is a swap to send it to."""
    caption = message.caption or ""
    if await _is_sent(context, message):
        await _mark_accepted(context, message.message_id)
        return
    if context.is_repeat:
        return
    if _has_open_question(context) and replied is None:
        await show(context, Screen(context.texts("chat.photo_not_now")))
        return
    if len(caption) > MAX_MESSAGE_LENGTH:
        await show(context, Screen(context.texts("chat.too_long", n=len(caption), max=MAX_MESSAGE_LENGTH)))
        return
    target = replied or await _active_target(context)
    if target is None:
        await _hold_message(context, message, {"text": caption, **_file_fields(message)})
        return
    await _send(
        context, target.swap, _held_item(message, text=caption, reply_to=target.reply_to, **_file_fields(message))
    )
    await _switch_conversation(context, target.swap)


async def on_chat(update: Update, context: Context, *parts: str) -> None:
    """Show the open conversation and offer the others."""
    swaps = await list_conversations(context.deps, context.user)
    if not swaps:
        await show(context, _no_conversation_screen(context))
    elif len(swaps) == 1:
        await open_conversation(context, swaps[0])
    else:
        current = await active_swap(context)
        rows = await _choice_rows(context, swaps, current)
        if current is not None:
            rows.append([button(context.texts.plain("chat.close"), "c", CLOSE)])
        rows.append([back_button(context.texts, "home")])
        await show(context, Screen(await _choice_text(context, current), rows))


async def on_choice(update: Update, context: Context, *parts: str) -> None:
    """Handle `c:<swap>` (open that conversation, send the held messages to it) and `c:-` (close the open one)."""
    if parts == (CLOSE,):
        await context.open_conversation(None)
        await show_in_place(
            context, Screen(context.texts("chat.closed_by_you"), [[back_button(context.texts, "home")]])
        )
        return
    swap = await get_swap(context.deps, context.user, parts[0] if parts else "")
    if swap.status != ACCEPTED:
        await show_in_place(context, await _ended_screen(context, swap))
        return
    sent = await _send_held(context, swap)
    await context.open_conversation(swap.id)
    await show_in_place(context, await _talking_screen(context, swap, sent=sent))


async def _send_held(context: Context, swap: Swap) -> int:
    """Send the held messages to a swap; return their number. The caller ends the flow by opening the conversation."""
    held = held_messages(context)
    for item in held:
        await _send(context, swap, item)
    return len(held)


async def active_swap(context: Context) -> Swap | None:
    """Return the swap of the open conversation; None when there is none or the swap has ended."""
    swap_id = context.dialog.active_swap_id
    if swap_id is None:
        return None
    try:
        swap = await get_swap(context.deps, context.user, swap_id)
    except NotFound:
        return None
    return swap if swap.status == ACCEPTED else None


async def open_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of a swap, send the held messages to it, and confirm it with a message."""
    sent = await _send_held(context, swap)
    await context.open_conversation(swap.id)
    await show(context, await _talking_screen(context, swap, sent=sent))


async def announce_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of a swap that has begun; offer it as a button if a question or another one is open."""
    current = await active_swap(context)
    if current is not None and current.id == swap.id and not context.is_repeat:
        return  # an earlier press has opened it and said so
    if not context.dialog.step and (current is None or current.id == swap.id):
        await open_conversation(context, swap)
        return
    name = await conversation_name(context.deps, context.texts, swap, context.user.id)
    rows = [
        [swap_button(context.texts.plain("chat.talk_to", name=short(name, MAX_LABEL)), swap, "chat", style="primary")]
    ]
    await show(context, Screen(context.texts("chat.begun_beside", name=name), rows))


async def _active_target(context: Context) -> Target | None:
    swap = await active_swap(context)
    return Target(swap) if swap is not None else None


def _has_open_question(context: Context) -> bool:
    """Return whether a question waits for its answer."""
    return bool(context.dialog.step) and context.dialog.flow != CHOOSE_SWAP


async def _send(context: Context, swap: Swap, item: dict[str, Any]) -> None:
    """Send one message. Idempotent: its client id comes from the Telegram message."""
    chat_id = context.dialog.telegram_id  # a private chat has the id of its user
    client_id = _client_id(chat_id, item)
    if await find_sent(context.deps, context.user, client_id) is None:
        photo_url = await _store_photo(context, item) if "file_id" in item else None
        original = (chat_id, item["message_id"])
        written_at = datetime.fromtimestamp(item["date"], UTC)
        reply_to = item.get("reply_to")
        draft = Draft(swap.id, item["text"], TELEGRAM, client_id, photo_url, original, reply_to, written_at)
        await send_message(context.deps, context.user, draft)
    await _mark_accepted(context, item["message_id"])


async def _switch_conversation(context: Context, swap: Swap) -> None:
    """Open the conversation of the swap that a reply went to. Held messages and an open question take precedence: they
    stay as they are."""
    if _has_open_question(context):
        name = await conversation_name(context.deps, context.texts, swap, context.user.id)
        await show(context, Screen(context.texts("chat.sent_beside", name=name)))
    elif context.dialog.active_swap_id != swap.id and context.dialog.flow != CHOOSE_SWAP:
        await open_conversation(context, swap)


async def _store_photo(context: Context, item: dict[str, Any]) -> str:
    """Store the photo of a message. The file id is kept with it, so that Telegram needs no second upload."""
    data = await download_photo(context, item["file_id"])
    photo = await upload_photo(context.deps, context.user, data, purpose=CHAT)
    if item.get("is_photo"):
        await remember_file_id(context.deps, photo.id, item["file_id"])
    return photo.url


async def _mark_accepted(context: Context, message_id: int) -> None:
    """React to the user's own message to show that it was accepted. Best effort: a failure is ignored."""
    try:
        await context.bot.set_message_reaction(context.dialog.telegram_id, message_id, DELIVERED)
    except TelegramError:
        return


async def _hold_message(context: Context, message: Message, kept: dict[str, Any]) -> None:
    """Hold a message without a swap and ask the user to choose one."""
    swaps = await list_conversations(context.deps, context.user)
    if not swaps:
        await show(context, _no_conversation_screen(context))
        return
    held = held_messages(context)
    cancel = [button(context.texts.plain("button.cancel"), "cancel")]
    rows = [*await _choice_rows(context, swaps, None), cancel]
    if len(held) >= MAX_HELD:
        await show(context, Screen(context.texts("chat.held_enough", n=len(held)), rows))
        return
    await show(context, Screen(context.texts("chat.for_whom"), rows))
    await context.move_dialog(CHOOSE_SWAP, "choose", held=[*held, _held_item(message, **kept)])


def held_messages(context: Context) -> list[dict[str, Any]]:
    """Return the messages held until a swap is chosen."""
    return list(context.dialog.data.get("held", ())) if context.dialog.flow == CHOOSE_SWAP else []


def _held_item(message: Message, **kept: Any) -> dict[str, Any]:
    return {"message_id": message.message_id, "date": int(message.date.timestamp()), **kept}


def _file_fields(message: Message) -> dict[str, Any]:
    if message.photo:
        return {"file_id": message.photo[-1].file_id, "is_photo": True}
    return {"file_id": message.document.file_id} if message.document else {}


def _client_id(chat_id: int, item: dict[str, Any]) -> str:
    return f"tg:{chat_id}:{item['message_id']}:{item['date']}"


async def find_sent_message(context: Context, message: Message) -> SwapMessage | None:
    """Return the swap message that this Telegram message of the user was sent as."""
    return await find_sent(context.deps, context.user, _client_id(message.chat_id, _held_item(message)))


async def _is_sent(context: Context, message: Message) -> bool:
    return await find_sent_message(context, message) is not None


async def _choice_rows(context: Context, swaps: list[Swap], current: Swap | None) -> list[Row]:
    swaps = swaps[:MAX_CHOICES]
    people = await get_people(
        context.deps, tuple({person for swap in swaps for person in swap.others(context.user.id)})
    )
    rows: list[Row] = []
    for swap in swaps:
        partners = (people.get(person) for person in swap.others(context.user.id))
        label = swap_label(context.texts, swap, context.user.id, *partners)
        mark = "🟢" if current is not None and swap.id == current.id else "💬"
        rows.append([button(f"{mark} {label}", "c", swap.id)])
    return rows


async def _talking_screen(context: Context, swap: Swap, *, sent: int = 0) -> Screen:
    name = await names_in(context.deps, context.texts, swap, context.user.id)
    pair = pair_line(context.texts, swap, context.user.id)
    text = context.texts("chat.talking", name=name, pair=pair)
    rows = [[my_swaps_button(context.texts, swap), back_button(context.texts, "home")]]
    return Screen(f"{context.texts('chat.let_go', n=sent)}\n\n{text}" if sent else text, rows)


async def _choice_text(context: Context, current: Swap | None) -> str:
    if current is None:
        return context.texts("chat.choose")
    name = await conversation_name(context.deps, context.texts, current, context.user.id)
    return context.texts("chat.choose_other", name=name)


async def _ended_screen(context: Context, swap: Swap) -> Screen:
    name = await conversation_name(context.deps, context.texts, swap, context.user.id)
    rows = [[my_swaps_button(context.texts, swap), back_button(context.texts, "home")]]
    return Screen(context.texts("chat.over", name=name), rows)


def _no_conversation_screen(context: Context) -> Screen:
    texts = context.texts
    rows: list[Row] = [
        [button(texts.plain("chat.find_match"), "match"), button(texts.plain("chat.my_swaps"), "swaps")],
        [back_button(texts, "home")],
    ]
    return Screen(texts("chat.nobody"), rows)


COMMANDS = {"chat": on_chat}
BUTTONS = {"chat": on_chat, "c": on_choice}
