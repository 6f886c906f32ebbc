"""The organisers and one person write to each other: from a card in the group, and back below it."""

from __future__ import annotations

import pytest

from domain.staff_cards import DISPUTE, card_id
from domain.users import MODERATOR, User
from handlers.correspondence import get_correspondence, write_as_organisers
from handlers.standing import ban, suspend, undo, warn
from handlers.users import delete_account
from tests.bot.staff_stage import CARD, StaffStage, dispute, id_of
from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage", "tests.bot.staff_stage"]


async def write(staff: StaffStage, to: User, text: str) -> None:
    """Write to somebody from the card in the group."""
    card = staff.cards()[-1]
    await staff.press(staff.noor, card, f"💬 Write to {to.name}")
    question = await staff.sees("What shall the organisers write", after=card.id)
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.noor), text, reply_to=question.id)


async def test_a_moderator_writes_as_the_organisers_and_the_answer_comes_below_the_card(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await dispute(staff.stage, move_clock, ana, li)
    card = await staff.sees(CARD)
    await write(staff, ana, "Did you <i>call</i>?")
    letter = await staff.stage.sees(ana, "The organisers write to you: Did you <i>call</i>?")
    assert "Noor" not in letter.words
    assert staff.stage.buttons(letter) == ["✍️ Answer"]
    asked = await staff.stage.presses(ana, letter, "✍️ Answer", "What would you like to say to the organisers?")
    await staff.stage.writes(ana, "Yes, <b>twice</b>.", reply_to=asked.id)
    await staff.stage.sees(ana, "the organisers will read it")
    answer = await staff.sees("Ana answers the organisers")
    assert "Yes, <b>twice</b>." in answer.words
    assert answer.reply_to == card.id
    assert staff.stage.buttons(answer) == ["💬 Write to Ana", "✅ Read"]

    await staff.press(staff.ada, answer, "💬 Write to Ana")
    question = await staff.sees("What shall the organisers write", after=answer.id)
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.ada), "Thank you.", reply_to=question.id)
    await staff.stage.sees(ana, "Thank you.")
    done = await staff.sees("Ada has written back")
    assert done.id == answer.id
    assert done.buttons == []
    assert not staff.stage.received(li, "organisers")


async def test_a_reply_to_a_letter_is_the_answer_whatever_conversation_is_open(
    staff: StaffStage, ana: User, li: User
) -> None:
    await staff.takes_place()
    await staff.stage.running_swap(ana, li)
    await write_as_organisers(staff.stage.deps, staff.noor, ana.id, "Welcome!")
    letter = await staff.stage.sees(ana, "Welcome!")
    await staff.stage.until_all_delivered()
    await staff.stage.writes(ana, "Glad to be here", reply_to=letter.id)
    answer = await staff.sees("Glad to be here")
    assert not staff.stage.received(li, "Glad to be here")
    await staff.press(staff.noor, answer, "✅ Read")
    assert (await staff.sees("Noor has read this")).id == answer.id


async def test_without_a_group_answers_come_to_each_moderator(staff: StaffStage, ana: User) -> None:
    await write_as_organisers(staff.stage.deps, staff.noor, ana.id, "Welcome!")
    letter = await staff.stage.sees(ana, "Welcome!")
    await staff.stage.until_all_delivered()
    await staff.stage.writes(ana, "Glad to be here", reply_to=letter.id)
    for moderator in (staff.ada, staff.noor):
        card = await staff.stage.sees(moderator, "Glad to be here")
    asked = await staff.stage.presses(staff.noor, card, "💬 Write to Ana", "What shall the organisers write")
    await staff.stage.writes(staff.noor, "Good.", reply_to=asked.id)
    await staff.stage.sees(staff.noor, "Sent in the name of the organisers")
    await staff.stage.sees(ana, "The organisers write to you: Good.")
    await staff.stage.sees(staff.ada, "Noor has written back")


