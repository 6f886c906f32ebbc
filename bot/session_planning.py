"""Planning a session by buttons: suggested times, or day, hour and length; and noting one that took place already."""

from __future__ import annotations

from datetime import datetime

from telegram import Update

from bot.errors import problem_text
from bot.profile.timezones import ask_zone
from bot.sessions import on_plan_button, show_about, show_apart, show_below, view_session
from bot.updates.context import Context
from bot.views.screens import Screen, toast
from bot.views.session_cards import plan_button, session_screen
from bot.views.session_planning import (
    ALL_LEGS,
    Planning,
    days_screen,
    hours_screen,
    legs_to_plan_screen,
    length_screen,
    met_screen,
    pick_screen,
)
from bot.views.stamps import time_of
from bot.views.swap_cards import name_of, names_in
from bot.views.time_choices import TimeChoice, choice_of, decoded
from domain.availability import local_time
from domain.errors import NotFound, Problem
from domain.planning import Meeting, people_of
from domain.sessions import OFFERED, Session
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.sessions import move_session, note_session, offer_session
from handlers.suggestions import suggest_slots
from handlers.swaps import get_swap
from handlers.users import get_people

SUGGEST, SUGGEST_ANYHOW = "s", "S"
"""Verbs of a button; without a zone the first asks for one."""
FULL, OFFER, DAYS, HOURS, TAKE, LENGTH, MET, NOTE = "f", "o", "d", "h", "m", "l", "e", "E"


async def on_swap_plan_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `sw:<swap>:<verb>`: begin to plan or to note a session, or say how the swap goes on."""
    swap_id, verb = (*parts, "", "")[:2]
    goes_on = {"new": SUGGEST, "begin": SUGGEST, "met": MET}.get(verb)
    swap = await get_swap(context.deps, context.user, swap_id)
    if goes_on is None or swap.status != ACCEPTED:
        await on_plan_button(update, context, *parts)
    elif swap.circle is not None:
        people = await get_people(context.deps, swap.others(context.user.id))
        names = {user_id: person.name for user_id, person in people.items()}
        screen = legs_to_plan_screen(context.texts, swap, context.user, names, goes_on)
        await (show_below if verb == "begin" else show_apart)(context, swap, screen)
    elif goes_on == MET:
        await show_apart(context, swap, met_screen((await _planning(context, swap, ALL_LEGS))[0]))
    elif not context.user.timezone:
        await _ask_zone(context, swap, ALL_LEGS)
    else:
        screen = await _suggested(context, swap, ALL_LEGS)
        await (show_below if verb == "begin" else show_apart)(context, swap, screen)


async def plan_after_yes(context: Context, swap: Swap) -> None:
    """Suggest times to whoever has just said yes to a swap; without a zone, a button leads there."""
    if swap.circle is None and context.user.timezone:
        await show_below(context, swap, await _suggested(context, swap, ALL_LEGS))
        return
    name = await names_in(context.deps, context.texts, swap, context.user.id)
    rows = [
        [plan_button(context.texts, swap, "plan", "new", style="primary")],
        [plan_button(context.texts, swap, "arrange", "arrange")],
        [plan_button(context.texts, swap, "sessions", "open")],
    ]
    await show_below(context, swap, Screen(context.texts("session.nudge.suggest", name=name), rows))


async def _ask_zone(context: Context, swap: Swap, target: str) -> None:
    goes_on = f"sp:{swap.id}:{target}:"
    await ask_zone(context, f"{goes_on}{SUGGEST}", without=f"{goes_on}{SUGGEST_ANYHOW}")


async def on_time_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `sp:<swap>:<target>:<verb>[:<choice>[:<time>]]`: a step of picking times."""
    swap_id, target, verb, state, stamp = (*parts, "", "", "", "", "")[:5]
    swap = await get_swap(context.deps, context.user, swap_id)
    if swap.status != ACCEPTED:
        await on_plan_button(update, context, swap_id, "open")
        return
    planning, partner = await _planning(context, swap, target)
    if verb == SUGGEST and not context.user.timezone:
        await _ask_zone(context, swap, target)
    elif verb == MET:
        await show_about(context, swap, met_screen(planning))
    elif verb == NOTE:
        await _note(context, planning, state)
    elif (choice := decoded(state)) is None:
        await show_about(context, swap, pick_screen(planning, await _choice(context, swap, target, partner)))
    else:
        await _go_on(context, planning, partner, choice, verb, time_of(stamp))


