"""Skills in the reader's language, with the writer's words beside them where they differ, in the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.alerts import add_alert

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def two(stage: Stage) -> tuple[User, User]:
    return (
        await stage.person("Ana", "js, Juggling torches", "piano", locale="en"),
        await stage.person("Tomás", "Klavier", "JavaScript", locale="es", offered_levels={"klavier": "expert"}),
    )


async def test_a_match_and_a_search_name_skills_in_the_readers_language(stage: Stage) -> None:
    ana, tomas = await two(stage)
    card = await stage.says(ana, "/match", "Tomás teaches you")
    assert "Tomás teaches you: Piano (Klavier, expert)" in card.words
    assert "You teach: JavaScript (js)" in card.words
    found = await stage.says(tomas, "/find js", "1 persona")
    assert "JavaScript (js)" in found.words
    assert "aprender Piano (Klavier) contigo" in found.words


async def test_a_request_and_its_swap_name_skills_in_each_readers_language(stage: Stage) -> None:
    ana, tomas = await two(stage)
    card = await stage.says(ana, "/match", "Tomás teaches you")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    assert "You learn Piano (Klavier), Tomás learns JavaScript (js)." in question.words
    await stage.presses(ana, question, "📨 Send without a note", "Sent to Tomás")
    asked = await stage.sees(tomas, "Ana")
    assert "Aprendes: JavaScript (js)" in asked.words
    await stage.presses(tomas, asked, "✅ Aceptar", "JavaScript ⇄ Piano")
    accepted = await stage.sees(ana, "Tomás accepted!")
    assert "You learn Piano (Klavier), Tomás learns JavaScript (js)." in accepted.words
    assert "(Piano ⇄ JavaScript)" in accepted.words
    await stage.writes(tomas, "Hola")
    assert (await stage.sees(ana, "Hola")).words.startswith("Tomás · Piano ⇄ JavaScript\n")


async def test_a_circle_names_skills_in_each_readers_language(stage: Stage) -> None:
    ana = await stage.person("Ana", "Gitarre", "Chinese")
    li = await stage.person("Li", "Python", "guitar", locale="es")
    await stage.person("Noor", "chino", "Python")
    offer = await stage.says(ana, "/circles", "1 circle is possible")
    assert "You teach Li: Guitar (Gitarre)" in offer.words
    assert "Noor teaches you: Chinese (chino)" in offer.words
    await stage.presses(ana, offer, "🤝 Ask Li and Noor", "You are in.")
    assert "Guitarra (Gitarre)" in (await stage.sees(li, "círculo de tres")).words


async def test_alerts_and_shared_cards_name_skills_in_the_readers_language(stage: Stage) -> None:
    _, tomas = await two(stage)
    await add_alert(stage.deps, tomas, "Gitarre")
    listed = await stage.says(tomas, "/alerts", "Guitarra (Gitarre)")
    assert "🔕 Guitarra" in stage.buttons(listed)
    (card,) = (await stage.sandbox.inline(tomas.telegram_id or 0, "js")).results
    assert "JavaScript (js) y Juggling torches" in card.text
