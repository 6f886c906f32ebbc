"""Skill levels: an optional level for each skill taught or wanted."""

from __future__ import annotations

from telegram import InlineKeyboardButton, Update

from bot.profile.fields import MAX_LABEL, TEACH, in_rows, skill_hash, skills_of
from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Screen, back_button, button, show_in_place
from domain.skills import LEVELS
from domain.users import ProfileChanges, User
from handlers.runtime.texts import Texts
from handlers.users import update_profile

NONE = "none"


def levels_of(user: User, field: str) -> dict[str, str]:
    """Return the levels of the skills a user teaches or wants to learn, by skill in the user's spelling."""
    is_taught = field == TEACH
    keys, levels = (user.offered_keys, user.offered_levels) if is_taught else (user.wanted_keys, user.wanted_levels)
    return {skill: levels[key] for skill, key in zip(skills_of(user, field), keys, strict=True) if key in levels}


async def on_level(update: Update, context: Context, *parts: str) -> None:
    """Handle `level:<field>` (list skills), `level:<field>:<hash>` (list levels) and `level:<field>:<hash>:<level>`
    (set)."""
    field, name, level = (*parts, "", "", "")[:3]
    skill = next((skill for skill in skills_of(context.user, field) if skill_hash(skill) == name), None)
    if skill is not None and level in (*LEVELS, NONE):
        levels = {known: value for known, value in levels_of(context.user, field).items() if known != skill}
        if level != NONE:
            levels[skill] = level
        changes = ProfileChanges(offered_levels=levels) if field == TEACH else ProfileChanges(wanted_levels=levels)
        context.user = await update_profile(context.deps, context.user, changes)
    elif skill is not None:
        await show_in_place(context, _choices(context.texts, field, skill))
        return
    await show_in_place(context, _all_skills(context.texts, context.user, field))


def _all_skills(texts: Texts, user: User, field: str) -> Screen:
    levels = levels_of(user, field)
    chips: list[InlineKeyboardButton] = []
    for skill in skills_of(user, field):
        level = f" ({texts.plain(f'level.{levels[skill]}')})" if skill in levels else ""
        label = f"{short(skill, MAX_LABEL)}{level}"
        chips.append(button(label, "level", field, skill_hash(skill)))
    back = back_button(texts, "profile")
    text = texts("level.ask_teach") if field == TEACH else texts("level.ask_learn")
    return Screen(text, (*in_rows(chips, 2), (back,)))


def _choices(texts: Texts, field: str, skill: str) -> Screen:
    name = skill_hash(skill)
    levels = [button(texts.plain(f"level.{level}"), "level", field, name, level) for level in LEVELS]
    leave = button(texts.plain("level.none"), "level", field, name, NONE)
    back = button(texts.plain("button.back"), "level", field)
    return Screen(texts("level.choose", skill=skill), (*in_rows(levels, 2), (leave,), (back,)))


BUTTONS = {"level": on_level}
