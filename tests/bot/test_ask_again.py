"""Asking again after an expiry, through the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.swaps import Proposal, expire_due_swaps, propose_swap

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_an_expired_request_is_sent_again_or_asked_the_other_way(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    await stage.person("Bo", "Python", "chess")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python", "Evenings?"))
    await stage.sees(li, "Ana would like to swap with you")
    await stage.deps.store.database.collection("swaps").update_many({}, {"$set": {"due_at": stage.deps.now()}})
    await expire_due_swaps(stage.deps)
    mine = await stage.sees(ana, "Li did not answer your request about Python in time")
    theirs = await stage.sees(li, "Ana's request about Python has expired")
    assert stage.buttons(mine) == ["🔁 Send again", "🔎 Someone like them", "🚫 Block", "🚩 Report"]
    assert stage.buttons(theirs) == ["🙋 Ask them instead", "🔎 Someone like them", "🚫 Block", "🚩 Report"]
    await stage.presses(ana, mine, "🔎 Someone like them", "2 people teach Python")
    sent = await stage.presses(ana, mine, "🔁 Send again", "Sent to Li")
    assert "Evenings?" in sent.words
    await stage.sees(li, "Ana would like to swap with you", after=theirs.id)
    await stage.presses(li, theirs, "🙋 Ask them instead", "You and Ana are swapping")
