"""A text typed below a message of another conversation is not sent in silence: the bot names both, and sends once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.dialogs import Heard
from handlers.blocks import block_user
from handlers.dialogs import get_dialog
from handlers.messages import Draft, list_messages, send_message
from handlers.swaps import Proposal, cancel_swap, propose_swap
from tests.factories import jpeg

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

ASKS = "instead? I keep"
TO_LI, TO_BO = "🟢 Li · Python ⇄ guitar", "💬 Bo · chess ⇄ guitar"


async def two_conversations(stage: Stage, ana: User, li: User, bo: User) -> tuple[Swap, Swap]:
    """Ana talks to Li, and the newest message in her chat is Bo's."""
    with_li, with_bo = await stage.running_swap(ana, li), await stage.running_swap(ana, bo)
    await stage.sees(ana, "You are now talking to Li")
    await send_message(stage.deps, bo, Draft(with_bo.id, "Shall we meet?", "web"))
    await stage.sees(ana, "Shall we meet?")
    await stage.until_all_delivered()
    return with_li, with_bo


async def said(stage: Stage, user: User, swap: Swap) -> list[str]:
    """Return the texts that this user has written in a swap."""
    return [one.message for one in await list_messages(stage.deps, user, swap.id) if one.from_user_id == user.id]


def question(stage: Stage, user: User) -> Message:
    """Return the one question about held messages."""
    (only,) = [message for message in stage.received(user, ASKS) if message.buttons]
    return only


async def held_count(stage: Stage, user: User) -> int:
    return len((await get_dialog(stage.deps, user.telegram_id or 0)).held)


async def holds(stage: Stage, user: User, count: int) -> None:
    async def is_held() -> bool:
        return await held_count(stage, user) == count

    await stage.until(is_held)


async def test_an_answer_to_the_newest_message_is_asked_about_and_sent_once(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Yes, at my place", ASKS)
    assert "This goes to Li (Python ⇄ guitar). Send it to Bo (chess ⇄ guitar) instead?" in asked.words
    assert stage.buttons(asked) == [TO_LI, TO_BO, "✖️ Send to nobody"]
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], [])
    sent = await stage.presses(ana, asked, TO_BO, "You are now talking to Bo")
    assert sent.words.startswith("✅ Sent.")
    await stage.sees(bo, "Yes, at my place")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], ["Yes, at my place"])
    await stage.writes(ana, "At eight")
    await stage.sees(bo, "At eight")
    assert len(stage.received(ana, ASKS)) == 0


async def test_whoever_stays_with_the_open_conversation_is_asked_once(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Hello Li", ASKS)
    await stage.presses(ana, asked, TO_LI, "You are now talking to Li")
    await stage.sees(li, "Hello Li")
    await stage.writes(ana, "And again")
    await stage.sees(li, "And again")
    await send_message(stage.deps, bo, Draft(with_bo.id, "Well?", "web"))
    await stage.sees(ana, "Well?")
    await stage.says(ana, "Coming", ASKS)
    assert await said(stage, ana, with_li) == ["Hello Li", "And again"]


async def test_nobody_with_one_conversation_is_asked(stage: Stage, ana: User, li: User) -> None:
    with_li = await stage.running_swap(ana, li)
    for number in range(3):
        await send_message(stage.deps, li, Draft(with_li.id, f"Question {number}", "web"))
        await stage.sees(ana, f"Question {number}")
        await stage.writes(ana, f"Answer {number}")
        await stage.sees(li, f"Answer {number}")
    assert stage.received(ana, "✋") == []


async def test_answering_the_open_conversation_after_its_own_message_asks_nothing(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, _ = await two_conversations(stage, ana, li, bo)
    await send_message(stage.deps, li, Draft(with_li.id, "And you?", "web"))
    await stage.sees(ana, "And you?")
    await stage.writes(ana, "Fine")
    await stage.sees(li, "Fine")
    assert stage.received(ana, "✋") == []


async def test_a_burst_waits_under_one_question_and_goes_in_order(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    texts = [f"Word {number}" for number in range(5)]
    for text in texts:
        await stage.writes(ana, text)
    await holds(stage, ana, 5)
    await stage.until(lambda: "These 5 messages go to Li" in question(stage, ana).words)
    assert "› Word 4" in question(stage, ana).words
    await stage.presses(ana, question(stage, ana), TO_BO, "All 5 messages sent")
    await stage.until_all_delivered()
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], texts)
    assert [len(stage.received(bo, text)) for text in texts] == [1] * 5


async def test_a_later_text_moves_the_question_below_it(stage: Stage, ana: User, li: User, bo: User) -> None:
    await two_conversations(stage, ana, li, bo)
    first = await stage.says(ana, "One", ASKS)
    await holds(stage, ana, 1)
    sent = await stage.writes(ana, "Two")
    second = await stage.sees(ana, "These 2 messages", after=sent)
    await stage.until(lambda: first.id not in {message.id for message in stage.chat(ana)})
    assert question(stage, ana).id == second.id


async def test_the_question_pressed_twice_sends_once_and_the_other_way_does_nothing(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Only once", ASKS)
    world, chat = stage.sandbox._world, ana.telegram_id or 0
    stored = world.find_message(chat, asked.id)
    assert stored is not None
    data = {button.label: button.data or "" for button in asked.buttons}
    for label in (TO_BO, TO_BO, TO_LI):
        world.add_query(world.person(chat), stored, data[label])
    await world.commit()
    await stage.until(lambda: len(stage.toasts(ana)) == 3)
    assert stage.toasts(ana)[-1] == "That has been settled already."
    await stage.until_all_delivered()
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], ["Only once"])
    assert (await get_dialog(stage.deps, chat)).active_swap_id == with_bo.id


