"""Notifications about the sessions of a swap, of two or of a circle, worded from the swap as it is now.

Each function returns False when there is nothing to send to the recipient, or nothing any more.
"""

from __future__ import annotations

import logging

from telegram import InputFile

from bot.delivery.circle_notifications import refresh_circle_card
from bot.delivery.swap_notifications import refresh_card, send_new_status
from bot.delivery.telegram_channel import Recipient, TelegramChannel
from bot.views.conversations import safety_rows_for
from bot.views.screens import Screen
from bot.views.session_cards import SessionView, plan_button, question_screen, reminder_screen, session_screen
from bot.views.session_lines import partner_id_in
from bot.views.session_planning import ALL_LEGS, Planning, legs_to_plan_screen, nudge_screen, pick_screen
from bot.views.swap_cards import name_of, names_in
from bot.views.time_choices import choice_of
from domain.planning import partners_to_plan_with, sessions_of
from domain.sessions import AGREED, OFFERED, Session
from domain.swaps import ACCEPTED, Swap
from domain.timetable import ASK_FOR_PLAN_AFTER, REMIND_HOUR_BEFORE
from handlers.calendar import FILE_NAME, session_ics
from handlers.notifications import remember_line
from handlers.suggestions import suggest_slots
from handlers.users import get_people

log = logging.getLogger(__name__)


