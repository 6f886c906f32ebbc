"""A no and its reason through the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.swaps import Proposal, propose_swap

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_after_a_no_one_tap_says_why_and_the_asker_reads_it_kindly(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap with you")
    declined = await stage.presses(li, request, "✖️ Decline", "You declined Ana's request")
    assert "Would you like to say why?" in declined.words
    assert stage.buttons(declined)[1:] == [
        "⏳ No time",
        "🎯 Other skill",
        "📍 Too far",
        "👤 Don't know them",
        "🤐 Rather not say",
        "🚫 Block",
        "🚩 Report",
    ]
    no = await stage.sees(ana, "Li can't swap with you this time")
    after = await stage.presses(li, declined, "🤐 Rather not say", "You said: 🤐 Rather not say")
    assert stage.buttons(after) == ["💬 Chat", "🚫 Block", "🚩 Report"]
    added = await stage.sees(ana, "Li has added: It just isn't the right moment.", after=no.id)
    assert "Rather not" not in added.words
    stored = await stage.deps.store.swaps.find(swap.id)
    assert stored is not None
    assert stored.decline_reason == "rather_not"
