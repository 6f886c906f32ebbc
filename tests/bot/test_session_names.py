"""After a user has deleted their account, no message about sessions in the partner's chat contains their name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.planning import Meeting
from handlers import sessions
from handlers.timeline import do_due_steps
from handlers.users import delete_account, get_user
from tests.moved_clock import MoveClock

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

NAME = "Zebulon"


def naming(stage: Stage, user: User) -> list[str]:
    """Return all texts and buttons of the bot in this user's chat that contain the name."""
    seen = [" ".join([each.words, *stage.buttons(each)]) for each in stage.chat(user) if each.from_bot]
    return [text for text in seen if NAME in text]


async def test_offers_reminders_questions_and_files_forget_the_name(stage: Stage, move_clock: MoveClock) -> None:
    zeb = await stage.person(NAME, "guitar", "Python", timezone="Europe/Madrid")
    li = await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid")
    swap = await stage.running_swap(zeb, li)
    start = (stage.deps.now() + timedelta(days=3)).replace(hour=16, minute=0, second=0, microsecond=0)
    await sessions.offer_session(stage.deps, zeb, swap.id, Meeting((start,)))
    offer = await stage.sees(li, f"{NAME} suggests when to meet")
    yes = next(label for label in stage.buttons(offer) if label.startswith("✅"))
    await stage.presses(li, offer, yes, f"you and {NAME} meet")
    await stage.until_all_delivered()
    for at in (start - timedelta(days=1), start + timedelta(hours=2)):
        await move_clock(seconds=(at - stage.deps.now()).total_seconds())
        await do_due_steps(stage.deps)
        await stage.until_all_delivered()
    question = stage.received(li, f"Did you and {NAME} meet?")[-1]
    legs = await stage.presses(li, question, "✅ Yes", f"What did you and {NAME} do?")
    await stage.presses(li, legs, "✅ Both", "Thank you, noted")
    listed = await stage.says(li, "/swaps", "Running")
    card = await stage.presses(li, listed, f"💬 {NAME} · guitar ⇄ Python", f"You and {NAME} are swapping")
    await stage.presses(li, card, "🗓 Sessions", f"Your sessions with {NAME}")
    assert len(naming(stage, li)) >= 4
    assert "document" in [message.kind for message in stage.chat(li)]

    await delete_account(stage.deps, await get_user(stage.deps, zeb.id))
    await stage.until_all_delivered()
    assert naming(stage, li) == []
    assert "document" not in [message.kind for message in stage.chat(li)]
