"""Deep links: to a card, a swap or a skill, before and after somebody has a profile, and never to the hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.links import SKILL, SWAP, USER, write_link
from handlers.swaps import Proposal, propose_swap
from tests.bot.conftest import Bot
from tests.bot.profile.test_onboarding import NAME, TEACH, reach_preview

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

NOWHERE = "leads nowhere"


async def test_a_link_shows_a_persons_card_and_a_swap_can_be_asked_for(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    li = await stage.person("Li", "guitar", "Python")
    card = await stage.says(ana, f"/start {write_link(USER, li.id)}", "Li teaches you: guitar")
    assert stage.buttons(card) == ["🤝 Propose a swap", "🚫 Block", "🏠 Home"]
    assert "You teach: guitar" in (await stage.says(li, f"/start {write_link(USER, li.id)}", "Li")).words


async def test_a_link_shows_who_teaches_a_skill_or_offers_an_alert(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    await stage.person("Li", "C++", "Python")
    await stage.says(ana, f"/start {write_link(SKILL, 'c++')}", "1 person teaches C++")
    nobody = await stage.says(ana, f"/start {write_link(SKILL, 'c#')}", "Nobody here teaches C#")
    assert "🔔 Tell me when somebody does" in stage.buttons(nobody)


async def test_a_swap_opens_for_its_participants_only(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    li = await stage.person("Li", "guitar", "Python")
    bo = await stage.person("Bo", "guitar", "Python")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "Python", "guitar", ""))
    link = write_link(SWAP, swap.id)
    assert "✅" in "".join(stage.buttons(await stage.says(li, f"/start {link}", "Python")))
    await stage.says(bo, f"/start {link}", NOWHERE)


@pytest.mark.parametrize("kind", [USER, SWAP])
async def test_private_and_absent_are_answered_alike(stage: Stage, kind: str) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    private = await stage.person("Pia", "guitar", "Python", is_public=False)
    answers = [
        (await stage.says(ana, f"/start {write_link(kind, target)}", NOWHERE)).words
        for target in (private.id, "65f0c0ffee0000000000ada1")
    ]
    assert answers[0] == answers[1]
    await stage.says(ana, "/start nonsense-from-elsewhere", "Ana")


async def test_somebody_new_sees_what_the_link_led_to_when_the_profile_is_done(bot: Bot) -> None:
    li = await bot.member("Li", offers="Python", wants="Guitar")
    person = bot.person("Ana")
    asked = await bot.say(person, f"/start {write_link(USER, li.id)}", NAME)
    seen = await reach_preview(bot, person, await bot.press(person, asked, "Keep “Ana”", TEACH))
    await bot.press(person, seen, "✅ Looks good", "Li teaches you: Python")
