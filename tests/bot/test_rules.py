"""The rules of the community in the bot: agreed to before the first question, and anew when they have changed."""

from __future__ import annotations

from domain.community import CommunityChanges
from domain.users import ADMIN
from handlers.community import change_community
from handlers.users import find_telegram_user
from tests.bot.conftest import Bot
from tests.factories import insert_user

NAME, TEACH = "should people call you", "can you teach?"


async def set_rules(bot: Bot, rules: str) -> None:
    admin = await insert_user(bot.deps, "Olga", role=ADMIN)
    await change_community(bot.deps, admin, CommunityChanges(name="Harbour", rules=rules))


async def test_a_newcomer_agrees_before_the_first_question(bot: Bot) -> None:
    await set_rules(bot, "Be <b>kind</b>.")
    ana = bot.person("Ana")
    asked = await bot.say(ana, "/start", "Our rules")
    assert "Be <b>kind</b>." in asked.words
    await bot.say(ana, "Lucía", "Our rules")  # not taken for the name
    asked = await bot.press(ana, await bot.say(ana, "/start", "Welcome back"), "▶️ Go on", "Our rules")
    await bot.press(ana, asked, "✅ I agree", NAME)
    await bot.say(ana, "Ana Lucía", TEACH)
    user = await bot.user(ana)
    assert (user.name, user.rules_agreed) == ("Ana Lucía", 1)


async def test_other_rules_are_shown_instead_of_agreed_to(bot: Bot) -> None:
    await set_rules(bot, "Be kind.")
    ana = bot.person("Ana")
    asked = await bot.say(ana, "/start", "Be kind.")
    await set_rules(bot, "Be early.")
    asked = await bot.press(ana, asked, "✅ I agree", "Be early.")
    user = await find_telegram_user(bot.deps, ana)
    assert user is not None
    assert user.rules_agreed == 0
    await bot.press(ana, asked, "✅ I agree", NAME)


async def test_changed_rules_are_agreed_to_anew_before_somebody_is_asked(bot: Bot) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    await bot.member("Li", offers="Python", wants="Guitar")
    person = ana.telegram_id
    assert person is not None
    deck = await bot.say(person, "/match", "Li")
    await set_rules(bot, "Be kind.")
    rules = await bot.press(person, deck, "🤝 Propose a swap", "Our rules")
    assert not await bot.deps.store.swaps.list_of(ana.id)
    await bot.press(person, rules, "✅ I agree", "What shall we do?")
    home = await bot.say(person, "/start", "What shall we do?")
    assert "Our rules" not in home.words
    await set_rules(bot, "Be early.")
    await bot.say(person, "/start", "Our rules have changed")