@pytest.mark.parametrize("decision", ["warn", "suspend", "ban"])
async def test_whoever_was_warned_suspended_or_banned_answers_once_and_moderators_may_answer_back(
    staff: StaffStage, ana: User, decision: str
) -> None:
    await staff.takes_place()
    decide = {"warn": warn, "suspend": suspend, "ban": ban}[decision]
    await decide(staff.stage.deps, staff.noor, ana.id, reason="rude")
    letter = await staff.stage.sees(ana, lambda message: "✍️ Answer" in staff.stage.buttons(message))
    asked = await staff.stage.presses(ana, letter, "✍️ Answer", "What would you like to say to the organisers?")
    await staff.stage.writes(ana, "That was not me.", reply_to=asked.id)
    await staff.stage.sees(ana, "the organisers will read it")
    appeal = await staff.sees("Ana answers the decision")
    assert "That was not me." in appeal.words
    end = {"suspend": ["▶️ End the suspension"], "ban": ["🔓 Lift the ban"]}.get(decision, [])
    assert staff.stage.buttons(appeal) == ["💬 Write to Ana", "✅ Read", *end]
    await staff.stage.writes(ana, "Really not.", reply_to=letter.id)
    await staff.stage.sees(ana, "There is nothing to answer right now.")
    assert staff.cards("Really not.") == []

    await staff.press(staff.noor, appeal, "💬 Write to Ana")
    question = await staff.sees("What shall the organisers write")
    await staff.stage.sandbox.groups.send_text(staff.chat, id_of(staff.noor), "We look again.", reply_to=question.id)
    back = await staff.stage.sees(ana, "We look again.")
    await staff.stage.until_all_delivered()
    await staff.stage.writes(ana, "Thank you.", reply_to=back.id)
    await staff.sees("Ana answers the organisers")


async def test_the_banned_can_do_nothing_but_answer(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await ban(staff.stage.deps, staff.noor, ana.id, reason="rude")
    letter = await staff.stage.sees(ana, lambda message: "✍️ Answer" in staff.stage.buttons(message))
    await staff.stage.says(ana, "/swaps", "closed")
    asked = await staff.stage.presses(ana, letter, "✍️ Answer", "What would you like to say to the organisers?")
    await staff.stage.says(ana, "/match", "closed")
    await staff.stage.writes(ana, "That was not me.", reply_to=asked.id)
    await staff.sees("Ana answers the decision")
    await staff.stage.says(ana, "Hello?", "closed")


async def test_a_decision_that_was_taken_back_takes_no_answer(staff: StaffStage, ana: User) -> None:
    decision = await warn(staff.stage.deps, staff.noor, ana.id, reason="rude")
    letter = await staff.stage.sees(ana, lambda message: "✍️ Answer" in staff.stage.buttons(message))
    await undo(staff.stage.deps, staff.noor, decision.entry_id)
    await staff.stage.sandbox.press(id_of(ana), letter.id, "✍️ Answer")
    await staff.stage.until(lambda: "There is nothing to answer right now." in staff.stage.toasts(ana))


async def test_a_letter_takes_three_answers_until_the_organisers_write_again(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await write_as_organisers(staff.stage.deps, staff.noor, ana.id, "Welcome!")
    letter = await staff.stage.sees(ana, "Welcome!")
    await staff.stage.until_all_delivered()
    for number in range(3):
        await staff.stage.writes(ana, f"answer {number}", reply_to=letter.id)
        await staff.sees(f"answer {number}")
    await staff.stage.writes(ana, "answer 3", reply_to=letter.id)
    await staff.stage.sees(ana, "There is nothing to answer right now.")
    known = await get_correspondence(staff.stage.deps, staff.noor, ana.id)
    assert [entry.text for entry in known.entries] == ["Welcome!", "answer 0", "answer 1", "answer 2"]


async def test_an_answer_of_a_moderator_is_shown_to_the_others_only(staff: StaffStage) -> None:
    await staff.takes_place()
    other = await staff.stage.person("Bo", "chess", "singing", role=MODERATOR)
    await write_as_organisers(staff.stage.deps, staff.ada, other.id, "A word, please.")
    letter = await staff.stage.sees(other, "A word, please.")
    await staff.stage.until_all_delivered()
    await staff.stage.writes(other, "I am listening", reply_to=letter.id)
    await staff.stage.sees(staff.noor, "I am listening")
    assert staff.cards("I am listening") == []


async def test_an_answer_goes_with_the_account(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await write_as_organisers(staff.stage.deps, staff.noor, ana.id, "Welcome!", card=card_id(DISPUTE, "none"))
    letter = await staff.stage.sees(ana, "Welcome!")
    await staff.stage.until_all_delivered()
    await staff.stage.writes(ana, "Glad to be here", reply_to=letter.id)
    answer = await staff.sees("Glad to be here")
    await staff.stage.until_all_delivered()
    await delete_account(staff.stage.deps, ana)
    assert (await staff.sees("the account was deleted")).id == answer.id
