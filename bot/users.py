"""Profile cards, /profile, and editing one field at a time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.inline_cards import share_button
from bot.photos import set_profile_photo
from bot.profile import fields
from bot.profile.answers import DONE, AnswerResult, answer_with_button, answer_with_text, open_suggestion
from bot.profile.fields import (
    FIELDS,
    QuestionFrame,
    SkillSuggestion,
    ask_in_dialog,
    drop_previous_keyboard,
    in_rows,
    question_screen,
    written_times,
)
from bot.profile.skill_levels import levels_of
from bot.updates.context import Context
from bot.views.lengths import MAX_CAPTION, short, visible_units
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place
from bot.views.swap_cards import skill_list
from domain.geo import Coordinates
from domain.skills import MAX_SKILLS
from domain.users import ProfileChanges, User
from handlers.runtime.texts import Html, Texts
from handlers.users import update_profile

FLOW = "profile"
GAP = "\n\n"
MAX_TIMES_ON_CARD = 120
Callback = Callable[..., Coroutine[Any, Any, None]]


def profile_card(texts: Texts, user: User, *, is_own: bool, room: int = MAX_CAPTION) -> str:
    """Return a profile as HTML of at most `room` UTF-16 units without markup; long lists of skills are cut."""
    card = ""
    for skills_shown in range(MAX_SKILLS, 0, -1):
        card = _card(texts, user, is_own, skills_shown)
        if visible_units(card) <= room:
            break
    return card


def availability_text(texts: Texts, user: User) -> str:
    """Return a user's availability as plain text in the reader's language; "" when there is none."""
    slots = [texts.plain(f"match.slot.{slot.replace(' ', '_')}") for slot in user.slots]
    return short(texts.enumerate(list(filter(None, (*slots, written_times(user))))), MAX_TIMES_ON_CARD)


def _card(texts: Texts, user: User, is_own: bool, skills_shown: int) -> str:
    who = "own" if is_own else "other"
    location = texts("card.location", location=user.location) if user.location else ""
    lines = [Html(texts("card.name", name=user.name) + location)]
    for field, skills in ((fields.TEACH, user.skills_offered), (fields.LEARN, user.skills_wanted)):
        if skills:
            named = skill_list(texts, skills, skills_shown, levels=levels_of(user, field))
            lines.append(Html(texts(f"card.{field}_{who}", skills=named)))
        elif is_own:
            lines.append(Html(texts(f"card.{field}_nothing")))
    if times := availability_text(texts, user):
        lines.append(Html(texts("card.times", times=times)))
    if is_own and user.coordinates:
        lines.append(Html(texts("card.area")))
    if is_own:
        lines.append(Html("\n" + texts(f"card.{user.visibility}")))
    return "\n".join(lines)


def edit_rows(texts: Texts, *prefix: str) -> tuple[Row, ...]:
    """Return a button for each field; callback data is the prefix and the field."""
    buttons = [button(texts.plain(f"field.{field}"), *prefix, field) for field in FIELDS]
    return in_rows(buttons, 2)


def profile_screen(context: Context, notice: str = "") -> Screen:
    texts, user = context.texts, context.user
    card = profile_card(texts, user, is_own=True, room=MAX_CAPTION - visible_units(notice) - len(GAP))
    text = GAP.join(filter(None, (notice, card)))
    last = [button(texts.plain("button.match"), "match")] if user.can_match else []
    if user.onboarded and user.is_listed:
        last.append(share_button(texts.plain("inline.share")))
    if not user.onboarded:
        last.append(button(texts.plain("button.go_on"), "start"))
    else:
        last.append(back_button(texts, "home"))
    return Screen(text, (*edit_rows(texts, "edit"), *in_rows(last, 2)), user.photo_url)


async def show_profile(update: Update, context: Context, *parts: str) -> None:
    """Show the user's own card with a button for each field: /profile and all buttons that lead back to it."""
    if update.callback_query is None:
        await show(context, profile_screen(context))
        return
    if context.dialog.flow == FLOW:
        await context.end_dialog()
    await show_in_place(context, profile_screen(context))


async def on_edit(update: Update, context: Context, *parts: str) -> None:
    """Handle `edit:<field>` (ask the question) and `edit:<field>:<verb>:<argument>` (answer it)."""
    field, verb, argument = (*parts, "", "", "")[:3]
    if field not in FIELDS:
        await show_profile(update, context)
    elif not verb:
        await ask(context, field)
    else:
        await _show_result(context, field, await answer_with_button(context, field, verb, argument))


async def on_text(update: Update, context: Context, text: str) -> None:
    """Save a typed answer to the open question."""
    step = context.dialog.step
    if context.is_repeat:
        await ask(context, step, suggestion=open_suggestion(context, step))
    else:
        await _show_result(context, step, await answer_with_text(context, step, text))


async def on_photo(update: Update, context: Context, data: bytes) -> None:
    """Save a photo as the profile photo, if the open question asks for one."""
    step = context.dialog.step
    if context.is_repeat:
        await ask(context, step)
    elif step == fields.PHOTO:
        await set_profile_photo(context, data)
        await _show_result(context, step, DONE)
    else:
        await ask(context, step, context.texts("ask.no_photo_now"), open_suggestion(context, step))


async def on_location(update: Update, context: Context, coordinates: Coordinates) -> None:
    """Save the coordinates of a location sent as the answer to the location question."""
    if not context.is_repeat:
        context.user = await update_profile(context.deps, context.user, ProfileChanges(coordinates=coordinates))
    await _show_result(context, fields.LOCATION, DONE)


async def ask(context: Context, field: str, notice: str = "", suggestion: SkillSuggestion | None = None) -> None:
    """Ask one question; those answered by text or photo open a dialog."""
    texts, user = context.texts, context.user
    back = back_button(texts, "profile")
    key_of = context.deps.vocabulary.key_of
    frame = QuestionFrame(fields.EDIT, notice=notice, footer=((back,),), suggestion=suggestion, key_of=key_of)
    screen = question_screen(texts, user, field, frame)
    if field == fields.VISIBILITY:
        if context.dialog.flow == FLOW:
            await context.end_dialog()
        await show_in_place(context, screen)
    else:
        await ask_in_dialog(context, FLOW, field, screen, suggestion)


async def _show_result(context: Context, field: str, result: AnswerResult) -> None:
    if result.stays_open:
        await ask(context, field, result.notice, result.suggestion)
        return
    # Shown before the dialog ends: after a crash in between, the repeated update saves and shows the same answer again.
    old = context.dialog.data.get("message_id") if context.dialog.flow == FLOW else None
    shown = await show_in_place(context, profile_screen(context, context.texts("profile.saved")))
    if context.dialog.flow == FLOW:
        await context.end_dialog()
    await drop_previous_keyboard(context, old, shown)


def _question_opener(field: str) -> Callback:
    async def open_question(update: Update, context: Context, *parts: str) -> None:
        await ask(context, field)

    return open_question


COMMANDS = {
    "profile": show_profile,
    "photo": _question_opener(fields.PHOTO),
    "visibility": _question_opener(fields.VISIBILITY),
}
BUTTONS = {"profile": show_profile, "edit": on_edit}
ON_LOCATION = {FLOW: on_location}
ON_TEXT = {FLOW: on_text}
ON_PHOTO = {FLOW: on_photo}
