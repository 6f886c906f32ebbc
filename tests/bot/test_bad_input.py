"""What cannot be said about sessions and ratings, said by buttons of older messages: a clear word, nothing changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.reviews import Rating
from domain.timetable import ASK_AFTER, MAX_SESSIONS, RATE_WITHIN
from handlers import sessions
from handlers.reviews import write_review
from handlers.timeline import do_due_steps

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]

DAY = timedelta(days=1)


async def stored(stage: Stage, swap: Swap) -> Swap:
    found = await stage.deps.store.swaps.find(swap.id)
    assert found is not None
    return found


async def completed(stage: Stage, ana: User, li: User) -> tuple[Swap, Message]:
    """Return a completed swap, and the message with the stars in Ana's chat."""
    swap = await stage.running_swap(ana, li)
    await sessions.note_session(stage.deps, ana, swap.id, Meeting(()))
    await sessions.answer_session(stage.deps, li, swap.id, "1", "yes")
    await sessions.finish_swap(stage.deps, ana, swap.id)
    swap = await sessions.finish_swap(stage.deps, li, swap.id)
    return swap, await stage.sees(ana, "is complete")


async def presses_in_vain(stage: Stage, user: User, message: Message, label: str, words: str) -> None:
    """Press a button that is answered by a word and by no change."""
    await stage.sandbox.press(user.telegram_id or 0, message.id, label)
    await stage.until(lambda: any(words in text for text in stage.toasts(user)) or bool(stage.received(user, words)))


async def test_a_21st_session_is_refused_with_a_word(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python", timezone="Europe/Madrid")
    li = await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid")
    swap = await stage.running_swap(ana, li)
    for number in range(1, MAX_SESSIONS + 1):
        await sessions.offer_session(stage.deps, ana, swap.id, Meeting((stage.deps.now() + DAY,)))
        await sessions.call_off_session(stage.deps, ana, swap.id, str(number))
    news = stage.received(ana, "Li accepted")[-1]
    pick = await stage.presses(ana, news, "🗓 Pick a time", "When will you and Li meet?")
    first = next(label for label in stage.buttons(pick) if label.startswith("▫️"))
    pick = await stage.presses(ana, pick, first, lambda seen: "📨 Offer this time" in stage.buttons(seen))
    await presses_in_vain(stage, ana, pick, "📨 Offer this time", f"A swap has {MAX_SESSIONS} sessions at most")
    assert len((await stored(stage, swap)).plan.sessions) == MAX_SESSIONS


async def test_an_answer_about_a_session_that_was_moved_ahead_is_not_taken(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await move_clock(seconds=(start + timedelta(hours=1) + ASK_AFTER - stage.deps.now()).total_seconds() + 60)
    await do_due_steps(stage.deps)
    asked = await stage.sees(li, "Did you and Ana meet?")
    later = stage.deps.now() + 3 * DAY
    await sessions.move_session(stage.deps, ana, swap.id, "1", Meeting((later,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", later.replace(second=0, microsecond=0))
    await stage.presses(li, asked, "✅ Yes", "It is settled: you and Ana meet")
    (session,) = (await stored(stage, swap)).plan.sessions
    assert (session.status, session.answers) == ("agreed", ())


async def test_a_second_rating_by_another_message_changes_nothing(stage: Stage, ana: User, li: User) -> None:
    swap, stars = await completed(stage, ana, li)
    making = await stage.presses(ana, stars, "5⭐", "★★★★★ for Li")
    await write_review(stage.deps, ana, swap.id, None, Rating(2))  # on the web, meanwhile
    await presses_in_vain(stage, ana, making, "✅ Send the rating", "You have rated this person for this swap already.")
    (review,) = await stage.deps.store.reviews.list_of_swap(swap.id)
    assert (review.author, review.stars) == (ana.id, 2)


async def test_a_rating_a_second_after_the_window_is_refused_with_a_word(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap, stars = await completed(stage, ana, li)
    making = await stage.presses(ana, stars, "5⭐", "★★★★★ for Li")
    completed_at = swap.plan.completed_at
    assert completed_at is not None
    late = completed_at + RATE_WITHIN + timedelta(seconds=1)
    await move_clock(seconds=(late - stage.deps.now()).total_seconds())
    await presses_in_vain(stage, ana, making, "✅ Send the rating", "that time is over")
    assert await stage.deps.store.reviews.list_of_swap(swap.id) == []
