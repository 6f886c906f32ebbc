"""Sessions through the bot: planned, agreed on, moved, called off, reminded of, asked about, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.errors import Forbidden
from domain.planning import Meeting
from domain.swaps import ACCEPTED, COMPLETED, DISPUTED, NOT_HAPPENED, Swap
from domain.users import MODERATOR, User
from handlers import sessions
from handlers.disputes import decide_dispute
from handlers.swaps import Proposal, propose_swap
from handlers.timeline import do_due_steps
from tests.moved_clock import MoveClock

if TYPE_CHECKING:
    from bot.sandbox import Message
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.person("Ana", "guitar", "Python", timezone="Europe/Madrid")


@pytest.fixture
async def li(stage: Stage) -> User:
    return await stage.person("Li", "Python", "guitar", timezone="America/New_York")


async def stored(stage: Stage, swap: Swap) -> Swap:
    found = await stage.deps.store.swaps.find(swap.id)
    assert found is not None
    return found


async def agreed(stage: Stage, ana: User, li: User, *, after: timedelta = 3 * DAY) -> tuple[Swap, datetime]:
    """Return a running swap with a session that the two have agreed on, and its start."""
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + after).replace(second=0, microsecond=0)
    start = start.replace(hour=16, minute=0) if after >= DAY else start  # by day in both zones
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    swap = await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await stage.until_all_delivered()
    return swap, start


async def go_to(stage: Stage, move_clock: MoveClock, at: datetime) -> None:
    """Move the clock to a time, and do what is due then."""
    await move_clock(seconds=(at - stage.deps.now()).total_seconds())
    await do_due_steps(stage.deps)
    await stage.until_all_delivered()


async def by_day(stage: Stage, move_clock: MoveClock) -> None:
    """Move the clock to the next hour that is in nobody's quiet hours."""
    await go_to(stage, move_clock, stage.deps.now().replace(hour=15) + DAY)


def newest(stage: Stage, user: User, words: str) -> Message:
    found = stage.received(user, words)
    assert found, f"{user.name} has not read {words!r}"
    return found[-1]


def unticked(stage: Stage, message: Message) -> list[str]:
    return [label for label in stage.buttons(message) if label.startswith("▫️")]


def has_unticked(stage: Stage, count: int) -> Callable[[Message], bool]:
    return lambda message: len(unticked(stage, message)) == count


async def test_two_plan_meet_and_complete_their_swap(stage: Stage, ana: User, li: User, move_clock: MoveClock) -> None:
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap with you")
    pick = await stage.presses(li, request, "✅ Accept", "When will you and Ana meet?")
    assert len(unticked(stage, pick)) == 3
    for left in (2, 1):
        # The last ones: the first may be less than a day ahead.
        pick = await stage.presses(li, pick, unticked(stage, pick)[-1], has_unticked(stage, left))
    waiting = await stage.presses(li, pick, "📨 Offer these 2", "You suggested this to Ana")
    offer = await stage.sees(ana, "Li suggests when to meet")
    first, *_ = [label for label in stage.buttons(offer) if label.startswith("✅")]
    await stage.presses(ana, offer, first, "It is settled: you and Li meet")
    await stage.sees(li, "It is settled: you and Ana meet", after=waiting.id)
    await stage.until_all_delivered()
    for person in (ana, li):
        assert [message.kind for message in stage.chat(person)].count("document") == 1
    (session,) = (await stored(stage, swap)).plan.sessions
    start = session.starts_at
    assert start is not None
    listed = await stage.says(ana, "/swaps", "Coming up")
    assert listed.words.index("Coming up") < listed.words.index("Running")

    await go_to(stage, move_clock, start - DAY)
    reminder = newest(stage, ana, "Your session with Li is coming up")
    await stage.presses(ana, reminder, "✅ I'll be there", "Great, see you there")
    await go_to(stage, move_clock, start - HOUR)
    for person in (ana, li):
        assert len(stage.received(person, "meet within the hour")) == 1
    await go_to(stage, move_clock, start + 2 * HOUR)
    question = newest(stage, ana, "Did you and Li meet?")
    legs = await stage.presses(ana, question, "✅ Yes", "What did you and Li do?")
    assert {"✅ Both", "Only guitar", "Only Python"} <= set(stage.buttons(legs))
    await stage.presses(ana, legs, "✅ Both", "Thank you, noted")
    question = newest(stage, li, "Did you and Ana meet?")
    legs = await stage.presses(li, question, "✅ Yes", "What did you and Ana do?")
    held = await stage.presses(li, legs, "✅ Both", "You and Ana have met")
    await stage.sees(ana, "You and Li have met")
    await stage.presses(li, held, "🏁 We're done", "Once I hear the same from Ana")
    told = await stage.sees(ana, "Li is done with your swap")
    await stage.presses(ana, told, "🏁 We're done", "is complete")
    await stage.sees(li, "Your swap with Ana (guitar ⇄ Python) is complete")
    assert (await stored(stage, swap)).status == COMPLETED


