"""Newcomers' first words in the bot: told at once, seen by nobody else, decided on the case's card."""

from __future__ import annotations

import pytest

from domain.records import Record
from domain.screening import SCREENED_FOR
from domain.users import MODERATOR, User
from handlers.messages import list_messages
from handlers.screening import list_waiting_words, settle_due_words
from handlers.swaps import Proposal, propose_swap
from tests.bot.stage import Stage, stage
from tests.factories import later

__all__ = ["stage"]

LINK = "More about me: example.org"


async def scene(stage: Stage) -> tuple[User, User, User]:
    """Return a newcomer, a member who has swapped, and a moderator."""
    new = await stage.person("Ana", "guitar", "Python")
    old = await stage.person("Li", "Python", "guitar", record=Record(swaps_held=1))
    return new, old, await stage.person("Mo", "chess", "yoga", role=MODERATOR)


async def test_a_note_with_a_link_waits_and_goes_out_when_a_moderator_lets_it_through(stage: Stage) -> None:
    ana, li, mo = await scene(stage)
    card = await stage.says(ana, "/match", "teaches you")
    await stage.presses(ana, card, "🤝 Propose a swap", "a short note")
    await stage.writes(ana, LINK)
    waiting = await stage.sees(ana, "a moderator looks at it first")
    assert "💬 Ask" not in stage.buttons(waiting)
    case = await stage.sees(mo, "A newcomer's words were held back")
    assert LINK in case.words
    assert "For Li, waiting" in case.words
    assert not stage.received(li, "would like to swap")
    await stage.sandbox.press(mo.telegram_id or 0, case.id, "✅ Let the words through")
    request = await stage.sees(li, "Ana would like to swap with you")
    assert LINK in request.words
    await stage.until(lambda: "Sent to Li" in stage.message(ana, waiting.id).words)
    await stage.until(lambda: "Words let through" in stage.message(mo, case.id).words)
    await stage.until_all_delivered()
    assert len(stage.received(li, "would like to swap")) == 1


async def test_a_refused_note_comes_back_to_its_writer_with_the_reason(stage: Stage) -> None:
    ana, li, mo = await scene(stage)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python", LINK))
    case = await stage.sees(mo, "A newcomer's words were held back")
    await stage.sandbox.press(mo.telegram_id or 0, case.id, "🚫 Refuse the words")
    told = await stage.sees(ana, "did not pass on what you wrote")
    assert "links, names and numbers are for after a yes" in told.words
    assert LINK in told.words
    await stage.until_all_delivered()
    assert not stage.received(li, "would like to swap")


async def test_a_question_with_a_number_waits_and_may_be_edited_or_taken_back(stage: Stage) -> None:
    ana, li, mo = await scene(stage)
    swap = await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    card = await stage.sees(ana, "Sent to Li") if stage.received(ana, "Sent to Li") else None
    listed = await stage.says(ana, "/swaps", "Your swaps")
    opened = card or await stage.presses(ana, listed, stage.buttons(listed)[0], "Sent to Li")
    await stage.presses(ana, opened, "💬 Ask", "Li")
    sent = await stage.writes(ana, "Call me: 0171 1234567")
    await stage.sees(ana, "A moderator looks at it first; it goes to Li")
    case = await stage.sees(mo, "0171 1234567")
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, "Call me: 0171 7654321")
    await stage.until(lambda: "0171 7654321" in stage.message(mo, case.id).words)
    second = await stage.writes(ana, "Or write to @some_body")
    await stage.until(lambda: "@some_body" in stage.message(mo, case.id).words)
    taken = await stage.writes(ana, "/delete", reply_to=second)
    await stage.sees(ana, lambda message: message.id > taken)
    assert [words.text for words in await list_waiting_words(stage.deps, ana)] == ["Call me: 0171 7654321"]
    assert not stage.received(li, "0171")
    await settle_due_words(later(stage.deps, SCREENED_FOR))
    messages = await list_messages(stage.deps, li, swap.id)
    assert [message.message for message in messages] == ["Call me: 0171 7654321"]


@pytest.mark.parametrize("text", ["at 10:30?", "example.org"])
async def test_an_edit_is_shown_at_once_only_without_a_way_out(stage: Stage, text: str) -> None:
    ana, li, _ = await scene(stage)
    await propose_swap(stage.deps, ana, Proposal(li.id, "guitar", "Python"))
    listed = await stage.says(ana, "/swaps", "Your swaps")
    opened = await stage.presses(ana, listed, stage.buttons(listed)[0], "Sent to Li")
    await stage.presses(ana, opened, "💬 Ask", "Li")
    sent = await stage.writes(ana, "Hello Li")
    relayed = await stage.sees(li, "Hello Li")
    await stage.until_all_delivered()
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, text)
    if text == "example.org":
        await stage.sees(ana, "looks at the new words first")
        await stage.until_all_delivered()
        assert "Hello Li" in stage.message(li, relayed.id).words
    else:
        await stage.until(lambda: text in stage.message(li, relayed.id).words)
