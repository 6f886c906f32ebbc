"""/match, the deck of one match at a time, and /find, the search for teachers of a skill."""

from __future__ import annotations

import contextlib
from datetime import datetime

from telegram import Update

from bot.profile.fields import LEARN, TEACH
from bot.profile.skill_levels import levels_of
from bot.proposals import start_proposal
from bot.search_results import FIND, search_rows, show_search, show_teachers
from bot.updates.context import Context
from bot.views.blocks import block_button
from bot.views.lengths import MAX_CAPTION, visible_units
from bot.views.reports import report_button
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, show_question, toast
from bot.views.swap_cards import skill_list
from domain.decks import TEACHERS
from domain.errors import NotFound
from domain.matches import Match
from domain.users import User
from handlers.count_texts import advice_lines
from handlers.matches import (
    advise_on_deck,
    next_match,
    pass_match,
    reconsider_skipped,
    skip_match,
    view_match,
)
from handlers.request_facts import factor_text, facts_line, slot_names, unsaid_reasons
from handlers.runtime.texts import Texts

MAX_SKILL_BUTTONS = 8


async def on_match(update: Update, context: Context, *parts: str) -> None:
    """Show the next match."""
    await _show_next(context)


async def on_match_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a button of a match card, `m:<user>:<verb>`: skip, next, ask or view."""
    user_id, verb = (*parts, "", "")[:2]
    if verb == "ask":
        await start_proposal(context, user_id)
    elif verb == "view":
        match = await view_match(context.deps, context.user, user_id)
        await show(context, match_card(context.texts, context.user, match, context.deps.now(), is_in_deck=False))
    elif verb in ("next", "skip", "tnext", "tskip"):
        with contextlib.suppress(NotFound):  # the user has become private meanwhile: go on to the next match
            await (skip_match if verb.endswith("skip") else pass_match)(context.deps, context.user, user_id)
        await (on_teachers(update, context) if verb.startswith("t") else _show_next(context))


async def on_show_skipped(update: Update, context: Context, *parts: str) -> None:
    """Return the skipped matches to the deck and show the next one, of the deck of teachers if there is no other."""
    await reconsider_skipped(context.deps, context.user)
    if await next_match(context.deps, context.user) is None and await next_match(
        context.deps, context.user, kind=TEACHERS
    ):
        await on_teachers(update, context)
        return
    await _show_next(context)


async def on_teachers(update: Update, context: Context, *parts: str) -> None:
    """Show the next one-sided match: a teacher who wants nothing that the user teaches."""
    match = await next_match(context.deps, context.user, kind=TEACHERS)
    if match is not None:
        await show_in_place(context, match_card(context.texts, context.user, match, context.deps.now()))
        return
    rows = [*search_rows(context.texts), [back_button(context.texts, "home")]]
    await show_in_place(context, Screen(context.texts("match.no_teachers"), rows))


async def _show_next(context: Context) -> None:
    match = await next_match(context.deps, context.user)
    if match is not None:
        await show_in_place(context, match_card(context.texts, context.user, match, context.deps.now()))
    else:
        await show_in_place(context, await _empty_deck(context))


def match_card(texts: Texts, viewer: User, match: Match, at: datetime, *, is_in_deck: bool = True) -> Screen:
    """Return the card of a match: name, skills both ways, availability, and the reasons for the match."""
    person = match.user
    lines = [texts("match.name", name=person.name)]
    if person.location:
        lines.append(texts("match.location", location=person.location))
    if facts := facts_line(texts, person, at):
        lines.append(texts("match.facts", facts=facts))
    lines.append("")
    taught, wanted = levels_of(person, TEACH), levels_of(person, LEARN)
    if match.teaches_you:
        skills = skill_list(texts, match.teaches_you, levels=taught)
        lines.append(texts("match.teaches_you", name=person.name, skills=skills))
    if match.you_teach:
        lines.append(texts("match.you_teach", skills=skill_list(texts, match.you_teach)))
    others = tuple(skill for skill in person.skills_offered if skill not in match.teaches_you)
    if others and not is_in_deck:
        lines.append(texts("match.also_teaches", skills=skill_list(texts, others, levels=taught)))
    if not match.you_teach:
        wants = skill_list(texts, person.skills_wanted, levels=wanted)
        lines.append(texts("match.wants", skills=wants) if wants else texts("match.wants_anything"))
    why = [line for line in (_availability_line(texts, match), *reason_lines(texts, match)) if line]
    lines += ["", *why] if why else []
    return _card_screen("\n".join(lines), person, _card_rows(texts, match, is_in_deck=is_in_deck))


def reason_lines(texts: Texts, match: Match) -> list[str]:
    """Return a line with the reasons for a match, and a line with its gravest caveat."""
    unsaid = unsaid_reasons(match.reasons, match.shared_slots)
    reasons = " · ".join(factor_text(texts, factor, "reason") for factor in unsaid)
    caveats = [factor_text(texts, factor, "caveat") for factor in match.caveats[:1]]
    return [
        *([texts("match.why", reasons=reasons)] if reasons else []),
        *(texts("match.but", caveat=caveat) for caveat in caveats),
    ]


def _card_screen(text: str, person: User, rows: list[Row]) -> Screen:
    """Return the card with the user's photo, if the text is short enough for a caption."""
    return Screen(text, rows, person.photo_url if visible_units(text) <= MAX_CAPTION else None)


