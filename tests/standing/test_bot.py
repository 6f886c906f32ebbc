"""Every command, button, text and inline query of the bot, tried in every standing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from bot.tokens import bot_id_of
from bot.updates import routes
from bot.updates.rights import BUTTONS, COMMANDS, FLOWS, INLINE, TALKING
from domain.standing import ALLOWED
from handlers.telegram_updates import store_update
from tests.bot.conftest import Bot
from tests.standing.conftest import FACTS, put_in

CANARY = "Canaryname"
REFUSALS = {
    "hidden": "That isn't possible right now",
    "applicant": "as soon as the organisers have let you in",
    "warned": "The organisers have to tell you something",
    "suspended": "Your account is resting until",
    "banned": "This account has been closed",
}
_numbers = itertools.count(910_000_000)


def said_since(bot: Bot, since: int) -> str:
    """Return all that the bot has sent, shown or answered since then, in one text."""
    return "\n".join(str(call) for call in bot.sandbox.calls[since:])


async def deliver(bot: Bot, **update: Any) -> str:
    """Deliver an update as Telegram would, and return what the bot does about it."""
    since = len(bot.sandbox.calls)
    await store_update(bot.deps, bot_id_of(bot.sandbox.token), {"update_id": next(_numbers), **update})
    await bot.until_idle()
    return said_since(bot, since)


def sender_of(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "en"}


def message_of(person: int, text: str) -> dict[str, Any]:
    chat = {"id": person, "type": "private", "first_name": "Ana"}
    length = len(text.split(maxsplit=1)[0])
    marks = [{"type": "bot_command", "offset": 0, "length": length}] if text.startswith("/") else []
    return {
        "message_id": next(_numbers),
        "date": 1_800_000_000,
        "chat": chat,
        "from": sender_of(person),
        "text": text,
        "entities": marks,
    }


def updates_of(person: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (name, right, update) of everything that a person can do."""
    for name, right in COMMANDS.items():
        yield f"/{name}", right, {"message": message_of(person, f"/{name}")}
    for name, right in BUTTONS.items():
        press = {
            "id": str(next(_numbers)),
            "from": sender_of(person),
            "chat_instance": "1",
            "data": name,
            "message": {**message_of(person, "A card"), "from": {"id": 1, "is_bot": True, "first_name": "Bot"}},
        }
        yield f"button {name}", right, {"callback_query": press}
    query = {"id": str(next(_numbers)), "from": sender_of(person), "query": "python", "offset": ""}
    yield "inline", INLINE, {"inline_query": query}
    yield "text", TALKING, {"message": message_of(person, "Hello there")}
    edited = {**message_of(person, "Hello, edited"), "edit_date": 1_800_000_100}
    yield "edit", TALKING, {"edited_message": edited}


def test_every_command_button_and_question_has_a_right() -> None:
    for name, known in (("COMMANDS", COMMANDS), ("BUTTONS", BUTTONS), ("ON_TEXT", FLOWS), ("ON_PHOTO", FLOWS)):
        without = sorted(routes._merge_tables(name).keys() - known.keys())
        assert not without, f"{name} without a row in bot/updates/rights.py"


@pytest.mark.parametrize("standing", [name for name in FACTS if name != "member"])
async def test_the_bot_refuses_what_the_table_takes_away(bot: Bot, standing: str) -> None:
    await bot.member(CANARY, offers="Python", wants="Guitar")
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    ana, tried = user.telegram_id or 0, 0
    for name, right, update in updates_of(ana):
        if right in ALLOWED[standing]:
            continue
        await put_in(bot.deps, user.id, standing, bot.deps.now())
        said = await deliver(bot, **update)
        tried += 1
        if name == "inline":
            assert "answerInlineQuery" in said
        elif name != "edit":
            assert REFUSALS[standing] in said, f"{name}: {said[:300]}"
        assert CANARY not in said, name
    assert tried
    print(f"{standing}: {tried} commands, buttons and texts refused")


async def test_members_are_refused_nothing_by_the_door(bot: Bot) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    for name in ("start", "match", "swaps", "profile", "help"):
        said = await deliver(bot, message=message_of(ana.telegram_id or 0, f"/{name}"))
        assert not any(text in said for text in REFUSALS.values()), name


async def test_a_warning_is_acknowledged_with_its_button_and_everything_is_open_again(bot: Bot) -> None:
    user = await bot.member("Ana", offers="Guitar", wants="Python")
    ana = user.telegram_id or 0
    await put_in(bot.deps, user.id, "warned", bot.deps.now())
    card = await bot.say(ana, "/match", "rude or threatening words")
    await bot.press(ana, card, "✅ I have read this", "Everything is open again")
    await bot.say(ana, "/profile", "Guitar")
