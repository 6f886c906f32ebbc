"""Messages keep their words: after any edits, in any order and at either door, every chat shows what REST shows."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING

import pytest

from bot.views.lengths import units
from handlers.edits import edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import CHAT, upload_photo
from tests.bot.test_conversations_apart import closed_circle
from tests.bot.test_messages import picture

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

SIGN = "✏️ Changed: "
CAPTION = 1024


def words(length: int, mark: str) -> str:
    """Return numbered words, with emoji among them, that are `length` UTF-16 units long: a missing one is noticed."""
    text, number = "", 0
    while units(text) < length:
        text += f"{'🎸' * 9}{mark}{number} " if number % 5 else f"🎸{mark}{number}\n"
        number += 1
    while units(text) > length:
        text = text[:-1]
    return text.strip()


def copies_in(stage: Stage, reader: User) -> list[Message]:
    """Return what a reader's chat shows of the messages of the others, in order."""
    return [
        message
        for message in stage.chat(reader)
        if message.from_bot and (message.words.startswith(("Mia · ", SIGN, "🔄 Mia · ")))
    ]


def words_in(stage: Stage, reader: User) -> list[str]:
    return " ".join(message.words.partition("\n")[2] for message in copies_in(stage, reader)).split()


async def edited(stage: Stage, author: User, swap: Swap, text: str) -> None:
    await edit_message(stage.deps, author, swap.id, 1, text)
    await stage.until_all_delivered()


async def on_the_web(stage: Stage, reader: User, swap: Swap) -> list[str]:
    (message,) = await list_messages(stage.deps, reader, swap.id)
    return message.message.split()


async def test_a_photo_with_a_long_text_keeps_its_words_when_it_becomes_short_and_long_again(
    stage: Stage, mia: User, tom: User
) -> None:
    swap = await stage.running_swap(mia, tom)
    photo = await upload_photo(stage.deps, mia, picture(), purpose=CHAT)
    await send_message(stage.deps, mia, Draft(swap.id, words(1950, "a"), "web", photo_url=photo.url))
    await stage.until_all_delivered()
    await edited(stage, mia, swap, "short now")
    assert [copy.words.partition("\n")[2] for copy in copies_in(stage, tom)] == ["short now"]
    await edited(stage, mia, swap, words(2600, "b"))
    assert words_in(stage, tom) == words(2600, "b").split()
    await edited(stage, mia, swap, words(2700, "c"))
    assert words_in(stage, tom) == words(2700, "c").split()
    assert [copy.kind for copy in copies_in(stage, tom)] == ["photo", "text"]


async def test_a_long_text_with_emoji_keeps_both_halves_when_it_becomes_short_and_long_again(
    stage: Stage, mia: User, tom: User
) -> None:
    swap = await stage.running_swap(mia, tom)
    text = ("🎸🎸🎸🎸 word " * 396).strip()
    assert len(text) == 3959
    await send_message(stage.deps, mia, Draft(swap.id, text, "web"))
    await stage.until_all_delivered()
    assert len(copies_in(stage, tom)) == 2
    for turn in ("short", text, "short again", text):
        await edited(stage, mia, swap, turn)
        assert words_in(stage, tom) == turn.split()


async def test_a_copy_deleted_by_its_reader_is_sent_anew_with_a_sign(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, words(6000, "a"), "web"))
    await stage.until_all_delivered()
    first, last = copies_in(stage, tom)
    await stage.sandbox.delete_message(tom.telegram_id or 0, first.id)
    await edited(stage, mia, swap, words(6000, "b"))
    shown = copies_in(stage, tom)
    assert words_in(stage, tom) == words(6000, "b").split()
    assert all(copy.words.startswith(f"{SIGN}Mia · guitar ⇄ Python\n") and copy.id > last.id for copy in shown)
    await edited(stage, mia, swap, "short")  # what has been sent anew is edited like any other
    assert [copy.words for copy in copies_in(stage, tom)] == ["Mia · guitar ⇄ Python\nshort"]


async def test_what_telegram_no_longer_deletes_is_used_again(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, words(6000, "a"), "web"))
    await stage.until_all_delivered()
    stage.sandbox.fail("deleteMessage", times=1, status=400, description="Bad Request: message can't be deleted")
    await edited(stage, mia, swap, "short")
    await edited(stage, mia, swap, words(6000, "b"))
    assert words_in(stage, tom) == words(6000, "b").split()
    assert len(copies_in(stage, tom)) == 2


