"""The time zone of somebody, asked in the settings by city."""

from __future__ import annotations

import pytest

from bot.profile.timezones import timezones_at, timezones_like
from tests.bot.conftest import Bot


async def test_free_hours_are_compared_in_the_zone_that_somebody_names(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/settings", "Language: English")
    asked = await bot.press(ana, seen, "🕒 Time zone", "Which time zone")
    await bot.say(ana, "Atlantis", "I don't know that city")
    shown = await bot.say(ana, "buenos aires", "Settings")
    assert (await bot.user(ana)).timezone == "America/Argentina/Buenos_Aires"
    asked = await bot.press(ana, shown, "🕒 America/Argentina/Buenos Aires", "Which time zone")
    which = await bot.say(ana, "sao", "Which of these?")
    await bot.press(ana, which, "Sao Paulo (America)", "Settings")
    assert (await bot.user(ana)).timezone == "America/Sao_Paulo"
    seen = await bot.say(ana, "/settings", "Settings")
    asked = await bot.press(ana, seen, "🕒 America/Sao Paulo", "Which time zone")
    await bot.press(ana, asked, "🗑 Leave it out", "Settings")
    assert (await bot.user(ana)).timezone is None


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Madrid", "Europe/Madrid"),
        ("são paulo", "America/Sao_Paulo"),
        ("europe/london", "Europe/London"),
        ("york", "America/New_York"),
    ],
)
def test_a_city_names_its_zone(said: str, zone: str) -> None:
    assert timezones_like(said, timezones_at()) == [zone]
    assert timezones_like("..", timezones_at()) == []