async def test_a_session_is_moved_by_buttons_and_agreed_anew(stage: Stage, ana: User, li: User) -> None:
    swap, _ = await agreed(stage, ana, li)
    settled = newest(stage, ana, "It is settled")
    pick = await stage.presses(ana, settled, "🕒 Move", "Which other times suit you?")
    days = await stage.presses(ana, pick, "➕ Another time", "Which day?")
    hours = await stage.presses(ana, days, days.keyboard[1][1].label, "at what time?")
    lengths = await stage.presses(ana, hours, hours.keyboard[3][2].label, "How long?")
    pick = await stage.presses(ana, lengths, "90 min", "Which other times suit you?")
    await stage.presses(ana, pick, "📨 Offer this time", "You suggested this to Li")
    moved = await stage.sees(li, "Ana would like to move your session")
    label = next(label for label in stage.buttons(moved) if label.startswith("✅"))
    await stage.presses(li, moved, label, "It is settled")
    (session,) = (await stored(stage, swap)).plan.sessions
    assert (session.status, session.moves, session.minutes) == ("agreed", 1, 90)


async def test_a_session_is_called_off_after_a_confirmation(stage: Stage, ana: User, li: User) -> None:
    swap, _ = await agreed(stage, ana, li, after=2 * HOUR)
    settled = newest(stage, ana, "It is settled")
    asked = await stage.presses(ana, settled, "🚫 Call off", "Call off your session with Li?")
    assert (await stored(stage, swap)).plan.sessions[0].status == "agreed"
    await stage.presses(ana, asked, "🚫 Yes, call it off", "You called off your session with Li")
    told = await stage.sees(li, "Ana has called off your session at short notice")
    assert "🗓 Pick a time" in stage.buttons(told)
    assert (await stored(stage, swap)).plan.sessions[0].status == "called_off"


