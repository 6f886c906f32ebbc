"""The user's time zone, asked by city. Without one, availability is compared without conversion."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from telegram import Update

from bot.settings import settings_screen
from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import (
    Row,
    Screen,
    back_button,
    button,
    show_in_place,
    show_question,
    show_question_in_place,
    toast,
)
from domain.availability import local_time
from domain.dialogs import Dialog
from domain.errors import Invalid
from domain.users import ProfileChanges
from handlers.timezones import ZoneChoice, find_zones, guess_zones, is_choice
from handlers.users import update_profile

FLOW, ZONE = "zone", "zone"
BACK = "back"
"""Dialog data: the question that is open again afterwards."""
CLEAR = "none"
MAX_PLACE = 40
"""Characters of a place on a button."""


async def on_zone(update: Update, context: Context, *parts: str) -> None:
    """Handle `zone` (ask), `zone:<name>` (set) and `zone:none` (clear)."""
    name = parts[0] if parts else ""
    if not name:
        await context.move_dialog(FLOW, ZONE)
        await show_question_in_place(context, _question(context))
    elif name == CLEAR:
        await _save_timezone(context, None)
    elif await asyncio.to_thread(is_choice, name):
        await _save_timezone(context, ZoneChoice(name, context.texts.timezone_name(name)))
    else:
        await toast(context, context.texts.plain("common.old_button"))


async def ask_zone(context: Context, then: str, *, without: str, back: Mapping[str, Any] | None = None) -> None:
    """Ask for a zone before something that needs one. `then` is the data of the button that leads there afterwards,
    `without` that of the one for whoever does not want to say. `back` (flow, step, data) is the question that was open:
    it is open again afterwards, and this one takes its place on the screen."""
    await context.move_dialog(FLOW, ZONE, then=then, without=without, **({BACK: dict(back)} if back else {}))
    await (show_question_in_place if back else show_question)(context, _question(context))


def kept_question(dialog: Dialog) -> tuple[str, str, dict[str, Any]]:
    """Return flow, step and data of the question that waits for the zone; empty ones when none does."""
    back = dialog.data.get(BACK) if dialog.flow == FLOW else None
    return (back["flow"], back["step"], dict(back["data"])) if back else ("", "", {})


async def on_text(update: Update, context: Context, text: str) -> None:
    cities, notice, found = context.deps.cities, "zone.which", list[ZoneChoice]()
    try:
        found = await asyncio.to_thread(find_zones, cities, text, context.texts)
        if len(found) == 1:
            await _save_timezone(context, found[0])
            return
    except Invalid:  # longer than the name of any place, or empty
        notice = "zone.unknown"
    if not found:
        found = await asyncio.to_thread(guess_zones, cities, text, context.texts)
        notice = "zone.near" if found else "zone.unknown"
    rows: list[Row] = [[button(await _label(context, choice), ZONE, choice.zone)] for choice in found]
    await show_question_in_place(context, _question(context, notice, rows))


async def _label(context: Context, choice: ZoneChoice) -> str:
    """Return the place with the time there now: people know it, and not always the name of their zone."""
    return f"{short(choice.place, MAX_PLACE)} · {await _time_in(context, choice.zone)}"


async def _time_in(context: Context, zone: str) -> str:
    local = await asyncio.to_thread(local_time, context.deps.now(), zone)
    return context.texts.time(local.replace(tzinfo=None))


async def _save_timezone(context: Context, choice: ZoneChoice | None) -> None:
    zone = choice.zone if choice else ""
    context.user = await update_profile(context.deps, context.user, ProfileChanges(timezone=zone))
    notice = ""
    then = str(context.dialog.data.get("then", "")) if context.dialog.flow == FLOW else ""
    if choice is not None:
        notice = context.texts("zone.saved", place=choice.place, time=await _time_in(context, zone))
    if then:
        goes_on: Row = [button(context.texts.plain("zone.go_on"), then, style="primary")]
        await show_in_place(context, Screen(notice or context.texts("zone.ask"), [goes_on]))
    else:
        await show_in_place(context, settings_screen(context, notice))
    await toast(context, context.texts.plain("settings.saved"))
    flow, step, data = kept_question(context.dialog)
    await context.move_dialog(flow, step, **data)  # last: if interrupted before, a repeat is still taken as the answer


def _question(context: Context, notice: str = "", found: list[Row] | None = None) -> Screen:
    texts, user = context.texts, context.user
    rows = [*(found or [])]
    without = str(context.dialog.data.get("without", ""))
    if without:
        rows.append([button(texts.plain("zone.without"), without)])
        return Screen("\n\n".join((texts(notice or "zone.before_times"), texts("zone.ask"))), rows)
    if user.timezone:
        rows.append([button(texts.plain("zone.clear"), ZONE, CLEAR)])
    rows.append([back_button(texts, "settings")])
    return Screen("\n\n".join(filter(None, (texts(notice) if notice else "", texts("zone.ask")))), rows)


BUTTONS = {ZONE: on_zone}
ON_TEXT = {FLOW: on_text}
