"""Fixtures for the bot: the real application on a real database, connected to the sandbox over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.application import BotRunner
from bot.sandbox import Message, Sandbox
from bot.tokens import bot_id_of
from bot.updates.context import BotServices
from domain.dialogs import Dialog
from domain.users import ProfileChanges, User
from handlers.dialogs import get_dialog, save_dialog
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts, load_texts
from handlers.telegram_updates import waiting_updates
from handlers.users import find_telegram_user, update_profile
from tests.moved_clock import clock_of


@dataclass(slots=True)
class Bot:
    """The running bot, its Telegram users, and the operations beneath it."""

    sandbox: Sandbox
    deps: Deps
    texts: dict[str, Texts]
    runner: BotRunner
    feed: ChangeFeed

    def person(self, first_name: str = "Ana", *, language_code: str = "en") -> int:
        """Add a Telegram user who has not written to the bot yet; return their Telegram id."""
        return self.sandbox.add_person(first_name, language_code=language_code).id

    async def member(
        self, first_name: str, *, offers: str, wants: str, language_code: str = "en", **fields: Any
    ) -> User:
        """Add a registered, listed user; skills are separated by commas."""
        person = self.person(first_name, language_code=language_code)
        await self.sandbox.send_text(person, "/start")
        await self.sandbox.wait_for(person, lambda message: message.from_bot)
        await self.until_idle()
        user = await self.user(person)
        document = {
            "skills_offered": [skill.strip() for skill in offers.split(",") if skill.strip()],
            "skills_wanted": [skill.strip() for skill in wants.split(",") if skill.strip()],
        }
        changes = {name: tuple(value) for name, value in document.items()} | {"is_public": True, "onboarded": True}
        user = await update_profile(self.deps, user, ProfileChanges(**(changes | fields)))
        dialog = await get_dialog(self.deps, person)
        await save_dialog(self.deps, Dialog(person, last_update=dialog.last_update))
        return user

    async def user(self, person: int) -> User:
        """Return the profile of a Telegram account."""
        found = await find_telegram_user(self.deps, person)
        assert found is not None, "this person is not registered"
        return found

    async def until_idle(self) -> None:
        """Return as soon as every update so far has been processed."""
        bot_id = bot_id_of(self.sandbox.token)
        async with asyncio.timeout(10):
            while self.sandbox._world.inbox.waiting or await waiting_updates(self.deps, bot_id):
                await asyncio.sleep(0.01)

    async def say(self, person: int, text: str, expect: str | None = None, *, reply_to: int | None = None) -> Message:
        """Send a text to the bot; return its first answer (that contains `expect`)."""
        sent = await self.sandbox.send_text(person, text, reply_to=reply_to)
        return await self._answer(person, sent, expect)

    async def press(self, person: int, message: Message, data_or_label: str, expect: str | None = None) -> Message:
        """Press a button; return the newest message that is new or changed since (and contains `expect`)."""
        await self.sandbox.press(person, message.id, data_or_label)
        return await self.sandbox.wait_for(person, expect or (lambda seen: seen.from_bot), after=message.id)

    async def _answer(self, person: int, after: int, expect: str | None) -> Message:
        def answers(message: Message) -> bool:
            text = message.text or message.caption or ""
            return message.from_bot and (expect is None or expect in text)

        return await self.sandbox.wait_for(person, answers, after=after)


@pytest.fixture
async def bot(deps: Deps) -> AsyncIterator[Bot]:
    """A running bot with its own sandbox."""
    sandbox = Sandbox(clock=clock_of(deps))
    await sandbox.start()
    feed = ChangeFeed(deps)
    texts = await asyncio.to_thread(load_texts)
    services = BotServices(deps, sandbox.page_url)
    runner = BotRunner(services, feed, token=sandbox.token, worker="test", api_url=sandbox.url)
    feed.start()
    await runner.start()
    await runner.is_up.wait()
    yield Bot(sandbox, deps, texts, runner, feed)
    await runner.stop()
    await feed.stop()
    await sandbox.stop()
