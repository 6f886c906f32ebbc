"""Parts of a profile as forms: skills with levels, times and place, photo and visibility.

Each is a step of the first profile (`api/pages/welcome.py`), and by itself a page of /me.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.forms import Form
from domain.errors import Invalid
from domain.geo import Coordinates, coarse
from domain.skill_lists import read_list
from domain.skills import LEVELS, MAX_SKILL_LENGTH, MAX_SKILLS
from domain.users import MAX_AVAILABILITY_LENGTH, MAX_LOCATION_LENGTH, MAX_NAME_LENGTH, ProfileChanges, User
from domain.week import ALL_HOURS, SLOTS, format_slots, slots_touched, words_beside_slots
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.timezones import MAX_PLACE_LENGTH, ZoneChoice, find_zones, guess_zones, is_choice
from handlers.users import NAMELESS

TEACH, LEARN, TIMES, PHOTO = "teach", "learn", "times", "photo"
PARTS: Final = (TEACH, LEARN, TIMES, PHOTO)
LEAST_ROWS: Final = 3
"""Fields for skills that are shown at first; one empty one always."""
PUBLIC, PRIVATE = "public", "private"
MAX_TYPED: Final = 200
"""Characters of a field for a skill: somebody may list several in one."""


class ZoneUnclear(Exception):
    """The place that was typed may mean several zones, or resembles the names of some."""

    def __init__(self, choices: Sequence[ZoneChoice], *, is_guess: bool) -> None:
        super().__init__()
        self.choices, self.is_guess = choices, is_guess


@dataclass(frozen=True, slots=True)
class Guess:
    """A skill that the vocabulary does not know, and the known ones that may have been meant, by key and name."""

    written: str
    options: tuple[tuple[str, str], ...]


def listed(user: User, part: str) -> tuple[str, ...]:
    return user.skills_offered if part == TEACH else user.skills_wanted


def _levelled(user: User, part: str) -> list[tuple[str, str]]:
    """Return the skills of a list, each with its level, "" for none."""
    is_taught = part == TEACH
    keys, levels = (user.offered_keys, user.offered_levels) if is_taught else (user.wanted_keys, user.wanted_levels)
    return [(skill, levels.get(key, "")) for skill, key in zip(listed(user, part), keys, strict=True)]


def form_of(user: User, part: str, texts: Texts) -> Form:
    """Return the form of a part as the profile is now."""
    if part in (TEACH, LEARN):
        rows = _levelled(user, part)
        fields = [pair for skill, level in rows for pair in (("skill", skill), ("level", level))]
        return Form([("name", "" if user.name == NAMELESS else user.name), *fields])
    if part == TIMES:
        zone = texts.timezone_name(user.timezone) if user.timezone else ""
        return Form(
            [
                ("location", user.location),
                ("zone", zone),
                ("words", words_beside_slots(user.availability)),
                *(("slot", slot) for slot in user.slots),
                ("hours", ",".join(map(str, user.free))),
            ]
        )
    return Form([("visible", PUBLIC if user.is_public else PRIVATE)])


def values(part: str, form: Form) -> dict[str, Any]:
    """Return what the template of a part needs beside the form."""
    if part in (TEACH, LEARN):
        rows = _rows(form)
        empty = max(LEAST_ROWS - len(rows), 1) if len(rows) < MAX_SKILLS else 0
        return {
            "rows": [*rows, *[("", "")] * empty],
            "levels": LEVELS,
            "max_skills": MAX_SKILLS,
            "max_skill": max(MAX_SKILL_LENGTH, MAX_TYPED),
            "max_name": MAX_NAME_LENGTH,
        }
    return {
        "slots": SLOTS,
        "max_location": MAX_LOCATION_LENGTH,
        "max_zone": MAX_PLACE_LENGTH,
        "max_words": MAX_AVAILABILITY_LENGTH,
    }


def _rows(form: Form) -> list[tuple[str, str]]:
    """Return the skills of a form with their levels, without empty rows."""
    skills = [value.strip() for name, value in form.fields if name == "skill"]
    levels = [value for name, value in form.fields if name == "level"]
    levels += [""] * (len(skills) - len(levels))
    return [(skill, level) for skill, level in zip(skills, levels, strict=False) if skill]


def skill_changes(deps: Deps, part: str, form: Form) -> ProfileChanges:
    """Return the changes of a form of skills; a field may list several. Raises Invalid."""
    levels: dict[str, str] = {}
    skills: list[str] = []
    for typed, level in _rows(form):
        if len(typed) > MAX_TYPED:
            raise Invalid("text.too_long", field="skill", max=MAX_TYPED)
        for skill in read_list(typed, deps.list_words, deps.vocabulary) or (typed,):
            skills.append(skill)
            if level:
                levels[skill] = level
    name = form.text("name").strip() or None
    if part == TEACH:
        return ProfileChanges(name=name, skills_offered=tuple(skills), offered_levels=levels)
    return ProfileChanges(skills_wanted=tuple(skills), wanted_levels=levels)


def guesses(deps: Deps, user: User, part: str, skills: Sequence[str]) -> list[Guess]:
    """Return those of these skills that are listed and may be slips of known ones. They come from an address: each is
    looked at once, and no more of them than a list may hold."""
    found = []
    for skill in dict.fromkeys(skills[:MAX_SKILLS]):
        if skill in listed(user, part) and (keys := deps.vocabulary.similar(skill)):
            named = tuple((key, deps.vocabulary.name_of(key, user.locale)) for key in keys)
            found.append(Guess(skill, named))
    return found


def meant_changes(deps: Deps, user: User, part: str, written: str, key: str) -> ProfileChanges | None:
    """Return the changes that put a suggested skill in the place of the written one; None when there is nothing to
    change (any more)."""
    if written not in listed(user, part) or key not in deps.vocabulary.similar(written):
        return None
    name = deps.vocabulary.name_of(key, user.locale)
    rows = [(name if skill == written else skill, level) for skill, level in _levelled(user, part)]
    changed, levels = tuple(skill for skill, _ in rows), {skill: level for skill, level in rows if level}
    if part == TEACH:
        return ProfileChanges(skills_offered=changed, offered_levels=levels)
    return ProfileChanges(skills_wanted=changed, wanted_levels=levels)


async def time_changes(deps: Deps, user: User, texts: Texts, form: Form) -> ProfileChanges:
    """Return the changes of the form of times and place. Raises Invalid, ZoneUnclear.

    `hours` comes from the grid, `slot` from the boxes that stand in for it without scripts. Coordinates are those that
    the browser has rounded already.
    """
    hours, slots = _hours(form), tuple(slot for slot in SLOTS if slot in form.all_of("slot"))
    chosen = format_slots(slots if hours is None else slots_touched(hours))
    words = " ".join(form.text("words").split())  # a word that is a slot counts as one
    is_same = hours is None and slots == user.slots and words == words_beside_slots(user.availability)
    return ProfileChanges(
        location=form.text("location"),
        hours=hours,
        availability=None if is_same else ", ".join(filter(None, (chosen, words))),
        timezone=await _zone(deps, user, texts, form),
        coordinates="" if form.text("forget_area") else _coordinates(form),
    )


def _hours(form: Form) -> tuple[int, ...] | None:
    """Return the hours of the grid; None without it. Raises Invalid."""
    if not any(name == "hours" for name, _ in form.fields):
        return None
    hours = [part for part in form.text("hours").split(",") if part]
    if len(hours) > ALL_HOURS or not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in hours):
        raise Invalid("text.not_allowed", field="hours")
    return tuple(map(int, hours))


def _coordinates(form: Form) -> Coordinates | None:
    latitude, _, longitude = form.text("near").partition(",")
    try:
        place = coarse(float(latitude), float(longitude))
    except (ValueError, OverflowError):
        return None
    return place if abs(place.latitude) <= 90 and abs(place.longitude) <= 180 else None


async def _zone(deps: Deps, user: User, texts: Texts, form: Form) -> str | None:
    """Return the zone that a form names, None when it is as it was."""
    chosen, typed = form.text("zone_choice"), form.text("zone").strip()
    is_known: bool = await asyncio.to_thread(is_choice, chosen)
    if chosen and is_known:
        return chosen
    if not typed:
        return ""
    if user.timezone and typed == texts.timezone_name(user.timezone):
        return None
    found = await asyncio.to_thread(find_zones, deps.cities, typed, texts)
    if len(found) == 1:
        return found[0].zone
    guessed = found or await asyncio.to_thread(guess_zones, deps.cities, typed, texts)
    raise ZoneUnclear(guessed, is_guess=not found)
