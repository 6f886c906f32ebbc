"""The user's time zone, asked by city. Without one, availability is compared without conversion."""

from __future__ import annotations

import asyncio
from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from telegram import Update

from bot.settings import settings_screen
from bot.updates.context import Context
from bot.views.screens import Row, Screen, back_button, button, show_in_place, show_question_in_place, toast
from domain.skills import canonical_key
from domain.users import ProfileChanges
from handlers.runtime.texts import Texts
from handlers.users import update_profile

FLOW, ZONE = "zone", "zone"
AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
"""Areas of the zones named after cities; the other zones are aliases and fixed offsets."""
CLEAR = "none"
MAX_SHOWN = 8


async def on_zone(update: Update, context: Context, *parts: str) -> None:
    """Handle `zone` (ask), `zone:<name>` (set) and `zone:none` (clear)."""
    name = parts[0] if parts else ""
    if not name:
        await context.move_dialog(FLOW, ZONE)
        await show_question_in_place(context, _question(context))
    elif name == CLEAR or name in await asyncio.to_thread(city_timezones):
        await _save_timezone(context, "" if name == CLEAR else name)
    else:
        await toast(context, context.texts.plain("common.old_button"))


async def on_text(update: Update, context: Context, text: str) -> None:
    found = await asyncio.to_thread(search_timezones, text, context.texts)
    if len(found) == 1:
        await _save_timezone(context, found[0])
        return
    rows: list[Row] = [[button(context.texts.timezone_name(zone), ZONE, zone)] for zone in found[:MAX_SHOWN]]
    await show_question_in_place(context, _question(context, "zone.which" if found else "zone.unknown", rows))


@cache
def city_timezones() -> frozenset[str]:
    """Return all zones named after cities. Blocking: reads files, once."""
    return frozenset(zone for zone in available_timezones() if zone.split("/")[0] in AREAS)


@cache
def _cities(texts: Texts) -> dict[str, tuple[str, ...]]:
    """Return the canonical keys of each zone's city: its name in the language of `texts`, and in the tz database.

    Aliases of a zone come after all others.
    """
    aliases = get_global("zone_aliases")
    return {
        zone: (canonical_key(texts.city(zone)), canonical_key(zone.rsplit("/", 1)[-1].replace("_", " ")))
        for zone in sorted(city_timezones(), key=lambda zone: (zone in aliases, zone))
    }


def search_timezones(text: str, texts: Texts) -> list[str]:
    """Return the zone whose name or city matches exactly; else the zones whose city has a word with this prefix.

    Cities are known by their names in the language of `texts` and in English. Blocking on first use: reads files.
    """
    wanted = canonical_key(text)
    if not wanted:
        return []
    cities = _cities(texts)
    for names in ({zone: (canonical_key(zone), city) for zone, (_, city) in cities.items()}, cities):
        if exact := next((zone for zone, known in names.items() if wanted in known), None):
            return [exact]
    begun = [zone for zone, names in cities.items() if any(f" {wanted}" in f" {name}" for name in names)]
    by_name = {texts.timezone_name(zone): zone for zone in reversed(begun)}  # aliases share one display name
    return sorted(by_name.values())


async def _save_timezone(context: Context, zone: str) -> None:
    context.user = await update_profile(context.deps, context.user, ProfileChanges(timezone=zone))
    await show_in_place(context, settings_screen(context))
    await toast(context, context.texts.plain("settings.saved"))
    await context.end_dialog()  # last: if interrupted before, the repeated update is still taken as the answer


def _question(context: Context, notice: str = "", found: list[Row] | None = None) -> Screen:
    texts, user = context.texts, context.user
    rows = [*(found or [])]
    if user.timezone:
        rows.append([button(texts.plain("zone.clear"), ZONE, CLEAR)])
    rows.append([back_button(texts, "settings")])
    return Screen("\n\n".join(filter(None, (texts(notice) if notice else "", texts("zone.ask")))), rows)


BUTTONS = {ZONE: on_zone}
ON_TEXT = {FLOW: on_text}
