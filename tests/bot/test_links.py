"""Deep links to a card, a swap or a skill, before and after onboarding, and never to a private profile."""

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


async def test_user_link_shows_the_card_with_a_request_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    li = await stage.person("Li", "guitar", "Python")
    card = await stage.says(ana, f"/start {write_link(USER, li.id)}", "Li teaches you: guitar")
    assert stage.buttons(card) == ["🤝 Propose a swap", "🚫 Block", "🚩 Report", "🏠 Home"]
    assert "You teach: guitar" in (await stage.says(li, f"/start {write_link(USER, li.id)}", "Li")).words


async def test_skill_link_lists_teachers_or_offers_an_alert(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    await stage.person("Li", "C++", "Python")
    await stage.says(ana, f"/start {write_link(SKILL, 'c++')}", "1 person teaches C++")
    nobody = await stage.says(ana, f"/start {write_link(SKILL, 'c#')}", "Nobody here teaches C#")
    assert "🔔 Tell me when somebody does" in stage.buttons(nobody)


async def test_swap_link_opens_for_its_participants_only(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    li = await stage.person("Li", "guitar", "Python")
    bo = await stage.person("Bo", "guitar", "Python")
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "Python", "guitar", ""))
    link = write_link(SWAP, swap.id)
    assert "✅" in "".join(stage.buttons(await stage.says(li, f"/start {link}", "Python")))
    await stage.says(bo, f"/start {link}", NOWHERE)


@pytest.mark.parametrize("kind", [USER, SWAP])
async def test_links_to_private_and_unknown_users_get_the_same_answer(stage: Stage, kind: str) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    private = await stage.person("Pia", "guitar", "Python", is_public=False)
    answers = [
        (await stage.says(ana, f"/start {write_link(kind, target)}", NOWHERE)).words
        for target in (private.id, "65f0c0ffee0000000000ada1")
    ]
    assert answers[0] == answers[1]
    await stage.says(ana, "/start nonsense-from-elsewhere", "Ana")


async def test_new_user_sees_the_link_target_after_onboarding(bot: Bot) -> None:
    li = await bot.member("Li", offers="Python", wants="Guitar")
    person = bot.person("Ana")
    asked = await bot.say(person, f"/start {write_link(USER, li.id)}", NAME)
    seen = await reach_preview(bot, person, await bot.press(person, asked, "Keep “Ana”", TEACH))
    await bot.press(person, seen, "✅ Looks good", "Li teaches you: Python")
