"""/find: one count of all who teach a skill, what is between them and the reader, mutual fits first, pages, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks import block_user
from tests.factories import insert_swap, insert_user

if TYPE_CHECKING:
    from bot.sandbox import Message
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


def people(message: Message) -> list[str]:
    return [button.label for button in message.buttons if button.label.startswith("👤")]


async def add(stage: Stage, name: str, teaches: str, learns: str, **fields: object) -> None:
    await insert_user(stage.deps, name, skills_offered=(teaches,), skills_wanted=(learns,), **fields)


async def test_a_search_counts_all_teachers_and_its_pages_reach_them(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    for number in range(21):
        await add(stage, f"T{number}", "guitarra", "Chess")
    await add(stage, "Mutual", "Guitar", "Piano")
    await add(stage, "Hidden", "Guitar", "Piano", is_public=False)
    first = await stage.says(ana, "/find Guitar", "22 people teach Guitar:")
    assert people(first)[0] == "👤 Mutual"
    assert "Page 1 of 3" in first.words
    second = await stage.presses(ana, first, "More ▶️", "Page 2 of 3")
    assert "22 people teach Guitar:" in second.words
    third = await stage.presses(ana, second, "More ▶️", "Page 3 of 3")
    assert "More ▶️" not in stage.buttons(third)
    seen = [*people(first), *people(second), *people(third)]
    assert len(seen) == len(set(seen)) == 22
    await stage.presses(ana, third, "◀️ Back", "Page 2 of 3")


async def test_a_search_says_what_is_between_the_reader_and_those_found(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    partner = await stage.person("Li", "Guitar", "Piano")
    declined = await stage.person("Bo", "Guitar", "Piano")
    blocked = await stage.person("Eve", "Guitar", "Piano")
    await insert_swap(stage.deps, ana, partner, status="accepted")
    await insert_swap(stage.deps, declined, ana, status="rejected")
    await block_user(stage.deps, blocked, ana.id)
    found = await stage.says(ana, "/find guitar", "2 people teach guitar:")
    assert "You swap with one and you passed over one." in found.words
    assert sorted(people(found)) == ["👤 Bo", "👤 Li"]
    await stage.says(declined, "/find piano", "1 person teaches piano:")
    alone = await stage.says(declined, "/find guitar", "teach")
    assert "2 people teach guitar" in alone.words


async def test_the_only_teacher_is_told_that_nobody_else_teaches_it(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    await stage.says(ana, "/find piano", "Nobody but you teaches piano here yet.")
    await stage.says(ana, "/find guitar", "Nobody here teaches guitar yet.")


async def test_people_are_found_by_name_unless_private_or_blocked(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    await add(stage, "José María <b>Ruiz", "Guitar", "Piano", location="Lima")
    await add(stage, "Josefa", "Chess", "Judo")
    await add(stage, "Jose Private", "Guitar", "Piano", is_public=False)
    blocked = await insert_user(stage.deps, "Jose Blocked", skills_offered=("Guitar",), skills_wanted=("Piano",))
    await block_user(stage.deps, blocked, ana.id)
    found = await stage.says(ana, "/find jose", "2 people with that name:")
    assert people(found) == ["👤 José María <b>Ruiz", "👤 Josefa"]
    assert "• José María <b>Ruiz · Lima: would like Piano from you" in found.words
    await stage.presses(ana, found, "👤 Josefa", "Also teaches: Chess")
    for query in ("Ruiz", "maría b", "JOSÉ"):
        assert "👤 José María <b>Ruiz" in people(await stage.says(ana, f"/find {query}", "with that name"))
    await stage.says(ana, "/find Blocked", "Nobody here teaches")


async def test_a_skill_that_is_also_a_name_offers_both(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    await add(stage, "Python Jones", "Chess", "Judo")
    await add(stage, "Li", "Python", "Judo")
    found = await stage.says(ana, "/find Python", "1 person teaches Python:")
    named = await stage.presses(ana, found, "👥 People with that name", "1 person with that name:")
    assert people(named) == ["👤 Python Jones"]


async def test_names_have_pages(stage: Stage) -> None:
    ana = await stage.person("Ana", "Piano", "Guitar")
    for number in range(11):
        await add(stage, f"Zoë {number}", "Chess", "Judo")
    first = await stage.says(ana, "/find zoe", "11 people with that name:")
    rest = await stage.presses(ana, first, "More ▶️", "Page 2 of 2")
    assert len({*people(first), *people(rest)}) == 11
