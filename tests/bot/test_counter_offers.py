"""Counter-offers through the bot: choose other skills, see what has changed, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.swaps import ACCEPTED
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.swaps import Proposal, cancel_swap, propose_swap
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_a_request_is_changed_and_the_change_accepted(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python")
    li = await stage.person("Li", "Python, chess", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python", "Evenings?"))
    request = await stage.sees(li, "Ana would like to swap with you")
    question = await stage.presses(li, request, "🔁 Change", "What would you like to learn")
    assert stage.buttons(question) == ["guitar", "singing", "🗓 Same skills, other times", "✖️ Never mind"]
    question = await stage.presses(li, question, "singing", "what will you teach")
    assert stage.buttons(question) == ["Python", "chess", "🗓 Same skills, other times", "✖️ Never mind"]
    question = await stage.presses(li, question, "Python", "why this suits you better")
    mine = await stage.says(li, "I have a guitar teacher", "You suggested something else to Ana")
    assert "You learn: singing" in mine.words
    assert "↩️ Take it back" in stage.buttons(mine)
    await eventually(lambda: stage.buttons(stage.message(li, request.id)) == [])

    card = await stage.sees(ana, "Li suggests something else")
    assert "You teach: singing" in card.words
    assert "Before: Python ⇄ guitar" in card.words
    assert "I have a guitar teacher" in card.words
    assert stage.buttons(card)[:3] == ["✅ Accept", "✖️ Decline", "🔁 Change"]
    await stage.presses(ana, card, "✅ Accept", "You and Li are swapping")
    await stage.sees(li, "Ana accepted!")
    stored = await stage.deps.store.swaps.find(swap.id)
    assert stored is not None
    assert (stored.status, stored.offered_skill, stored.wanted_skill) == (ACCEPTED, "singing", "Python")


async def test_a_counter_offer_to_a_request_that_is_gone_changes_nothing(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    request = await stage.sees(li, "Ana would like to swap with you")
    question = await stage.presses(li, request, "🔁 Change", "What would you like to learn")
    assert "guitar" not in stage.buttons(question)  # it would be no change
    assert "singing" in stage.buttons(question)
    question = await stage.presses(li, question, "singing", "why this suits you better")
    await cancel_swap(stage.deps, ana, swap.id)
    await stage.presses(li, question, "📨 Send without a note", "Ana took back this request")
    stored = await stage.deps.store.swaps.find(swap.id)
    assert stored is not None
    assert (stored.status, stored.rounds) == ("cancelled", 1)


async def test_without_another_skill_on_either_side_a_skill_can_be_added(stage: Stage) -> None:
    _, li, request = await stage.request()
    hint = await stage.presses(li, request, "🔁 Change", "nothing else to offer each other")
    assert "➕ Add skills" in stage.buttons(hint)


async def test_the_list_of_swaps_goes_by_whose_turn_it_is(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python")
    li = await stage.person("Li", "Python", "guitar")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    await counter_swap(stage.deps, li, swap.id, CounterOffer("Python", "singing"))
    mine = await stage.says(ana, "/swaps", "Waiting for you")
    assert "📥 Li · Python ⇄ singing" in stage.buttons(mine)
    theirs = await stage.says(li, "/swaps", "Waiting for them")
    assert "Waiting for you" not in theirs.words
