"""Ends of decisions about a person: show again, end a suspension, lift a ban; on cards, when an undo comes too late."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from telegram import Update
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.screens import Row, Screen, button, pressed_message, show, toast
from bot.views.swap_cards import name_of
from domain.staff_cards import CASE
from domain.users import BANNED, DELETED, User
from handlers import standing
from handlers.bars import is_barred
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.staff_cards import find_staff_card_at, show_staff_card
from handlers.standing import Decision
from handlers.users import get_people

END_BUTTON: Final = "ce"
LEAVE: Final = "leave"

ENDS: Final[Mapping[str, Callable[..., Awaitable[Decision]]]] = MappingProxyType(
    {"unhide": standing.unhide, "lift": standing.lift_suspension, "unban": standing.unban}
)


async def end_rows(deps: Deps, texts: Texts, person: User | None) -> list[Row]:
    """Return a button for everything that is decided about a person and goes on."""
    if person is None:
        return []
    is_banned = person.status == BANNED or (person.status == DELETED and await is_barred(deps, person))
    standing_now = person.standing
    facts = {"lift": standing_now.suspended_until is not None, "unhide": standing_now.hidden_at is not None}
    names = ["unban"] if is_banned else [name for name, is_so in facts.items() if is_so]
    return [[button(texts.plain(f"case.end.{name}"), END_BUTTON, person.id, name)] for name in names]


async def on_end(update: Update, context: Context, *parts: str) -> None:
    """Handle `ce:<user>:<end>` (ask), `…:yes` (do it) and `ce:<user>:leave` (leave it as it is)."""
    user_id, end, answer, case_id = (*parts, "", "", "", "")[:4]
    if end == LEAVE:
        await _remove_question(context)
    elif end not in ENDS:
        await toast(context, context.texts.plain("common.old_button"))
    elif answer != "yes":
        await show(context, await _question(context, user_id, end))
    else:
        made = await ENDS[end](context.deps, context.user, user_id, case_id=case_id)
        await _remove_question(context)
        if case_id:
            await show_staff_card(context.deps, CASE, case_id)
        done = "done" if made.entry_id else "was_done"
        await toast(context, context.texts.plain(f"case.end.{done}"), is_alert=True)


async def _question(context: Context, user_id: str, end: str) -> Screen:
    """Return the question whether to end it; the case that is asked from goes along."""
    texts, pressed = context.texts, pressed_message(context)
    card = await find_staff_card_at(context.deps, pressed.chat_id, pressed.message_id) if pressed is not None else None
    case_id = card.subject if card is not None and card.kind == CASE else ""
    person = (await get_people(context.deps, (user_id,))).get(user_id)
    yes = button(texts.plain(f"case.end.{end}"), END_BUTTON, user_id, end, "yes", case_id, style="danger")
    leave = button(texts.plain("case.leave"), END_BUTTON, user_id, LEAVE)
    return Screen(texts(f"case.end_sure.{end}", name=name_of(texts, person)), [[yes], [leave]])


async def _remove_question(context: Context) -> None:
    asked = pressed_message(context)
    if asked is not None:
        with suppress(BadRequest):  # too old, or removed by somebody
            await context.bot.delete_message(asked.chat_id, asked.message_id)


BUTTONS = STAFF_BUTTONS = {END_BUTTON: on_end}
