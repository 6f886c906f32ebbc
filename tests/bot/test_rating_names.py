"""After a user has deleted their account, no message about ratings, and none about a no, contains their name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.reviews import Rating
from domain.swaps import REJECTED
from domain.timetable import RATE_WITHIN, REMIND_TO_RATE
from handlers import sessions
from handlers.reviews import write_review
from handlers.swaps import Proposal, accept_swap, answer_swap, propose_swap
from handlers.timeline import do_due_steps
from handlers.users import delete_account, get_user
from tests.bot.test_session_names import NAME, naming

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def completed(stage: Stage, zeb: User, li: User) -> Swap:
    swap = await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python"))
    await accept_swap(stage.deps, li, swap.id)
    await sessions.note_session(stage.deps, zeb, swap.id, Meeting(()))
    await sessions.answer_session(stage.deps, li, swap.id, "1", "yes")
    for person in (zeb, li):
        await sessions.finish_swap(stage.deps, person, swap.id)
    return swap


async def leave(stage: Stage, user: User) -> None:
    await stage.until_all_delivered()
    await delete_account(stage.deps, await get_user(stage.deps, user.id))
    await stage.until_all_delivered()


async def rate_question(stage: Stage, li: User) -> Message:
    listed = await stage.says(li, "/ratings", "You can still rate")
    return await stage.presses(li, listed, f"⭐ {NAME}", f"How was it with {NAME}?")


async def test_ratings_forget_the_name(stage: Stage, move_clock: MoveClock) -> None:
    zeb = await stage.person(NAME, "Guitar", "Python")
    li = await stage.person("Li", "Python", "Guitar", locale="en")
    swap = await completed(stage, zeb, li)
    await write_review(stage.deps, zeb, swap.id, None, Rating(2, (), "Never again."))
    await move_clock(seconds=(RATE_WITHIN - REMIND_TO_RATE[0] + timedelta(minutes=1)).total_seconds())
    await do_due_steps(stage.deps)
    await stage.sees(li, f"How was it with {NAME}? You can rate")
    await rate_question(stage, li)
    making = await stage.presses(li, await rate_question(stage, li), "4⭐", f"★★★★☆ for {NAME}")
    await stage.says(li, "Fine.", f"★★★★☆ for {NAME}")
    sent = stage.chat(li)[-1]
    await stage.presses(li, sent, "✅ Send the rating", "Your ratings are both there now")
    shown = await stage.sees(li, f"{NAME} has rated you")
    assert making.id < shown.id
    await stage.until_all_delivered()
    assert len(naming(stage, li)) >= 5
    await leave(stage, zeb)
    assert naming(stage, li) == []


async def test_the_ratings_of_a_person_forget_the_name(stage: Stage, move_clock: MoveClock) -> None:
    zeb = await stage.person(NAME, "Guitar", "Python")
    li = await stage.person("Li", "Python", "Guitar")
    await move_clock(seconds=timedelta(days=30).total_seconds())  # what new accounts say does not count yet
    swap = await completed(stage, zeb, li)
    for person in (zeb, li):
        await write_review(stage.deps, person, swap.id, None, Rating(5, (), "Good."))
    found = await stage.says(li, "/find Guitar", "teaches Guitar")
    card = await stage.presses(li, found, f"👤 {NAME}", "teaches you")
    ratings = await stage.presses(li, card, "⭐ Ratings", "Good.")
    assert NAME in ratings.words
    await leave(stage, zeb)
    assert NAME not in stage.message(li, ratings.id).words


async def test_the_reason_of_a_no_forgets_the_name(stage: Stage) -> None:
    zeb = await stage.person(NAME, "Guitar", "Python")
    li = await stage.person("Li", "Python", "Guitar")
    asked = await propose_swap(stage.deps, li, Proposal(zeb.id, "Python", "Guitar"))
    await answer_swap(stage.deps, zeb, asked.id, REJECTED)
    await stage.sees(li, f"{NAME} can't swap with you")
    await answer_swap(stage.deps, zeb, asked.id, REJECTED, reason="no_time")
    await stage.sees(li, f"{NAME} has added")
    await leave(stage, zeb)
    assert naming(stage, li) == []


async def test_what_can_be_rated_is_named_in_the_readers_language(stage: Stage) -> None:
    zeb = await stage.person(NAME, "Guitar", "Python")
    li = await stage.person("Li", "Python", "Guitar", locale="de")
    await completed(stage, zeb, li)
    listed = await stage.says(li, "/ratings", NAME)
    assert "Gitarre" in listed.words