async def _go_on(
    context: Context, planning: Planning, partner: User | None, choice: TimeChoice, verb: str, time: datetime | None
) -> None:
    """Show the next step of picking times. Times that have passed while the keyboard was open are left out."""
    left = choice.after(planning.at)
    zone = context.user.timezone
    has_passed = left != choice or (verb == TAKE and time is not None and time <= planning.at)
    if has_passed:
        await toast(context, context.texts.plain("problem.session.slot_passed"), is_alert=True)
        fresh = left if left.times else await _choice(context, planning.swap, planning.target, partner)
        await show_about(context, planning.swap, pick_screen(planning, fresh))
    elif verb == OFFER and choice.ticked:
        await _offer(context, planning, choice)
    elif verb == DAYS and not choice.is_full:
        first = local_time(time or planning.at, zone).date()
        await show_about(context, planning.swap, days_screen(planning, choice, first))
    elif verb == HOURS and time is not None:
        await show_about(context, planning.swap, hours_screen(planning, choice, local_time(time, zone).date()))
    elif verb == TAKE and time is not None and not choice.is_full:
        await show_about(context, planning.swap, length_screen(planning, choice.with_time(time)))
    elif verb == LENGTH:
        await show_about(context, planning.swap, length_screen(planning, choice))
    else:
        if verb == FULL:
            await toast(context, context.texts.plain("session.plan.enough"))
        await show_about(context, planning.swap, pick_screen(planning, choice))


async def _offer(context: Context, planning: Planning, choice: TimeChoice) -> None:
    """Offer the ticked times, for a new session or one that is moved; a repeated press finds the offer."""
    deps, user, swap = context.deps, context.user, planning.swap
    legs = planning.legs
    if (offered := _same_offer(planning, choice)) is not None:
        await show_about(context, swap, session_screen(await view_session(context, swap, offered)))
        return
    old = swap.plan.find(planning.moved_id)
    try:
        if old is not None:
            meeting = Meeting(choice.chosen, old.legs, choice.minutes, old.mode, old.place, old.link)
            swap = await move_session(deps, user, swap.id, old.id, meeting)
        else:
            swap = await offer_session(deps, user, swap.id, Meeting(choice.chosen, legs, choice.minutes))
    except NotFound:
        raise
    except Problem as problem:
        await toast(context, problem_text(context.texts, problem), is_alert=True)
        if old is not None:
            swap = await get_swap(deps, user, swap.id)
            now = swap.plan.find(old.id) or old
            await show_about(context, swap, session_screen(await view_session(context, swap, now)))
        else:
            await show_about(context, swap, pick_screen(planning, choice))
        return
    session = swap.plan.find(planning.moved_id) or swap.plan.sessions[-1]
    await show_about(context, swap, session_screen(await view_session(context, swap, session)))


def _same_offer(planning: Planning, choice: TimeChoice) -> Session | None:
    """Return the session that offers just these times already."""
    for session in planning.swap.plan.upcoming:
        is_same = session.status == OFFERED and session.slots == choice.chosen and session.minutes == choice.minutes
        is_target = session.id == planning.moved_id if planning.moved_id else planning.legs in ((), session.legs)
        if is_same and is_target and session.offered_by == planning.viewer.id:
            return session
    return None


async def _note(context: Context, planning: Planning, stamp: str) -> None:
    """Note a session of today ("0") or of an earlier day; a repeated press finds the note."""
    deps, user, swap, zone = context.deps, context.user, planning.swap, context.user.timezone
    start = time_of(stamp)
    day = local_time(start or planning.at, zone).date()
    for session in swap.plan.upcoming:
        is_theirs = session.noted_by == user.id and planning.legs in ((), session.legs)
        if is_theirs and session.starts_at is not None and local_time(session.starts_at, zone).date() == day:
            await show_about(context, swap, session_screen(await view_session(context, swap, session)))
            return
    try:
        swap = await note_session(deps, user, swap.id, Meeting((start,) if start else (), planning.legs))
    except NotFound:
        raise
    except Problem as problem:
        await toast(context, problem_text(context.texts, problem), is_alert=True)
        await show_about(context, swap, met_screen(planning))
        return
    await show_about(context, swap, session_screen(await view_session(context, swap, swap.plan.sessions[-1])))


async def _planning(context: Context, swap: Swap, target: str) -> tuple[Planning, User | None]:
    """Return what is planned, and the other one."""
    planning = Planning(context.texts, swap, target, context.user, "", context.deps.now())
    partner_id = _partner_id(planning)
    partner = (await get_people(context.deps, (partner_id,))).get(partner_id)
    name = name_of(context.texts, partner)
    return Planning(context.texts, swap, target, context.user, name, planning.at), partner


def _partner_id(planning: Planning) -> str:
    swap, me = planning.swap, planning.viewer.id
    session = swap.plan.find(planning.moved_id)
    if session is not None:
        people = people_of(swap, session)
    elif planning.legs and planning.legs[0] < len(swap.legs):
        leg = swap.legs[planning.legs[0]]
        people = (leg.teacher, leg.learner)
    else:
        people = swap.participants
    return next((person for person in people if person != me), "")


async def _suggested(context: Context, swap: Swap, target: str) -> Screen:
    planning, partner = await _planning(context, swap, target)
    return pick_screen(planning, await _choice(context, swap, target, partner))


async def _choice(context: Context, swap: Swap, target: str, partner: User | None) -> TimeChoice:
    """Return suggested times with none ticked; those for a session that is moved keep its length."""
    slots = await suggest_slots(context.deps, context.user, swap, partner)
    session = swap.plan.find(target) if target.isdecimal() else None
    return choice_of(slots, minutes=session.minutes) if session is not None else choice_of(slots)


BUTTONS = {"sp": on_time_button, "sw": on_swap_plan_button}
