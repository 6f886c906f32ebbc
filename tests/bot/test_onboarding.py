"""Onboarding: from /start to a finished profile, whatever happens in between."""

from __future__ import annotations

from bot.sandbox import Message
from tests.bot.conftest import Bot


def has(message: Message, label: str) -> bool:
    """Is there a button of this label under the message?"""
    return any(button.label == label for button in message.buttons)


async def test_a_new_person_is_listed_after_eight_short_steps(bot: Bot) -> None:
    ana = bot.person("Ana")
    await bot.say(ana, "/start", "What should people call you?")
    seen = await bot.say(ana, "Ana Lucía", "What can you teach?")
    seen = await bot.say(ana, "Guitar, Spanish", "You teach these")
    seen = await bot.press(ana, seen, "Next ➡️", "like to learn?")
    seen = await bot.say(ana, "Python", "You would like to learn these")
    seen = await bot.press(ana, seen, "Next ➡️", "When do you have time")
    await bot.sandbox.press(ana, seen.id, "Weekend mornings")
    seen = await bot.sandbox.wait_for(ana, lambda message: has(message, "✓ Weekend mornings"))
    seen = await bot.press(ana, seen, "Next ➡️", "Where are you?")
    seen = await bot.say(ana, "Lisbon", "A photo of you?")
    seen = await bot.press(ana, seen, "Skip", "Who may find you?")
    seen = await bot.press(ana, seen, "🌍 Public", "how others will see you")
    assert not (await bot.user(ana)).is_public
    seen = await bot.press(ana, seen, "✅ Looks good", "all set")
    user = await bot.user(ana)
    assert (user.name, user.skills_offered, user.skills_wanted) == ("Ana Lucía", ("Guitar", "Spanish"), ("Python",))
    assert (user.location, user.availability) == ("Lisbon", "weekend mornings")
    assert user.is_public
    assert user.onboarded
