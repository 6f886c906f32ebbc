"""Inline mode: cards of public profiles, with a first name and skills and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.users import ProfileChanges
from handlers.blocks import block_user
from handlers.users import update_profile
from tests.factories import insert_user

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


def chat(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


async def test_card_has_a_first_name_and_skills_and_a_deep_link(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    await stage.person("Li Wei Chen", "guitar, chess", "Python", location="Lisbon", email="li@example.org")
    await stage.person("Pia", "guitar", "Python", is_public=False)
    found = await stage.sandbox.inline(chat(ana), "guitar")
    (card,) = found.results
    assert (card.title, card.description) == ("Li", "Teaches: guitar and chess")
    for secret in ("Wei", "Lisbon", "example.org"):
        assert secret not in card.text
    assert found.is_personal
    assert found.cache_time <= 60
    before = len([message for message in stage.chat(ana) if message.from_bot])
    sent = await stage.sandbox.choose(chat(ana), found, card.id)
    await stage.sandbox.press(chat(ana), sent, "🤝 See Li in Skill Swap")
    await stage.sees(ana, "Li Wei Chen teaches you: guitar", after=sent)
    assert (
        len([message for message in stage.chat(ana) if message.from_bot]) == before + 1
    )  # the inline card is not handled as a message


async def test_partial_query_is_completed(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    await stage.person("Li", "Guitar", "Python")
    assert [card.title for card in (await stage.sandbox.inline(chat(ana), "gui")).results] == ["Li"]
    assert (await stage.sandbox.inline(chat(ana), "elephants")).results == []
    assert (await stage.sandbox.inline(chat(ana), "x" * 200)).results == []


async def test_a_partial_query_is_completed_to_what_somebody_teaches_who_is_not_blocked(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    blocked = await stage.person("Li", "zorblatting by hand, guitar", "Python")
    await stage.person("Max", "zorbling", "Python")
    await stage.person("Mia", "guitarrón", "Python")
    assert [card.title for card in (await stage.sandbox.inline(chat(ana), "zorb")).results] == ["Li"]
    await block_user(stage.deps, ana, blocked.id)  # Telegram keeps the answer to the same query for a moment
    assert [card.title for card in (await stage.sandbox.inline(chat(ana), "zor")).results] == ["Max"]
    assert [card.title for card in (await stage.sandbox.inline(chat(ana), "gui")).results] == ["Mia"]


async def test_empty_query_offers_the_own_card_unless_private(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")
    profile = await stage.says(ana, "/profile", "Ana")
    assert "📣 Share my card" in stage.buttons(profile)
    assert [card.title for card in (await stage.sandbox.inline(chat(ana), "")).results] == ["Ana"]
    await update_profile(stage.deps, ana, ProfileChanges(is_public=False))
    bo = await stage.person("Bo", "chess", "Python", is_public=False)
    hidden = await stage.sandbox.inline(chat(bo), "")
    assert (hidden.results, hidden.button) == ([], "Only public profiles can be shared")
    assert (await stage.sandbox.inline(chat(bo), f"u_{ana.id}")).results == []


async def test_unregistered_asker_gets_only_the_start_button(stage: Stage) -> None:
    await stage.person("Li", "guitar", "Python")
    stranger = stage.sandbox.add_person("Eve")
    found = await stage.sandbox.inline(stranger.id, "guitar")
    assert (found.results, found.button, found.cache_time) == ([], "Join first: make a profile", 0)


async def test_results_are_paged_without_duplicates(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "guitar")

    for number in range(45):
        await insert_user(stage.deps, f"P{number}", skills_offered=("guitar",), skills_wanted=("Python",))
    titles: list[str] = []
    offset = ""
    while True:
        found = await stage.sandbox.inline(chat(ana), "guitar", offset=offset)
        titles += [card.title for card in found.results]
        offset = found.next_offset
        if not offset:
            break
    assert sorted(titles) == sorted(f"P{number}" for number in range(45))
