"""Deciding cases, for moderators: the buttons of a card, a reason by button, and ban with confirmation."""

from __future__ import annotations

from contextlib import suppress

from telegram import Update
from telegram.error import BadRequest

from bot.staff.case_card import CASE_BUTTON
from bot.updates.context import Context
from bot.views.screens import Row, Screen, button, pressed_message, show, show_in_place, toast
from bot.views.swap_cards import name_of
from domain.cases import BAN, NOTHING, PRESETS, RELEASE, TAKE, UNDO, WORD_ACTIONS
from handlers.cases import ACTIONS, act_on_case, get_case

AT_ONCE = (TAKE, RELEASE, UNDO)
"""Actions without a reason."""
LEAVE = "leave"


async def on_case(update: Update, context: Context, *parts: str) -> None:
    """Handle `cs:<case>:<action>` (do it, or ask for the reason), `…:<number of the reason>` (decide, or ask whether
    to ban), `…:<number>:yes` (ban), `…:let_through:<version>` and `…:nothing:<version>` (what the card shows) and
    `cs:<case>:leave` (decide nothing)."""
    case_id, action, number, answer = (*parts, "", "", "", "")[:4]
    if action == LEAVE:
        await _remove_question(context)
    elif action in (*WORD_ACTIONS, NOTHING):  # only what the pressed card shows: what came after it was not looked at
        seen = int(number) if number.isdecimal() else None
        await act_on_case(context.deps, context.user, case_id, action, version=seen)
    elif action not in ACTIONS or (number and not (number.isdecimal() and int(number) < len(PRESETS))):
        await toast(context, context.texts.plain("common.old_button"))
    elif action in AT_ONCE:
        await act_on_case(context.deps, context.user, case_id, action)
    elif not number:
        await show(context, await _reasons(context, case_id, action))
    elif action == BAN and answer != "yes":
        await show_in_place(context, await _confirmation(context, case_id, number))
    else:
        await act_on_case(context.deps, context.user, case_id, action, PRESETS[int(number)])
        await _remove_question(context)


async def _reasons(context: Context, case_id: str, action: str) -> Screen:
    """Return the question for the reason of a decision, which the person reads."""
    texts = context.texts
    file = await get_case(context.deps, context.user, case_id)
    rows: list[Row] = [
        [button(texts.plain(f"report.reason.{reason}"), CASE_BUTTON, case_id, action, number)]
        for number, reason in enumerate(PRESETS)
    ]
    rows.append([button(texts.plain("case.leave"), CASE_BUTTON, case_id, LEAVE)])
    decision = texts.plain(f"case.{action}")
    return Screen(texts("case.why", decision=decision, name=name_of(texts, file.person)), rows)


async def _confirmation(context: Context, case_id: str, number: str) -> Screen:
    texts = context.texts
    file = await get_case(context.deps, context.user, case_id)
    yes = button(texts.plain("case.ban_yes"), CASE_BUTTON, case_id, BAN, number, "yes", style="danger")
    leave = button(texts.plain("case.leave"), CASE_BUTTON, case_id, LEAVE)
    return Screen(texts("case.ban_sure", name=name_of(texts, file.person)), [[yes], [leave]])


async def _remove_question(context: Context) -> None:
    """Remove the question that was pressed: what was decided stands on the card."""
    asked = pressed_message(context)
    if asked is not None:
        with suppress(BadRequest):  # too old, or removed by somebody
            await context.bot.delete_message(asked.chat_id, asked.message_id)


BUTTONS = STAFF_BUTTONS = {CASE_BUTTON: on_case}
