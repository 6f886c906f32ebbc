"""A stage for several users who swap through the bot: the whole bot on a sandbox, with users inserted directly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.application import BotRunner
from bot.sandbox import Message, Sandbox
from bot.updates.context import BotServices
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.staff_cards import next_staff_card_due
from handlers.swaps import Proposal, accept_swap, propose_swap
from tests.factories import insert_user
from tests.moved_clock import clock_of
from tests.waiting import eventually


@dataclass
class Stage:
    """The bot and its users. `deps` acts as the web would; users write through `sandbox`."""

    deps: Deps
    sandbox: Sandbox
    feed: ChangeFeed
    runners: list[BotRunner] = field(default_factory=list)

    async def start_runner(self, worker: str = "stage") -> BotRunner:
        services = BotServices(self.deps)
        runner = await asyncio.to_thread(  # building the application reads files
            BotRunner, services, self.feed, token=self.sandbox.token, worker=worker, api_url=self.sandbox.url
        )
        self.runners.append(runner)
        await runner.start()
        await runner.is_up.wait()
        return runner

    async def person(self, name: str, teaches: str, learns: str, **fields: Any) -> User:
        """Add a user with a finished profile and an open chat; skills are separated by commas."""
        telegram_user = self.sandbox.add_person(name, language_code=fields.get("locale", "en"))
        user = await insert_user(
            self.deps,
            name,
            telegram_id=telegram_user.id,
            skills_offered=tuple(skill.strip() for skill in teaches.split(",") if skill.strip()),
            skills_wanted=tuple(skill.strip() for skill in learns.split(",") if skill.strip()),
            **fields,
        )
        await self.sandbox.send_text(telegram_user.id, "/swaps")
        await self.sandbox.wait_for(telegram_user.id, lambda message: True)
        return user

    async def request(self) -> tuple[User, User, Message]:
        """Return Ana, Li, and the card in Li's chat of Ana's request: guitar for Python."""
        ana = await self.person("Ana", "guitar", "Python")
        li = await self.person("Li", "Python", "guitar")
        await propose_swap(self.deps, ana, Proposal(li.id, "guitar", "Python"))
        return ana, li, await self.sees(li, "Ana would like to swap with you")

    async def running_swap(self, asker: User, partner: User) -> Swap:
        """Return a running swap that both have been notified of; no conversation was opened by hand."""
        proposal = Proposal(partner.id, asker.skills_offered[0], partner.skills_offered[0])
        swap = await propose_swap(self.deps, asker, proposal)
        swap = await accept_swap(self.deps, partner, swap.id)
        await self.until_all_delivered()
        return swap

    async def writes(self, user: User, text: str, *, reply_to: int | None = None) -> int:
        """Send a text without waiting for an answer; return its id.

        A reply waits until what has arrived is stored as arrived: a message can be seen a moment before.
        """
        if reply_to is not None:
            await self.until_all_delivered()
        return await self.sandbox.send_text(_chat(user), text, reply_to=reply_to)

    async def says(self, user: User, text: str, expected: str | Callable[[Message], object]) -> Message:
        """Send a text; return the bot's answer."""
        sent = await self.sandbox.send_text(_chat(user), text)
        return await self.sandbox.wait_for(_chat(user), expected, after=sent)

    async def presses(
        self, user: User, message: Message, label: str, expected: str | Callable[[Message], object]
    ) -> Message:
        """Press a button; return the message that is new or changed since."""
        newest = self.sandbox.chat(_chat(user))[-1].id
        await self.sandbox.press(_chat(user), message.id, label)
        return await self.sandbox.wait_for(_chat(user), expected, after=newest)

    async def sees(self, user: User, expected: str | Callable[[Message], object], *, after: int = 0) -> Message:
        return await self.sandbox.wait_for(_chat(user), expected, after=after)

    def chat(self, user: User) -> list[Message]:
        return self.sandbox.chat(_chat(user))

    def received(self, user: User, words: str) -> list[Message]:
        """Return the bot's messages in this user's chat that contain the text."""
        return [message for message in self.chat(user) if message.from_bot and words in message.words]

    def message(self, user: User, message_id: int) -> Message:
        return next(message for message in self.chat(user) if message.id == message_id)

    def toasts(self, user: User) -> list[str]:
        return [toast.text or "" for toast in self.sandbox.toasts(_chat(user))]

    async def until(self, condition: Callable[[], Awaitable[object] | object]) -> None:
        await eventually(condition)

    def buttons(self, message: Message) -> list[str]:
        """Return the labels of a message's buttons."""
        return [button.label for button in message.buttons]

    async def until_all_delivered(self) -> None:
        """Return as soon as no delivery is queued, and no card for moderators is to be written."""

        async def is_empty() -> bool:
            if (await self.deps.store.outbox.counts())["queued"]:
                return False
            return await next_staff_card_due(self.deps) is None

        await eventually(is_empty)


def _chat(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


@pytest.fixture
async def stage(deps: Deps) -> AsyncIterator[Stage]:
    """The bot on a sandbox and an empty database."""
    sandbox = Sandbox(clock=clock_of(deps))
    await sandbox.start()
    feed = ChangeFeed(deps)
    feed.start()
    stage = Stage(deps, sandbox, feed)
    await stage.start_runner()
    yield stage
    for runner in stage.runners:
        await runner.stop()
    await feed.stop()
    await sandbox.stop()


@pytest.fixture
async def ana(stage: Stage) -> User:
    return await stage.person("Ana", "guitar", "Python, chess")


@pytest.fixture
async def li(stage: Stage) -> User:
    return await stage.person("Li", "Python", "guitar")


@pytest.fixture
async def mia(stage: Stage) -> User:
    return await stage.person("Mia", "guitar", "Python, chess")


@pytest.fixture
async def tom(stage: Stage) -> User:
    return await stage.person("Tom", "Python", "guitar")


@pytest.fixture
async def bo(stage: Stage) -> User:
    return await stage.person("Bo", "chess", "guitar")