async def test_held_text_is_sent_in_its_edited_wording(stage: Stage, ana: User, li: User, bo: User) -> None:
    _, with_bo = await two_conversations(stage, ana, li, bo)
    sent = await stage.writes(ana, "At nine")
    asked = await stage.sees(ana, ASKS, after=sent)
    await holds(stage, ana, 1)
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, "At ten")

    async def is_edited() -> bool:
        return (await get_dialog(stage.deps, ana.telegram_id or 0)).held[0]["text"] == "At ten"

    await stage.until(is_edited)
    await stage.presses(ana, asked, TO_BO, "You are now talking to Bo")
    await stage.sees(bo, "At ten")
    assert await said(stage, ana, with_bo) == ["At ten"]


async def test_held_photo_arrives_with_its_caption(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, _ = await two_conversations(stage, ana, li, bo)
    sent = await stage.sandbox.send_photo(ana.telegram_id or 0, jpeg(), caption="My board")
    asked = await stage.sees(ana, ASKS, after=sent)
    await stage.presses(ana, asked, TO_BO, "You are now talking to Bo")
    arrived = await stage.sees(bo, "My board")
    assert arrived.caption is not None
    assert await said(stage, ana, with_li) == []


async def test_nothing_is_lost_when_the_chosen_conversation_has_ended(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Too late?", ASKS)
    await cancel_swap(stage.deps, bo, with_bo.id)
    await stage.until_all_delivered()
    again = await stage.presses(ana, asked, TO_BO, "Your swap with Bo is over")
    assert "This goes to Li (Python ⇄ guitar). Shall I send it?" in again.words
    await stage.presses(ana, again, TO_LI, "You are now talking to Li")
    await stage.sees(li, "Too late?")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == (["Too late?"], [])


async def test_a_block_while_the_question_stands_keeps_the_text(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Hello?", ASKS)
    await block_user(stage.deps, bo, ana.id)
    await stage.until_all_delivered()
    again = await stage.presses(ana, asked, TO_BO, "Shall I send it?")
    await stage.presses(ana, again, "✖️ Send to nobody", "It was sent to nobody")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], [])
    await holds(stage, ana, 0)


async def test_what_answers_an_ended_conversation_is_not_sent_to_another(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    await cancel_swap(stage.deps, bo, with_bo.id)
    await stage.until_all_delivered()
    asked = await stage.says(ana, "Why, Bo?", "Shall I send it?")
    assert "Your swap with Bo (chess ⇄ guitar) is over" in asked.words
    assert await said(stage, ana, with_li) == []


async def test_a_reply_passes_the_question_by(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    line = stage.received(ana, "Shall we meet?")[0]
    asked = await stage.says(ana, "Held", ASKS)
    await holds(stage, ana, 1)
    sent = await stage.writes(ana, "Direct", reply_to=line.id)
    await stage.sees(bo, "Direct")
    await stage.sees(ana, "Sent to Bo. My question is still open.", after=sent)
    await stage.presses(ana, asked, TO_LI, "You are now talking to Li")
    await stage.sees(li, "Held")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == (["Held"], ["Direct"])


async def test_opening_a_third_conversation_sends_no_held_text_there(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    mia = await stage.person("Mia", "Python", "guitar")
    with_mia = await stage.running_swap(ana, mia)
    await stage.says(ana, "For Bo's eyes", ASKS)
    await holds(stage, ana, 1)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    talking = await stage.presses(ana, chooser, "💬 Mia · Python ⇄ guitar", "You are now talking to Mia")
    again = await stage.sees(ana, "This goes to Mia", after=talking.id)
    await stage.presses(ana, again, TO_BO, "You are now talking to Bo")
    await stage.sees(bo, "For Bo's eyes")
    assert (await said(stage, ana, with_mia), await said(stage, ana, with_li)) == ([], [])
    assert await said(stage, ana, with_bo) == ["For Bo's eyes"]


async def test_a_question_opened_meanwhile_keeps_the_held_text(stage: Stage, ana: User, li: User, bo: User) -> None:
    _, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Keep me", ASKS)
    await holds(stage, ana, 1)
    await stage.says(ana, "/photo", "photo")
    await stage.says(ana, "/find", "What would you like to learn?")
    await stage.presses(ana, asked, TO_BO, "Sent to Bo. My question is still open.")
    await stage.says(ana, "chess", "teach")
    await stage.sees(bo, "Keep me")
    assert await said(stage, ana, with_bo) == ["Keep me"]


async def test_a_text_written_before_the_conversation_changed_is_asked_about(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    """Bo's message came, Ana answered it, and only then did Li's message come: Li is open and must not get the
    answer."""
    with_li, _ = await two_conversations(stage, ana, li, bo)
    dialogs, chat = stage.deps.store.dialogs, ana.telegram_id or 0
    await dialogs.note_heard(chat, Heard(stage.chat(ana)[-1].id + 50, with_li.id))
    await stage.says(ana, "Yes, Bo", ASKS)
    assert await said(stage, ana, with_li) == []


async def test_held_text_taken_back_reaches_nobody(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    sent = await stage.writes(ana, "Oops")
    await stage.sees(ana, ASKS, after=sent)
    await holds(stage, ana, 1)
    deleting = await stage.writes(ana, "/delete", reply_to=sent)
    await stage.sees(ana, "nobody has got it", after=deleting)
    await holds(stage, ana, 0)
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], [])


async def test_the_question_survives_a_restart(stage: Stage, ana: User, li: User, bo: User) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    asked = await stage.says(ana, "Still here", ASKS)
    await holds(stage, ana, 1)
    await stage.runners.pop().stop()
    await stage.sandbox.press(ana.telegram_id or 0, asked.id, TO_BO)
    await stage.start_runner("another")
    await stage.sees(bo, "Still here")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], ["Still here"])


async def test_a_failure_between_two_held_messages_sends_none_twice(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    await stage.says(ana, "Before", ASKS)
    await stage.sandbox.send_photo(ana.telegram_id or 0, jpeg(), caption="Between")
    await stage.writes(ana, "After")
    await holds(stage, ana, 3)
    stage.sandbox.fail("getFile", times=1, status=500)
    await stage.until(lambda: "3 messages" in question(stage, ana).words)
    await stage.presses(ana, question(stage, ana), TO_BO, "All 3 messages sent")
    await stage.until_all_delivered()
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], ["Before", "Between", "After"])
    assert [len(stage.received(bo, text)) for text in ("Before", "Between", "After")] == [1, 1, 1]


async def test_messages_that_an_earlier_version_held_are_asked_about(
    stage: Stage, ana: User, li: User, bo: User
) -> None:
    with_li, with_bo = await two_conversations(stage, ana, li, bo)
    chat = ana.telegram_id or 0
    old = {"text": "From before", "message_id": stage.chat(ana)[-1].id, "date": 1_700_000_000}
    document = {"flow": "hold", "step": "choose", "data": {"held": [old]}}
    await stage.deps.store.dialogs._dialogs.update_one({"_id": chat}, {"$set": document})
    asked = await stage.says(ana, "And now", "These 2 messages go to Li")
    await stage.presses(ana, asked, TO_BO, "All 2 messages sent")
    assert (await said(stage, ana, with_li), await said(stage, ana, with_bo)) == ([], ["From before", "And now"])


async def test_a_word_right_after_accepting_is_not_asked_about(stage: Stage, ana: User, li: User) -> None:
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    asked = await stage.sees(li, "would like to swap")
    stage.sandbox.delay("editMessageText", 0.5)
    await stage.sandbox.press(li.telegram_id or 0, asked.id, "✅ Accept")
    await stage.writes(li, "Hello Ana")  # before the line that says whom Li is talking to
    await stage.sees(ana, "Hello Ana")
    assert stage.received(li, "✋") == []
    assert await said(stage, li, swap) == ["Hello Ana"]
