"""Reporting somebody to the moderators: a reason by button, what goes along by ticks, words if wanted."""

from __future__ import annotations

from typing import Any, Final

from telegram import Update

from bot.updates.context import Context
from bot.views.reports import (
    MAKING,
    NOT_REPORTED,
    REPORT,
    SEAT,
    SIGNS,
    Making,
    left_screen,
    making_screen,
    reasons_screen,
    received_screen,
)
from bot.views.screens import show, show_in_place, show_question_in_place, toast
from bot.views.swap_cards import name_of
from bot.words import words_of
from domain.errors import Invalid, Problem
from domain.reports import REASONS, SWAP, Complaint
from domain.users import User, first_name
from handlers.blocks import get_seated
from handlers.reportable import get_reportable
from handlers.reports import report

FLOW: Final = "report"
WORDS: Final = "words"
SUBJECT_OF: Final = {**{sign: subject for subject, sign in SIGNS.items()}, SEAT: SWAP}
TICKS: Final = {"messages": "with_messages", "block": "with_block"}


async def on_report(update: Update, context: Context, *parts: str) -> None:
    """Handle `rp:<kind>:<user>:<subject>` (ask for the reason), `…:<number of the reason>` (ask for words and what
    goes along) and `…:x` (report nobody)."""
    sign, who, subject_id, answer = (*parts, "", "", "", "")[:4]
    if sign not in SUBJECT_OF:
        await toast(context, context.texts.plain("common.old_button"))
    elif answer == NOT_REPORTED:
        await show_in_place(context, left_screen(context.texts))
    elif answer.isdecimal() and int(answer) < len(REASONS):
        await context.leave_dialog()
        data = {"who": who, "key": subject_id or who, "sign": sign, "reason": REASONS[int(answer)]}
        await _show_making(context, {**data, "with_messages": False, "with_block": True})
    else:
        await ask_for_reason(context, sign, who, subject_id)


async def ask_for_reason(context: Context, sign: str, who: str, subject_id: str = "") -> None:
    """Ask why somebody is reported, in a message of its own: the card stays as it is whatever the answer."""
    person, name = await _person(context, sign, who, subject_id)
    asked = await show(context, reasons_screen(context.texts, name, (sign, who, subject_id)))
    await context.note_person(asked.message_id, person.id)


async def _person(context: Context, sign: str, who: str, subject_id: str) -> tuple[User, str]:
    """Return who is meant, and the name that the reporter knows. Raises NotFound."""
    if sign == SEAT:
        person = await get_seated(context.deps, context.user, subject_id, who)
        return person, first_name(person) or name_of(context.texts, None)
    person = await get_reportable(context.deps, context.user, who)
    return person, name_of(context.texts, person)


async def on_making(update: Update, context: Context, *parts: str) -> None:
    """Handle `rpm:messages` and `rpm:block` (tick), `rpm:send` and `rpm:no`."""
    action = parts[0] if parts else ""
    if context.dialog.flow != FLOW:
        await toast(context, context.texts.plain("report.stale"))
    elif action in TICKS:
        data = dict(context.dialog.data)
        data[TICKS[action]] = not data[TICKS[action]]
        await _show_making(context, data)
    elif action == "send":
        await _send(context, "", in_place=True)
    elif action == "no":
        await context.end_dialog()
        await show_in_place(context, left_screen(context.texts))


async def on_words(update: Update, context: Context, text: str) -> None:
    """Send the report with these words."""
    message = update.effective_message
    await _send(context, words_of(message) if message is not None else text)


async def _show_making(context: Context, data: dict[str, Any]) -> None:
    person, name = await _person(context, data["sign"], data["who"], data["key"])
    await context.move_dialog(FLOW, WORDS, **data)
    making = Making(
        name=name,
        reason=data["reason"],
        has_messages=data["sign"] == SIGNS[SWAP],
        with_messages=data["with_messages"],
        with_block=data["with_block"],
    )
    shown = await show_question_in_place(context, making_screen(context.texts, making))
    await context.note_person(shown, person.id)


async def _send(context: Context, words: str, *, in_place: bool = False) -> None:
    """Send the report. When it can never be sent, the question is closed; words that are too long leave it open."""
    data = context.dialog.data
    try:
        person, name = await _person(context, data["sign"], data["who"], data["key"])
        complaint = Complaint(
            about=person.id,
            subject=SUBJECT_OF[data["sign"]],
            subject_id=data["key"],
            reason=data["reason"],
            text=words,
            with_messages=data["with_messages"],
            with_block=data["with_block"],
            seat=data["who"] if data["sign"] == SEAT else "",
        )
        await report(context.deps, context.user, complaint)
    except Problem as problem:
        if not isinstance(problem, Invalid) or problem.params.get("field") != "text":
            await context.end_dialog()
        raise
    await context.end_dialog()
    screen = received_screen(context.texts, name, is_blocked=complaint.with_block)
    shown = await show_in_place(context, screen) if in_place else (await show(context, screen)).message_id
    await context.note_person(shown, person.id)


BUTTONS = {REPORT: on_report, MAKING: on_making}
ON_TEXT = {FLOW: on_words}
