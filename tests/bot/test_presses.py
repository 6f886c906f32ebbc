"""Buttons that are pressed several times in a row: the result is said once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.updates import presses
from domain.users import User
from handlers.circles import ask_circle
from handlers.swaps import Proposal, accept_swap, list_swaps, propose_swap
from tests.factories import list_possible

if TYPE_CHECKING:
    from bot.sandbox import Message
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def presses_three_times(stage: Stage, user: User, message: Message, label: str) -> list[str]:
    """Press a button three times at once; return the texts of the answers to the presses."""
    before = len(stage.toasts(user))
    data = next(button.data for button in message.buttons if button.label == label)
    world, chat = stage.sandbox._world, user.telegram_id or 0
    stored = world.find_message(chat, message.id)
    assert stored is not None
    for _ in range(3):
        world.add_query(world.person(chat), stored, data or "")
    await world.commit()
    await stage.until(lambda: len(stage.toasts(user)) == before + 3)
    await stage.until_all_delivered()
    return stage.toasts(user)[before:]


async def two(stage: Stage) -> tuple[User, User]:
    return await stage.person("Ana", "guitar", "Python"), await stage.person("Li", "Python", "guitar")


async def test_accept_pressed_three_times_says_its_result_once(stage: Stage) -> None:
    ana, li = await two(stage)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    asked = await stage.sees(li, "would like to swap")
    toasts = await presses_three_times(stage, li, asked, "✅ Accept")
    assert len(stage.received(li, "You are now talking to Ana")) == 1
    assert len(stage.received(ana, "Li accepted!")) == 1
    assert toasts[0] != ""
    assert toasts[1:] == ["", ""]


async def test_accept_beside_an_open_conversation_is_announced_once(stage: Stage) -> None:
    ana, li = await two(stage)
    bo = await stage.person("Bo", "chess", "Python")
    first = await propose_swap(stage.deps, bo, Proposal(li.id, "chess", "Python"))
    await accept_swap(stage.deps, li, first.id)
    chooser = await stage.says(li, "/chat", "You are now talking to Bo")
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    asked = await stage.sees(li, "Ana would like to swap", after=chooser.id)
    await presses_three_times(stage, li, asked, "✅ Accept")
    assert len(stage.received(li, "can write to each other now")) == 1


async def test_late_second_accept_does_not_repeat_the_announcement(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presses, "SAME_PRESS", timedelta(0))
    ana, li = await two(stage)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    asked = await stage.sees(li, "would like to swap")
    await presses_three_times(stage, li, asked, "✅ Accept")
    assert len(stage.received(li, "You are now talking to Ana")) == 1


@pytest.mark.parametrize(
    ("label", "result"), [("✖️ Decline", "Li can't swap with you this time"), ("✅ Accept", "Li accepted!")]
)
async def test_an_answer_pressed_three_times_is_told_once(stage: Stage, label: str, result: str) -> None:
    ana, li = await two(stage)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    asked = await stage.sees(li, "would like to swap")
    await presses_three_times(stage, li, asked, label)
    assert len(stage.received(ana, result)) == 1


async def test_join_pressed_three_times_says_its_result_once(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Chinese")
    li = await stage.person("Li", "Python", "Guitar")
    noor = await stage.person("Noor", "Chinese", "Python")
    (possible,) = await list_possible(stage.deps, ana)
    await ask_circle(stage.deps, ana, possible.id)
    first = await stage.sees(li, "A circle of three would give you")
    toasts = await presses_three_times(stage, li, first, "✅ Join")
    assert toasts[1:] == ["", ""]
    last = await stage.sees(noor, "A circle of three would give you")
    await presses_three_times(stage, noor, last, "✅ Join")
    assert len(stage.received(noor, "You are now talking to")) == 1
    assert len(stage.received(ana, "The circle is closed!")) == 1


async def test_propose_pressed_three_times_asks_once(stage: Stage) -> None:
    ana, _ = await two(stage)
    card = await stage.says(ana, "/match", "Li teaches you")
    await presses_three_times(stage, ana, card, "🤝 Propose a swap")
    (question,) = stage.received(ana, "short note")
    await presses_three_times(stage, ana, question, "📨 Send without a note")
    assert len(await list_swaps(stage.deps, ana)) == 1
    assert len(stage.received(ana, "Sent to Li")) == 1


async def test_next_pressed_twice_passes_over_one_person(stage: Stage) -> None:
    ana, _ = await two(stage)
    for name in ("Mia", "Tom"):
        await stage.person(name, "Python", "guitar")
    card = await stage.says(ana, "/match", "teaches you")
    first = card.words
    await presses_three_times(stage, ana, card, "⏭ Next")
    shown = stage.message(ana, card.id).words
    assert shown != first
    await stage.presses(ana, stage.message(ana, card.id), "⏭ Next", lambda message: message.words not in (first, shown))
