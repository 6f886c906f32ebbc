"""Times in a request, in Telegram: the card names them, and a yes to one of them is a session at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.swaps import Proposal, propose_swap

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]

DAY = timedelta(days=1)


async def asked(stage: Stage, ana: User, li: User) -> str:
    """Return the id of a request that names two times."""
    first = (stage.deps.now() + 3 * DAY).replace(hour=18, minute=0, second=0, microsecond=0)
    proposal = Proposal(li.id, ana.skills_offered[0], li.skills_offered[0], "Shall we?", slots=(first, first + 7 * DAY))
    return (await propose_swap(stage.deps, ana, proposal)).id


async def test_a_yes_to_one_of_the_times_is_a_session_for_both(stage: Stage, ana: User, li: User) -> None:
    swap_id = await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    first, second = (label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    assert first != second
    await stage.presses(li, card, first, "swapping")
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    (session,) = swap.plan.sessions
    assert (swap.status, session.status, session.starts_at) == ("accepted", "agreed", min(swap.plan.slots))
    for person in (ana, li):
        agreed = await stage.sees(
            person, lambda message: message.from_bot and "🗓" in message.words and "60" in message.words
        )
        assert agreed
    await stage.sees(ana, "accepted")


async def test_a_time_that_has_passed_is_not_offered_and_refused_with_a_word(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap_id = await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    first, second = (label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    await move_clock(days=4)
    await stage.presses(li, card, first, "They suggest")
    assert any("has passed" in toast for toast in stage.toasts(li))
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    assert swap.status == "pending"
    shown = await stage.sees(li, lambda message: stage.buttons(message).count(second) == 1)
    assert first not in stage.buttons(shown)
