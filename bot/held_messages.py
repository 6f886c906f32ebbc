"""Messages that wait for a word of their sender: it is not certain whom they are for, so nobody gets them in silence.

They are kept in the dialog beside any open question, in order. One question about all of them stands at a time, below
the newest of them.
"""

from __future__ import annotations

from typing import Any

from telegram import Message
from telegram.error import BadRequest, TelegramError

from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, edit_text, show, show_in_place
from bot.views.swap_cards import names_in, pair_line, swap_label
from domain.errors import NotFound
from domain.messages import TELEGRAM, clean_message
from domain.swaps import Swap
from domain.talks import is_talk_open
from handlers.messages import list_conversations
from handlers.runtime.texts import Html
from handlers.swaps import get_swap
from handlers.users import get_people

MAX_HELD = 30
"""Messages kept for one user: a burst of forwarded ones. When they are sent, those above the rate limit wait."""

MAX_CHOICES = 20
MAX_QUOTED = 60
"""Characters quoted from a held message where there are several."""

HELD, NOBODY = "h", "-"


def held_messages(context: Context) -> list[dict[str, Any]]:
    """Return the messages held until their sender says whom they are for."""
    return list(context.dialog.held)


def unheard_swap(context: Context, message: Message, active: Swap | None) -> str | None:
    """Return the id of the conversation that the sender saw last when they wrote this, if it is not the open one: ""
    if they saw none, None if the message may go to the open one. Nobody is asked whose chat knows only one."""
    heard = context.dialog.heard
    if active is None or all(entry.swap_id == active.id for entry in heard):
        return None
    seen = [entry.swap_id for entry in heard if entry.message_id < message.message_id]
    if not seen:
        return ""
    return seen[-1] if seen[-1] != active.id else None


async def hold_message(context: Context, item: dict[str, Any], *, seen: str = "") -> bool:
    """Hold a message and ask whom it is for; return False when it is not held, because there is nobody to write to or
    too many are held already. `seen`: the conversation whose message the sender saw last."""
    clean_message(item["text"], has_photo="file_id" in item, via=TELEGRAM)
    held = held_messages(context)
    swaps = await list_conversations(context.deps, context.user)
    if not swaps:
        await show(context, no_conversation_screen(context, dropped=len(held)))
        await context.settle_held([], None)
        return False
    if len(held) >= MAX_HELD:
        await ask_about_held(context, context.texts("chat.held_enough", n=len(held)))
        return False
    if any(item["message_id"] == known["message_id"] for known in held):
        return True
    held.append({**item, "seen": seen})
    asked = context.dialog.held_asked
    if asked is not None and asked > item["message_id"] and len(held) > 1:  # of a burst: the question is below already
        await _edit_question(context, asked, await held_screen(context, held))
        await context.hold(held, asked=asked)
        return True
    question = await show(context, await held_screen(context, held))
    await context.hold(held, asked=question.message_id)
    await context.note_named(question.message_id, *(swap.id for swap in swaps))
    await _remove_question(context, asked)
    return True


async def ask_about_held(context: Context, notice: str = "") -> None:
    """Ask again about the held messages, below everything else in the chat."""
    asked = context.dialog.held_asked
    question = await show(context, await held_screen(context, held_messages(context), notice))
    await context.hold(held_messages(context), asked=question.message_id)
    await _note_conversations(context, question.message_id)
    await _remove_question(context, asked)


async def _note_conversations(context: Context, shown: int) -> None:
    running = await list_conversations(context.deps, context.user)
    await context.note_named(shown, *(swap.id for swap in running))


async def ask_about_held_in_place(context: Context, notice: str) -> None:
    """Ask again in the question that has been pressed, as its choice is no longer there."""
    held = held_messages(context)
    if not await list_conversations(context.deps, context.user):
        await show_in_place(context, no_conversation_screen(context, dropped=len(held)))
        await context.settle_held([], None)
        return
    asked = context.dialog.held_asked
    shown = await show_in_place(context, await held_screen(context, held, notice))
    await context.hold(held, asked=shown)
    await _note_conversations(context, shown)
    if asked != shown:
        await _remove_question(context, asked)


async def held_screen(context: Context, held: list[dict[str, Any]], notice: str = "") -> Screen:
    """Return the question about held messages: who gets them as things stand, and who may have been meant.

    Its buttons have the id of the last of them: a press is about those that the question has named, and no later ones.
    """
    texts, count = context.texts, len(held)
    current, others, ended = await _conversations_for(context, held)
    lines = [notice] if notice else []
    for swap in ended:
        lines.append(texts("chat.over", name=await _name(context, swap)))
    if current is None:
        lines.append(texts("chat.for_whom"))
    elif others:
        named = " / ".join([await _name(context, swap) for swap in others])
        lines.append(texts("chat.held_for", n=count, name=await _name(context, current), other=named))
    else:
        lines.append(texts("chat.held_only", n=count, name=await _name(context, current)))
    if count > 1:
        quotes = (short(" ".join(item["text"].split()), MAX_QUOTED) or "📷" for item in held)
        lines.append("\n".join(texts("chat.held_quote", text=quote) for quote in quotes))
    rows = await choice_rows(context, [*([current] if current else []), *others], current, HELD, held[-1]["message_id"])
    rows.append([button(texts.plain("chat.send_to_nobody"), HELD, held[-1]["message_id"], NOBODY)])
    return Screen(Html("\n\n".join(lines)), rows)


