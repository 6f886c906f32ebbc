"""/moderate: review unknown skills one at a time; merge into a known skill, name as a new one, or reject."""

from __future__ import annotations

from telegram import Update

from bot.profile.fields import MAX_LABEL, in_rows, skill_hash
from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, show_question, toast
from domain.errors import Conflict, NotFound
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.skills import clean_skill
from handlers.moderation import (
    PendingSkill,
    SkillNames,
    count_pending,
    find_merge_target,
    list_pending,
    merge_skill,
    name_skill,
    reject_skill,
)

FLOW = "moderate"
MERGE, NAME, CATEGORY = "merge", "name", "category"
CATEGORIES_A_ROW = 2


async def show_next(update: Update, context: Context, *parts: str) -> None:
    """Show the first pending skill."""
    await _show_next(context)


async def _show_next(context: Context, after: str | None = None, notice: str = "") -> None:
    found = await list_pending(context.deps, context.user, after=after, limit=1)
    if not found:
        await context.end_dialog()
        rows = ((back_button(context.texts, "home"),),)
        done = context.texts("moderation.nothing_more" if after else "moderation.nothing")
        await show_in_place(context, Screen("\n\n".join(filter(None, (notice, done))), rows))
        return
    await context.move_dialog(FLOW, "", key=found[0].presence.key, skill=found[0].presence.skill)
    await show_in_place(context, await _card(context, found[0], notice))


async def _card(context: Context, pending: PendingSkill, notice: str) -> Screen:
    texts, presence, name_of = context.texts, pending.presence, context.deps.vocabulary.name_of
    waiting = await count_pending(context.deps, context.user)
    numbers = {"teachers": presence.teachers, "learners": presence.learners, "waiting": waiting}
    text = texts("moderation.skill", skill=presence.skill, **numbers)
    name = skill_hash(presence.key)
    is_it = [
        button(f"= {short(name_of(key, context.user.locale), MAX_LABEL)}", "mod", "is", name, skill_hash(key))
        for key in pending.similar
    ]
    rows: tuple[Row, ...] = (
        *in_rows(is_it, CATEGORIES_A_ROW),
        (
            button(texts.plain("moderation.merge"), "mod", MERGE, name),
            button(texts.plain("moderation.name"), "mod", NAME, name, style="primary"),
        ),
        (
            button(texts.plain("moderation.reject"), "mod", "reject", name, style="danger"),
            button(texts.plain("moderation.later"), "mod", "later", name),
        ),
        (back_button(texts, "home"),),
    )
    return Screen("\n\n".join(filter(None, (notice, text))), rows)


