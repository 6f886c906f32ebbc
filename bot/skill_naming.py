"""Naming skills on the moderators' card: the same as a known one, a new one with its category, or none at all."""

from __future__ import annotations

import json
from typing import Any, Final

from telegram import Update

from bot.moderation import CATEGORIES_A_ROW, language_words, names_problem, read_names
from bot.profile.fields import in_rows, skill_hash
from bot.staff.questions import ask_staff, drop_question
from bot.staff.skill_card import IS, NAME, REJECT, SKILL_BUTTON
from bot.updates.context import Context
from bot.views.screens import Screen, button, pressed_message, show, toast
from domain.errors import Invalid
from domain.languages import LOCALES
from domain.staff_cards import SKILLS, Prompt, StaffCard
from handlers.moderation import SkillNames, find_next_pending, merge_skill, name_skill, reject_skill
from handlers.staff_cards import add_prompt, find_staff_card, find_staff_card_at, take_prompt

YES, CATEGORY, LEAVE = "yes", "c", "leave"
CHOICE: Final = "{"
"""Begins the action of a question with buttons: what has been typed so far, as JSON."""


async def on_skill(update: Update, context: Context, *parts: str) -> None:
    """Handle `sk:<is, name or reject>:<hash of the skill>[:<argument>]` on the card, and `sk:<yes, c or leave>` below a
    question; a button of a skill that is decided changes nothing."""
    action, name, argument = (*parts, "", "", "")[:3]
    pressed = pressed_message(context)
    card = await find_staff_card_at(context.deps, pressed.chat_id, pressed.message_id) if pressed is not None else None
    if pressed is None or card is None:
        return
    if action in (YES, CATEGORY, LEAVE):
        prompt = card.prompt_at(pressed.chat_id, pressed.message_id)
        if prompt is not None:
            await _choose(context, card, prompt, action, name)
        return
    found = await find_next_pending(context.deps)
    if found is None or skill_hash(found[0].presence.key) != name:
        await toast(context, context.texts.plain("moderation.somebody_else"))
        return
    key = found[0].presence.key
    if action == REJECT:
        await reject_skill(context.deps, context.user, key)
    elif action == NAME:
        text = context.texts("moderation.ask_call", skill=found[0].presence.skill, **language_words(context))
        never = [button(context.texts.plain("session.button.never_mind"), "sq", "end")]
        await ask_staff(context, SKILLS, card.subject, key, Screen(text, [never]))
    elif action == IS:
        target = next((known for known in found[0].similar if skill_hash(known) == argument), "")
        await _ask_merge(context, card, key, target)


async def take_names(context: Context, subject: str, key: str, text: str) -> Screen | None:
    """Take the name of a skill: a known one makes it another spelling of that, a new one needs a category."""
    card = await find_staff_card(context.deps, SKILLS, subject)
    if card is None or key.startswith(CHOICE):
        return None
    parts, vocabulary = [part.strip() for part in text.split("|")], context.deps.vocabulary
    if names_problem(parts):
        raise Invalid("skill.names", field="names", max=len(LOCALES))
    target = vocabulary.key_of(parts[0]) if len(parts) == 1 else ""
    if target in vocabulary and target != key:
        await _ask_merge(context, card, key, target)
        return None
    categories = sorted(
        (vocabulary.category_name(category, context.user.locale), category) for category in vocabulary.categories
    )
    choices = [button(name, SKILL_BUTTON, CATEGORY, category) for name, category in categories]
    screen = Screen(context.texts("moderation.ask_category"), (*in_rows(choices, CATEGORIES_A_ROW), _leave(context)))
    await _ask(context, card, screen, {"key": key, "names": read_names(parts)})
    return None


async def _ask_merge(context: Context, card: StaffCard, key: str, target: str) -> None:
    """Ask before a merge, which cannot be undone."""
    if target not in context.deps.vocabulary:
        return
    texts = context.texts
    text = texts("moderation.confirm_merge", skill=key, name=texts.skill(target))
    yes = button(texts.plain("moderation.merge_yes"), SKILL_BUTTON, YES, style="danger")
    await _ask(context, card, Screen(text, ([yes], _leave(context))), {"key": key, "into": target})


async def _ask(context: Context, card: StaffCard, screen: Screen, chosen: dict[str, Any]) -> None:
    """Ask with buttons, and keep what was chosen so far with the card."""
    shown = await show(context, screen)
    action = json.dumps(chosen, ensure_ascii=False)
    await add_prompt(context.deps, card, Prompt(shown.chat_id, shown.message_id, context.user.id, action))


async def _choose(context: Context, card: StaffCard, prompt: Prompt, action: str, category: str) -> None:
    chosen = json.loads(prompt.action) if prompt.action.startswith(CHOICE) else {}
    if action == YES and "into" in chosen:
        await merge_skill(context.deps, context.user, chosen["key"], chosen["into"])
    elif action == CATEGORY and "names" in chosen:
        await name_skill(context.deps, context.user, chosen["key"], SkillNames(chosen["names"], category))
    if await take_prompt(context.deps, card, prompt):
        await drop_question(context, prompt)


def _leave(context: Context) -> list[Any]:
    return [button(context.texts.plain("session.button.never_mind"), SKILL_BUTTON, LEAVE)]


BUTTONS = STAFF_BUTTONS = {SKILL_BUTTON: on_skill}
