"""Onboarding, from /start to a finished profile: one question per step, each answer saved at once."""

from __future__ import annotations

from typing import Any

from telegram import InlineKeyboardButton, Update

from bot import community
from bot.door import show_door, take_up_link
from bot.links import follow_link, start_payload
from bot.matches import on_match
from bot.photos import set_profile_photo
from bot.profile import fields
from bot.profile.answers import AnswerResult, answer_with_button, answer_with_text, open_suggestion
from bot.profile.fields import (
    FIELDS,
    MAX_LABEL,
    QuestionFrame,
    SkillSuggestion,
    ask_in_dialog,
    drop_previous_keyboard,
    is_filled,
    progress,
    question_screen,
)
from bot.updates.context import Context
from bot.users import GAP, edit_rows, profile_card
from bot.views.door import door_before_profile
from bot.views.lengths import MAX_CAPTION, short, visible_units
from bot.views.rules import rules_to_agree
from bot.views.screens import Row, Screen, button, show, show_in_place
from bot.views.visibility import needs_visibility, visibility_screen
from domain.geo import Coordinates
from domain.languages import LOCALES
from domain.users import ProfileChanges
from handlers.community import known_community
from handlers.joining import is_applicant
from handlers.runtime.texts import Html, Texts
from handlers.users import register_telegram_user, update_profile

FLOW = "onboarding"
PREVIEW = "preview"
STEPS = (*FIELDS, PREVIEW)
CARRIED = ("is_public", "is_reviewing", "link")
"""Dialog data carried from step to step: the chosen visibility, whether the user is editing from the preview, and the
deep link that opened the bot."""


async def start(update: Update, context: Context, *parts: str) -> None:
    """Handle /start: welcome a new user, offer to resume onboarding, or show home. A deep link is followed at once, or
    when the profile is finished."""
    link = start_payload(update.message.text or "") if update.message else ""
    if link and context.is_registered:
        link = await take_up_link(context, link)
    if not context.is_registered:
        await _welcome(update, context, link)
    elif context.dialog.flow == community.FLOW:
        await community.ask_again(context)
    elif context.user.onboarded and link:
        await follow_link(context, link)
    elif context.user.onboarded:
        await show_home(update, context)
    elif context.dialog.flow == FLOW and context.dialog.step == fields.NAME and community.is_setup_due(context):
        await community.begin_setup(context)  # became an admin after the first /start, and has answered nothing yet
    elif context.dialog.flow != FLOW or context.is_repeat or link:
        await show_step(context, current_step(context), **_link_data(link))
    else:
        await _offer_to_resume(context)


async def show_home(update: Update, context: Context, *parts: str) -> None:
    """Show home, or rules to agree to, and close an onboarding that was interrupted after its last answer."""
    rules = await rules_to_agree(context)
    if context.user.onboarded and rules is None and await show_door(context):
        return
    await show_in_place(context, rules or home_screen(context))
    if context.dialog.flow == FLOW and context.user.onboarded:
        await context.end_dialog()


def home_screen(context: Context, text: str = "") -> Screen:
    texts = context.texts
    rows: tuple[Row, ...] = (
        (button(texts.plain("button.match"), "match", style="primary"),),
        (button(texts.plain("button.swaps"), "swaps"), button(texts.plain("button.chat"), "chat")),
        (button(texts.plain("button.profile"), "profile"), button(texts.plain("button.settings"), "settings")),
    )
    if community.is_setup_due(context):
        rows = (*rows, (button(texts.plain("community.button.set_up"), "com", "setup"),))
        text = GAP.join((text or texts("home.text", name=context.user.name), texts("community.unnamed")))
    return Screen(text or texts("home.text", name=context.user.name), rows)


def current_step(context: Context) -> str:
    """Return the step of an unfinished onboarding: the open question, the one asked last, or the first field without a
    value."""
    user = context.user
    if context.dialog.flow == FLOW and context.dialog.step in STEPS:
        return context.dialog.step
    if context.dialog.onboarding_step in STEPS:  # left by Cancel, or to look around
        return context.dialog.onboarding_step
    if not user.skills_offered and not user.skills_wanted:
        return fields.NAME
    return next((field for field in FIELDS if not is_filled(user, field)), fields.VISIBILITY)


async def show_step(
    context: Context, step: str, *, notice: str = "", suggestion: SkillSuggestion | None = None, **data: Any
) -> None:
    """Move to a step and ask its question; the rules of the community come first."""
    kept = context.dialog.data if context.dialog.flow == FLOW else {}
    data = {name: kept[name] for name in CARRIED if name in kept} | data
    if (rules := await rules_to_agree(context)) is not None:
        await context.move_dialog(FLOW, step, **data)
        await show_in_place(context, rules)
        return
    if (door := await door_before_profile(context)) is not None:
        await context.move_dialog(FLOW, step, **data)
        await show_in_place(context, door)
        return
    if step == PREVIEW:
        if "is_public" not in data:
            step = fields.VISIBILITY
        data["is_reviewing"] = True
    context.note_onboarding_step(step)
    await ask_in_dialog(context, FLOW, step, _screen(context, step, notice, data, suggestion), suggestion, **data)


