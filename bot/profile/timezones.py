"""Which time zone somebody is in, asked by city: without it, free hours are compared as if all were neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from zoneinfo import available_timezones

from telegram import Update

from bot.settings import settings_screen
from bot.updates.context import Context
from bot.views.screens import Row, Screen, button, show_in_place, toast
from domain.skills import canonical_key
from domain.users import ProfileChanges
from handlers.users import update_profile

FLOW, ZONE = "zone", "zone"
AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
"""The zones that are named after places; the others are old names and bare offsets."""
CLEAR = "none"
MAX_SHOWN = 8


async def on_zone(update: Update, context: Context, *parts: str) -> None:
    """`zone` asks, `zone:<name>` is an answer, `zone:none` takes it back."""
    name = parts[0] if parts else ""
    if not name:
        await context.move_dialog(FLOW, ZONE)
        await show_in_place(context, _question(context))
    elif name == CLEAR or name in await asyncio.to_thread(timezones_at):
        await _set(context, "" if name == CLEAR else name)
    else:
        await toast(context, context.texts.plain("common.old_button"))


async def on_text(update: Update, context: Context, text: str) -> None:
    zones = await asyncio.to_thread(timezones_at)
    found = timezones_like(text, zones)
    if len(found) == 1:
        await _set(context, found[0])
        return
    rows: list[Row] = [[button(f"{_city(zone)} ({zone.split('/')[0]})", ZONE, zone)] for zone in found[:MAX_SHOWN]]
    await show_in_place(context, _question(context, "zone.which" if found else "zone.unknown", rows))


def timezones_at() -> set[str]:
    """All zones that are named after places. Reads files."""
    return {zone for zone in available_timezones() if zone.split("/")[0] in AREAS}


def timezones_like(text: str, zones: Collection[str]) -> list[str]:
    """The zone that is called so, or whose city is; else those with a word that begins so in their city's name."""
    wanted = canonical_key(text)
    if not wanted:
        return []
    cities = {zone: canonical_key(_city(zone)) for zone in sorted(zones)}
    exact = [zone for zone, city in cities.items() if wanted in (city, canonical_key(zone))]
    return exact[:1] or [zone for zone, city in cities.items() if f" {wanted}" in f" {city}"]


async def _set(context: Context, zone: str) -> None:
    context.user = await update_profile(context.deps, context.user, ProfileChanges(timezone=zone))
    await show_in_place(context, settings_screen(context))
    await toast(context, context.texts.plain("settings.saved"))
    await context.end_dialog()  # last: cut off before, the answer that comes again is still one


def _question(context: Context, notice: str = "", found: list[Row] | None = None) -> Screen:
    texts, user = context.texts, context.user
    rows = [*(found or [])]
    if user.timezone:
        rows.append([button(texts.plain("zone.clear"), ZONE, CLEAR)])
    rows.append([button(texts.plain("block.back"), "settings")])
    return Screen("\n\n".join(filter(None, (texts(notice) if notice else "", texts("zone.ask")))), rows)


def _city(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


PRESSES = {ZONE: on_zone}
ON_TEXT = {FLOW: on_text}
