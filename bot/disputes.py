"""Disputes, for moderators: the list of open ones, a button for the decision, then a text with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from telegram import Update

from bot.staff.questions import ask_staff
from bot.updates.context import Context
from bot.views.dispute_cards import dispute_screen, reason_screen
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, show_in_place
from bot.views.swap_cards import name_of
from domain.availability import local_time
from domain.outcomes import DECISIONS
from domain.staff_cards import DISPUTE
from domain.swaps import Swap
from domain.users import User
from handlers.disputes import count_disputes, decide_dispute, get_dispute, list_disputes
from handlers.users import get_people

MAX_LISTED: Final = 20


async def show_disputes(update: Update, context: Context, *parts: str) -> None:
    """Show a page of the disputes that wait for a decision, with a button for each; `disputes:<swap>` shows those after
    this one."""
    texts, after = context.texts, parts[0] if parts else None
    total = await count_disputes(context.deps, context.user)
    found = await list_disputes(context.deps, context.user, after=after, limit=MAX_LISTED + 1)
    has_more, found = len(found) > MAX_LISTED, found[:MAX_LISTED]
    people = await get_people(context.deps, tuple({person for swap in found for person in swap.disputants}))
    rows: list[Row] = [[button(_label(context, swap, people), "dl", swap.id)] for swap in found]
    turning = [button(texts.plain("dispute.to_list"), "disputes")] if after else []
    turning += [button(texts.plain("find.following"), "disputes", found[-1].id)] if has_more else []
    rows += [turning] if turning else []
    text = texts("dispute.list", n=total) if total else texts("dispute.none")
    shown = await show_in_place(context, Screen(text, [*rows, [back_button(texts, "home")]]))
    await context.note_named(shown, *(swap.id for swap in found))


def _label(context: Context, swap: Swap, people: Mapping[str, User]) -> str:
    texts = context.texts
    names = [short(name_of(texts, people.get(person))) for person in swap.disputants]
    since = local_time(swap.plan.disputed_at or swap.updated_at, context.user.timezone)
    return f"⚖️ {texts.enumerate(names)} · {texts.day(since)}"


async def on_listed(update: Update, context: Context, *parts: str) -> None:
    """Handle `dl:<swap>`: show a dispute, with the decisions."""
    swap = await get_dispute(context.deps, context.user, parts[0] if parts else "")
    people = await get_people(context.deps, swap.participants)
    names = {user_id: person.name for user_id, person in people.items()}
    screen = dispute_screen(context.texts, swap, context.user.timezone, names)
    back = button(context.texts.plain("dispute.to_list"), "disputes")
    await context.note_named(await show_in_place(context, Screen(screen.text, [*screen.rows, [back]])), swap.id)


async def on_decision(update: Update, context: Context, *parts: str) -> None:
    """Handle `dd:<swap>:<number of the decision>`: ask for the reason."""
    swap_id, number = (*parts, "", "")[:2]
    if not number.isdecimal() or int(number) >= len(DECISIONS):
        return
    swap = await get_dispute(context.deps, context.user, swap_id)
    decision = DECISIONS[int(number)]
    await ask_staff(context, DISPUTE, swap.id, decision, reason_screen(context.texts, decision))


async def take_reason(context: Context, swap_id: str, decision: str, text: str) -> Screen:
    """Decide with this reason."""
    await decide_dispute(context.deps, context.user, swap_id, decision, text)
    decision = context.texts.plain(f"dispute.decide_{decision}")
    return Screen(context.texts("dispute.decided", decision=decision))


COMMANDS = {"disputes": show_disputes}
STAFF_BUTTONS = {"dd": on_decision}
BUTTONS = {**STAFF_BUTTONS, "dl": on_listed, "disputes": show_disputes}
