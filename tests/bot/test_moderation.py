"""Unknown skills: their user gets a suggestion, a moderator decides about the others."""

from __future__ import annotations

from bot.sandbox import Message
from domain.languages import LOCALES
from domain.users import MODERATOR, User
from handlers.moderation import settle_skills
from tests.bot.conftest import Bot

KEEP = "👍 Keep as I wrote it"


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


async def telegram(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


async def at_teach_question(bot: Bot, language_code: str = "en") -> tuple[int, Message]:
    """Register a user whose question for taught skills is open."""
    ana = await telegram(await bot.member("Ana", offers="Chess", wants="Python", language_code=language_code))
    card = await bot.say(ana, "/profile", "Ana")
    return ana, await bot.press(ana, card, "edit:teach")


async def test_misspelt_skill_is_only_replaced_on_request(bot: Bot) -> None:
    ana, _ = await at_teach_question(bot)
    seen = await bot.say(ana, "gitarrra, Çini art, pyhton", "Did you mean")
    assert "gitarrra" in seen.words
    assert {"Guitar", KEEP} <= set(labels(seen))
    assert (await bot.user(ana)).skills_offered == ("Chess", "gitarrra", "Çini art", "pyhton")
    seen = await bot.press(ana, seen, "Guitar", "pyhton")
    assert (await bot.user(ana)).skills_offered == ("Chess", "Guitar", "Çini art", "pyhton")
    seen = await bot.press(ana, seen, KEEP)
    await bot.until_idle()
    assert (await bot.user(ana)).skills_offered == ("Chess", "Guitar", "Çini art", "pyhton")
    assert KEEP not in labels(bot.sandbox.chat(ana)[-1])


async def test_suggestion_is_in_the_users_language_and_added_once(bot: Bot) -> None:
    ana, _ = await at_teach_question(bot, "es")
    seen = await bot.say(ana, "gitarrra", "Querías decir")
    await bot.press(ana, seen, "Guitarra")
    await bot.until_idle()
    assert (await bot.user(ana)).skills_offered == ("Chess", "Guitarra")
    seen = await bot.say(ana, "gitarrra", "Querías decir")
    await bot.press(ana, seen, "Guitarra")
    await bot.until_idle()
    assert (await bot.user(ana)).skills_offered == ("Chess", "Guitarra")


async def test_known_skill_gets_no_suggestion(bot: Bot) -> None:
    ana, _ = await at_teach_question(bot)
    seen = await bot.say(ana, "js, Gitarre", "You teach these")
    assert KEEP not in labels(seen)


async def test_onboarding_suggests_spellings(bot: Bot) -> None:
    ana = bot.person("Ana")
    await bot.say(ana, "/start", "call you")
    await bot.say(ana, "Ana", "What can you teach")
    seen = await bot.say(ana, "gitarrra", "Did you mean")
    assert "Next ➡️" in labels(seen)
    await bot.press(ana, seen, "Guitar", "You teach these")
    await bot.until_idle()
    assert (await bot.user(ana)).skills_offered == ("Guitar",)


async def test_moderator_reviews_the_pending_skills(bot: Bot) -> None:
    mia = await bot.member("Mia", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(mia.id, MODERATOR)
    person = await telegram(mia)
    ana = await telegram(await bot.member("Ana", offers="Azulejo firing, Buy followers, gitarrra, Lutes", wants="Go"))
    seen = await bot.say(person, "/moderate", "Azulejo firing")
    assert "Waiting in all: 4" in seen.words
    asked = await bot.press(person, seen, "✨ A new skill", "called?")
    assert "in English" in asked.words
    assert "English | Español | Deutsch | Français" in asked.words
    seen = await bot.say(person, "Tile firing | Cocción de azulejos", "belong")
    seen = await bot.press(person, seen, "Crafts", "Buy followers")
    seen = await bot.press(person, seen, "🚫 Not a skill", "gitarrra")
    sure = await bot.press(person, seen, "= Guitar", "Make gitarrra another spelling of Guitar?")
    seen = await bot.press(person, sure, "⬅️ Back", "gitarrra")
    assert "gitarrra" in (await bot.user(ana)).offered_keys
    sure = await bot.press(person, seen, "= Guitar", "There is no way back")
    seen = await bot.press(person, sure, "🔗 Yes, merge", "Lutes")
    await bot.press(person, seen, "🔗 Same as…", "Write its name")
    await bot.say(person, "no such thing", "don't know that skill")
    sure = await bot.say(person, "Guitarra", "Make Lutes another spelling of Guitar?")
    await bot.press(person, sure, "🔗 Yes, merge", "No skill waits")
    assert await settle_skills(bot.deps) == 2  # the profile shows the merged skill
    vocabulary = bot.deps.vocabulary
    assert (await bot.user(ana)).offered_keys == ("azulejo firing", "buy followers", "guitar")
    assert (await bot.user(ana)).skills_offered == ("Tile firing", "Buy followers", "Guitar")
    assert vocabulary.name_of("azulejo firing", "es") == "Cocción de azulejos"
    assert vocabulary.category_of("azulejo firing") == "crafts"


async def test_later_skips_a_skill_and_non_moderators_are_refused(bot: Bot) -> None:
    mia = await bot.member("Mia", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(mia.id, MODERATOR)
    ana = await telegram(await bot.member("Ana", offers="Lutes, Lyres", wants="Go"))
    assert "moderators" in (await bot.say(ana, "/moderate")).words
    seen = await bot.say(await telegram(mia), "/moderate", "Lutes")
    seen = await bot.press(await telegram(mia), seen, "⏭ Later", "Lyres")
    await bot.press(await telegram(mia), seen, "⏭ Later", "the last one")


async def at_naming_question(bot: Bot, skill: str) -> int:
    """Register a moderator who has been asked for the names of a skill."""
    mia = await bot.member("Mia", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(mia.id, MODERATOR)
    await bot.member("Ana", offers=skill, wants="Go")
    person = await telegram(mia)
    seen = await bot.say(person, "/moderate", skill)
    await bot.press(person, seen, "✨ A new skill", "called?")
    return person


async def test_skill_is_named_in_each_language(bot: Bot) -> None:
    person = await at_naming_question(bot, "Azulejo firing")
    seen = await bot.say(person, "Tile firing | Cocción de azulejos | Fliesenbrennen | Cuisson de carreaux", "belong")
    await bot.press(person, seen, "Crafts", "No skill waits")
    names = {locale: bot.deps.vocabulary.name_of("azulejo firing", locale) for locale in LOCALES}
    assert list(names.values()) == ["Tile firing", "Cocción de azulejos", "Fliesenbrennen", "Cuisson de carreaux"]


async def test_single_name_serves_every_language_and_an_empty_one_skips_its_language(bot: Bot) -> None:
    person = await at_naming_question(bot, "Lutes")
    seen = await bot.say(person, "Lute making", "belong")
    seen = await bot.press(person, seen, "⬅️ Back", "Lutes")
    await bot.press(person, seen, "✨ A new skill", "called?")
    seen = await bot.say(person, "Lute making | | Lautenbau", "belong")
    await bot.press(person, seen, "Crafts", "No skill waits")
    names = {locale: bot.deps.vocabulary.name_of("lutes", locale) for locale in LOCALES}
    assert list(names.values()) == ["Lute making", "Lute making", "Lautenbau", "Lute making"]


async def test_wrong_number_of_names_is_refused_and_asked_for_again(bot: Bot) -> None:
    person = await at_naming_question(bot, "Lutes")
    await bot.say(person, "one | two | three | four | five", "Those are 5 names, and I speak 4 languages")
    await bot.say(person, "| Laúdes", "The name in English is missing")
    await bot.say(person, f"{'x' * 200} | Laúdes", "characters at most")
    await bot.say(person, "Lute making", "belong")