async def on_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `mod:<action>:<hash of the skill>[:<argument>]`; a button of an earlier skill shows the next
    one."""
    action, name, argument = (*parts, "", "", "")[:3]
    key = str(context.dialog.data.get("key", "")) if context.dialog.flow == FLOW else ""
    if not key or skill_hash(key) != name:
        await _show_next(context)
    elif action == "later":
        await _show_next(context, after=key)
    elif action == "reject":
        await _decide(context, key, SkillNames({}, ""), "reject")
    elif action == "is":
        vocabulary = context.deps.vocabulary
        target = next((known for known in vocabulary.similar(key) if skill_hash(known) == argument), "")
        await _confirm_merge(context, key, target)
    elif action == "merge!" and context.dialog.data.get("into"):
        await _decide(context, key, SkillNames({DEFAULT_LOCALE: context.dialog.data["into"]}, ""), MERGE)
    elif action in (MERGE, NAME):
        data = {**context.dialog.data, "names": {}}
        await context.move_dialog(FLOW, action, **data)
        text = context.texts(f"moderation.ask_{action}", skill=data["skill"], **language_words(context))
        await show_question(context, Screen(text, (_back(context),)))
    elif action == CATEGORY and context.dialog.data.get("names"):
        await _decide(context, key, SkillNames(context.dialog.data["names"], argument), NAME)


async def on_text(update: Update, context: Context, text: str) -> None:
    """Handle typed text: the skill to merge into, or the names of a new skill."""
    data, step = dict(context.dialog.data), context.dialog.step
    if step == MERGE:
        await _confirm_merge(context, data["key"], text)
    elif step == NAME:
        parts = [part.strip() for part in text.split("|")]
        if problem := names_problem(parts):
            notice = context.texts(f"moderation.{problem}", n=len(parts), max=len(LOCALES), **language_words(context))
            await show_question(context, Screen(notice, (_back(context),)))
            return
        await context.move_dialog(FLOW, NAME, **{**data, "names": read_names(parts)})
        await show_question(context, _categories(context, data["key"]))
    else:
        await toast(context)
        await show(context, Screen(context.texts("ask.press_a_button"), (_back(context),)))


async def _confirm_merge(context: Context, key: str, into: str) -> None:
    """Ask before a merge, which cannot be undone: profiles lose their own words for the skill. Raises Invalid."""
    texts, data, name_of = context.texts, context.dialog.data, context.deps.vocabulary.name_of
    target = await find_merge_target(context.deps, context.user, key, into)
    await context.move_dialog(FLOW, MERGE, **{**data, "into": target})
    name = name_of(target, context.user.locale)
    yes = button(texts.plain("moderation.merge_yes"), "mod", "merge!", skill_hash(key), style="danger")
    text = texts("moderation.confirm_merge", skill=data["skill"], name=name)
    await show(context, Screen(text, ([yes], _back(context))))


def names_problem(names: list[str]) -> str | None:
    """Return the text key of the problem with these names (one per language, in order); None when they are valid."""
    if len(names) > len(LOCALES):
        return "too_many_names"
    return None if names[0] else "name_missing"


def read_names(names: list[str]) -> dict[str, str]:
    """Return names by locale: a single name serves every language, an empty one skips its language. Raises Invalid."""
    by_locale = dict.fromkeys(LOCALES, names[0]) if len(names) == 1 else dict(zip(LOCALES, names, strict=False))
    return {locale: clean_skill(name, "names") for locale, name in by_locale.items() if name}


def language_words(context: Context) -> dict[str, str]:
    """Return the text parameters: the language that must be named, and all languages in their order and own names."""
    names = (texts.plain("language.name") for texts in context.deps.texts.values())
    return {"language": context.texts.language_name(DEFAULT_LOCALE), "languages": " | ".join(names)}


def _back(context: Context) -> Row:
    """Return the row that leads back to the pending skills."""
    return (button(context.texts.plain("button.back"), "mod"),)


def _categories(context: Context, key: str) -> Screen:
    vocabulary, locale = context.deps.vocabulary, context.user.locale
    named = sorted((vocabulary.category_name(category, locale), category) for category in vocabulary.categories)
    choices = [button(name, "mod", CATEGORY, skill_hash(key), category) for name, category in named]
    return Screen(context.texts("moderation.ask_category"), (*in_rows(choices, CATEGORIES_A_ROW), _back(context)))


async def _decide(context: Context, key: str, names: SkillNames, verdict: str) -> None:
    """Apply one decision and show the next skill. A decision of another moderator counts and is reported as such."""
    deps, actor, notice = context.deps, context.user, context.texts("moderation.done")
    try:
        if verdict == MERGE:
            await merge_skill(deps, actor, key, names.names[DEFAULT_LOCALE])
        elif verdict == NAME:
            await name_skill(deps, actor, key, names)
        else:
            await reject_skill(deps, actor, key)
    except (Conflict, NotFound) as problem:
        if problem.code == "skill.is_another":
            raise
        notice = context.texts("moderation.somebody_else")
    await _show_next(context, notice=notice)


COMMANDS = {"moderate": show_next}
BUTTONS = {"mod": on_button}
ON_TEXT = {FLOW: on_text}
