"""A moderators' group on the stage: Ada, an admin, has founded it; Noor moderates; Kim is in it and moderates not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.sandbox import Group, Message
from domain.planning import Meeting
from domain.swaps import DISPUTED, Swap
from domain.users import ADMIN, MODERATOR, User
from handlers import sessions
from handlers.timeline import do_due_steps
from tests.bot.stage import Stage
from tests.moved_clock import MoveClock

HOUR = timedelta(hours=1)
CARD = "remember a session differently"


@dataclass
class StaffStage:
    """The group and its people. `chat` is the group's id, which changes when it becomes a supergroup."""

    stage: Stage
    group: Group
    ada: User
    noor: User
    kim: User

    @property
    def chat(self) -> int:
        return self.group.id

    async def says(self, user: User, text: str, expected: str, **options: int) -> Message:
        """Write in the group; return the bot's answer there."""
        sent = await self.stage.sandbox.groups.send_text(self.chat, id_of(user), text, **options)
        return await self.stage.sandbox.wait_for(self.chat, expected, after=sent)

    async def takes_place(self, **options: int) -> None:
        """Make the group the moderators'."""
        await self.says(self.ada, "/here", "moderators' place now", **options)
        await self.stage.until_all_delivered()

    async def press(self, user: User, message: Message, label: str) -> str:
        """Press a button in the group; return the answer that this user sees on top."""
        seen = len(self.stage.toasts(user))
        await self.stage.sandbox.groups.press(self.chat, id_of(user), message.id, label)
        await self.stage.until(lambda: len(self.stage.toasts(user)) > seen)
        return self.stage.toasts(user)[-1]

    async def sees(self, expected: str, *, after: int = 0) -> Message:
        return await self.stage.sandbox.wait_for(self.chat, expected, after=after)

    def cards(self, words: str = CARD) -> list[Message]:
        """Return the cards in the group."""
        return [
            message for message in self.stage.sandbox.chat(self.chat) if message.from_bot and words in message.words
        ]


def id_of(user: User) -> int:
    assert user.telegram_id is not None
    return user.telegram_id


@pytest.fixture
async def staff(stage: Stage) -> StaffStage:
    """A group with the bot as its administrator, which is not the moderators' yet."""
    ada = await stage.person("Ada", "chess", "singing", role=ADMIN)
    noor = await stage.person("Noor", "chess", "singing", role=MODERATOR)
    kim = await stage.person("Kim", "chess", "singing")
    group = await stage.sandbox.groups.create("Moderators", id_of(ada), id_of(noor), id_of(kim))
    await stage.sandbox.groups.add_bot(group.id, id_of(ada), as_admin=True)
    return StaffStage(stage, group, ada, noor, kim)


async def dispute(stage: Stage, move_clock: MoveClock, one: User, other: User) -> Swap:
    """Have the two disagree about a session until the moderators are to decide."""
    deps = stage.deps
    swap = await stage.running_swap(one, other)
    start = (deps.now() + HOUR).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, one, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, other, swap.id, "1", start)
    await move_clock(seconds=(3 * HOUR).total_seconds())
    await sessions.answer_session(deps, one, swap.id, "1", "yes")
    await sessions.answer_session(deps, other, swap.id, "1", "no", reason="they_did_not_come")
    await do_due_steps(deps)
    swap = await sessions.answer_session(deps, other, swap.id, "1", "no", reason="they_did_not_come")
    assert swap.status == DISPUTED
    await move_clock(seconds=(73 * HOUR).total_seconds())
    await do_due_steps(deps)
    return swap