async def _welcome(update: Update, context: Context, link: str) -> None:
    """Welcome a new user. Only a press of Start registers: the sender may have just deleted their account."""
    message, query = update.message, update.callback_query
    is_start = (query.data == "start") if query else bool(message and (message.text or "").startswith("/start"))
    sender = update.effective_user
    if not is_start or sender is None:
        rows = ((button(context.texts.plain("button.start"), "start", style="primary"),),)
        who = welcome_text(context, "who_are_you")
        await show(context, Screen(who, rows))
        return
    context.user = await register_telegram_user(context.deps, sender.id, sender.first_name, sender.language_code)
    await show(context, Screen(welcome_text(context, "welcome", name=context.user.name)))
    link = await take_up_link(context, link)
    if community.is_setup_due(context) and not link:
        await community.begin_setup(context)
    else:
        await show_step(context, fields.NAME, **_link_data(link))


def welcome_text(context: Context, key: str, **params: str) -> str:
    """Return the words of welcome, with the name of the community, once it has one."""
    known, texts = known_community(context.deps), context.texts
    if not known.is_set_up:
        return texts(f"onboarding.{key}", **params)
    about = texts("community.about", about=known.about) if known.about else ""
    said = texts(f"onboarding.{key}_in", community=known.name, about=Html(about), **params)
    return said if about else said.replace("\n\n\n", "\n")


def _link_data(link: str) -> dict[str, Any]:
    return {"link": link} if link else {}


async def _offer_to_resume(context: Context) -> None:
    step, texts = context.dialog.step, context.texts
    rows = (
        (button(texts.plain("button.go_on"), "step", step, style="primary"),),
        (button(texts.plain("button.start_over"), "step", fields.NAME),),
    )
    where = progress(texts, STEPS.index(step) + 1, len(STEPS)) if step in STEPS else ""
    await show(context, Screen(texts("onboarding.welcome_back", name=context.user.name, where=where), rows))


