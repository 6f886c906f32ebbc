"""Ratings in the bot: given with buttons, shown at the same moment, declined, answered; and the note about silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.timetable import RATE_WITHIN, REMIND_TO_RATE
from handlers import sessions
from handlers.timeline import do_due_steps
from handlers.users import get_user

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def completed(stage: Stage, ana: User, li: User, swap: Swap) -> Swap:
    await sessions.note_session(stage.deps, ana, swap.id, Meeting(()))
    await sessions.answer_session(stage.deps, li, swap.id, "1", "yes")
    await sessions.finish_swap(stage.deps, ana, swap.id)
    return await sessions.finish_swap(stage.deps, li, swap.id)


async def test_both_rate_with_buttons_and_see_it_at_the_same_moment(stage: Stage, ana: User, li: User) -> None:
    swap = await completed(stage, ana, li, await stage.running_swap(ana, li))
    done = await stage.sees(ana, "is complete")
    making = await stage.presses(ana, done, "5⭐", "★★★★★ for Li")
    making = await stage.presses(ana, making, "🎯 clear", "★★★★★ for Li")
    assert "✅ 🎯 clear" in stage.buttons(making)
    making = await stage.says(ana, "A patient teacher.", "A patient teacher.")
    noting = await stage.presses(ana, making, "🔒 A line to the moderators", "Nobody else reads it")
    assert noting
    making = await stage.says(ana, "The room was cold.", "The room was cold.")
    await stage.presses(ana, making, "✅ Send the rating", "appear together, on")
    assert not stage.received(li, "has rated you")
    swaps = await stage.says(li, "/swaps", "Over")
    listed = await stage.presses(li, swaps, "⭐ To rate", "You can still rate")
    asked = await stage.presses(li, listed, "⭐ Ana", "How was it with Ana?")
    making = await stage.presses(li, asked, "4⭐", "★★★★☆ for Ana")
    await stage.presses(li, making, "✅ Send the rating", "Your ratings are both there now")
    shown = await stage.sees(li, "Ana has rated you")
    assert "A patient teacher." in shown.words
    assert "The room was cold." not in shown.words
    await stage.sees(ana, "Li has rated you")
    question = await stage.presses(li, shown, "💬 Answer it", "stands below the rating")
    assert question
    await stage.says(li, "Thank you!", "Your answer is there")
    (review,) = [one for one in await stage.deps.store.reviews.list_of_swap(swap.id) if one.author == ana.id]
    assert (review.stars, review.praise, review.note, review.reply) == (
        5,
        ("clear",),
        "The room was cold.",
        "Thank you!",
    )


async def test_a_reminder_ends_with_the_choice_not_to_rate(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap = await completed(stage, ana, li, await stage.running_swap(ana, li))
    await move_clock(seconds=(RATE_WITHIN - REMIND_TO_RATE[0] + timedelta(minutes=1)).total_seconds())
    await do_due_steps(stage.deps)
    reminder = await stage.sees(ana, "You can rate each other until")
    await stage.presses(ana, reminder, "🙅 No rating", "I won't remind you again")
    await stage.sees(li, "You can rate each other until")
    await move_clock(seconds=(REMIND_TO_RATE[0] - REMIND_TO_RATE[1]).total_seconds())
    await do_due_steps(stage.deps)
    doc = await stage.deps.store.database.collection("swaps").find_one({})
    assert doc is not None
    again = [line for line in doc["outbox"] if line["event"] == "review.soon"]
    assert [str(line["to"]) for line in again].count(ana.id) == 1
    assert swap.status == "completed"


async def test_a_text_that_is_too_long_is_refused_and_the_rating_stays(stage: Stage, ana: User, li: User) -> None:
    await completed(stage, ana, li, await stage.running_swap(ana, li))
    listed = await stage.says(ana, "/ratings", "You can still rate")
    asked = await stage.presses(ana, listed, "⭐ Li", "How was it with Li?")
    await stage.presses(ana, asked, "3⭐", "★★★☆☆ for Li")
    await stage.says(ana, "x" * 501, "500")
    making = await stage.says(ana, "Fine.", "Fine.")
    await stage.presses(ana, making, "✅ Send the rating", "appear together, on")


async def test_facts_stand_on_the_card_of_a_match(stage: Stage, ana: User, li: User) -> None:
    await completed(stage, ana, li, await stage.running_swap(ana, li))
    reader = await stage.person("Bo", "Guitar", "Python")
    person = await get_user(stage.deps, ana.id)
    card = await stage.says(reader, f"/find {person.skills_offered[0]}", "Ana")
    (named,) = [label for label in stage.buttons(card) if "Ana" in label]
    shown = await stage.presses(reader, card, named, "swap held")
    assert "here since" in shown.words
