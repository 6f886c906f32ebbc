"""Picking times by buttons: ticks, days, hours and lengths, the question for a place, and words in every language."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.languages import LOCALES
from domain.planning import Meeting
from domain.sessions import Session
from domain.swaps import Swap
from domain.users import User
from handlers import sessions
from handlers.swaps import Proposal, propose_swap
from handlers.timeline import do_due_steps
from tests.moved_clock import MoveClock

if TYPE_CHECKING:
    from bot.sandbox import Message
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

DAY = timedelta(days=1)


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.person("Ana", "guitar", "Python", timezone="Europe/Madrid")


@pytest.fixture
async def li(stage: Stage) -> User:
    return await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid")


async def begun(stage: Stage, ana: User) -> Message:
    """Return the keyboard with suggested times that Ana sees."""
    news = stage.received(ana, "Li accepted")[-1]
    return await stage.presses(ana, news, "🗓 Pick a time", "When will you and Li meet?")


def ticks(stage: Stage, message: Message) -> int:
    return sum(label.startswith("☑️") for label in stage.buttons(message))


async def tick(stage: Stage, user: User, message: Message) -> Message:
    """Tick the first time that has no tick."""
    number = ticks(stage, message) + 1
    first = next(label for label in stage.buttons(message) if label.startswith("▫️"))
    return await stage.presses(user, message, first, lambda seen: ticks(stage, seen) == number)


async def only_session(stage: Stage, swap: Swap) -> Session:
    found = await stage.deps.store.swaps.find(swap.id)
    assert found is not None
    (session,) = found.plan.sessions
    return session


async def test_a_day_an_hour_and_a_length_are_picked_by_buttons(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    pick = await begun(stage, ana)
    days = await stage.presses(ana, pick, "➕ Another time", "Which day?")
    days = await stage.presses(ana, days, "Later ▶️", lambda message: message.buttons[0].label != days.buttons[0].label)
    day = days.buttons[0].label
    hours = await stage.presses(ana, days, day, f"{day}: at what time?")
    assert "6:30\u202fPM" in stage.buttons(hours)
    lengths = await stage.presses(ana, hours, "6:30\u202fPM", "How long?")
    pick = await stage.presses(ana, lengths, "45 min", "When will you and Li meet?")
    assert ticks(stage, pick) == 1
    await stage.presses(ana, pick, "📨 Offer this time", "You suggested this to Li")
    session = await only_session(stage, swap)
    assert session.minutes == 45
    assert session.slots[0] - stage.deps.now() > 11 * DAY
    await stage.sees(li, "6:30\u202fPM (UTC+")


async def test_three_times_are_offered_at_most(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    pick = await begun(stage, ana)
    days = await stage.presses(ana, pick, "➕ Another time", "Which day?")
    hours = await stage.presses(ana, days, days.buttons[3].label, "at what time?")
    lengths = await stage.presses(ana, hours, "7:00\u202fAM", "How long?")
    pick = await stage.presses(ana, lengths, "60 min", lambda message: ticks(stage, message) == 1)
    for _ in range(2):
        pick = await tick(stage, ana, pick)
    left = next(label for label in stage.buttons(pick) if label.startswith("▫️"))
    await stage.sandbox.press(ana.telegram_id or 0, pick.id, left)
    await stage.until(lambda: "Three times are enough: untick one first." in stage.toasts(ana))
    pick = stage.message(ana, pick.id)
    assert (ticks(stage, pick), "➕ Another time" in stage.buttons(pick)) == (3, False)
    await stage.presses(ana, pick, "📨 Offer these 3", "You suggested this to Li")
    assert len((await only_session(stage, swap)).slots) == 3


async def test_two_who_ask_each_other_go_on_to_a_time(stage: Stage, ana: User, li: User) -> None:
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    await stage.sees(li, "Ana would like to swap with you")
    card = await stage.says(li, "/find guitar", "teaches guitar")
    card = await stage.presses(li, card, "👤 Ana", "Ana teaches you: guitar")
    note = await stage.presses(li, card, "🤝 Propose a swap", "short note")
    await stage.presses(li, note, "📨 Send without a note", "When will you and Ana meet?")


async def test_a_reminder_leads_to_a_call_off(stage: Stage, ana: User, li: User, move_clock: MoveClock) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + 3 * DAY).replace(hour=16, minute=0, second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await move_clock(seconds=(start - DAY - stage.deps.now()).total_seconds())
    await do_due_steps(stage.deps)
    reminder = await stage.sees(li, "Your session with Ana is coming up")
    assert stage.buttons(reminder) == ["✅ I'll be there", "🕒 Move", "🚫 Can't", "💬 Chat", "🚫 Block", "🚩 Report"]
    asked = await stage.presses(li, reminder, "🚫 Can't", "Call off your session with Ana?")
    kept = await stage.presses(li, asked, "Keep it", "It is settled")
    asked = await stage.presses(li, kept, "🚫 Call off", "Call off your session with Ana?")
    await stage.presses(li, asked, "🚫 Yes, call it off", "You called off your session with Ana")
    await stage.sees(ana, "Li has called off your session")
    assert (await only_session(stage, swap)).status == "called_off"


async def test_who_will_be_there_is_kept_and_shown_to_the_other(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + 3 * DAY).replace(hour=16, minute=0, second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await move_clock(seconds=(start - DAY - stage.deps.now()).total_seconds())
    await do_due_steps(stage.deps)
    reminder = await stage.sees(li, "Your session with Ana is coming up")
    await stage.presses(li, reminder, "✅ I'll be there", "Great, see you there!")
    assert (await only_session(stage, swap)).confirmed == (li.id,)
    await move_clock(hours=23, minutes=10)
    await do_due_steps(stage.deps)
    soon = await stage.sees(ana, "meet within the hour")
    assert "👍 Li will be there." in soon.words
    assert "will be there" not in (await stage.sees(li, "meet within the hour")).words


async def test_another_button_closes_the_question_for_a_place(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, li, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, ana, swap.id, "1", start)
    await stage.until_all_delivered()
    await stage.says(ana, "/chat", "You are now talking to Li")
    listed = await stage.says(ana, "/swaps", "Coming up")
    label = next(label for label in stage.buttons(listed) if label.startswith("🗓"))
    session = await stage.presses(ana, listed, label, "It is settled")
    where = await stage.presses(ana, session, "📍 Where", "Where do you meet?")
    question = await stage.presses(ana, where, "🤝 In person", "Send me the place")
    await stage.says(ana, "/swaps", "Coming up")
    await stage.writes(ana, "Café Sol?")
    await stage.sees(li, "Café Sol?")
    assert (await only_session(stage, swap)).place == ""
    await stage.sandbox.press(ana.telegram_id or 0, question.id, "🤝 Without a place")
    await stage.until(lambda: "That button is too old. /start takes you home." in stage.toasts(ana))
    assert (await only_session(stage, swap)).mode == "online"


@pytest.mark.parametrize("locale", LOCALES)
async def test_offers_are_worded_and_timed_in_every_language(stage: Stage, ana: User, locale: str) -> None:
    bo = await stage.person("Bo", "Python", "guitar", timezone="Asia/Kathmandu", locale=locale)
    swap = await stage.running_swap(ana, bo)
    start = (stage.deps.now() + 3 * DAY).replace(hour=12, minute=15, second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    texts = stage.deps.texts[locale]
    other_times = texts.plain("session.button.other_times")
    offer = await stage.sees(bo, lambda message: other_times in stage.buttons(message))
    assert "UTC+5:45" in offer.words
    assert re.search(r"(18:00|6:00\u202fPM)", offer.words)
    (time,) = [entity for entity in offer.entities if entity["type"] == "date_time"]
    assert time["unix_time"] == int(start.timestamp())