async def test_a_time_that_passed_while_the_keyboard_was_open_is_not_offered(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap = await stage.running_swap(ana, li)
    news = newest(stage, ana, "Li accepted")
    pick = await stage.presses(ana, news, "🗓 Pick a time", "When will you and Li meet?")
    pick = await stage.presses(ana, pick, unticked(stage, pick)[0], has_unticked(stage, 2))
    await move_clock(days=11)
    fresh = await stage.presses(ana, pick, "📨 Offer this time", has_unticked(stage, 3))
    assert "📨 Offer this time" not in stage.buttons(fresh)
    assert len(unticked(stage, fresh)) == 3
    assert "That time has passed. Suggest another one." in stage.toasts(ana)
    assert (await stored(stage, swap)).plan.sessions == ()


async def test_a_change_to_summer_time_is_shown_right_in_two_zones(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await move_clock(seconds=(datetime(2027, 3, 10, 12, tzinfo=UTC) - stage.deps.now()).total_seconds())
    swap = await stage.running_swap(ana, li)
    # New York changes its clocks on March 14, Madrid on March 28.
    before, after = datetime(2027, 3, 12, 17, tzinfo=UTC), datetime(2027, 3, 29, 16, tzinfo=UTC)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((before, after)))
    offer = await stage.sees(li, "Ana suggests when to meet")
    assert "Fri, Mar 12, 12:00\u202fPM (UTC-5)" in offer.words
    assert "Mon, Mar 29, 12:00\u202fPM (UTC-4)" in offer.words
    times = [entity for entity in offer.entities if entity["type"] == "date_time"]
    assert [entity["unix_time"] for entity in times] == [int(at.timestamp()) for at in (before, after)]
    assert {entity["date_time_format"] for entity in times} == {"wDt"}
    label = next(label for label in stage.buttons(offer) if "Mar 29" in label)
    await stage.presses(li, offer, label, "Mon, Mar 29, 12:00\u202fPM (UTC-4)")
    await stage.sees(ana, "Mon, Mar 29, 6:00\u202fPM (UTC+2)")


async def test_of_two_taps_at_once_one_counts_and_an_old_button_shows_how_it_stands(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start, start + DAY)))
    offer = await stage.sees(li, "Ana suggests when to meet")
    first, _ = [label for label in stage.buttons(offer) if label.startswith("✅")]
    await stage.sandbox.press(li.telegram_id or 0, offer.id, first)
    await stage.sandbox.press(li.telegram_id or 0, offer.id, first)
    await stage.sees(li, "It is settled", after=0)
    await stage.sees(ana, "It is settled")
    assert len(stage.received(ana, "It is settled")) == 1
    await sessions.call_off_session(stage.deps, ana, swap.id, "1")
    await stage.sees(li, "Ana has called off your session")
    settled = newest(stage, li, "It is settled")
    await stage.presses(li, settled, "🚫 Call off", "Ana has called off your session")
    assert (await stored(stage, swap)).version == 5


