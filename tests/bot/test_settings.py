"""Language, sound, privacy, help, deletion, /cancel, and the link to the web."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.auth import is_public_address
from bot.sandbox import Message
from bot.settings import DELETE_BUTTON_LIVES
from domain.errors import Invalid
from handlers.auth.login_links import redeem_login_link
from handlers.dialogs import get_dialog
from handlers.users import find_telegram_user
from tests.bot.conftest import Bot
from tests.factories import PUBLIC_URL


async def member(bot: Bot, first_name: str = "Ana") -> int:
    user = await bot.member(first_name, offers="Guitar", wants="Python")
    assert user.telegram_id is not None
    return user.telegram_id


async def test_language_changes_at_once(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/settings", "Language: English")
    await bot.press(ana, seen, "Español", "Idioma: español")
    await bot.say(ana, "/help", "Enseñas, aprendes")
    assert (await bot.user(ana)).locale == "es"
    await bot.until_idle()
    assert "Guardado ✅" in [toast.text for toast in bot.sandbox.toasts(ana)]


async def test_sound_is_switched_off_and_on(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/settings", "arrive with a sound")
    seen = await bot.press(ana, seen, "🔕 Silent", "arrive silently")
    assert not (await bot.user(ana)).notifications
    await bot.press(ana, seen, "🔔 With sound", "arrive with a sound")
    assert (await bot.user(ana)).notifications


async def test_help_and_privacy_work_for_unregistered_users(bot: Bot) -> None:
    stranger = bot.person("Bo")
    await bot.say(stranger, "/help", "You teach, you learn")
    privacy = await bot.say(stranger, "/privacy", "What I keep about you")
    assert "12 months, also after /delete: reports" in privacy.words
    assert await find_telegram_user(bot.deps, stranger) is None


@pytest.mark.parametrize(
    ("language", "voice"), [("en", "voice"), ("es", "voz"), ("de", "Sprachnachrichten"), ("fr", "voix")]
)
async def test_help_says_that_more_than_words_and_photos_is_carried(bot: Bot, language: str, voice: str) -> None:
    stranger = bot.person("Bo", language_code=language)
    await bot.say(stranger, "/help", voice)


async def test_id_tells_anybody_their_telegram_id(bot: Bot) -> None:
    stranger = bot.person("Bo")
    await bot.say(stranger, "/id", f"Your Telegram id is {stranger}.")
    ana = await member(bot)
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    await bot.say(ana, "/id", str(ana))
    await bot.say(ana, "Porto", "Porto")
    assert (await bot.user(ana)).location == "Porto"


async def test_cancel_closes_the_open_question_and_confirms_it(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/cancel", "nothing open")
    seen = await bot.say(ana, "/profile", "Ana")
    await bot.press(ana, seen, "📍 Place", "Where are you?")
    await bot.say(ana, "/cancel", "Stopped")
    await bot.until_idle()
    assert (await get_dialog(bot.deps, ana)).flow == ""
    await bot.say(ana, "Porto")
    assert (await bot.user(ana)).location == ""


async def test_delete_asks_for_confirmation_and_deletes_everything(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/delete", "Delete your account?")
    kept = await bot.press(ana, seen, "💛 No, I stay", "Glad you're staying")
    assert kept.id == seen.id
    seen = await bot.say(ana, "/delete", "Delete your account?")
    await bot.press(ana, seen, "🗑 Yes, delete everything", "Everything is deleted")
    await bot.until_idle()
    assert await find_telegram_user(bot.deps, ana) is None
    await bot.say(ana, "hello?", "Shall we start?")
    assert await find_telegram_user(bot.deps, ana) is None, "only Start registers anew"
    await bot.say(ana, "/start", "call you")


async def test_delete_pressed_twice_registers_no_user(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/delete", "Delete your account?")
    await bot.sandbox.press(ana, seen.id, "🗑 Yes, delete everything")
    await bot.sandbox.press(ana, seen.id, "🗑 Yes, delete everything")
    await bot.sandbox.wait_for(ana, "Everything is deleted")
    await bot.until_idle()
    assert await find_telegram_user(bot.deps, ana) is None


async def test_old_delete_button_deletes_nothing(bot: Bot) -> None:
    ana = await member(bot)
    now = bot.deps.now
    # Only the clock of the bot is advanced.
    seen = await bot.say(ana, "/delete", "Delete your account?")
    later = replace(bot.deps, now=lambda: now() + DELETE_BUTTON_LIVES + timedelta(seconds=2))
    bot.runner._application.bot_data["services"] = replace(bot.runner._services, deps=later)
    await bot.press(ana, seen, "🗑 Yes, delete everything", "has expired")
    assert await find_telegram_user(bot.deps, ana) is not None


def login_token(message: Message) -> str:
    url = next((button.url for button in message.buttons if button.url), None) or message.words
    found = re.search(r"token=([\w.~-]+)", url)
    assert found, "there is no link in the message"
    return found[1]


async def test_web_link_signs_in_the_same_user_once(bot: Bot) -> None:
    ana = await member(bot)
    seen = await bot.say(ana, "/web", "works once, for 5 minutes")
    button = seen.buttons[0]
    assert button.url
    assert button.url.startswith(PUBLIC_URL)
    user, session = await redeem_login_link(bot.deps, login_token(seen))
    assert user.telegram_id == ana
    assert bot.deps.session_tokens.read(session, now=bot.deps.now()) is not None
    with pytest.raises(Invalid):
        await redeem_login_link(bot.deps, login_token(seen))


async def test_web_link_to_a_local_host_is_written_as_text(bot: Bot) -> None:
    ana = await member(bot)
    local = replace(bot.deps, public_url="http://127.0.0.1:8080")
    bot.runner._application.bot_data["services"] = replace(bot.runner._services, deps=local)
    seen = await bot.say(ana, "/web", "http://127.0.0.1:8080/")
    assert [button.data for button in seen.buttons] == ["settings"]
    assert (await redeem_login_link(bot.deps, login_token(seen)))[0].telegram_id == ana


async def test_excess_web_links_are_refused(bot: Bot) -> None:
    ana = await member(bot)
    for _ in range(5):
        await bot.say(ana, "/web", "works once")
    await bot.say(ana, "/web", "a few links already")


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://skills.example.org/a", True),
        ("http://192.0.2.7:8080/a", True),
        ("http://localhost:8080/a", False),
        ("http://app.localhost/a", False),
        ("http://127.0.0.1:8080/a", False),
        ("http://[::1]:8080/a", False),
        ("http://makerspace:8080/a", False),
        ("ftp://skills.example.org/a", False),
    ],
)
def test_only_public_urls_become_buttons(url: str, is_taken: bool) -> None:
    assert is_public_address(url) is is_taken


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        *(
            (kind, "nobody to write to yet")
            for kind in ("sticker", "voice", "location", "contact", "video", "document")
        ),
        ("poll", "something else, and nobody got it"),
    ],
)
async def test_what_nobody_gets_is_answered(bot: Bot, kind: str, answer: str) -> None:
    ana = await member(bot)
    sent = await bot.sandbox.send_other(ana, kind)
    await bot.sandbox.wait_for(ana, answer, after=sent)


async def test_unknown_command_gets_a_helpful_answer(bot: Bot) -> None:
    ana = await member(bot)
    await bot.say(ana, "/sing", "don't know that command")
