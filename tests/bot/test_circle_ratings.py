"""Ratings in a circle: each rates their teacher, and is told whom by name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.timetable import RATE_WITHIN
from handlers.sessions import answer_session, finish_swap, note_session
from handlers.swaps import get_swap
from handlers.timeline import do_due_steps
from tests.bot.test_circle_sessions import closed_circle

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def held_circle(stage: Stage) -> tuple[str, User, User, User]:
    """Return a circle, all lessons of which have been held, and its people."""
    circle_id, ana, li, noor = await closed_circle(stage)
    swap = await get_swap(stage.deps, ana, circle_id)
    people = {person.id: person for person in (ana, li, noor)}
    for number, leg in enumerate(swap.legs):
        swap = await note_session(stage.deps, people[leg.teacher], circle_id, Meeting((), (number,)))
        await answer_session(stage.deps, people[leg.learner], circle_id, swap.plan.sessions[-1].id, "yes")
    await stage.until_all_delivered()
    return circle_id, ana, li, noor


async def test_in_a_circle_everybody_rates_their_teacher_and_is_told_so_by_name(
    stage: Stage, move_clock: MoveClock
) -> None:
    circle_id, ana, li, noor = await held_circle(stage)
    held = stage.received(ana, "have met")[-1]
    said = await stage.presses(ana, held, "🏁 We're done", "Once I hear the same from")
    assert "Li and Noor" in said.words
    await finish_swap(stage.deps, li, circle_id)
    await finish_swap(stage.deps, noor, circle_id)
    done = await stage.sees(ana, "Thank you for teaching")
    assert "How was it with Noor?" in done.words
    making = await stage.presses(ana, done, "5⭐", "★★★★★ for")
    assert making.words.startswith("★★★★★ for Noor\n")
    await stage.presses(ana, making, "✅ Send the rating", "The ratings of your circle appear together")
    await move_clock(seconds=(RATE_WITHIN + timedelta(minutes=1)).total_seconds())
    await do_due_steps(stage.deps)
    await stage.sees(noor, "Ana has rated you")
    await stage.sees(ana, "Your rating of Noor is shown on their profile now")
    await stage.until_all_delivered()
    assert stage.received(li, "shown on their profile") == stage.received(li, "gave no rating") == []


async def test_whoever_hears_late_that_two_are_done_hears_of_each_by_name(stage: Stage) -> None:
    circle_id, ana, li, noor = await held_circle(stage)
    (runner,) = stage.runners
    await runner.stop()
    await finish_swap(stage.deps, ana, circle_id)
    await finish_swap(stage.deps, li, circle_id)
    await stage.start_runner("later")
    await stage.until_all_delivered()
    told = [message.words.split(" is done")[0] for message in stage.received(noor, "is done with your swap")]
    assert sorted(told) == ["🏁 Ana", "🏁 Li"]
