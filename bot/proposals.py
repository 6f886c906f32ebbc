"""Requesting a swap, or changing what a request is about: choose the two skills, add an optional note, send."""

from __future__ import annotations

from typing import Any

from telegram import Update

from bot.errors import problem_text
from bot.messages import announce_conversation
from bot.profile.timezones import kept_question
from bot.requested_times import (
    SUGGEST,
    SUGGEST_ANYHOW,
    TICK,
    TIMES,
    UNTICK,
    ask_for_zone,
    choice_in,
    ticked,
    time_rows,
    times_hint,
    with_times,
)
from bot.session_planning import plan_after_yes
from bot.updates.context import Context
from bot.views.quotas import tell_quota
from bot.views.screens import (
    Row,
    Screen,
    back_button,
    button,
    pressed_message,
    show,
    show_in_place,
    show_question,
    show_question_in_place,
    toast,
)
from bot.views.swap_cards import keep_card, name_of, partner_in, retire_card, swap_button, swap_card
from bot.views.visibility import needs_visibility, visibility_screen
from bot.words import words_of
from domain.errors import Conflict, Problem
from domain.matches import Match
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.timetable import MAX_SLOTS
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.matches import view_match
from handlers.repeated_requests import ask_again
from handlers.request_facts import request_facts
from handlers.swaps import Proposal, propose_swap, require_may_ask
from handlers.users import get_people

PROPOSE = "propose"
GET, GIVE, NOTE = "get", "give", "note"
CARD = "card"
"""Dialog data: the message with the card on which the user pressed Propose."""
KEPT_NOTE = "kept_note"
"""Dialog data: a note that was written before the times which it has to go with were ticked."""
SENT_AGAIN = ("message", "slots")
"""Fields of a request that can be written again; any other error ends the dialog."""


async def start_proposal(context: Context, user_id: str) -> None:
    """Start a request: ask for each skill where there is a choice, then for the note."""
    match = await view_match(context.deps, context.user, user_id)
    await require_may_ask(context.deps, context.user, match.user.id)  # told before anything is chosen
    gets, gives = _choices(context, match)
    if not gives or not gets:
        rows = [[button(context.texts.plain("propose.add_skills"), "profile"), back_button(context.texts, "home")]]
        await show(context, Screen(context.texts("propose.nothing_to_teach"), rows))
        return
    data: dict[str, Any] = {
        "to": match.user.id,
        "gets": list(gets),
        "gives": list(gives),
        GET: gets[0] if len(gets) == 1 else None,
        GIVE: gives[0] if len(gives) == 1 else None,
    }
    if (pressed := pressed_message(context)) is not None:
        data[CARD] = pressed.message_id
    await context.leave_dialog()  # an earlier question about the same person may be about other skills
    await show_question(context, await _ask_next(context, data))


async def start_counter_offer(context: Context, swap: Swap, *, is_about_times: bool = False) -> None:
    """Start a counter-offer to this version of a request: the same questions, about all that the two teach; or, if it
    is about times alone, only the last one."""
    user, texts = context.user, context.texts
    partner = await partner_in(context.deps, swap, user.id)
    gets, gives = (partner.skills_offered if partner else ()), user.skills_offered
    now = swap.learnt_by(user.id), swap.taught_by(user.id)
    if is_about_times:
        gets, gives = (now[0],), (now[1],)
    elif not any(_differ(context, (get, give), now) for get in gets for give in gives):
        rows = [
            [swap_button(texts.plain("counter.other_times"), swap, "times")],
            [button(texts.plain("propose.add_skills"), "profile"), back_button(texts, "swaps")],
        ]
        shown = await show(context, Screen(texts("counter.nothing_else", name=name_of(texts, partner)), rows))
        await context.note_named(shown.message_id, swap.id)
        return
    data: dict[str, Any] = {
        "to": swap.others(user.id)[0],
        "gets": list(gets),
        "gives": list(gives),
        GET: gets[0] if len(gets) == 1 else None,
        GIVE: gives[0] if len(gives) == 1 else None,
        "request": [swap.id, swap.version, *now],
    }
    await context.leave_dialog()
    await show_question(context, await _ask_next(context, data))


def _differ(context: Context, pair: tuple[str, str], now: tuple[str, str]) -> bool:
    """Return whether two skills can be swapped and are not the pair that the request is about now."""
    key_of = context.deps.vocabulary.key_of
    keys, keys_now = tuple(map(key_of, pair)), tuple(map(key_of, now))
    return keys[0] != keys[1] and keys != keys_now


