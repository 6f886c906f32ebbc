"""The list of open disputes in the bot, for moderators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.timetable import DECIDE_WITHIN
from domain.users import MODERATOR
from handlers import sessions
from handlers.timeline import do_due_steps

if TYPE_CHECKING:
    import pytest

    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def dispute(stage: Stage, swap: Swap, ana: User, li: User, move_clock: MoveClock) -> None:
    start = (stage.deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await move_clock(days=1, hours=3)
    await sessions.answer_session(stage.deps, ana, swap.id, "1", "yes")
    await sessions.answer_session(stage.deps, li, swap.id, "1", "no")
    await move_clock(hours=1)
    await sessions.answer_session(stage.deps, li, swap.id, "1", "no")


async def test_a_moderator_finds_open_disputes_and_decides_one(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    await stage.says(noor, "/disputes", "No dispute waits for a decision")
    swap = await stage.running_swap(ana, li)
    await dispute(stage, swap, ana, li, move_clock)
    found = await stage.says(noor, "/disputes", "1 dispute waits for a decision")
    label = next(label for label in stage.buttons(found) if label.startswith("⚖️ Ana and Li"))
    shown = await stage.presses(noor, found, label, "remember a session differently")
    question = await stage.presses(noor, shown, "🌱 It did not take place", "why?")
    await stage.says(noor, "The café was closed.", "Decided")
    assert question
    await stage.sees(ana, "The café was closed.")
    await stage.says(noor, "/disputes", "No dispute waits for a decision")
    await stage.says(ana, "/disputes", "Only moderators can do that.")


async def test_the_two_hear_that_nobody_has_decided_and_the_dispute_leaves_the_list(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    swap = await stage.running_swap(ana, li)
    await dispute(stage, swap, ana, li, move_clock)
    await stage.sees(ana, "remember your session")
    await move_clock(seconds=DECIDE_WITHIN.total_seconds() / 2)
    await do_due_steps(stage.deps)
    card = await stage.sees(noor, "Please decide")
    await move_clock(seconds=DECIDE_WITHIN.total_seconds())
    await do_due_steps(stage.deps)
    for person in (ana, li):
        told = await stage.sees(person, "have not come to a decision")
        assert "✍️ Tell your side" not in stage.buttons(told)
        await stage.says(person, "/swaps", "left undecided")
    await stage.until(lambda: "nothing left to decide" in stage.message(noor, card.id).words)
    await stage.says(noor, "/disputes", "No dispute waits for a decision")


async def test_a_long_list_of_disputes_is_turned_page_by_page(
    stage: Stage, ana: User, li: User, move_clock: MoveClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.disputes.MAX_LISTED", 1)
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    mia = await stage.person("Mia", "guitar", "Python")
    await dispute(stage, await stage.running_swap(ana, li), ana, li, move_clock)
    await dispute(stage, await stage.running_swap(mia, li), mia, li, move_clock)
    first = await stage.says(noor, "/disputes", "2 disputes wait for a decision")
    assert next(label for label in stage.buttons(first) if "and" in label).startswith("⚖️ Ana and Li")
    rest = await stage.presses(noor, first, "More ▶️", lambda shown: "⚖️ Mia" in " ".join(stage.buttons(shown)))
    assert "2 disputes wait" in rest.words
    assert "More ▶️" not in stage.buttons(rest)
    await stage.presses(noor, rest, "⬅️ All disputes", lambda shown: "⚖️ Ana" in " ".join(stage.buttons(shown)))