def _card_rows(texts: Texts, match: Match, *, is_in_deck: bool) -> list[Row]:
    person = match.user
    prefix = "" if match.is_two_sided else "t"
    ask = button(texts.plain("match.propose"), "m", person.id, "ask", style="success")
    safety = [block_button(texts, person.id), report_button(texts, person.id)]
    if not is_in_deck:
        rated = [[button(texts.plain("rating.see"), "rvof", person.id)]] if person.record.ratings else []
        return [[ask], *rated, safety, [back_button(texts, "home")]]
    skip = button(texts.plain("match.skip"), "m", person.id, f"{prefix}skip")
    following = button(texts.plain("match.next"), "m", person.id, f"{prefix}next")
    return [[ask], [skip, following], safety, [back_button(texts, "home")]]


def _availability_line(texts: Texts, match: Match) -> str:
    if match.shared_slots:
        return texts("match.both_free", times=slot_names(texts, match.shared_slots))
    if match.user.slots:
        return texts("match.free", times=slot_names(texts, match.user.slots))
    return texts("match.free", times=match.user.availability) if match.user.availability else ""


async def _empty_deck(context: Context) -> Screen:
    """Return the screen for an empty deck, with advice in numbers."""
    texts, user = context.texts, context.user
    add = button(texts.plain("match.add_skills"), "profile")
    if not user.can_match:
        return Screen(texts("match.no_skills"), [[add], [back_button(texts, "home")]])
    advice = await advise_on_deck(context.deps, user)
    lines = [texts("match.empty"), *advice_lines(texts, advice)]
    rows: list[Row] = []
    if advice.skipped:
        lines.append(texts("match.advice.skipped", n=advice.skipped))
        rows.append([button(texts.plain("match.again"), "again")])
    if any(count.can_ask for count in advice.teaching):
        rows.append([button(texts.plain("match.see_teachers"), "teach")])
    lines.append(texts("match.advice.add"))
    rows.append([button(texts.plain("circle.button"), "circles")])
    rows += [[button(texts.plain("alert.manage"), "alerts"), add], [back_button(texts, "home")]]
    return Screen("\n\n".join(lines), rows)


async def on_find(update: Update, context: Context, *parts: str) -> None:
    """Handle `/find <skill>`; without a skill, ask for one."""
    skill = " ".join(context.args or ())
    if skill:
        await show_search(context, skill)
        await context.end_dialog()
        return
    texts, wanted = context.texts, context.user.skills_wanted[:MAX_SKILL_BUTTONS]
    rows: list[Row] = [[button(f"🔎 {texts.skill_name(skill)}", "f", index)] for index, skill in enumerate(wanted)]
    rows.append([button(texts.plain("button.cancel"), "cancel")])
    await context.move_dialog(FIND, "skill", wanted=list(wanted))
    await show_question(context, Screen(texts("find.ask"), rows))


async def on_find_text(update: Update, context: Context, text: str) -> None:
    await show_search(context, text)
    await context.end_dialog()


async def on_find_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `f:<index>`, an index into the skills offered as buttons."""
    dialog = context.dialog
    offered = dialog.data.get("wanted", []) if dialog.flow == FIND else list(context.user.skills_wanted)
    index = int(parts[0]) if parts and parts[0].isdecimal() else len(offered)
    if index >= len(offered):
        await toast(context, context.texts.plain("find.ask_again"))
        return
    await show_teachers(context, offered[index])
    if dialog.flow == FIND:
        await context.end_dialog()


COMMANDS = {"match": on_match, "find": on_find}
BUTTONS = {
    "match": on_match,
    "teach": on_teachers,
    "m": on_match_button,
    "again": on_show_skipped,
    "find": on_find,
    "f": on_find_button,
}
ON_TEXT = {FIND: on_find_text}
