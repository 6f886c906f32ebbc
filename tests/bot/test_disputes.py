"""The list of open disputes in the bot, for moderators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from domain.users import MODERATOR
from handlers import sessions

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]


async def test_a_moderator_finds_open_disputes_and_decides_one(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    await stage.says(noor, "/disputes", "No dispute waits for a decision")
    swap = await stage.running_swap(ana, li)
    start = (stage.deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    await sessions.offer_session(stage.deps, ana, swap.id, Meeting((start,)))
    await sessions.agree_session(stage.deps, li, swap.id, "1", start)
    await move_clock(days=1, hours=3)
    await sessions.answer_session(stage.deps, ana, swap.id, "1", "yes")
    await sessions.answer_session(stage.deps, li, swap.id, "1", "no")
    await move_clock(hours=1)
    await sessions.answer_session(stage.deps, li, swap.id, "1", "no")
    found = await stage.says(noor, "/disputes", "1 dispute waits for a decision")
    label = next(label for label in stage.buttons(found) if label.startswith("⚖️ Ana and Li"))
    shown = await stage.presses(noor, found, label, "remember a session differently")
    question = await stage.presses(noor, shown, "🌱 It did not take place", "why?")
    await stage.says(noor, "The café was closed.", "Decided")
    assert question
    await stage.sees(ana, "The café was closed.")
    await stage.says(noor, "/disputes", "No dispute waits for a decision")
    await stage.says(ana, "/disputes", "Only moderators can do that.")
