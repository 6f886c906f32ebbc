"""Answers that can never be taken: the question is closed with a word, and the next text is no answer to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.planning import Meeting
from domain.reviews import Rating
from domain.timetable import STATEMENT_WITHIN
from domain.users import MEMBER, MODERATOR
from handlers import sessions
from handlers.auth.roles import grant_role
from handlers.messages import list_messages
from handlers.reviews import list_own, reply_to_review, write_review
from handlers.swaps import get_swap
from tests.bot.test_disputes import dispute
from tests.bot.test_reviews import completed

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def is_closed(stage: Stage, user: User) -> bool:
    assert user.telegram_id is not None
    return not (await stage.deps.store.dialogs.get(user.telegram_id)).flow


async def agreed(stage: Stage, ana: User, li: User) -> Swap:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + timedelta(hours=6)).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    swap = await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await stage.until_all_delivered()
    return swap


async def test_a_statement_after_the_time_for_it_closes_the_question(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap = await stage.running_swap(ana, li)
    await dispute(stage, swap, ana, li, move_clock)
    told = await stage.sees(ana, "remember your session")
    await stage.presses(ana, told, "✍️ Tell your side", "What happened, from your side?")
    await move_clock(seconds=STATEMENT_WITHIN.total_seconds() + 60)
    await stage.says(ana, "Nobody was there.", "Nothing can be said about this any more")
    await stage.until(lambda: is_closed(stage, ana))
    assert (await get_swap(stage.deps, ana, swap.id)).plan.statements == {}
    assert await list_messages(stage.deps, ana, swap.id, limit=5) == []


@pytest.mark.parametrize("way", ["text", "button"])
async def test_a_place_for_a_session_that_is_called_off_closes_the_question(
    stage: Stage, ana: User, li: User, way: str
) -> None:
    swap = await agreed(stage, ana, li)
    shown = await stage.sees(ana, "It is settled: you and Li meet")
    where = await stage.presses(ana, shown, "📍 Where", "Where do you meet?")
    question = await stage.presses(
        ana, where, "🤝 In person", lambda message: "Without a place" in str(message.buttons)
    )
    await sessions.call_off_session(stage.deps, li, swap.id, "1")
    if way == "text":
        await stage.says(ana, "Café Central", lambda message: message.from_bot and "Café" not in message.words)
    else:
        await stage.presses(ana, question, "🤝 Without a place", lambda message: True)
    await stage.until(lambda: is_closed(stage, ana))
    (session,) = (await get_swap(stage.deps, ana, swap.id)).plan.sessions
    assert session.place == ""


async def test_an_answer_to_a_rating_that_has_one_by_now_closes_the_question(stage: Stage, ana: User, li: User) -> None:
    swap = await completed(stage, ana, li, await stage.running_swap(ana, li))
    for author, about in ((ana, li), (li, ana)):
        await write_review(stage.deps, author, swap.id, about.id, Rating(5, (), "Patient.", ""))
    shown = await stage.sees(li, "Ana has rated you")
    await stage.presses(li, shown, "💬 Answer it", "stands below the rating")
    review = next(one for one, _ in await list_own(stage.deps, li, swap.id) if one.about == li.id)
    await reply_to_review(stage.deps, li, review.id, "Said on the web.")
    await stage.says(li, "Thank you!", "already")
    await stage.until(lambda: is_closed(stage, li))


async def test_whoever_is_no_moderator_any_more_is_asked_for_no_reason(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    await dispute(stage, await stage.running_swap(ana, li), ana, li, move_clock)
    found = await stage.says(noor, "/disputes", "1 dispute waits for a decision")
    shown = await stage.presses(noor, found, next(one for one in stage.buttons(found) if "⚖️" in one), "differently")
    await stage.presses(noor, shown, "🌱 It did not take place", "why?")
    await grant_role(stage.deps, noor.id, MEMBER)
    await stage.says(noor, "The café was closed.", "Only moderators can do that")
    await stage.until(lambda: is_closed(stage, noor))


async def test_an_answer_that_can_be_mended_leaves_the_question_open(stage: Stage, ana: User, li: User) -> None:
    await agreed(stage, ana, li)
    shown = await stage.sees(ana, "It is settled: you and Li meet")
    where = await stage.presses(ana, shown, "📍 Where", "Where do you meet?")
    await stage.presses(ana, where, "💻 Online", "Send me the link")
    await stage.says(ana, "http://example.org", "begins with https://")
    assert not await is_closed(stage, ana)
    await stage.says(ana, "https://example.org", "Li will see where you meet")
    await stage.until(lambda: is_closed(stage, ana))