async def test_an_old_time_button_after_a_move_changes_nothing(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    offer = await stage.sees(li, "Ana suggests when to meet")
    old = next(button for button in offer.buttons if button.label.startswith("✅"))
    await sessions.move_session(stage.deps, ana, swap.id, "1", Meeting((start + DAY,)))
    await stage.sees(li, "Ana suggests other times")
    await stage.presses(li, offer, old.label, "Ana suggests other times")
    assert "That time is not among the ones offered." in stage.toasts(li)
    assert (await stored(stage, swap)).plan.sessions[0].status == "offered"


async def test_a_place_is_asked_for_as_text_and_a_reply_to_the_question_is_its_answer(
    stage: Stage, ana: User, li: User
) -> None:
    swap, _ = await agreed(stage, ana, li)
    settled = newest(stage, ana, "It is settled")
    asked = await stage.presses(ana, settled, "📍 Where", "Where do you meet?")
    question = await stage.presses(ana, asked, "💻 Online", "Send me the link")
    await stage.says(ana, "http://meet.example.org/a", "begins with https://")
    await stage.writes(ana, "https://meet.example.org/a", reply_to=question.id)
    await stage.sees(ana, "Li will see where you meet")
    told = await stage.sees(li, "Ana has said where you meet")
    assert "online: https://meet.example.org/a" in told.words
    session = (await stored(stage, swap)).plan.sessions[0]
    assert (session.status, session.link) == ("agreed", "https://meet.example.org/a")
    assert stage.received(li, "http://meet.example.org/a") == []


async def test_a_new_place_repeats_no_reminder(stage: Stage, ana: User, li: User, move_clock: MoveClock) -> None:
    swap, start = await agreed(stage, ana, li)
    await go_to(stage, move_clock, start - DAY)
    await sessions.place_session(stage.deps, ana, swap.id, "1", Meeting((), mode="in_person", place="Café Sol"))
    await go_to(stage, move_clock, start - DAY + HOUR)
    assert len(stage.received(li, "is coming up")) == 1
    assert "in person: Café Sol" in newest(stage, li, "Ana has said where you meet").words


async def test_a_reply_to_a_reminder_goes_to_the_other(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    _, start = await agreed(stage, ana, li)
    await go_to(stage, move_clock, start - HOUR)
    reminder = newest(stage, ana, "meet within the hour")
    await stage.writes(ana, "Ten minutes late, sorry", reply_to=reminder.id)
    await stage.sees(li, "Ten minutes late, sorry")


async def test_no_and_no_is_told_in_neutral_words_and_reasons_stay_private(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap, start = await agreed(stage, ana, li)
    await go_to(stage, move_clock, start + 2 * HOUR)
    for person, name, label in ((ana, "Li", "They didn't come"), (li, "Ana", "I couldn't")):
        question = newest(stage, person, f"Did you and {name} meet?")
        why = await stage.presses(person, question, "🚫 It didn't happen", "does not see your answer")
        await stage.presses(person, why, label, lambda message: "What happened" not in message.words)
    told = await stage.sees(ana, "Your session with Li did not take place")
    assert "come" not in told.words
    assert "🏁 Call the swap off" in stage.buttons(told)
    await stage.presses(ana, told, "🏁 Call the swap off", "End the swap with Li?")
    assert (await stored(stage, swap)).status == ACCEPTED


async def test_whoever_denies_is_asked_once_more_and_a_dispute_goes_to_the_moderators(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    swap, start = await agreed(stage, ana, li)
    await go_to(stage, move_clock, start + 2 * HOUR)
    why = await stage.presses(ana, newest(stage, ana, "Did you and Li meet?"), "🚫 It didn't happen", "What happened")
    await stage.presses(ana, why, "They didn't come", "Thank you, noted")
    legs = await stage.presses(li, newest(stage, li, "Did you and Ana meet?"), "✅ Yes", "What did you")
    await stage.presses(li, legs, "✅ Both", "Thank you, noted")
    await do_due_steps(stage.deps)
    again = await stage.sees(ana, "Li says that you met")
    assert stage.buttons(again) == ["✅ Yes", "🚫 It didn't happen", "🚫 Block", "🚩 Report"]
    ended = await stage.presses(ana, again, "🚫 It didn't happen", "Tell the moderators your side within 72 hours")
    await stage.sees(li, "Tell the moderators your side")
    assert (await stored(stage, swap)).status == DISPUTED

    question = await stage.presses(ana, ended, "✍️ Tell your side", "What happened, from your side?")
    await stage.writes(ana, "I <b>waited</b> an hour", reply_to=question.id)
    await stage.sees(ana, "The moderators will read it")
    await go_to(stage, move_clock, stage.deps.now() + timedelta(hours=73))
    case = newest(stage, noor, "remember a session differently")
    assert "I <b>waited</b> an hour" in case.words
    assert "Li has written nothing" in case.words
    reason = await stage.presses(noor, case, "🌱 It did not take place", "Both will read your reason")
    await stage.writes(noor, "No sign of a call.", reply_to=reason.id)
    await stage.sees(noor, "Decided")
    for person in (ana, li):
        told = await stage.sees(person, "not having taken place")
        assert "No sign of a call." in told.words
    assert (await stored(stage, swap)).status == NOT_HAPPENED


async def test_nobody_but_a_moderator_decides_a_dispute(stage: Stage, ana: User, li: User) -> None:
    swap, _ = await agreed(stage, ana, li)
    with pytest.raises(Forbidden, match=r"role\.moderator_needed"):
        await decide_dispute(stage.deps, ana, swap.id, "completed", "I say so")


async def test_a_session_noted_afterwards_waits_for_the_other(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await by_day(stage, move_clock)
    swap = await stage.running_swap(ana, li)
    news = newest(stage, ana, "Li accepted")
    pick = await stage.presses(ana, news, "🗓 Pick a time", "When will you and Li meet?")
    days = await stage.presses(ana, pick, "✅ We have met already", "When did you and Li meet?")
    await stage.presses(ana, days, "Yesterday", "I am asking Li whether it is so")
    await do_due_steps(stage.deps)
    asked = await stage.sees(li, "Ana noted that you two met")
    legs = await stage.presses(li, asked, "✅ Yes", "What did you and Ana do?")
    await stage.presses(li, legs, "Only guitar", "You and Ana have met")
    await stage.sees(ana, "You and Li have met")
    (session,) = (await stored(stage, swap)).plan.sessions
    assert session.status == "held"


async def test_a_swap_without_a_plan_is_nudged_and_asked_whether_they_have_met(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await by_day(stage, move_clock)
    swap = await stage.running_swap(ana, li)
    since = stage.deps.now()
    await go_to(stage, move_clock, since + 2 * DAY)
    assert len(unticked(stage, newest(stage, li, "When will you and Ana meet?"))) == 3
    await go_to(stage, move_clock, since + 7 * DAY)
    nudge = newest(stage, li, "You and Ana have no date yet")
    said = ["🗓 Pick a time", "🤝 We arrange it ourselves", "🏁 Call the swap off", "🚫 Block", "🚩 Report"]
    assert stage.buttons(nudge) == said
    await stage.presses(li, nudge, "🤝 We arrange it ourselves", "arrange it yourselves")
    await stage.sees(ana, "Li says that you arrange your sessions yourselves")
    await go_to(stage, move_clock, stage.deps.now() + 14 * DAY)
    probe = newest(stage, ana, "Have you and Li met?")
    await stage.presses(ana, probe, "⏳ Not yet", "There is no hurry")
    await go_to(stage, move_clock, stage.deps.now() + 22 * DAY)
    for person, name in ((ana, "Li"), (li, "Ana")):
        assert f"Your swap with {name}" in newest(stage, person, "has fallen asleep").words
    assert (await stored(stage, swap)).status == "lapsed"


async def test_a_request_that_waits_is_shown_again_with_its_buttons(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await by_day(stage, move_clock)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap with you")
    await go_to(stage, move_clock, stage.deps.now() + 3 * DAY)
    again = newest(stage, li, "Ana is still waiting for your answer")
    assert "✅ Accept" not in stage.buttons(stage.message(li, request.id))
    assert "shown again further down" in stage.message(li, request.id).words
    await stage.presses(li, again, "✅ Accept", "You and Ana are swapping")


async def test_the_city_is_asked_once_before_the_first_slot(stage: Stage, ana: User) -> None:
    bo = await stage.person("Bo", "Python", "guitar")
    await stage.running_swap(ana, bo)
    prompt = newest(stage, ana, "Bo accepted")
    assert "🗓 Pick a time" in stage.buttons(prompt)
    listed = await stage.says(bo, "/swaps", "Running")
    card = await stage.presses(bo, listed, "💬 Ana · guitar ⇄ Python", "You and Ana are swapping")
    plan = await stage.presses(bo, card, "🗓 Sessions", "Nothing is planned yet")
    question = await stage.presses(bo, plan, "🗓 Pick a time", "Which time zone are you in?")
    assert "🌐 Without: times in UTC" in stage.buttons(question)
    saved = await stage.says(bo, "Lisbon", "it is")
    pick = await stage.presses(bo, saved, "🗓 Pick a time", "When will you and Ana meet?")
    assert "Lisbon (Portugal)" in pick.words
    plan = await stage.says(bo, "/swaps", "Running")
    card = await stage.presses(bo, plan, "💬 Ana · guitar ⇄ Python", "You and Ana are swapping")
    plan = await stage.presses(bo, card, "🗓 Sessions", "Nothing is planned yet")
    await stage.presses(bo, plan, "🗓 Pick a time", "When will you and Ana meet?")