async def test_an_edit_that_telegram_refuses_sends_the_words_anew(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "At sevn", "web"))
    await stage.until_all_delivered()
    refusal = "Bad Request: message can't be edited"
    stage.sandbox.fail("editMessageText", times=1, status=400, description=refusal)
    await edited(stage, mia, swap, "At seven")
    assert [copy.words for copy in copies_in(stage, tom)] == [f"{SIGN}Mia · guitar ⇄ Python\nAt seven"]


async def test_an_interrupted_edit_ends_with_the_words_once(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "short", "web"))
    await stage.until_all_delivered()
    stage.sandbox.fail("sendMessage", times=2, status=502)
    await edited(stage, mia, swap, words(6000, "a"))
    assert words_in(stage, tom) == words(6000, "a").split()


async def test_what_was_written_in_telegram_and_edited_on_the_web_is_told_to_its_author(
    stage: Stage, mia: User, tom: User
) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "At sevn")
    await stage.sees(tom, "At sevn")
    await edited(stage, mia, swap, "At seven")
    told = await stage.sees(mia, "You changed this on the web. It now reads:\nAt seven")
    assert told.reply_to == sent
    await edited(stage, mia, swap, "At eight")
    assert stage.message(mia, told.id).words.endswith("\nAt eight")
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "At nine")
    await stage.sees(tom, "At nine")
    await stage.until_all_delivered()
    assert stage.message(mia, told.id).words.endswith("\nAt nine")
    copy = await stage.sees(tom, "At nine")
    await stage.writes(tom, "Good", reply_to=copy.id)
    assert (await stage.sees(mia, "Good")).reply_to == told.id
    await stage.writes(mia, "/delete", reply_to=sent)  # the former words still lead to their message
    await stage.sees(mia, "Taken back")
    await stage.until_all_delivered()
    assert not {sent, told.id} & {message.id for message in stage.chat(mia)}


@pytest.mark.parametrize("seed", range(4))
async def test_any_series_of_edits_leaves_the_same_words_at_both_doors(
    stage: Stage, mia: User, tom: User, seed: int
) -> None:
    chance = random.Random(seed)
    with_photo, in_telegram, in_circle = (bool(seed & bit) for bit in (1, 2, 1))
    readers, swap = [tom], None
    if in_circle:
        noor = await stage.person("Noor", "chess", "cooking")
        ari = await stage.person("Ari", "cooking", "guitar")
        swap, readers = await closed_circle(stage, mia, noor, ari), [noor, ari]
    swap = swap or await stage.running_swap(mia, tom)
    sent = 0
    if in_telegram:
        chat = mia.telegram_id or 0
        if with_photo:
            sent = await stage.sandbox.send_photo(chat, picture(), caption="begin")
        else:
            sent = await stage.sandbox.send_text(chat, "begin")
    else:
        photo_url = (await upload_photo(stage.deps, mia, picture(), purpose=CHAT)).url if with_photo else None
        await send_message(stage.deps, mia, Draft(swap.id, "begin", "web", photo_url=photo_url))
    for reader in readers:
        await stage.sees(reader, "begin")
    for turn in range(7):
        await stage.until_all_delivered()
        if chance.random() < 0.3 and (shown := copies_in(stage, reader := chance.choice(readers))):
            await stage.sandbox.delete_message(reader.telegram_id or 0, chance.choice(shown).id)
        text = words(chance.choice((9, 900, 1950, 2600, 3960, 4090, 6000)), f"{seed}{turn}")
        if sent and chance.random() < 0.5 and units(text) <= (CAPTION if with_photo else 4096):
            await stage.sandbox.edit_text(mia.telegram_id or 0, sent, text)
            await stage.until(functools.partial(is_stored, stage, mia, swap, text))
        else:
            await edit_message(stage.deps, mia, swap.id, 1, text)
    await stage.until_all_delivered()
    for reader in readers:
        assert words_in(stage, reader) == await on_the_web(stage, reader, swap) == text.split()
        assert sum(copy.kind == "photo" for copy in copies_in(stage, reader)) == with_photo


async def is_stored(stage: Stage, author: User, swap: Swap, text: str) -> bool:
    return await on_the_web(stage, author, swap) == text.split()