async def on_step(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `step:<step>`: the buttons Back, Skip, Next and Keep name their target step."""
    step = parts[0] if parts else ""
    if context.user.onboarded:
        await show_home(update, context)
    else:
        await show_step(context, step if step in STEPS else current_step(context))


async def on_answer(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `ob:<field>:<verb>:<argument>`; a button of another step, or a repeat, shows the current
    step."""
    field, verb, argument = (*parts, "", "", "")[:3]
    if context.user.onboarded:
        await show_home(update, context)
    elif context.dialog.flow != FLOW or context.dialog.step != field or context.is_repeat:
        await show_step(context, current_step(context))
    elif field == PREVIEW:
        await _finish(context)
    elif field == fields.VISIBILITY:
        await show_step(context, PREVIEW, is_public=verb == "public")
    elif field == fields.NAME and verb == "in" and argument in LOCALES:
        context.user = await update_profile(context.deps, context.user, ProfileChanges(locale=argument))
        await show_step(context, field)
    else:
        result = await answer_with_button(context, field, verb, argument)
        await _continue(context, field, result)


async def look_around(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `look`: show matches in the middle of onboarding, and say that nobody can find the user yet."""
    if needs_visibility(context.user):
        await show(context, visibility_screen(context.texts))
    await on_match(update, context)


async def on_visibility(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `seen:public` or `seen:private`, outside the steps of onboarding."""
    is_public = parts == ("public",)
    context.user = await update_profile(context.deps, context.user, ProfileChanges(is_public=is_public))
    said = "onboarding.will_be_public" if is_public else "onboarding.will_be_private"
    await show_in_place(context, Screen(context.texts(said)))


async def on_text(update: Update, context: Context, text: str) -> None:
    step = current_step(context)
    if context.is_repeat or await rules_to_agree(context) or await door_before_profile(context):
        await show_step(context, step, suggestion=open_suggestion(context, step))
        return
    result = await answer_with_text(context, step, text)
    await _continue(context, step, result)


async def _continue(context: Context, step: str, result: AnswerResult) -> None:
    following = step if result.stays_open else _next_step(context, step)
    await show_step(context, following, notice=result.notice, suggestion=result.suggestion)


async def on_location(update: Update, context: Context, coordinates: Coordinates) -> None:
    """Save the coordinates of a location sent as the answer to the location question."""
    step = current_step(context)
    if not context.is_repeat:
        context.user = await update_profile(context.deps, context.user, ProfileChanges(coordinates=coordinates))
    await show_step(context, _next_step(context, fields.LOCATION) if step == fields.LOCATION else step)


async def on_photo(update: Update, context: Context, data: bytes) -> None:
    """Save a photo as the profile photo, at any step."""
    step = current_step(context)
    if context.is_repeat:
        await show_step(context, step)
        return
    await set_profile_photo(context, data)
    if step == fields.PHOTO:
        await show_step(context, _next_step(context, step), notice=context.texts("onboarding.photo_kept"))
    else:
        kept, suggestion = context.texts("onboarding.photo_kept"), open_suggestion(context, step)
        await show_step(context, step, notice=kept, suggestion=suggestion)


async def _finish(context: Context) -> None:
    is_public = bool(context.dialog.data.get("is_public"))
    context.user = await update_profile(context.deps, context.user, ProfileChanges(onboarded=True, is_public=is_public))
    old, link = context.dialog.data.get("message_id"), context.dialog.data.get("link")
    key = "done" if context.user.can_match else "done_without_skills"
    done = home_screen(context, context.texts(f"onboarding.{key}", name=context.user.name))
    if is_applicant(context.user):
        await show_door(context)
        return
    shown = await show_in_place(context, done)
    if link:
        await follow_link(context, str(link))
    await context.end_dialog()
    await drop_previous_keyboard(context, old, shown)


def _next_step(context: Context, step: str) -> str:
    if context.dialog.data.get("is_reviewing"):
        return PREVIEW
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def _screen(
    context: Context, step: str, notice: str, data: dict[str, Any], suggestion: SkillSuggestion | None
) -> Screen:
    texts, user = context.texts, context.user
    head = progress(texts, STEPS.index(step) + 1, len(STEPS))
    footer = _footer(context, step, is_reviewing=bool(data.get("is_reviewing")))
    if step != PREVIEW:
        return question_screen(
            texts, user, step, QuestionFrame("ob", head, notice, footer, suggestion, context.deps.vocabulary.key_of)
        )
    who = texts("onboarding.will_be_public" if data.get("is_public") else "onboarding.will_be_private")
    around = (notice, head, texts("onboarding.preview"), who)
    room = MAX_CAPTION - sum(visible_units(line) + len(GAP) for line in around)
    lines = (*around[:-1], profile_card(texts, user, is_own=False, room=room), who)
    good = (button(texts.plain("button.looks_good"), "ob", PREVIEW, "done", style="success"),)
    text = GAP.join(filter(None, lines))
    return Screen(text, (good, *edit_rows(texts, "step"), *footer), user.photo_url)


def _footer(context: Context, step: str, *, is_reviewing: bool) -> tuple[Row, ...]:
    """Return the rows below a question: next step, browsing if possible, Back and Cancel."""
    texts, user = context.texts, context.user
    rows: list[Row] = []
    if step == fields.NAME and not is_reviewing:
        rows.append((button(_keep_label(texts, user.name), "step", fields.TEACH, style="primary"),))
        rows.append(_language_buttons(context))
    elif step not in (fields.VISIBILITY, PREVIEW):
        label = "button.next" if is_filled(user, step) else "button.skip"
        following = PREVIEW if is_reviewing else STEPS[STEPS.index(step) + 1]
        rows.append(
            (button(texts.plain(label), "step", following, style="primary" if label == "button.next" else None),)
        )
    if user.can_match and step != fields.NAME and not is_applicant(user):
        rows.append((button(texts.plain("button.look_around"), "look"),))
    out = button(texts.plain("button.cancel"), "cancel")
    if step == fields.NAME and not is_reviewing:
        rows.append((out,))
    else:
        before = PREVIEW if is_reviewing and step != PREVIEW else STEPS[STEPS.index(step) - 1]
        rows.append((button(texts.plain("button.back"), "step", before), out))
    return tuple(rows)


def _keep_label(texts: Texts, name: str) -> str:
    return texts.plain("button.keep_name", name=short(name, MAX_LABEL))


def _language_buttons(context: Context) -> list[InlineKeyboardButton]:
    """Return a button for each language but the current one, labelled with the language's own name."""
    return [
        button(texts.plain("language.name"), "ob", fields.NAME, "in", locale)
        for locale, texts in context.deps.texts.items()
        if locale != context.texts.locale
    ]


COMMANDS = {"start": start}
BUTTONS = {
    "start": start,
    "home": show_home,
    "step": on_step,
    "ob": on_answer,
    "look": look_around,
    "seen": on_visibility,
}
ON_LOCATION = {FLOW: on_location}
ON_TEXT = {FLOW: on_text}
ON_PHOTO = {FLOW: on_photo}