def _choices(context: Context, match: Match) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the skills to learn and to teach: wanted skills only where there are any, else all."""
    gets = match.teaches_you or match.user.skills_offered
    gives = match.you_teach or context.user.skills_offered
    if len(gets) == 1:  # a skill is not swapped for itself
        key_of = context.deps.vocabulary.key_of
        gives = tuple(skill for skill in gives if key_of(skill) != key_of(gets[0]))
    return gets, gives


async def on_propose_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `p:<user>:<action>[:<index or time>]`: choose a skill or a time, send, or cancel."""
    user_id, action, index = (*parts, "", "", "")[:3]
    data = _open_data(context)
    if data is None or data.get("to") != user_id or _is_other_question(context):
        await toast(context, context.texts.plain("propose.stale"))
        return
    if action == "cancel":
        to = "swaps" if "request" in data else "home"
        rows = [[button(context.texts.plain("find.deck"), "match"), back_button(context.texts, to)]]
        await show_in_place(context, Screen(context.texts("propose.cancelled"), rows))
        await context.end_dialog()
        return
    if action == "send" and data[GET] and data[GIVE]:
        await _propose(context, data, str(data.get(KEPT_NOTE, "")))
        return
    if action == SUGGEST and not context.user.timezone and data[GET] and data[GIVE]:
        await ask_for_zone(context, PROPOSE, NOTE, data)
        return
    if action in (GET, GIVE) and index.isdecimal() and int(index) < len(data[f"{action}s"]):
        data[action] = data[f"{action}s"][int(index)]
    elif action in (SUGGEST, SUGGEST_ANYHOW) and data[GET] and data[GIVE]:
        data = await with_times(context, data, has_same_skills=_has_same_skills(context, data))
    elif action in (TICK, UNTICK):
        data = await ticked(context, data, index, is_on=action == TICK)
    else:
        return
    await show_question_in_place(context, await _ask_next(context, data))


def _open_data(context: Context) -> dict[str, Any] | None:
    """Return what has been gathered for the open request, also while it waits for the user's city; None for none."""
    if context.dialog.flow == PROPOSE:
        return dict(context.dialog.data)
    flow, _, data = kept_question(context.dialog)
    return data if flow == PROPOSE else None


def _has_same_skills(context: Context, data: dict[str, Any]) -> bool:
    """Return whether this is a counter-offer with the skills of the request as it stands: it changes the times."""
    return "request" in data and not _differ(context, (data[GET], data[GIVE]), tuple(data["request"][2:4]))


def _is_other_question(context: Context) -> bool:
    """Return whether the pressed button belongs to an earlier question about the same person."""
    pressed, asked = pressed_message(context), context.dialog.asked
    return pressed is not None and bool(asked) and pressed.message_id not in asked


async def on_propose_text(update: Update, context: Context, text: str) -> None:
    """Send the request with the typed note; at a step answered by buttons, repeat the question. A note to times of
    which none is ticked yet is kept."""
    data = dict(context.dialog.data)
    if context.dialog.step != NOTE:
        await show_question(context, Screen(context.texts("propose.use_buttons")))
        await show_question(context, await _ask_next(context, data))
        return
    message = update.effective_message
    note = words_of(message) if message is not None else text
    if _has_same_skills(context, data) and not choice_in(data).ticked:
        await show_question(context, Screen(context.texts("counter.tick_first")))
        await show_question(context, await _ask_next(context, {**data, KEPT_NOTE: note}))
        return
    await _propose(context, data, note)


async def _ask_next(context: Context, data: dict[str, Any]) -> Screen:
    """Move the dialog to its next open question and return that question's screen."""
    texts = context.texts
    step = next((action for action in (GET, GIVE) if not data[action]), NOTE)
    if step == NOTE and TIMES not in data and context.user.timezone:
        data = await with_times(context, data, has_same_skills=_has_same_skills(context, data))
    await context.move_dialog(PROPOSE, step, **data)
    name = name_of(texts, (await get_people(context.deps, (data["to"],))).get(data["to"]))
    cancel = button(texts.plain("propose.cancel"), "p", data["to"], "cancel")
    if step == NOTE:
        screen = _note_screen(context, data, name)
        return Screen(screen.text, [*screen.rows, [cancel]])
    rows: list[Row] = [
        [button(texts.skill(skill), "p", data["to"], step, index)]
        for index, skill in enumerate(data[f"{step}s"])
        if _is_open(context, data, step, skill)
    ]
    if "request" in data:
        rows.append([button(texts.plain("counter.other_times"), "s", *data["request"][:2], "times")])
    return Screen(texts(f"propose.{step}", name=name), [*rows, [cancel]])


def _note_screen(context: Context, data: dict[str, Any], name: str) -> Screen:
    """Return the question for a note, with times to tick; what changes nothing cannot be sent."""
    texts, is_about_times = context.texts, _has_same_skills(context, data)
    pair = {"learns": texts.skill(data[GET]), "teaches": texts.skill(data[GIVE])}
    if is_about_times:
        text = texts("counter.times", name=name, max=MAX_SLOTS, **pair)
    else:
        text = texts("counter.note" if "request" in data else "propose.note", name=name, **pair)
    label = texts.plain("propose.with_note" if data.get(KEPT_NOTE) else "propose.no_note")
    send = [button(label, "p", data["to"], "send", style="primary")]
    rows = [*time_rows(context, data), *([] if is_about_times and not choice_in(data).ticked else [send])]
    return Screen(f"{text}\n\n{times_hint(context, data, '' if is_about_times else name)}".rstrip(), rows)


