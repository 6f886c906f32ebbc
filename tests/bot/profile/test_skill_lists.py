"""Lists of skills as people type them, at every place of the bot where skills are typed."""

from __future__ import annotations

from domain.skills import MAX_SKILL_LENGTH, MAX_SKILLS
from domain.users import ProfileChanges
from handlers.users import update_profile
from tests.bot.conftest import Bot
from tests.bot.profile.test_onboarding import has, reach_teach
from tests.factories import jpeg

KEEP = "👍 Keep as I wrote it"


async def test_a_sentence_is_asked_about_piece_by_piece(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    text = "francés / inglés y cocina peruana; I would like to learn how to cook, tocar la guitarra"
    seen = await bot.say(ana, text, "I don't know tocar la guitarra. Did you mean")
    await bot.press(ana, seen, "Guitar", lambda message: has(message, "Guitar ✕"))
    assert (await bot.user(ana)).skills_offered == ("francés", "inglés", "cocina peruana", "cook", "Guitar")


async def test_each_unknown_of_a_message_is_asked_about(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    seen = await bot.say(ana, "gitarrra and pyhton, arreglar bicicletas y pinao", "gitarrra")
    seen = await bot.press(ana, seen, "Guitar", "I don't know pyhton")
    seen = await bot.press(ana, seen, KEEP, "I don't know pinao")
    await bot.press(ana, seen, "Piano", lambda message: has(message, "Piano ✕"))
    assert (await bot.user(ana)).skills_offered == ("Guitar", "pyhton", "arreglar bicicletas", "Piano")


async def test_unknowns_are_asked_about_though_something_else_is_done_meanwhile(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    await bot.say(ana, "gitarrra, pyhton, pinao", "I don't know gitarrra")
    seen = await bot.say(ana, "Chess", "I don't know pyhton")
    await bot.sandbox.press(ana, seen.id, "gitarrra ✕")
    await bot.until_idle()
    seen = bot.sandbox.chat(ana)[-1]
    assert not has(seen, "gitarrra ✕")
    assert "I don't know pyhton" in seen.words
    seen = await bot.press(ana, seen, "pyhton ✕", "I don't know pinao")
    await bot.press(ana, seen, "Piano", lambda message: has(message, "Piano ✕"))
    assert (await bot.user(ana)).skills_offered == ("Piano", "Chess")


async def test_a_photo_leaves_the_question_about_an_unknown_open(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    await bot.say(ana, "gitarrra, pyhton", "I don't know gitarrra")
    await bot.sandbox.send_photo(ana, jpeg())
    seen = await bot.sandbox.wait_for(ana, "It is on your profile")
    assert "I don't know gitarrra" in seen.words
    await bot.press(ana, seen, "Guitar", "I don't know pyhton")


async def test_what_is_too_long_is_named_and_the_rest_kept_with_the_buttons(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    long = "y" * (MAX_SKILL_LENGTH + 1)
    seen = await bot.say(ana, f"Guitar, {long}, Chess", "I left out yyyy")
    assert (await bot.user(ana)).skills_offered == ("Guitar", "Chess")
    assert has(seen, "Next ➡️")
    assert has(seen, "Guitar ✕")


async def test_what_does_not_fit_into_the_list_is_named(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    full = tuple(f"Skill {number}" for number in range(MAX_SKILLS - 1))
    await update_profile(bot.deps, user, ProfileChanges(skills_offered=full))
    assert user.telegram_id is not None
    await bot.press(user.telegram_id, await bot.say(user.telegram_id, "/profile", "Ana"), "edit:teach", "You teach")
    await bot.say(user.telegram_id, "Chess, Yoga, Piano", "I left out Yoga and Piano")
    assert (await bot.user(user.telegram_id)).skills_offered == (*full, "Chess")


async def test_nothing_is_no_skill(bot: Bot) -> None:
    ana, _ = await reach_teach(bot)
    for text in ("-", "nothing", "nada", "idk", "nichts", "rien"):
        await bot.say(ana, text)
        await bot.until_idle()
        seen = bot.sandbox.chat(ana)[-1]
        assert "Nothing yet is fine" in seen.words
        assert has(seen, "Skip")
    assert (await bot.user(ana)).skills_offered == ()


async def test_a_search_for_a_sentence_finds_its_skill(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Cooking", wants="Guitar")).telegram_id
    ben = (await bot.member("Ben", offers="Guitar", wants="Chess")).telegram_id
    assert ana is not None
    assert ben is not None
    await bot.say(ben, "/find I would like to learn how to cook", "1 person teaches Cooking")
    several = await bot.say(ben, "/find French and cooking", "Which one shall I look for?")
    await bot.press(ben, several, "🔎 Cooking", "1 person teaches Cooking")
    near = await bot.say(ben, "/find Pyhton", "Did you mean one of these?")
    assert has(near, "🔎 Python")


async def test_a_misspelling_that_somebody_teaches_is_asked_about_too(bot: Bot) -> None:
    await bot.member("Ana", offers="Pyhton", wants="Guitar")
    ben = (await bot.member("Ben", offers="Guitar", wants="Chess")).telegram_id
    assert ben is not None
    found = await bot.say(ben, "/find Pyhton", "1 person teaches Pyhton")
    assert has(found, "🔎 Python")
