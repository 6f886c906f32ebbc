"""The time zone, asked by city in the settings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.availability import local_time
from domain.errors import Invalid
from handlers.runtime.texts import load_texts
from handlers.timezones import find_zones, guess_zones
from storage.cities.reader import Cities
from tests.bot.conftest import Bot
from tests.factories import CITIES


async def test_availability_is_compared_in_the_chosen_time_zone(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/settings", "Language: English")
    asked = await bot.press(ana, seen, "🕒 Time zone", "Which time zone")
    await bot.say(ana, "Nowhereville", "I don't know that city")
    shown = await bot.say(ana, "buenos aires", "Settings")
    assert (await bot.user(ana)).timezone == "America/Argentina/Buenos_Aires"
    asked = await bot.press(ana, shown, "🕒 Buenos Aires (Argentina)", "Which time zone")
    which = await bot.say(ana, "sao", "Is it one of these?")
    await bot.press(ana, which, "zone:America/Sao_Paulo", "Settings")
    assert (await bot.user(ana)).timezone == "America/Sao_Paulo"
    seen = await bot.say(ana, "/settings", "Settings")
    asked = await bot.press(ana, seen, "🕒 Sao Paulo (Brazil)", "Which time zone")
    await bot.press(ana, asked, "🗑 Leave it out", "Settings")
    assert (await bot.user(ana)).timezone is None


async def test_cities_of_one_name_are_told_apart_by_country_state_and_the_time_there(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    await bot.press(ana, await bot.say(ana, "/settings", "Settings"), "zone", "Which time zone")
    which = await bot.say(ana, "Portland", "Which of these?")
    now, texts = bot.deps.now(), bot.texts["en"]
    times = [
        texts.time(local_time(now, f"America/{zone}").replace(tzinfo=None)) for zone in ("Los_Angeles", "New_York")
    ]
    hour = [time.split(":")[0] for time in times]
    labels = [button.label for button in which.buttons][:2]
    assert labels[0].startswith(f"Portland (Oregon, United States) · {hour[0]}:") or times[0].split(":")[1][:2] == "59"
    assert labels[1].startswith(f"Portland (Maine, United States) · {hour[1]}:") or times[1].split(":")[1][:2] == "59"
    shown = await bot.press(ana, which, "zone:America/New_York", "Settings")
    assert "there now" in (shown.text or "")
    await bot.press(ana, shown, "zone", "Which time zone")
    shown = await bot.say(ana, "Mumbai", "Settings")
    assert (shown.text or "").startswith("🕒 Mumbai (India): it is ")
    assert (await bot.user(ana)).timezone == "Asia/Kolkata"


async def test_a_misspelt_city_is_guessed_at_and_saved_only_when_confirmed(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    await bot.press(ana, await bot.say(ana, "/settings", "Settings"), "zone", "Which time zone")
    near = await bot.say(ana, "Barcelna, Spain", "Is it one of these?")
    assert (await bot.user(ana)).timezone is None
    await bot.press(ana, near, "zone:Europe/Madrid", "Settings")
    assert (await bot.user(ana)).timezone == "Europe/Madrid"


def test_the_table_of_cities_is_made_once_when_it_is_first_asked(tmp_path: Path) -> None:
    cities = Cities(tmp_path / "var")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda key: cities.named(key, limit=1), ("mumbai", "munich")))
    assert [found[0].zone for found in both] == ["Asia/Kolkata", "Europe/Berlin"]
    (table,) = (tmp_path / "var").iterdir()
    made_at = table.stat().st_mtime_ns
    assert Cities(tmp_path / "var").named("bombay", limit=1)[0].name == "Mumbai"
    assert table.stat().st_mtime_ns == made_at


def test_cities_that_zones_are_named_after_are_known_where_no_table_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cities, texts = Cities(tmp_path / "file"), load_texts()["en"]
    assert [choice.zone for choice in find_zones(cities, "Madrid", texts)] == ["Europe/Madrid"]
    assert find_zones(cities, "Mumbai", texts) == guess_zones(cities, "Mumbai", texts) == []


async def test_a_difference_from_utc_is_a_time_zone(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id
    assert ana is not None
    await bot.press(ana, await bot.say(ana, "/settings", "Settings"), "zone", "Which time zone")
    shown = await bot.say(ana, "GMT+3", "UTC+3: it is ")
    assert (await bot.user(ana)).timezone == "Etc/GMT-3"
    assert "🕒 UTC+3" in [button.label for button in shown.buttons]
    await bot.press(ana, shown, "zone", "Which time zone")
    await bot.say(ana, "UTC", "UTC: it is ")
    assert (await bot.user(ana)).timezone == "UTC"


async def test_cities_are_shown_in_the_language_of_the_reader(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python", locale="de")).telegram_id
    assert ana is not None
    seen = await bot.say(ana, "/settings", "Einstellungen")
    await bot.press(ana, seen, "zone", "In welcher Zeitzone")
    shown = await bot.say(ana, "Kairo", "Einstellungen")
    assert (await bot.user(ana)).timezone == "Africa/Cairo"
    assert "🕒 Kairo (Ägypten)" in [button.label for button in shown.buttons]
    await bot.press(ana, shown, "zone", "In welcher Zeitzone")
    which = await bot.say(ana, "sao", "Ist es eine von diesen?")
    assert any(button.label.startswith("São Paulo (Brasilien) · ") for button in which.buttons)


@pytest.mark.parametrize(
    ("locale", "said", "zone"),
    [
        ("en", "Madrid", "Europe/Madrid"),
        ("en", "são paulo", "America/Sao_Paulo"),
        ("en", "europe/london", "Europe/London"),
        ("en", "America/New_York", "America/New_York"),
        ("de", "Kairo", "Africa/Cairo"),
        ("de", "cairo", "Africa/Cairo"),
        ("de", "Moskau", "Europe/Moscow"),
        ("es", "Londres", "Europe/London"),
        ("fr", "Le Caire", "Africa/Cairo"),
        ("fr", "caire", "Africa/Cairo"),
        ("en", "Mumbai", "Asia/Kolkata"),
        ("en", "Bombay", "Asia/Kolkata"),
        ("en", "Beijing", "Asia/Shanghai"),
        ("en", "北京", "Asia/Shanghai"),
        ("en", "Miami", "America/New_York"),
        ("en", "Madrid, Spain", "Europe/Madrid"),
        ("es", "Madrid (España)", "Europe/Madrid"),
        ("en", "St. John's, Canada", "America/St_Johns"),
        ("en", "St Johns NL", "America/St_Johns"),
        ("en", "Portland, Maine", "America/New_York"),
        ("en", "portland or", "America/Los_Angeles"),
        ("en", "Springfield, IL", "America/Chicago"),
        ("en", "Washington DC", "America/New_York"),
        ("en", "London, Ontario", "America/Toronto"),
        ("en", "san josé costa rica", "America/Costa_Rica"),
        ("de", "Genf", "Europe/Zurich"),
        ("de", "München", "Europe/Berlin"),
        ("en", "Londres", "Europe/London"),
        ("es", "Ciudad de México", "America/Mexico_City"),
        ("en", "Москва", "Europe/Moscow"),
        ("en", "القاهرة", "Africa/Cairo"),
        ("en", "lodz", "Europe/Warsaw"),
        ("en", "Lavapiés, Madrid", "Europe/Madrid"),
        ("es", "San Blas, Madrid, España", "Europe/Madrid"),
        ("fr", "Allemagne", "Europe/Berlin"),
        ("en", "utc", "UTC"),
        ("en", "UTC +0", "UTC"),
        ("en", "GMT+3", "Etc/GMT-3"),
        ("en", "UTC−05:00", "Etc/GMT+5"),
        ("en", "+5:30", "Asia/Kolkata"),
    ],
)
def test_a_zone_is_found_by_what_its_cities_are_called_in_any_language(locale: str, said: str, zone: str) -> None:
    assert [choice.zone for choice in find_zones(Cities(CITIES), said, load_texts()[locale])] == [zone]


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("San Francisco", "San Francisco (California, United States)", "San Francisco (Philippines)"),
        ("Barcelona", "Barcelona (Spain)", "Barcelona (Venezuela)"),
        ("Washington", "Washington (District of Columbia, United States)", "Washington (United Kingdom)"),
        ("Geneva", "Geneva (Switzerland)", "Geneva (Illinois, United States)"),
        ("York", "York (United Kingdom)", "York (Pennsylvania, United States)"),
        ("USA", "New York City (New York, United States)", "Los Angeles (California, United States)"),
    ],
)
def test_of_several_zones_the_largest_city_comes_first(said: str, first: str, second: str) -> None:
    assert [choice.place for choice in find_zones(Cities(CITIES), said, load_texts()["en"])][:2] == [first, second]


@pytest.mark.parametrize("said", ["..", "Nowhereville", "UTC+15", "GMT+3x", "+5:17"])
def test_unknown_city_has_no_zone(said: str) -> None:
    assert find_zones(Cities(CITIES), said, load_texts()["en"]) == []


def test_a_long_text_is_no_place() -> None:
    with pytest.raises(Invalid):
        find_zones(Cities(CITIES), "x" * 1000, load_texts()["en"])


def test_the_beginning_of_a_name_is_completed_and_never_taken_for_it() -> None:
    cities, texts = Cities(CITIES), load_texts()["fr"]
    assert find_zones(cities, "montevid", texts) == []
    assert guess_zones(cities, "montevid", texts)[0].zone == "America/Montevideo"


def test_aliases_of_a_zone_are_one_result() -> None:
    names = [choice.place for choice in guess_zones(Cities(CITIES), "kolk", load_texts()["en"])]
    assert names[0] == "Kolkata (India)"
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("zone", "name"), [("UTC", "UTC"), ("Etc/GMT-3", "UTC+3"), ("Etc/GMT+5", "UTC−5"), ("Nowhere/Old_Town", "Old Town")]
)
def test_zone_without_a_country_is_shown_by_its_name(zone: str, name: str) -> None:
    assert load_texts()["de"].timezone_name(zone) == name
