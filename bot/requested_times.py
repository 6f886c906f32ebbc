"""Times for a first session in a request or a counter-offer that is being written: suggested, and ticked beside the
note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from telegram import InlineKeyboardButton

from bot.profile.timezones import ask_zone
from bot.updates.context import Context
from bot.views.screens import Row, button, toast
from bot.views.stamps import stamp_of, time_of
from bot.views.time_choices import MAX_TIMES, TimeChoice, choice_of, decoded
from bot.views.times import time_label
from domain.proposed_times import slots_ahead
from domain.timetable import MAX_SLOTS
from handlers.suggestions import suggest_slots
from handlers.swaps import get_swap
from handlers.users import get_people

TICK, UNTICK = "tick", "untick"
SUGGEST, SUGGEST_ANYHOW = "times", "anyhow"
"""Verbs of buttons; without a zone the first asks for one."""
TIMES: Final = "times"
"""Dialog data: the suggested times with their ticks, as `TimeChoice.encoded`; "" before any were suggested."""

NONE: Final = TimeChoice(())


def choice_in(data: Mapping[str, Any]) -> TimeChoice:
    """Return the suggested times and the ticks, those that have passed meanwhile included."""
    return decoded(str(data.get(TIMES, ""))) or NONE


async def with_times(context: Context, data: dict[str, Any], *, has_same_skills: bool = False) -> dict[str, Any]:
    """Return the dialog's data with suggested times, none ticked. Those of the offer that a counter-offer answers come
    first, unless other times are all that it changes."""
    partner = (await get_people(context.deps, (data["to"],))).get(data["to"])
    swap = await get_swap(context.deps, context.user, data["request"][0]) if "request" in data else None
    standing = slots_ahead(swap, context.deps.now()) if swap is not None else ()
    suggested = await suggest_slots(context.deps, context.user, swap, partner)
    if has_same_skills:
        times = [time for time in suggested if time not in standing]
    else:
        times = [*standing, *(time for time in suggested if time not in standing)]
    return {**data, TIMES: choice_of(times[:MAX_TIMES]).encoded()}


async def ask_for_zone(context: Context, flow: str, step: str, data: dict[str, Any]) -> None:
    """Ask for the user's city once; the request goes on from there as it is."""
    goes_on = f"p:{data['to']}:"
    back = {"flow": flow, "step": step, "data": data}
    await ask_zone(context, f"{goes_on}{SUGGEST}", without=f"{goes_on}{SUGGEST_ANYHOW}", back=back)


async def ticked(context: Context, data: dict[str, Any], stamp: str, *, is_on: bool) -> dict[str, Any]:
    """Return the dialog's data after a press on one of the times; a toast says why nothing has changed."""
    choice, time = choice_in(data).after(context.deps.now()), time_of(stamp)
    if time is None or time not in choice.times:
        await toast(context, context.texts.plain("problem.session.slot_passed"))
    elif (time in choice.ticked) != is_on:
        if is_on and choice.is_full:
            await toast(context, context.texts.plain("session.plan.enough"))
        else:
            choice = choice.toggled(time)
    return {**data, TIMES: choice.encoded()}


def time_rows(context: Context, data: Mapping[str, Any]) -> list[Row]:
    """Return a button for each suggested time, or the one that asks for them."""
    texts, at = context.texts, context.deps.now()
    choice = choice_in(data).after(at)
    if not choice.times:
        return [[button(texts.plain("propose.suggest_times"), "p", data["to"], SUGGEST)]]
    return [[_time_button(context, data["to"], time, at, is_ticked=time in choice.ticked)] for time in choice.times]


def _time_button(context: Context, to: str, time: datetime, at: datetime, *, is_ticked: bool) -> InlineKeyboardButton:
    label = f"{'☑️' if is_ticked else '▫️'} {time_label(context.texts, time, context.user.timezone, at)}"
    return button(label, "p", to, UNTICK if is_ticked else TICK, stamp_of(time))


def times_hint(context: Context, data: Mapping[str, Any], name: str) -> str:
    """Return on which clock the times are and, with the other's name, what they are for; "" while none are shown."""
    if not choice_in(data).times:
        return ""
    texts, zone = context.texts, context.user.timezone
    clock = texts("session.plan.clock", place=texts.timezone_name(zone) if zone else "UTC")
    return f"{texts('propose.times', name=name, max=MAX_SLOTS)} {clock}" if name else clock
