"""Voice, videos, files, stickers, places and contacts reach the other side's chat; the web gets a line for each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.edits import edit_message
from handlers.messages import list_messages
from handlers.users import get_user
from tests.bot.test_conversations_apart import closed_circle
from tests.bot.test_messages import messages_in, picture

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

HEADER = "Ana · guitar ⇄ Python"
MAP = "https://www.openstreetmap.org/?mlat=40.41680&mlon=-3.70380#map=17/40.41680/-3.70380"


async def sends(stage: Stage, user: User, kind: str, caption: str = "", *, reply_to: int | None = None) -> int:
    return await stage.sandbox.send_other(user.telegram_id or 0, kind, caption=caption, reply_to=reply_to)


def arrived(stage: Stage, reader: User, after: int = 0) -> list[Message]:
    return [message for message in stage.chat(reader) if message.from_bot and message.id > after]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("voice", "🎤 0:03 · Telegram"),
        ("video", "🎬 0:05 · Telegram"),
        ("audio", "🎵 Song 1:00 · Telegram"),
        ("animation", "🎞 0:02 · Telegram"),
        ("document", "📎 document.pdf (1 kB) · Telegram"),
    ],
)
async def test_what_has_a_caption_arrives_with_it(stage: Stage, ana: User, li: User, kind: str, line: str) -> None:
    swap = await stage.running_swap(ana, li)
    last = stage.chat(li)[-1].id
    await sends(stage, ana, kind, "Listen <b>")
    await stage.sees(li, "Listen", after=last)
    (copy,) = arrived(stage, li, last)
    assert (copy.kind, copy.words) == (kind, f"{HEADER}\nListen <b>")
    assert [entity["type"] for entity in copy.entities] == ["bold"]
    (message,) = await list_messages(stage.deps, li, swap.id)
    assert message.message == f"{line}\nListen <b>"
    assert message.attachment is not None
    assert message.attachment.kind == kind


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("sticker", "🏷 👋 · Telegram"),
        ("video_note", "📹 0:05 · Telegram"),
        ("location", f"📍 {MAP}"),
        ("venue", f"📍 The Workshop, 1 Example Street {MAP}"),
        ("contact", "👤 Ana +1555"),
    ],
)
async def test_what_has_no_caption_arrives_below_a_header(
    stage: Stage, ana: User, li: User, kind: str, line: str
) -> None:
    swap = await stage.running_swap(ana, li)
    last = stage.chat(li)[-1].id
    await sends(stage, ana, kind)
    await stage.sees(li, lambda message: message.kind == kind)
    assert [(copy.kind, copy.words) for copy in arrived(stage, li, last)] == [("text", HEADER), (kind, "")]
    (message,) = await messages_in(stage, li, swap)
    assert message.startswith(line)


async def test_a_reply_to_a_copy_reaches_its_sender_as_a_reply(stage: Stage, ana: User, li: User) -> None:
    await stage.running_swap(ana, li)
    sent = await sends(stage, ana, "sticker")
    copy = await stage.sees(li, lambda message: message.kind == "sticker")
    await stage.writes(li, "Hello", reply_to=copy.id)
    assert (await stage.sees(ana, "Hello")).reply_to == sent
    await sends(stage, li, "voice", reply_to=copy.id)
    assert (await stage.sees(ana, lambda message: message.kind == "voice")).reply_to == sent


async def test_captions_are_edited_at_both_doors(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await sends(stage, ana, "voice", "Lissen")
    copy = await stage.sees(li, "Lissen")
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, "Listen")
    assert (await stage.sees(li, "Listen")).id == copy.id
    assert await messages_in(stage, li, swap) == ["🎤 0:03 · Telegram\nListen"]
    long = "word " * 300 + "end"
    await edit_message(stage.deps, ana, swap.id, 1, f"🎤 0:03 · Telegram\n{long}")
    await stage.until_all_delivered()
    voice, text = arrived(stage, li, copy.id - 1)
    assert (voice.id, voice.words, text.words) == (copy.id, HEADER, f"{HEADER}\n{long}")
    await edit_message(stage.deps, ana, swap.id, 1, "")
    await stage.until_all_delivered()
    assert [message.words for message in arrived(stage, li, copy.id - 1)] == [HEADER]


async def test_words_edited_on_the_web_stand_above_a_sticker(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await sends(stage, ana, "sticker")
    copy = await stage.sees(li, lambda message: message.kind == "sticker")
    for words in ("Hello " * 900, "Hi"):
        await edit_message(stage.deps, ana, swap.id, 1, words[:4096])
        await stage.until_all_delivered()
        shown = arrived(stage, li, copy.id - 2)
        assert " ".join(message.words.partition("\n")[2] for message in shown).split() == words[:4096].split()
        assert [message.kind for message in shown][:2] == ["text", "sticker"]


async def test_a_deleted_attachment_is_removed_everywhere(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    last = stage.chat(li)[-1].id
    sent = await sends(stage, ana, "sticker")
    await stage.sees(li, lambda message: message.kind == "sticker")
    await stage.writes(ana, "/delete", reply_to=sent)
    await stage.until(lambda: not arrived(stage, li, last))
    (message,) = await list_messages(stage.deps, li, swap.id)
    assert (message.message, message.attachment) == ("", None)


async def test_the_sender_is_told_that_telegram_keeps_an_old_sticker(
    stage: Stage, ana: User, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await sends(stage, ana, "sticker")
    copy = await stage.sees(li, lambda message: message.kind == "sticker")
    monkeypatch.setattr("bot.sandbox.methods.editing.DELETABLE_SECONDS", -5)
    long_ago = {"$set": {"created_at": stage.deps.now() - timedelta(days=3)}}
    await stage.deps.store.database.collection("messages").update_one({}, long_ago)
    await stage.writes(ana, "/delete", reply_to=sent)
    await stage.sees(ana, "does not let me remove it")
    await stage.until_all_delivered()
    assert [message.attachment for message in await list_messages(stage.deps, li, swap.id)] == [None]
    assert copy.id in [message.id for message in stage.chat(li)]


async def test_a_line_arrives_for_an_original_that_is_gone(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    stage.sandbox.fail("copyMessage", times=1, status=400, description="Bad Request: message to copy not found")
    await sends(stage, ana, "voice", "Listen")
    assert (await stage.sees(li, "🎤 0:03")).words == f"{HEADER}\nListen\n🎤 0:03 · Telegram"
    assert len(await messages_in(stage, li, swap)) == 1


@pytest.mark.parametrize("kind", ["poll", "dice"])
async def test_it_is_said_who_did_not_get_what_cannot_be_carried(stage: Stage, ana: User, li: User, kind: str) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await sends(stage, ana, kind)
    assert (await stage.sees(ana, "Li did not get this")).reply_to == sent
    assert await messages_in(stage, li, swap) == []


async def test_a_voice_message_waits_for_a_choice(stage: Stage, ana: User, li: User, bo: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.running_swap(bo, ana)
    await stage.presses(ana, await stage.says(ana, "/chat", "Whom"), "🔕 Close this conversation", "goes to nobody")
    sent = await sends(stage, ana, "voice")
    chooser = await stage.sees(ana, "Whom is this for?", after=sent)
    await stage.presses(ana, chooser, "💬 Li · Python ⇄ guitar", "You are now talking to Li")
    assert (await stage.sees(li, lambda message: message.kind == "voice")).words == HEADER
    assert await messages_in(stage, li, swap) == ["🎤 0:03 · Telegram"]


async def test_beside_an_open_question_a_sticker_goes_to_nobody_and_that_is_said(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.says(ana, "/find", "What would you like to learn?")
    sent = await sends(stage, ana, "sticker")
    await stage.sees(ana, "finish this question first", after=sent)
    assert await messages_in(stage, li, swap) == []


async def test_the_sender_is_told_who_sees_only_a_line(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.deps.store.database.collection("users").update_one({"name": "Li"}, {"$unset": {"telegram_id": ""}})
    await stage.until(lambda: is_on_the_web(stage, li))
    sent = await sends(stage, ana, "voice")
    told = await stage.sees(ana, "Li is not in Telegram and only sees: 🎤 0:03 · Telegram")
    assert told.reply_to == sent
    sent = await sends(stage, ana, "contact")  # its line says everything
    await stage.until(lambda: has_all(stage, ana, swap, 2))
    assert [message.id for message in arrived(stage, ana, sent)] == []


async def is_on_the_web(stage: Stage, user: User) -> bool:
    return (await get_user(stage.deps, user.id)).telegram_id is None


async def has_all(stage: Stage, reader: User, swap: Swap, count: int) -> bool:
    return len(await messages_in(stage, reader, swap)) == count


async def test_a_live_location_is_passed_on_once(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await sends(stage, ana, "live_location")
    assert (await stage.sees(ana, "does not move along")).reply_to == sent
    await stage.sees(li, lambda message: message.kind == "location")
    assert await messages_in(stage, li, swap) == [f"📍 {MAP}"]


async def test_another_file_in_place_of_a_sent_one_stays_and_its_author_is_told(
    stage: Stage, ana: User, li: User
) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption="Look")
    await stage.sees(li, "Look")
    await stage.sandbox.replace_with(ana.telegram_id or 0, sent, "video")
    assert (await stage.sees(ana, "Only you see this change")).reply_to == sent
    assert await messages_in(stage, li, swap) == ["Look"]


async def test_everybody_in_a_circle_gets_a_voice_message(stage: Stage, ana: User) -> None:
    noor = await stage.person("Noor", "chess", "cooking")
    ari = await stage.person("Ari", "cooking", "guitar")
    circle = await closed_circle(stage, ana, noor, ari)
    await sends(stage, ana, "voice", "Listen")
    for reader in (noor, ari):
        assert (await stage.sees(reader, "Listen")).kind == "voice"
    assert await messages_in(stage, noor, circle) == ["🎤 0:03 · Telegram\nListen"]