async def send_yes(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send that a request was accepted, and the session that the yes has agreed on."""
    if not await send_new_status(channel, recipient, swap, event):
        return False
    for session in swap.plan.upcoming:
        if session.status == AGREED:
            await send_session_change(channel, recipient, swap, session, event)
    return True


async def send_session_change(
    channel: TelegramChannel, recipient: Recipient, swap: Swap, session: Session, event: str
) -> bool:
    """Send a session as it stands: offered times, a time agreed on, moved, called off, held or missed."""
    await refresh_any_card(channel, recipient, swap, event)
    view = await _view(channel, recipient, swap, session)
    is_own_offer = session.status == OFFERED and view.is_mine  # the recipient has answered with other times since
    if is_own_offer or view.is_answer_due or swap.status != ACCEPTED:
        return False
    await send_named(channel, recipient, swap, session_screen(view))
    if session.status == AGREED and not session.noted_by and session.starts_at is not None:
        await send_calendar_file(channel, recipient, swap, session)
    return True


async def send_calendar_file(channel: TelegramChannel, recipient: Recipient, swap: Swap, session: Session) -> None:
    """Send an agreed session as a file for calendars, without a sound."""
    data = await session_ics(channel.deps, recipient.person, swap, session)
    await channel.rate_limiter.wait(recipient.chat_id)
    file = InputFile(data, filename=FILE_NAME)
    sent = await channel.bot.send_document(recipient.chat_id, file, disable_notification=True)
    await remember_line(channel.deps, recipient.person.id, recipient.chat_id, sent.message_id, swap.id)


async def send_reminder(
    channel: TelegramChannel, recipient: Recipient, swap: Swap, session: Session, event: str
) -> bool:
    """Remind of a session that has not begun."""
    now, start = channel.deps.now(), session.starts_at
    if swap.status != ACCEPTED or session.status != AGREED or start is None or start <= now:
        return False
    view = await _view(channel, recipient, swap, session)
    await send_named(channel, recipient, swap, reminder_screen(view, is_day_before=start - now > REMIND_HOUR_BEFORE))
    return True


async def send_session_question(
    channel: TelegramChannel, recipient: Recipient, swap: Swap, session: Session, event: str
) -> bool:
    """Ask whether a session took place, unless the recipient has said so."""
    await refresh_any_card(channel, recipient, swap, event)
    view = await _view(channel, recipient, swap, session)
    if not view.is_answer_due:
        return False
    await send_named(channel, recipient, swap, question_screen(view))
    return True


async def send_nudge(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Ask the two of a swap without a plan for a time, for what they want to do, or whether they have met."""
    plan, person = swap.plan, recipient.person
    if swap.status != ACCEPTED or plan.idle_since is None or any(one.status == AGREED for one in plan.upcoming):
        return False
    offered = [session for session in sessions_of(swap, person.id) if session.status == OFFERED]
    if offered:
        theirs = [session for session in offered if session.offered_by != person.id]
        return bool(theirs) and await send_session_change(channel, recipient, swap, theirs[0], event)
    partners = partners_to_plan_with(swap, person.id)
    if not partners:
        return False
    name = await names_in(channel.deps, recipient.texts, swap, person.id, only=partners)
    is_probe = bool(plan.arranged_by or plan.is_older) and not plan.held_legs
    if is_probe or channel.deps.now() - plan.idle_since >= ASK_FOR_PLAN_AFTER:
        blocks = await safety_rows_for(channel.deps, recipient.texts, swap, person.id)
        nudge = nudge_screen(recipient.texts, swap, name, is_probe=is_probe, blocks=blocks)
        await send_named(channel, recipient, swap, nudge)
    else:
        await send_named(channel, recipient, swap, await _suggestions(channel, recipient, swap, name))
    return True


async def _suggestions(channel: TelegramChannel, recipient: Recipient, swap: Swap, name: str) -> Screen:
    deps, person, texts = channel.deps, recipient.person, recipient.texts
    people = await get_people(deps, swap.others(person.id))
    if swap.circle is not None:
        names = {user_id: other.name for user_id, other in people.items()}
        return legs_to_plan_screen(texts, swap, person, names, "s", held=swap.plan.held_legs)
    if not person.timezone:  # the button asks for a city first
        return Screen(
            texts("session.nudge.suggest", name=name), [[plan_button(texts, swap, "plan", "new", style="primary")]]
        )
    slots = await suggest_slots(deps, person, swap, next(iter(people.values()), None))
    planning = Planning(texts, swap, ALL_LEGS, person, name, deps.now())
    return pick_screen(planning, choice_of(slots))


async def send_arranged(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Send that the other one says that the two arrange their sessions by themselves."""
    await refresh_any_card(channel, recipient, swap, event)
    plan, texts = swap.plan, recipient.texts
    if swap.status != ACCEPTED or not plan.arranged_by or plan.arranged_by == recipient.person.id:
        return False
    name = await _name(channel, recipient, plan.arranged_by)
    rows = [[plan_button(texts, swap, "plan", "new")], [plan_button(texts, swap, "met", "met")]]
    await send_named(channel, recipient, swap, Screen(texts("session.nudge.arranged", name=name), rows))
    return True


async def send_done(channel: TelegramChannel, recipient: Recipient, swap: Swap, person_id: str, event: str) -> bool:
    """Send that this one of the others is done with the swap, unless the recipient is, too."""
    await refresh_any_card(channel, recipient, swap, event)
    done = swap.plan.done
    if swap.status != ACCEPTED or person_id not in done or recipient.person.id in done:
        return False
    texts = recipient.texts
    end = plan_button(texts, swap, "done", "done", style="success")
    rows = [[end, plan_button(texts, swap, "again", "new")]]
    name = await _name(channel, recipient, person_id)
    await send_named(channel, recipient, swap, Screen(texts("session.nudge.done", name=name), rows))
    return True


async def send_named(channel: TelegramChannel, recipient: Recipient, swap: Swap, screen: Screen) -> None:
    """Send a screen that names others of a swap, and note where it is."""
    sent = await channel.send(recipient, screen)
    await remember_line(channel.deps, recipient.person.id, recipient.chat_id, sent.message_id, swap.id)


async def refresh_any_card(channel: TelegramChannel, recipient: Recipient, swap: Swap, event: str) -> bool:
    """Bring the recipient's card of a swap or circle up to date, if they have one."""
    refresh = refresh_card if swap.circle is None else refresh_circle_card
    return await refresh(channel, recipient, swap, event)


async def _view(channel: TelegramChannel, recipient: Recipient, swap: Swap, session: Session) -> SessionView:
    partner_id = partner_id_in(swap, session, recipient.person.id)
    name = await _name(channel, recipient, partner_id)
    return SessionView(recipient.texts, swap, session, recipient.person, name, channel.deps.now())


async def _name(channel: TelegramChannel, recipient: Recipient, user_id: str) -> str:
    return name_of(recipient.texts, (await get_people(channel.deps, (user_id,))).get(user_id))
