"""The deck and the search of the bot."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from domain.users import ProfileChanges
from handlers.photos import PROFILE, upload_photo
from handlers.users import update_profile
from tests.factories import insert_swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox import Message
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def give_photo(stage: Stage, user: User) -> None:
    data = BytesIO()
    Image.new("RGB", (320, 320), "orange").save(data, "JPEG")
    await upload_photo(stage.deps, user, data.getvalue(), purpose=PROFILE)


def shows_another(name: str) -> Callable[[Message], bool]:
    """Return a condition: the message is the card of another user, with buttons."""
    return lambda message: (
        "teaches you" in message.words and not message.words.startswith(name) and message.buttons != []
    )


async def test_card_shows_the_name_and_the_skills_of_both(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python", availability="weekday evenings, weekend mornings")
    await stage.person("Li", "Python, chess", "guitar", location="Lisbon", availability="weekend mornings")
    card = await stage.says(ana, "/match", "Li")
    assert card.words.splitlines() == [
        "Li",
        "📍 Lisbon",
        "",
        "🎓 Li teaches you: Python",
        "🤝 You teach: guitar",
        "",
        "🕒 You are both free: weekend mornings",
        "💡 new here · speaks English, too",
    ]
    assert stage.buttons(card) == ["🤝 Propose a swap", "🙈 Not for me", "⏭ Next", "🚫 Block", "🚩 Report", "🏠 Home"]


async def test_common_time_is_told_in_words_and_never_in_hours(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python", availability="weekday evenings", timezone="Europe/Madrid")
    await stage.person("Li", "Python", "guitar", availability="weekday mornings", timezone="America/Los_Angeles")
    card = await stage.says(ana, "/match", "Li")
    assert "💡 plenty of free time in common" in card.words
    assert "hours" not in card.words


async def test_deck_is_one_message_and_skipped_matches_stay_away(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    names = {"Li", "Bo"}
    for name in names:
        await stage.person(name, "Python", "guitar")
    first = await stage.says(ana, "/match", "teaches you")
    skipped = first.words.splitlines()[0]
    (other,) = names - {skipped}
    following = await stage.presses(ana, first, "⏭ Next", f"{other} teaches you")
    assert following.id == first.id
    empty = await stage.presses(ana, following, "🙈 Not for me", "That's everybody for now")
    assert "You have passed over 2 people" in empty.words
    await stage.presses(ana, empty, "🔁 Show the skipped again", "teaches you")


async def test_card_has_the_photo_of_the_match_if_there_is_one(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    for name in ("Li", "Bo", "Kim"):
        user = await stage.person(name, "Python", "guitar")
        if name != "Bo":
            await give_photo(stage, user)
    first = await stage.says(ana, "/match", "teaches you")
    assert first.photo
    names = [first.words.splitlines()[0]]
    card = first
    for _ in range(2):
        card = await stage.presses(ana, card, "⏭ Next", shows_another(names[-1]))
        names.append(card.words.splitlines()[0])
        assert bool(card.photo) == (names[-1] != "Bo")
    assert sorted(names) == ["Bo", "Kim", "Li"]
    assert len([message for message in stage.chat(ana) if message.from_bot and "⏭ Next" in stage.buttons(message)]) == 1


async def test_empty_deck_gives_advice(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    await stage.person("Li", "Python", "singing")
    await stage.person("Bo", "chess", "guitar")
    empty = await stage.says(ana, "/match", "That's everybody for now")
    assert "1 person here wants to learn Guitar" in empty.words
    assert "1 person teaches Python" in empty.words
    assert "With Chess added to what you want to learn, 1 person matches." in empty.words
    assert "If you can also teach Singing, 1 person matches." in empty.words
    assert stage.buttons(empty) == [
        "🔎 See who teaches what I want",
        "🔄 Circles of three",
        "🔔 Alerts",
        "➕ Add skills",
        "🏠 Home",
    ]


async def test_empty_deck_says_why_nobody_can_be_asked(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python, Excel, Go")
    partner = await stage.person("Li", "Python", "guitar")
    declined = await stage.person("Bo", "Python", "guitar")
    await stage.person("Eve", "Excel", "chess")
    await insert_swap(stage.deps, ana, partner, status="accepted", offered_skill="guitar")
    await insert_swap(stage.deps, declined, ana, status="rejected", wanted_skill="guitar")
    empty = await stage.says(ana, "/match", "That's everybody for now")
    assert "2 people teach Python: you swap with one and you passed over one." in empty.words
    assert "1 person teaches Excel. Ask" in empty.words
    assert "Nobody here teaches Go yet." in empty.words
    teacher = await stage.presses(ana, empty, "🔎 See who teaches what I want", "Eve teaches you: Excel")
    await stage.presses(ana, teacher, "🙈 Not for me", "everybody who could teach you")
    empty = await stage.says(ana, "/match", "1 person teaches Excel: you passed over them.")
    assert "🔎 See who teaches what I want" not in stage.buttons(empty)
    assert "You have passed over 2 people." in empty.words


async def test_show_the_skipped_again_shows_a_skipped_teacher(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Excel")
    await stage.person("Eve", "Excel", "chess")
    empty = await stage.says(ana, "/match", "1 person teaches Excel. Ask")
    teacher = await stage.presses(ana, empty, "🔎 See who teaches what I want", "Eve teaches you: Excel")
    await stage.presses(ana, teacher, "🙈 Not for me", "everybody who could teach you")
    empty = await stage.says(ana, "/match", "You have passed over 1 person.")
    await stage.presses(ana, empty, "🔁 Show the skipped again", "Eve teaches you: Excel")


async def test_user_without_skills_is_asked_for_them(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "")
    empty = await stage.says(ana, "/match", "what you would like to learn")
    assert stage.buttons(empty) == ["➕ Add skills", "🏠 Home"]


async def test_search_finds_teachers_regardless_of_their_wanted_skills(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python")
    li = await stage.person("Li", "Chess", "carpentry")
    found = await stage.says(ana, "/find chess", "1 person teaches chess")
    card = await stage.presses(ana, found, "👤 Li", "Would like to learn: Woodworking (carpentry)")
    question = await stage.presses(ana, card, "🤝 Propose a swap", "what will you teach")
    question = await stage.presses(ana, question, "singing", "short note")
    await stage.presses(ana, question, "📨 Send without a note", "Sent to Li")
    await stage.sees(li, "Ana would like to swap")


async def test_search_without_a_skill_offers_the_wanted_skills(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python, chess")
    await stage.person("Li", "Python", "singing")
    question = await stage.says(ana, "/find", "What would you like to learn?")
    await stage.presses(ana, question, "🔎 Python", "1 person teaches Python")
    await stage.says(ana, "/find", "What would you like to learn?")
    await stage.says(ana, "cooking", "Nobody here teaches cooking yet")


async def test_user_without_taught_skills_cannot_send_a_request(stage: Stage) -> None:
    ana = await stage.person("Ana", "", "Python")
    await stage.person("Li", "Python", "guitar")
    found = await stage.says(ana, "/find Python", "1 person teaches Python")
    card = await stage.presses(ana, found, "👤 Li", "Li teaches you: Python")
    refused = await stage.presses(ana, card, "🤝 Propose a swap", "you need something to teach too")
    assert stage.buttons(refused) == ["➕ Add skills", "🏠 Home"]


@pytest.mark.parametrize("label", ["🙈 Not for me", "⏭ Next"])
async def test_card_of_a_user_who_became_private_leads_to_the_next(stage: Stage, label: str) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    li = await stage.person("Li", "Python", "guitar")
    card = await stage.says(ana, "/match", "Li teaches you")
    await update_profile(stage.deps, li, ProfileChanges(is_public=False))
    await stage.person("Bo", "Python", "guitar")
    following = await stage.presses(ana, card, label, "Bo teaches you")
    assert following.id == card.id


async def test_private_user_is_not_found(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    await stage.person("Li", "Python", "guitar", is_public=False)
    await stage.says(ana, "/match", "That's everybody for now")
    await stage.says(ana, "/find Python", "Nobody here teaches Python yet")


async def test_match_card_is_in_spanish(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitarra", "Python", locale="es")
    await stage.person("Li", "Python", "guitarra", availability="weekday evenings")
    card = await stage.says(ana, "/match", "Li te enseña: Python")
    assert "entre semana por la noche" in card.words


async def test_card_shows_skill_levels(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitarra", "Python", locale="es", wanted_levels={"python": "advanced"})
    await stage.person("Li", "Python", "guitar", offered_levels={"python": "expert"})
    card = await stage.says(ana, "/match", "Li")
    assert "Python (experto)" in card.words
    assert "Python a nivel experto" in card.words


async def test_search_for_a_misspelt_skill_suggests_the_known_one(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "chess", locale="es")
    await stage.person("Li", "Calligraphy", "Python")
    asked = await stage.says(ana, "/find caligrafiaa", "enseña caligrafiaa")
    assert "¿Querías decir" in asked.words
    found = await stage.presses(ana, asked, "🔎 Caligrafía", "enseña Caligrafía")
    assert "👤 Li" in stage.buttons(found)


async def test_search_for_an_unrelated_skill_suggests_nothing(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "chess")
    asked = await stage.says(ana, "/find xyzzyplugh", "Nobody here teaches")
    assert "Did you mean" not in asked.words


async def test_advice_shows_an_unknown_skill_in_the_readers_spelling(stage: Stage) -> None:
    ana = await stage.person("Ana", "Xyzzy Wrangling", "Plugh Taming")
    await stage.person("Li", "chess", "xyzzy wrangling")
    empty = await stage.says(ana, "/match", "everybody for now")
    assert "wants to learn Xyzzy Wrangling" in empty.words
    assert "Nobody here teaches Plugh Taming" in empty.words
