"""An edit in Telegram has an effect, or one line says that only its author sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.swaps import MAX_NOTE_LENGTH
from handlers.messages import list_messages
from handlers.photos import find_photo
from handlers.swaps import list_swaps
from handlers.users import get_user
from tests.bot.test_messages import messages_in, picture
from tests.factories import jpeg

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

STAYS = "Only you see this change"


async def edits(stage: Stage, author: User, message_id: int, text: str) -> None:
    await stage.sandbox.edit_text(author.telegram_id or 0, message_id, text)


async def test_a_message_that_nobody_got_is_sent_when_it_is_edited(stage: Stage, mia: User, tom: User) -> None:
    sent = await stage.writes(mia, "Helo")
    await stage.sees(mia, "nobody to write to yet", after=sent)
    swap = await stage.running_swap(mia, tom)
    await edits(stage, mia, sent, "Hello")
    await stage.sees(tom, "Hello")
    await edits(stage, mia, sent, "Hello!")  # it is a sent message now
    await stage.sees(tom, "Hello!")
    assert await messages_in(stage, tom, swap) == ["Hello!"]
    assert not stage.received(mia, STAYS)


async def test_a_photo_refused_beside_a_question_is_sent_when_it_is_edited(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.says(mia, "/find", "What would you like to learn?")
    sent = await stage.sandbox.send_photo(mia.telegram_id or 0, picture(), caption="My gitar")
    await stage.sees(mia, "finish this question first", after=sent)
    await stage.says(mia, "/cancel", lambda message: message.from_bot)
    await edits(stage, mia, sent, "My guitar")
    assert (await stage.sees(tom, "My guitar")).photo
    assert await messages_in(stage, tom, swap) == ["My guitar"]


async def test_a_message_kept_from_everybody_stays_so_when_it_is_edited(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    await stage.deps.store.dialogs.forget(mia.telegram_id or 0)
    sent = await stage.writes(mia, "A secret")
    chooser = await stage.sees(mia, "Whom is this for?", after=sent)
    await stage.presses(mia, chooser, "✖️ Send to nobody", "sent to nobody")
    await stage.says(mia, "/chat", "You are now talking to Tom")
    await edits(stage, mia, sent, "A secret!")
    answer = await stage.sees(mia, STAYS)
    assert answer.reply_to == sent
    await stage.until_all_delivered()
    assert await messages_in(stage, tom, swap) == []


async def test_another_photo_under_the_same_caption_reaches_the_partner(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.sandbox.send_photo(mia.telegram_id or 0, picture(), caption="My guitar")
    before = await stage.sees(tom, "My guitar")
    (message,) = await list_messages(stage.deps, tom, swap.id)
    await stage.sandbox.edit_photo(mia.telegram_id or 0, sent, jpeg(colour="orange"))
    await stage.until(lambda: stage.message(tom, before.id).photo != before.photo)
    assert stage.message(tom, before.id).words == before.words
    (changed,) = await list_messages(stage.deps, tom, swap.id)
    assert (changed.message, changed.seq, changed.changed) == ("My guitar", 1, 1)
    assert changed.photo_url not in (None, message.photo_url)
    assert await find_photo(stage.deps, str(message.photo_url)) is None, "the former photo is no longer served"


async def test_a_photo_added_to_a_text_reaches_the_partner(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.writes(mia, "My guitar")
    await stage.sees(tom, "My guitar")
    await stage.sandbox.edit_photo(mia.telegram_id or 0, sent, picture())
    await stage.sees(tom, lambda message: "My guitar" in message.words and message.photo)
    (changed,) = await list_messages(stage.deps, tom, swap.id)
    assert (changed.message, changed.photo_url is not None) == ("My guitar", True)
    assert changed.photo_size is not None


async def test_a_photo_of_an_old_message_stays_and_its_author_is_told(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await stage.sandbox.send_photo(mia.telegram_id or 0, picture(), caption="My guitar")
    await stage.sees(tom, "My guitar")
    (message,) = await list_messages(stage.deps, tom, swap.id)
    long_ago = {"$set": {"created_at": message.created_at.replace(year=2020)}}
    await stage.deps.store.database.collection("messages").update_one({}, long_ago)
    await stage.sandbox.edit_photo(mia.telegram_id or 0, sent, jpeg(colour="orange"))
    assert "48 hours" in (await stage.sees(mia, STAYS)).words
    assert [one.photo_url for one in await list_messages(stage.deps, tom, swap.id)] == [message.photo_url]


async def test_an_edited_answer_replaces_what_it_has_added(stage: Stage, mia: User) -> None:
    asked = await stage.says(mia, "/profile", lambda message: message.buttons)
    await stage.presses(mia, asked, "🎓 I teach", "teach")
    sent = await stage.writes(mia, "Gitar lessons, Painting")
    await stage.sees(mia, "Gitar lessons", after=sent)
    assert (await get_user(stage.deps, mia.id)).skills_offered == ("guitar", "Gitar lessons", "Painting")
    await edits(stage, mia, sent, "Guitar lessons, Painting")
    await stage.until(lambda: has_skills(stage, mia, "guitar", "Guitar lessons", "Painting"))
    await edits(stage, mia, sent, "Guitar lessons")
    await stage.until(lambda: has_skills(stage, mia, "guitar", "Guitar lessons"))
    assert not stage.received(mia, STAYS)


async def has_skills(stage: Stage, user: User, *skills: str) -> bool:
    return (await get_user(stage.deps, user.id)).skills_offered == skills


async def test_an_edited_answer_to_a_closed_question_is_answered(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    asked = await stage.says(mia, "/profile", lambda message: message.buttons)
    await stage.presses(mia, asked, "✏️ Name", "call you")
    sent = await stage.writes(mia, "Mya")
    await stage.sees(mia, "Mya", after=sent)
    await edits(stage, mia, sent, "Maya")
    answer = await stage.sees(mia, STAYS)
    assert answer.reply_to == sent
    assert "/profile" in answer.words
    assert (await get_user(stage.deps, mia.id)).name == "Mya"


async def test_a_note_that_was_too_long_is_sent_when_it_is_shortened(stage: Stage, mia: User, tom: User) -> None:
    card = await stage.says(mia, "/match", "Tom")
    question = await stage.presses(mia, card, "🤝 Propose a swap", "short note")
    sent = await stage.writes(mia, "x" * (MAX_NOTE_LENGTH + 1))
    await stage.sees(mia, "a bit long for me", after=question.id)
    await edits(stage, mia, sent, "Shall we?")
    await stage.sees(tom, "Shall we?")
    (swap,) = await list_swaps(stage.deps, mia)
    assert swap.message == "Shall we?"


async def test_an_edited_command_is_answered(stage: Stage, mia: User) -> None:
    sent = await stage.writes(mia, "/sing")
    await stage.sees(mia, "don't know that command", after=sent)
    await edits(stage, mia, sent, "/swaps")
    answer: Message = await stage.sees(mia, STAYS)
    assert answer.reply_to == sent
