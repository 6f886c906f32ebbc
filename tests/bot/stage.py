"""A stage for two or more people who swap through the bot: the whole door on a local Telegram, people made at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.application import BotRunner
from bot.sandbox import Message, Sandbox
from bot.updates.context import BotServices
from domain.users import User
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from tests.factories import insert_user
from tests.waiting import eventually


@dataclass
class Stage:
    """`deps` acts as the other door would; the people write through `sandbox`."""

    deps: Deps
    sandbox: Sandbox
    feed: ChangeFeed
    doors: list[BotRunner] = field(default_factory=list)

    async def open_door(self, worker: str = "stage") -> BotRunner:
        services = BotServices(self.deps)
        door = await asyncio.to_thread(  # building the application reads files
            BotRunner, services, self.feed, token=self.sandbox.token, worker=worker, api_url=self.sandbox.url
        )
        self.doors.append(door)
        await door.start()
        await door.is_up.wait()
        return door

    async def person(self, name: str, teaches: str, learns: str, **fields: Any) -> User:
        """Somebody who has finished their profile and talks to the bot; skills with commas."""
        someone = self.sandbox.add_person(name, language_code=fields.get("locale", "en"))
        user = await insert_user(
            self.deps,
            name,
            telegram_id=someone.id,
            skills_offered=tuple(skill.strip() for skill in teaches.split(",") if skill.strip()),
            skills_wanted=tuple(skill.strip() for skill in learns.split(",") if skill.strip()),
            **fields,
        )
        await self.sandbox.send_text(someone.id, "/swaps")
        await self.sandbox.wait_for(someone.id, lambda message: True)
        return user

    async def writes(self, user: User, text: str, *, reply_to: int | None = None) -> int:
        """A text for which the bot owes no answer; returns its id."""
        return await self.sandbox.send_text(_chat(user), text, reply_to=reply_to)

    async def says(self, user: User, text: str, expected: str | Callable[[Message], object]) -> Message:
        """The bot's answer to a text."""
        sent = await self.sandbox.send_text(_chat(user), text)
        return await self.sandbox.wait_for(_chat(user), expected, after=sent)

    async def presses(
        self, user: User, message: Message, label: str, expected: str | Callable[[Message], object]
    ) -> Message:
        """What the bot shows after a press: a new message, or this one changed."""
        newest = self.sandbox.chat(_chat(user))[-1].id
        await self.sandbox.press(_chat(user), message.id, label)
        return await self.sandbox.wait_for(_chat(user), expected, after=newest)

    async def sees(self, user: User, expected: str | Callable[[Message], object], *, after: int = 0) -> Message:
        return await self.sandbox.wait_for(_chat(user), expected, after=after)

    def chat(self, user: User) -> list[Message]:
        return self.sandbox.chat(_chat(user))

    def received(self, user: User, words: str) -> list[Message]:
        """The bot's messages in this person's chat that hold these words."""
        return [message for message in self.chat(user) if message.from_bot and words in message.words]

    def message(self, user: User, message_id: int) -> Message:
        return next(message for message in self.chat(user) if message.id == message_id)

    def toasts(self, user: User) -> list[str]:
        return [toast.text or "" for toast in self.sandbox.toasts(_chat(user))]

    async def until(self, condition: Callable[[], Awaitable[object] | object]) -> None:
        await eventually(condition)

    def buttons(self, message: Message) -> list[str]:
        """The labels under a message."""
        return [button.label for button in message.buttons]

    async def until_all_told(self, *, within: float = 10.0) -> None:
        """Return when no delivery waits any more."""

        async def is_empty() -> bool:
            return (await self.deps.store.outbox.counts())["queued"] == 0

        await eventually(is_empty, within=within)


def _chat(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


@pytest.fixture
async def stage(deps: Deps) -> AsyncIterator[Stage]:
    """The bot's door on a local Telegram, on an empty database."""
    sandbox = Sandbox()
    await sandbox.start()
    feed = ChangeFeed(deps)
    feed.start()
    stage = Stage(deps, sandbox, feed)
    await stage.open_door()
    yield stage
    for door in stage.doors:
        await door.stop()
    await feed.stop()
    await sandbox.stop()
