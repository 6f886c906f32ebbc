"""Profile questions, one per field, shared by onboarding and /profile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardButton
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Row, Screen, button, show_question_in_place
from domain.skills import KeyOf, canonical_key, split_skills
from domain.users import User
from domain.week import SLOTS, words_beside_slots
from handlers.runtime.texts import Html, Texts

NAME, TEACH, LEARN = "name", "teach", "learn"
TIMES, LOCATION, PHOTO, VISIBILITY = "times", "location", "photo", "visibility"
FIELDS = (NAME, TEACH, LEARN, TIMES, LOCATION, PHOTO, VISIBILITY)

EDIT = "edit"
"""Callback data prefix of the buttons of a question about a finished profile."""

MAX_LABEL = 40
"""Characters of user text on a button; Telegram cuts longer labels."""
MAX_SUGGESTIONS = 6
CHIPS_A_ROW = 2
ENOUGH_CHIPS = 4
"""From this number of skills on, no suggestions are shown."""
SUGGESTIONS_A_ROW = 3
HASH_BYTES = 5


@dataclass(frozen=True, slots=True)
class SkillSuggestion:
    """An unknown skill as the user wrote it, and (key, name) of the known skills it may be a misspelling of."""

    skill: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QuestionFrame:
    """The frame of a question: callback data prefix of its buttons, lines above, rows below, and the skill key
    function."""

    prefix: str
    head: str = ""
    notice: str = ""
    footer: tuple[Row, ...] = ()
    suggestion: SkillSuggestion | None = None
    key_of: KeyOf = canonical_key


def question_screen(texts: Texts, user: User, field: str, frame: QuestionFrame) -> Screen:
    """Return the screen that asks for one field, with its current value and buttons to change it."""
    lines = [frame.notice, frame.head, _question_text(texts, user, field)]
    answers = (
        _skill_rows(texts, user, field, frame) if field in (TEACH, LEARN) else _ROWS[field](texts, user, frame.prefix)
    )
    rows = (*answers, *frame.footer)
    if frame.suggestion is not None:
        lines.append(texts("ask.did_you_mean", skill=frame.suggestion.skill))
        rows = (*_suggestion_rows(texts, field, frame.prefix, frame.suggestion), *rows)
    return Screen("\n\n".join(filter(None, lines)), rows, user.photo_url if field == PHOTO else None)


async def ask_in_dialog(
    context: Context, flow: str, step: str, screen: Screen, suggestion: SkillSuggestion | None = None, **data: Any
) -> None:
    """Open a question and show it, with the skill that it asks about. Only the newest message of a flow keeps its
    keyboard."""
    if suggestion is not None:
        data["asked"] = skill_hash(suggestion.skill)
    before = context.dialog.data.get("message_id") if context.dialog.flow == flow else None
    await context.move_dialog(flow, step, **{**data, "message_id": before})
    shown = await show_question_in_place(context, screen)
    if shown != before:
        await context.move_dialog(flow, step, **{**data, "message_id": shown})
    await drop_previous_keyboard(context, before, shown)


async def drop_previous_keyboard(context: Context, old: int | None, shown: int) -> None:
    """Remove the keyboard of the previous question's message."""
    if old is not None and old != shown:
        try:
            await context.bot.edit_message_reply_markup(context.dialog.telegram_id, old, reply_markup=None)
        except BadRequest:
            return  # already without a keyboard, or deleted


def skill_hash(skill: str) -> str:
    """Return a short identifier of a skill for callback data (64 bytes at most); equal spellings have equal hashes."""
    return hashlib.blake2s(canonical_key(skill).encode(), digest_size=HASH_BYTES).hexdigest()


def skills_of(user: User, field: str) -> tuple[str, ...]:
    return user.skills_offered if field == TEACH else user.skills_wanted


def written_times(user: User) -> str:
    """Return the availability that the user typed, without the slots of the grid."""
    return words_beside_slots(user.availability)


def is_filled(user: User, field: str) -> bool:
    values: dict[str, object] = {
        NAME: user.name,
        TEACH: user.skills_offered,
        LEARN: user.skills_wanted,
        TIMES: user.availability,
        LOCATION: user.location,
        PHOTO: user.photo_url,
    }
    return bool(values.get(field))


def slot_label(texts: Texts, slot: str) -> str:
    return texts.plain(f"slot.{slot.replace(' ', '_')}")


def in_rows(buttons: list[InlineKeyboardButton], width: int) -> tuple[Row, ...]:
    return tuple(buttons[start : start + width] for start in range(0, len(buttons), width))


