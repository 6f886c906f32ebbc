"""Presence: messages read on the web make no sound in Telegram, unread ones do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.messages import Draft, send_message
from handlers.presence import close_views, open_view
from handlers.reads import mark_read

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


@pytest.fixture(autouse=True)
def fast_recheck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.reads.LOOK_AGAIN", timedelta(milliseconds=100))


async def test_message_read_in_an_open_view_makes_no_sound(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await open_view(stage.deps, tom, swap.id, view_id="tab")
    await send_message(stage.deps, mia, Draft(swap.id, "Seen on the web", "web"))
    await mark_read(stage.deps, tom, swap.id, 1)
    await stage.until_all_delivered()
    assert stage.received(tom, "Seen on the web") == []
    await close_views(stage.deps, ["tab"])
    await send_message(stage.deps, mia, Draft(swap.id, "And now?", "web"))
    await stage.sees(tom, "And now?")


async def test_unread_messages_are_delivered_in_order_after_the_view_closes(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await open_view(stage.deps, tom, swap.id, view_id="tab")
    for text in ("First", "Second", "Third"):
        await send_message(stage.deps, mia, Draft(swap.id, text, "web"))
    await mark_read(stage.deps, tom, swap.id, 1)
    await close_views(stage.deps, ["tab"])
    await stage.sees(tom, "Third")
    said = [message.words.split("\n")[1] for message in stage.chat(tom) if message.words.startswith("Mia · ")]
    assert said == ["Second", "Third"]


async def test_idle_open_view_delays_delivery_only_briefly(
    stage: Stage, mia: User, tom: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.reads.HELD_AT_MOST", timedelta(seconds=0.5))
    swap = await stage.running_swap(mia, tom)
    await open_view(stage.deps, tom, swap.id, view_id="tab")
    await send_message(stage.deps, mia, Draft(swap.id, "Hello?", "web"))
    await stage.sees(tom, "Hello?")


async def test_answer_in_telegram_marks_messages_as_read(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "Seven?", "web"))
    copy = await stage.sees(tom, "Seven?")
    assert await stage.deps.store.reads.get(swap.id, tom.id) == 0
    await stage.writes(tom, "Yes", reply_to=copy.id)
    await stage.sees(mia, "Yes")

    async def is_read() -> bool:
        return await stage.deps.store.reads.get(swap.id, tom.id) == 1

    await stage.until(is_read)


async def test_sending_does_not_mark_undelivered_messages_as_read(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    stage.sandbox.fail("sendMessage", times=1000, status=502)
    await send_message(stage.deps, mia, Draft(swap.id, "Held up on its way", "web"))
    for number in (1, 2):
        await send_message(stage.deps, tom, Draft(swap.id, f"Word {number}", "telegram", telegram=(1, number)))
    stage.sandbox.behave()
    await stage.sees(tom, "Held up on its way")


async def test_typing_on_the_web_shows_once_in_telegram(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.start_runner("a second one")
    await open_view(stage.deps, tom, swap.id, view_id="tab", is_typing=True)

    def signs() -> list[object]:
        return [call.params["chat_id"] for call in stage.sandbox.calls if call.method == "sendChatAction"]

    await stage.until(signs)
    await send_message(stage.deps, tom, Draft(swap.id, "Written", "web"))
    await stage.sees(mia, "Written")
    assert [str(chat) for chat in signs()] == [str(mia.telegram_id)]
