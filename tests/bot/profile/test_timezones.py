"""The time zone, asked by city in the settings."""

from __future__ import annotations

import pytest

from bot.profile.timezones import search_timezones
from handlers.runtime.texts import load_texts
from tests.bot.conftest import Bot


async def test_availability_is_compared_in_the_chosen_time_zone(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/settings", "Language: English")
    asked = await bot.press(ana, seen, "🕒 Time zone", "Which time zone")
    await bot.say(ana, "Atlantis", "I don't know that city")
    shown = await bot.say(ana, "buenos aires", "Settings")
    assert (await bot.user(ana)).timezone == "America/Argentina/Buenos_Aires"
    asked = await bot.press(ana, shown, "🕒 Buenos Aires (Argentina)", "Which time zone")
    which = await bot.say(ana, "sao", "Which of these?")
    await bot.press(ana, which, "Sao Paulo (Brazil)", "Settings")
    assert (await bot.user(ana)).timezone == "America/Sao_Paulo"
    seen = await bot.say(ana, "/settings", "Settings")
    asked = await bot.press(ana, seen, "🕒 Sao Paulo (Brazil)", "Which time zone")
    await bot.press(ana, asked, "🗑 Leave it out", "Settings")
    assert (await bot.user(ana)).timezone is None


async def test_cities_are_shown_in_the_language_of_the_reader(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python", locale="de")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/settings", "Einstellungen")
    await bot.press(ana, seen, "zone", "In welcher Zeitzone")
    shown = await bot.say(ana, "Kairo", "Einstellungen")
    assert (await bot.user(ana)).timezone == "Africa/Cairo"
    assert "🕒 Kairo (Ägypten)" in [button.label for button in shown.buttons]
    await bot.press(ana, shown, "zone", "In welcher Zeitzone")
    which = await bot.say(ana, "sao", "Welche davon?")
    assert {"São Paulo (Brasilien)"} <= {button.label for button in which.buttons}


@pytest.mark.parametrize(
    ("locale", "said", "zone"),
    [
        ("en", "Madrid", "Europe/Madrid"),
        ("en", "são paulo", "America/Sao_Paulo"),
        ("en", "europe/london", "Europe/London"),
        ("en", "york", "America/New_York"),
        ("de", "Kairo", "Africa/Cairo"),
        ("de", "cairo", "Africa/Cairo"),
        ("de", "Moskau", "Europe/Moscow"),
        ("es", "Londres", "Europe/London"),
        ("fr", "Le Caire", "Africa/Cairo"),
        ("fr", "caire", "Africa/Cairo"),
    ],
)
def test_zone_is_found_by_its_city_in_the_readers_language_and_in_english(locale: str, said: str, zone: str) -> None:
    assert search_timezones(said, load_texts()[locale]) == [zone]


@pytest.mark.parametrize("said", ["..", "", "Atlantis"])
def test_unknown_city_has_no_zone(said: str) -> None:
    assert search_timezones(said, load_texts()["en"]) == []


def test_aliases_of_a_zone_are_one_result() -> None:
    texts = load_texts()["en"]
    names = [texts.timezone_name(zone) for zone in search_timezones("kolk", texts)]
    assert names == ["Kolkata (India)"]


@pytest.mark.parametrize(("zone", "name"), [("UTC", "UTC"), ("Nowhere/Old_Town", "Old Town")])
def test_zone_without_a_country_is_shown_by_its_name(zone: str, name: str) -> None:
    assert load_texts()["de"].timezone_name(zone) == name