def _question_text(texts: Texts, user: User, field: str) -> str:
    if field in (TEACH, LEARN) and skills_of(user, field):
        return texts(f"ask.{field}_more")
    if field == TIMES and written_times(user):
        return f"{texts('ask.times')}\n\n{texts('ask.times_written', times=written_times(user))}"
    if field == LOCATION:
        known = texts("ask.location_known", location=user.location) if user.location else texts("ask.location")
        return f"{known}\n\n{texts('ask.area_known' if user.coordinates else 'ask.area')}"
    if field == PHOTO and user.photo_url:
        return texts("ask.photo_known")
    return texts(f"ask.{field}", name=user.name)


def _skill_rows(texts: Texts, user: User, field: str, frame: QuestionFrame) -> tuple[Row, ...]:
    prefix = frame.prefix
    chips = [
        button(f"{short(skill, MAX_LABEL)} ✕", prefix, field, "drop", skill_hash(skill))
        for skill in skills_of(user, field)
    ]
    taken = {frame.key_of(skill) for skill in (*user.skills_offered, *user.skills_wanted)}
    free = [skill for skill in split_skills(texts.plain("ask.suggestions")) if frame.key_of(skill) not in taken]
    offers = [button(f"+ {skill}", prefix, field, "add", skill) for skill in free[:MAX_SUGGESTIONS]]
    return (
        *in_rows(chips, CHIPS_A_ROW),
        *(() if len(chips) >= ENOUGH_CHIPS else in_rows(offers, SUGGESTIONS_A_ROW)),
        *(((button(texts.plain("button.levels"), "level", field),),) if chips and prefix == EDIT else ()),
    )


def _suggestion_rows(texts: Texts, field: str, prefix: str, suggestion: SkillSuggestion) -> tuple[Row, ...]:
    """Return a button for each suggested skill, and one that keeps the user's spelling."""
    skill = skill_hash(suggestion.skill)
    suggested = [
        button(short(name, MAX_LABEL), prefix, field, "mean", f"{skill}.{skill_hash(key)}", style="primary")
        for key, name in suggestion.options
    ]
    keep = button(texts.plain("button.keep_skill"), prefix, field, "keep", skill)
    return (*in_rows(suggested, CHIPS_A_ROW), (keep,))


def _time_rows(texts: Texts, user: User, prefix: str) -> tuple[Row, ...]:
    """Return the grid of slots, weekdays left and weekends right; callback data names the resulting state."""
    chosen = user.slots

    def slot(index: int) -> InlineKeyboardButton:
        label = slot_label(texts, SLOTS[index])
        if SLOTS[index] in chosen:
            return button(f"✓ {label}", prefix, TIMES, "off", index)
        return button(label, prefix, TIMES, "on", index)

    half = len(SLOTS) // 2
    grid = tuple((slot(row), slot(row + half)) for row in range(half))
    if written_times(user):
        return (*grid, (button(texts.plain("button.clear_times"), prefix, TIMES, "clear"),))
    return grid


def _location_rows(texts: Texts, user: User, prefix: str) -> tuple[Row, ...]:
    clear = ((button(texts.plain("button.clear_location"), prefix, LOCATION, "clear"),),) if user.location else ()
    forget = ((button(texts.plain("button.forget_area"), prefix, LOCATION, "forget"),),) if user.coordinates else ()
    return (*clear, *forget)


def _photo_rows(texts: Texts, user: User, prefix: str) -> tuple[Row, ...]:
    mine = (button(texts.plain("button.telegram_photo"), prefix, PHOTO, "mine"),)
    remove = ((button(texts.plain("button.remove_photo"), prefix, PHOTO, "none"),),) if user.photo_url else ()
    return (mine, *remove)


def _visibility_rows(texts: Texts, user: User, prefix: str) -> tuple[Row, ...]:
    return (
        (button(texts.plain("button.public"), prefix, VISIBILITY, "public"),),
        (button(texts.plain("button.private"), prefix, VISIBILITY, "private"),),
    )


def _no_rows(texts: Texts, user: User, prefix: str) -> tuple[Row, ...]:
    return ()


_ROWS: dict[str, Callable[[Texts, User, str], tuple[Row, ...]]] = {
    NAME: _no_rows,
    TIMES: _time_rows,
    LOCATION: _location_rows,
    PHOTO: _photo_rows,
    VISIBILITY: _visibility_rows,
}


def progress(texts: Texts, step: int, total: int) -> Html:
    """Return "Step 2 of 8" with a bar."""
    bar = "●" * step + "○" * (total - step)
    return Html(texts("onboarding.progress", step=step, total=total, bar=bar))