async def _conversations_for(
    context: Context, held: list[dict[str, Any]]
) -> tuple[Swap | None, list[Swap], list[Swap]]:
    """Return the open conversation, the running ones that may be meant instead, and ended ones that were seen last."""
    running = {swap.id: swap for swap in (await list_conversations(context.deps, context.user))}
    current = running.pop(context.dialog.active_swap_id or "", None)
    seen = list(dict.fromkeys(item["seen"] for item in held))
    if current is None or "" in seen:
        return current, list(running.values())[:MAX_CHOICES], []
    ended = [swap for swap_id in seen if swap_id not in running and (swap := await _ended(context, swap_id))]
    return current, [running[swap_id] for swap_id in seen if swap_id in running], ended


async def _ended(context: Context, swap_id: str) -> Swap | None:
    try:
        swap = await get_swap(context.deps, context.user, swap_id)
    except NotFound:
        return None
    return swap if not is_talk_open(swap, context.deps.now()) else None


async def _name(context: Context, swap: Swap) -> str:
    """Return the names of those who get a message, and what tells this conversation from others with them."""
    names = await names_in(context.deps, context.texts, swap, context.user.id)
    return f"{names} ({pair_line(context.texts, swap, context.user.id)})"


async def choice_rows(context: Context, swaps: list[Swap], current: Swap | None, *data: object) -> list[Row]:
    """Return a button for each conversation; its data is `data` and the id of the swap."""
    swaps = swaps[:MAX_CHOICES]
    people = await get_people(
        context.deps, tuple({person for swap in swaps for person in swap.others(context.user.id)})
    )
    rows: list[Row] = []
    for swap in swaps:
        partners = (people.get(person) for person in swap.others(context.user.id))
        label = swap_label(context.texts, swap, context.user.id, *partners)
        mark = "🟢" if current is not None and swap.id == current.id else "💬"
        rows.append([button(f"{mark} {label}", *data, swap.id)])
    return rows


async def _edit_question(context: Context, message_id: int, screen: Screen) -> None:
    try:
        await edit_text(context.bot, context.dialog.telegram_id, message_id, screen)
    except BadRequest:
        return  # deleted by the user: the next question comes with the next message


async def _remove_question(context: Context, message_id: int | None) -> None:
    """Delete an earlier question about the held messages. Best effort: its buttons mean the same as the newer ones."""
    if message_id is not None:
        try:
            await context.bot.delete_message(context.dialog.telegram_id, message_id)
        except TelegramError:
            return


async def edit_held(context: Context, message: Message, text: str, **file: Any) -> bool:
    """Change a held message, so that it is later sent as edited; False when it is not held. Raises Invalid."""
    held = held_messages(context)
    known = next((item for item in held if item["message_id"] == message.message_id), None)
    if known is None:
        return False
    edited = {**known, "text": text, **file}
    clean_message(text, has_photo="file_id" in edited, via=TELEGRAM)
    changed = [edited if item is known else item for item in held]
    await context.hold(changed, asked=context.dialog.held_asked)
    if context.dialog.held_asked is not None and len(changed) > 1:
        await _edit_question(context, context.dialog.held_asked, await held_screen(context, changed))
    return True


async def drop_held(context: Context, message_id: int) -> bool:
    """Drop a held message that its sender takes back; False when it is not held."""
    held = held_messages(context)
    left = [item for item in held if item["message_id"] != message_id]
    if len(left) == len(held):
        return False
    asked = context.dialog.held_asked
    await context.hold(left, asked=asked if left else None)
    if left and asked is not None:
        await _edit_question(context, asked, await held_screen(context, left))
    elif not left:
        await _remove_question(context, asked)
    return True


def no_conversation_screen(context: Context, *, dropped: int = 0) -> Screen:
    """Return the screen that nobody can be written to; `dropped` held messages can no longer be sent."""
    texts = context.texts
    notice = f"{texts('chat.held_dropped', n=dropped)}\n\n" if dropped else ""
    rows: list[Row] = [
        [button(texts.plain("chat.find_match"), "match"), button(texts.plain("chat.my_swaps"), "swaps")],
        [back_button(texts, "home")],
    ]
    if not context.user.onboarded:
        go_on = [[button(texts.plain("button.go_on"), "start", style="primary")]]
        return Screen(f"{notice}{texts('onboarding.unfinished')}", go_on)
    return Screen(f"{notice}{texts('chat.nobody')}", rows)