def _is_open(context: Context, data: dict[str, Any], step: str, skill: str) -> bool:
    """Return whether a pair with this skill can be sent: a skill is not swapped for itself, and a counter-offer changes
    something."""
    other = GIVE if step == GET else GET
    now = data["request"][2:] if "request" in data else ("", "")
    for chosen in [data[other]] if data[other] else data[f"{other}s"]:
        if _differ(context, (skill, chosen) if step == GET else (chosen, skill), now):
            return True
    return False


async def _propose(context: Context, data: dict[str, Any], note: str) -> None:
    """Send the request, or the counter-offer. The dialog ends last: if interrupted before, a repeat finds the request
    and shows it. What is about times alone, and has none left, is not sent: the note is kept for other times."""
    if _has_same_skills(context, data) and not choice_in(data).after(context.deps.now()).ticked:
        await show_question(context, Screen(context.texts("counter.times_passed")))
        data = await with_times(context, {**data, KEPT_NOTE: note}, has_same_skills=True)
        await show_question(context, await _ask_next(context, data))
        return
    try:
        swap = await _send(context, data, note)
    except Conflict as problem:
        if not isinstance(problem.current, Swap):
            await context.end_dialog()
            raise
        if "request" in data:
            await show(context, Screen(problem_text(context.texts, problem)))
            await _show_swap(context, problem.current)
        else:
            await _show_existing(context, problem.current)
    except Problem as problem:
        if problem.params.get("field") not in SENT_AGAIN:
            await context.end_dialog()
        raise
    else:
        if swap.status == ACCEPTED:
            partner = await partner_in(context.deps, swap, context.user.id)
            they = context.texts("propose.they_asked_first", name=name_of(context.texts, partner))
            await context.note_named((await show(context, Screen(they))).message_id, swap.id)
        await _show_swap(context, swap)
        if "request" in data or swap.status == ACCEPTED:
            await retire_card(context.bot, context.texts, swap, context.user)
        if swap.status == PENDING and "request" not in data:
            await tell_quota(context)
        if needs_visibility(context.user):
            await show(context, visibility_screen(context.texts))
        if swap.status == ACCEPTED:
            await context.end_dialog()
            await announce_conversation(context, swap)
            await plan_after_yes(context, swap)
            return
    await context.end_dialog()


async def _send(context: Context, data: dict[str, Any], note: str) -> Swap:
    choice, now = choice_in(data), context.deps.now()
    slots = choice.after(now).chosen
    if slots != choice.chosen:
        await show(context, Screen(context.texts("propose.time_passed")))
    if "request" not in data:
        return await propose_swap(context.deps, context.user, Proposal(data["to"], data[GIVE], data[GET], note, slots))
    swap_id, version, *_ = data["request"]
    offer = CounterOffer(data[GIVE], data[GET], note, slots)
    return await counter_swap(context.deps, context.user, swap_id, offer, version=version)


async def repeat_request(context: Context, swap: Swap) -> None:
    """Ask for the same swap again, and show the new request, or the one that stands already."""
    try:
        asked = await ask_again(context.deps, context.user, swap.id)
    except Conflict as problem:
        if not isinstance(problem.current, Swap):
            raise
        await toast(context, problem_text(context.texts, problem))
        await _show_existing(context, problem.current)
        return
    await _show_swap(context, asked)
    if asked.status == PENDING:
        await tell_quota(context)
    if asked.status == ACCEPTED:
        await announce_conversation(context, asked)
        await plan_after_yes(context, asked)


async def _show_existing(context: Context, swap: Swap) -> None:
    """Show the open swap that this request duplicates: sent, or running."""
    if swap.status == ACCEPTED:
        await show(context, Screen(context.texts("propose.already_running")))
    await _show_swap(context, swap)


async def _show_swap(context: Context, swap: Swap) -> None:
    partner = await partner_in(context.deps, swap, context.user.id)
    facts = request_facts(context.deps, context.texts, swap, context.user, partner)
    card = swap_card(context.texts, swap, context.user, partner, facts=facts, at=context.deps.now())
    if swap.status == PENDING and swap.author == context.user.id:
        following = button(context.texts.plain("propose.next_match"), "match")
        card = Screen(card.text, [*card.rows, [following]], card.photo_url)
    await keep_card(context.deps, swap, context.user, await show(context, card))
    data = context.dialog.data if context.dialog.flow == PROPOSE else {}
    for message_id in (*context.dialog.asked, *filter(None, (data.get(CARD),))):
        await context.note_named(message_id, swap.id)


BUTTONS = {"p": on_propose_button}
ON_TEXT = {PROPOSE: on_propose_text}
