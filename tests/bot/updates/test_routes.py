"""Routing: banned and paused users, the language of problems, and updates without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bson import ObjectId

from bot.tokens import bot_id_of
from handlers.telegram_updates import store_update

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.conftest import Bot


async def set_status(bot: Bot, user: User, status: str) -> None:
    users = bot.deps.store.database.collection("users")
    await users.update_one({"_id": ObjectId(user.id)}, {"$set": {"status": status}})


async def test_banned_user_gets_only_the_ban_notice_and_may_leave(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    ana = user.telegram_id or 0
    profile = await bot.say(ana, "/profile", "Guitar")
    await set_status(bot, user, "banned")
    for text in ("/start", "/match", "/web", "Hello?"):
        await bot.say(ana, text, "This account has been closed")
    await bot.say(ana, "/delete", "Delete your account?")  # whoever is banned may leave
    await bot.sandbox.press(ana, profile.id, "📍 Place")
    await bot.until_idle()
    assert "This account has been closed" in (bot.sandbox.toasts(ana)[-1].text or "")
    assert not any("Where are you?" in message.words for message in bot.sandbox.chat(ana)[-2:])


async def test_paused_user_keeps_profile_and_swaps(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    await set_status(bot, user, "paused")
    await bot.say(user.telegram_id or 0, "/profile", "Guitar")


async def test_problem_is_reported_in_the_chosen_language(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python", language_code="en", locale="es")
    await bot.say(user.telegram_id or 0, f"/find {'x' * 500}", "Es un poco largo para mí")


async def test_service_messages_are_not_answered(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    ana = user.telegram_id or 0
    newest = bot.sandbox.chat(ana)[-1].id
    message = {
        "message_id": 900,
        "date": 1_800_000_000,
        "chat": {"id": ana, "type": "private", "first_name": "Ana"},
        "from": {"id": ana, "is_bot": False, "first_name": "Ana"},
    }
    pinned = {**message, "message_id": 901, "pinned_message": {**message, "text": "hi"}}
    await store_update(bot.deps, bot_id_of(bot.sandbox.token), {"update_id": 900_000_000, "message": pinned})
    await bot.until_idle()
    assert bot.sandbox.chat(ana)[-1].id == newest
