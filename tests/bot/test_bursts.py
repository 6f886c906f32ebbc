"""Many messages at once: each waits its turn, in order; only a flood is refused. Forwarded words name their writer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import errors
from domain.errors import TooMany
from domain.messages import TELEGRAM
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.rate_limits import MESSAGES
from tests.bot.test_messages import messages_in, picture
from tests.factories import jpeg

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

BURST = [f"Recipe {number}" for number in range(15)]
MARKED = [f"↪️ Nora Ruiz:\n{text}" for text in BURST]


async def forwards(stage: Stage, user: User, texts: list[str]) -> int:
    for text in texts:
        sent = await stage.sandbox.send_text(user.telegram_id or 0, text, forwarded_from="Nora  Ruiz")
    return sent


def relayed(stage: Stage, reader: User) -> list[str]:
    return [message.words.partition("\n")[2] for message in stage.received(reader, "Ana · ")]


async def has_all(stage: Stage, reader: User, swap: Swap, count: int) -> bool:
    return len(await messages_in(stage, reader, swap)) == count


async def test_fifteen_messages_forwarded_at_once_arrive_in_order(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await forwards(stage, ana, BURST)
    await stage.until(lambda: has_all(stage, li, swap, len(BURST)))
    await stage.until_all_delivered()
    assert relayed(stage, li) == MARKED
    assert await messages_in(stage, li, swap) == MARKED
    assert stage.received(ana, "not sent") == []


async def test_what_is_written_after_a_burst_comes_after_it(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    for text in BURST:
        await stage.writes(ana, text)
    await stage.writes(ana, "/help")
    await stage.sees(ana, "You teach, you learn")
    assert await messages_in(stage, li, swap) == BURST


async def test_fifteen_held_messages_are_sent_in_order_after_one_choice(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.running_swap(bo, ana)
    await stage.presses(ana, await stage.says(ana, "/chat", "Whom"), "🔕 Close this conversation", "goes to nobody")
    last = await forwards(stage, ana, BURST)

    async def are_held() -> bool:
        return len((await stage.deps.store.dialogs.get(ana.telegram_id or 0)).held) == len(BURST)

    await stage.until(are_held)
    question = await stage.sees(ana, BURST[-1], after=last)
    await stage.sandbox.press(ana.telegram_id or 0, question.id, "💬 Li · Python ⇄ guitar")
    await stage.until(lambda: has_all(stage, li, swap, len(BURST)))
    await stage.sees(ana, "You are now talking to Li")
    assert await messages_in(stage, li, swap) == MARKED
    assert not stage.received(ana, "not sent")


async def test_a_flood_is_refused_and_nothing_of_it_is_lost_in_silence(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "MAX_TURN_WAIT", timedelta(seconds=3))
    swap = await stage.running_swap(ana, li)
    texts = [f"Flood {number}" for number in range(MESSAGES.burst + 12)]
    sent = {await stage.writes(ana, text): text for text in texts}

    async def is_over() -> bool:
        refused = stage.received(ana, "this one was not sent")
        return len(refused) + len(await messages_in(stage, li, swap)) == len(texts)

    await stage.until(is_over)
    refused = {sent[message.reply_to or 0] for message in stage.received(ana, "this one was not sent")}
    arrived = await messages_in(stage, li, swap)
    assert arrived == [text for text in texts if text not in refused]
    assert MESSAGES.burst <= len(arrived) < len(texts)


async def test_an_edit_above_the_rate_waits_its_turn(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await stage.writes(ana, "At sevn")
    await stage.sees(li, "At sevn")
    for _ in range(MESSAGES.burst):
        stage.deps.rates.take("message", ana.id, MESSAGES, at=stage.deps.now() + timedelta(seconds=1))
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, "At seven")
    await stage.sees(li, "At seven")
    assert await messages_in(stage, li, swap) == ["At seven"]


async def test_a_burst_that_has_waited_goes_on_at_the_usual_rate(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    written_at = stage.deps.now() - timedelta(seconds=30)

    async def burst() -> None:
        for number in range(3 * MESSAGES.burst):
            await send_message(stage.deps, ana, Draft(swap.id, str(number), TELEGRAM, written_at=written_at))

    with pytest.raises(TooMany) as refused:
        await burst()
    assert refused.value.retry_after == 1
    assert len(await messages_in(stage, li, swap)) >= 2 * MESSAGES.burst


async def test_a_forwarded_photo_names_its_writer(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    chat = ana.telegram_id or 0
    await stage.sandbox.send_photo(chat, picture(), caption="My garden", forwarded_from="Nora Ruiz")
    await stage.sandbox.send_photo(chat, picture(), forwarded_from="Nora Ruiz")
    await stage.until(lambda: has_all(stage, li, swap, 2))
    assert await messages_in(stage, li, swap) == ["↪️ Nora Ruiz:\nMy garden", "↪️ Nora Ruiz:"]
    assert all(message.photo_url for message in await list_messages(stage.deps, li, swap.id))


async def test_fifteen_photos_forwarded_at_once_arrive_in_order(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    for text in BURST:
        await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption=text, forwarded_from="Nora Ruiz")
    await stage.until(lambda: has_all(stage, li, swap, len(BURST)))
    assert await messages_in(stage, li, swap) == MARKED
    assert not stage.received(ana, "not sent")


async def test_a_photo_that_waits_its_turn_is_stored_once(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    for _ in range(MESSAGES.burst):
        stage.deps.rates.take("message", ana.id, MESSAGES, at=stage.deps.now() + timedelta(seconds=3))
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="My garden")
    await stage.until(lambda: has_all(stage, li, swap, 1))
    assert await stage.deps.store.database.collection("photos").count_documents({}) == 1


async def test_another_photo_that_waits_its_turn_is_stored_once(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="My garden")
    before = await stage.sees(li, "My garden")
    for _ in range(MESSAGES.burst):
        stage.deps.rates.take("message", ana.id, MESSAGES, at=stage.deps.now() + timedelta(seconds=3))
    await stage.sandbox.edit_photo(ana.telegram_id or 0, sent, jpeg(colour="orange"))
    await stage.until(lambda: stage.message(li, before.id).photo != before.photo)
    assert await stage.deps.store.database.collection("photos").count_documents({}) == 2


async def test_the_longest_forwarded_text_arrives_whole(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    text = "word " * 818 + "ending"
    await forwards(stage, ana, [text])
    await stage.sees(li, "ending")
    assert await messages_in(stage, li, swap) == [f"↪️ Nora Ruiz:\n{text}"]


async def test_a_forwarded_note_names_its_writer(stage: Stage, ana: User, li: User) -> None:
    card = await stage.says(ana, "/match", "Li")
    await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    await forwards(stage, ana, ["Ana is a good teacher"])
    await stage.sees(li, "↪️ Nora Ruiz:\nAna is a good teacher")
