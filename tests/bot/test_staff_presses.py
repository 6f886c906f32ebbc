"""Presses of moderators' buttons by who moderates no more: nobody is named to them, and nothing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.community import APPROVAL, CommunityChanges
from domain.users import ADMIN, MEMBER, MODERATOR
from handlers.community import change_community
from handlers.correspondence import answer_organisers, write_as_organisers
from handlers.skill_cards import show_skill_card
from tests.bot.conftest import Bot
from tests.bot.test_door import applies
from tests.factories import insert_user

if TYPE_CHECKING:
    from bot.sandbox import Message


async def application(bot: Bot, reader: int) -> tuple[Message, str]:
    admin = await insert_user(bot.deps, "Olga", role=ADMIN)
    await change_community(bot.deps, admin, CommunityChanges(name="Harbour", join=APPROVAL))
    await applies(bot, "Zoltan", "Hello")
    return await bot.sandbox.wait_for(reader, "Zoltan would like to join"), "💬 Ask"


async def skill(bot: Bot, reader: int) -> tuple[Message, str]:
    await bot.member("Ana", offers="Zithertuning", wants="Python")
    await show_skill_card(bot.deps)
    return await bot.sandbox.wait_for(reader, "Zithertuning"), "✨ Name it"


async def letter(bot: Bot, reader: int) -> tuple[Message, str]:
    admin = await insert_user(bot.deps, "Olga", role=ADMIN)
    zoltan = await bot.member("Zoltan", offers="Chess", wants="Python")
    await write_as_organisers(bot.deps, admin, zoltan.id, "How are you?", card="", key="k")
    await answer_organisers(bot.deps, zoltan, "Well, thanks")
    return await bot.sandbox.wait_for(reader, "Well, thanks"), "💬 Write to Zoltan"


@pytest.mark.parametrize("scene", [application, skill, letter])
async def test_who_moderates_no_more_is_asked_and_told_nothing(bot: Bot, scene: object) -> None:
    assert callable(scene)
    mia = await bot.member("Mia", offers="Chess", wants="Python")
    await bot.deps.store.users.set_role(mia.id, MODERATOR)
    reader = mia.telegram_id or 0
    card, label = await scene(bot, reader)
    await bot.deps.store.users.set_role(mia.id, MEMBER)
    last = bot.sandbox.chat(reader)[-1].id
    await bot.sandbox.press(reader, card.id, label)
    await bot.until_idle()
    said = [message.words for message in bot.sandbox.chat(reader) if message.from_bot and message.id > last]
    toasts = [toast.text or "" for toast in bot.sandbox.toasts(reader)]
    assert not [text for text in said if "Zoltan" in text or "Zither" in text]
    assert any("Only moderators" in text for text in (*said, *toasts))
