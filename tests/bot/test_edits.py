"""Edits and deletions: a change on one channel is applied on the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery import message_relay
from handlers.edits import delete_message, edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.swaps import cancel_swap
from tests.bot.test_messages import messages_in, picture

if TYPE_CHECKING:
    from telegram import Bot

    from bot.delivery.message_parts import Part
    from domain.messages import Copy
    from domain.users import User
    from handlers.runtime.deps import Deps
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_edit_in_telegram_reaches_the_partner(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "At sevn")
    copy = await stage.sees(tom, "At sevn")
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "At seven <sharp>")
    changed = await stage.sees(tom, "At seven")
    assert (changed.id, changed.words) == (copy.id, "Mia · guitar ⇄ Python\nAt seven <sharp>")
    (message,) = await list_messages(stage.deps, tom, swap.id)
    assert (message.message, message.seq, message.changed) == ("At seven <sharp>", 1, 1)
    assert message.edited_at is not None


async def test_quick_edits_are_delivered_together(
    stage: Stage, mia: User, tom: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "draft", "web"))
    await stage.sees(tom, "draft")
    rewrite, rewritten = message_relay.edit_copy, []

    async def noted(bot: Bot, deps: Deps, copy: Copy, part: Part, *, is_plain: bool) -> bool:
        rewritten.append(part.text.partition("\n")[2])
        return await rewrite(bot, deps, copy, part, is_plain=is_plain)

    monkeypatch.setattr(message_relay, "edit_copy", noted)
    for number in range(7):
        await edit_message(stage.deps, mia, swap.id, 1, f"draft {number}")
    await edit_message(stage.deps, mia, swap.id, 1, "finished")
    await stage.sees(tom, "finished")
    await stage.until_all_delivered()
    assert rewritten[-1] == "finished"
    assert len(rewritten) <= 3  # the first, perhaps one during a slow send, and the last


async def test_edit_on_the_web_changes_the_message_in_telegram(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "x" * 3990, "web"))
    await stage.sees(tom, "xxx")
    await edit_message(stage.deps, mia, swap.id, 1, "🎸" * 4000)  # the edited text needs two messages
    await stage.until_all_delivered()
    assert "".join(part.words.split("\n", 1)[1] for part in stage.received(tom, "🎸")) == "🎸" * 4000
    await edit_message(stage.deps, mia, swap.id, 1, "short")
    await stage.until_all_delivered()
    (left,) = (copy for copy in stage.chat(tom) if copy.words.startswith("Mia · guitar"))
    assert left.words == "Mia · guitar ⇄ Python\nshort"


async def test_edit_of_a_caption_keeps_the_photo(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.sandbox.send_photo(mia.telegram_id or 0, picture(), caption="My gitar")
    copy = await stage.sees(tom, "My gitar")
    await edit_message(stage.deps, mia, swap.id, 1, "My guitar")
    changed = await stage.sees(tom, "My guitar")
    assert (changed.id, bool(changed.photo)) == (copy.id, True)


async def test_caption_is_edited_in_telegram(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.sandbox.send_photo(mia.telegram_id or 0, picture(), caption="My gitar")
    copy = await stage.sees(tom, "My gitar")
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "My <guitar>")
    assert (await stage.sees(tom, "My <guitar>")).id == copy.id
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "")
    await stage.until(lambda: not stage.received(tom, "My <guitar>"))
    (message,) = await list_messages(stage.deps, tom, swap.id)
    assert (message.message, message.photo_url is not None, message.changed) == ("", True, 2)


async def test_refused_edit_is_answered_with_the_reason(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "At sevn")
    await stage.sees(tom, "At sevn")
    await cancel_swap(stage.deps, tom, swap.id)
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "At seven")
    answer = await stage.sees(mia, "Only you see this change", after=sent)
    assert answer.reply_to == sent
    assert "not running" in answer.words
    assert await messages_in(stage, tom, swap) == ["At sevn"]


async def test_held_message_is_sent_as_edited(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.deps.store.dialogs.forget(mia.telegram_id or 0)
    sent = await stage.writes(mia, "At sevn")
    chooser = await stage.sees(mia, "Whom is this for?", after=sent)
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "At seven")

    async def is_kept() -> bool:
        return "At seven" in str((await stage.deps.store.dialogs.get(mia.telegram_id or 0)).held)

    await stage.until(is_kept)
    await stage.presses(mia, chooser, stage.buttons(chooser)[0], "You are now talking to Tom")
    assert await messages_in(stage, tom, swap) == ["At seven"]


async def test_delete_in_reply_deletes_the_message_everywhere(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "Oops")
    copy = await stage.sees(tom, "Oops")
    await stage.writes(mia, "/delete", reply_to=sent)
    await stage.sees(mia, "Taken back", after=sent)
    await stage.until_all_delivered()
    assert copy.id not in [message.id for message in stage.chat(tom)]
    assert sent not in [message.id for message in stage.chat(mia)]
    (message,) = await list_messages(stage.deps, tom, swap.id)
    assert (message.message, message.seq) == ("", 1)
    assert message.deleted_at is not None


async def test_message_of_the_partner_cannot_be_deleted(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.writes(mia, "Mine")
    copy = await stage.sees(tom, "Mine")
    sent = await stage.writes(tom, "/delete", reply_to=copy.id)
    await stage.sees(tom, "Only your own words", after=sent)
    assert await messages_in(stage, tom, swap) == ["Mine"]


async def test_delete_without_a_reply_asks_about_the_account(stage: Stage, mia: User, tom: User) -> None:
    question = await stage.says(mia, "/delete", lambda message: message.buttons)
    sent = await stage.writes(mia, "/delete", reply_to=question.id)
    await stage.sees(mia, "I don't know that message", after=sent)


async def test_message_too_old_to_delete_is_emptied(
    stage: Stage, mia: User, tom: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = await stage.running_swap(mia, tom)
    await send_message(stage.deps, mia, Draft(swap.id, "Old words", "web"))
    copy = await stage.sees(tom, "Old words")
    monkeypatch.setattr("bot.sandbox.methods.editing.DELETABLE_SECONDS", -5)
    await delete_message(stage.deps, mia, swap.id, 1)
    changed = await stage.sees(tom, "This message was taken back")
    assert changed.id == copy.id
    assert stage.received(tom, "Old words") == []


async def test_message_deleted_before_delivery_is_never_sent(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.runners[0].stop()
    stage.runners.clear()
    await send_message(stage.deps, mia, Draft(swap.id, "Too soon", "web"))
    await delete_message(stage.deps, mia, swap.id, 1)
    await send_message(stage.deps, mia, Draft(swap.id, "Hello", "web"))
    await stage.start_runner("another")
    await stage.sees(tom, "Hello")
    assert stage.received(tom, "Too soon") == []


async def test_reply_refers_to_its_message_on_both_channels(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    asked = await stage.writes(mia, "Seven or eight?")
    copy = await stage.sees(tom, "Seven or eight?")
    await stage.writes(mia, "Or nine")
    await stage.sees(tom, "Or nine")
    await stage.writes(tom, "Eight", reply_to=copy.id)
    answer = await stage.sees(mia, "Eight")
    assert answer.reply_to == asked
    await send_message(stage.deps, mia, Draft(swap.id, "Good", "web", reply_to=3))
    received = await stage.sees(tom, "Good")
    assert received.reply_to is not None
    assert [message.reply_to for message in await list_messages(stage.deps, mia, swap.id)] == [None, None, 1, 3]


async def test_message_cannot_be_edited_after_two_days(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "At sevn")
    await stage.sees(tom, "At sevn")
    long_ago = stage.deps.now() - timedelta(hours=49)
    await stage.deps.store.database.collection("messages").update_one({}, {"$set": {"created_at": long_ago}})
    await stage.sandbox.edit_text(mia.telegram_id or 0, sent, "At seven")
    await stage.sees(mia, "for 48 hours", after=sent)
    assert await messages_in(stage, tom, swap) == ["At sevn"]
