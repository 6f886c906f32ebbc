"""A case in Telegram: one card for the moderators, in their group or in private, with the decisions on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.cases import NOTES
from domain.messages import WEB
from domain.reports import SWAP, Complaint
from handlers.cases import open_case
from handlers.messages import Draft, send_message
from handlers.reports import report
from handlers.users import delete_account, get_user

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.staff_stage import StaffStage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage", "tests.bot.staff_stage"]

TITLE = "🚩 Li · "


async def reported(staff: StaffStage, by: User, about: User, **more: object) -> None:
    complaint = Complaint(about.id, "profile", about.id, "rude", with_block=False)
    if more:
        complaint = Complaint(about.id, SWAP, str(more["swap"]), "dating", "Wants a <date>", True, False)
    await report(staff.stage.deps, by, complaint)


async def standings(staff: StaffStage, user: User) -> tuple[str, ...]:
    return (await get_user(staff.stage.deps, user.id)).standings(staff.stage.deps.now())


async def test_a_report_is_one_card_in_the_group_with_its_evidence_and_is_decided_there(
    staff: StaffStage, ana: User, li: User, tom: User
) -> None:
    stage = staff.stage
    await staff.takes_place()
    swap = await stage.running_swap(ana, li)
    await send_message(stage.deps, li, Draft(swap.id, "Dinner at <my> place?", WEB))
    await reported(staff, ana, li, swap=swap.id)
    card = await staff.sees(f"{TITLE}1 report")
    for words in ("Wants a <date>", "Li: Dinner at <my> place?", "from Ana", "Teaches: Python"):
        assert words in card.words
    assert stage.buttons(card) == [
        "✋ Take",
        "💬 Write to Li",
        "⚠️ Warn",
        "🙈 Hide",
        "⏸ Suspend 7 d",
        "⛔ Ban",
        "✅ Nothing",
    ]
    assert not stage.received(staff.noor, TITLE)
    await reported(staff, tom, li)
    card = await staff.sees(f"{TITLE}2 reports")
    assert [message.id for message in staff.cards(TITLE)] == [card.id]
    assert "Only moderators" in await staff.press(staff.kim, card, "✋ Take")
    await staff.press(staff.noor, card, "✋ Take")
    await staff.sees("Noor is looking at it")
    await staff.press(staff.noor, card, "⚠️ Warn")
    question = await staff.sees("Warn: Li")
    await staff.press(staff.noor, question, "🤬 Rude or threatening")
    done = await staff.sees("⚠️ Warned – Noor")
    assert (done.id, stage.buttons(done)) == (card.id, ["↩️ Undo (10 min)"])
    assert question.id not in [message.id for message in stage.sandbox.chat(staff.chat)]
    assert await standings(staff, li) == ("warned",)
    warning = await stage.sees(li, "The organisers have to tell you something: rude or threatening words")
    assert "Ana" not in warning.words


async def test_a_ban_is_confirmed_and_can_be_undone(staff: StaffStage, ana: User, li: User) -> None:
    await staff.takes_place()
    await reported(staff, ana, li)
    card = await staff.sees(f"{TITLE}1 report")
    await staff.press(staff.noor, card, "⛔ Ban")
    question = await staff.sees("Ban: Li")
    await staff.press(staff.noor, question, "💰 Selling, advertising or spam")
    sure = await staff.sees("Ban Li?")
    assert await standings(staff, li) == ("member",)
    await staff.press(staff.noor, sure, "⛔ Yes, ban")
    card = await staff.sees("⛔ Banned – Noor")
    assert await standings(staff, li) == ("banned",)
    await staff.press(staff.ada, card, "↩️ Undo (10 min)")
    card = await staff.sees("Ada is looking at it")
    assert await standings(staff, li) == ("member",)
    assert "⛔ Ban" in staff.stage.buttons(card)


async def test_who_has_reported_hears_that_it_was_dealt_with_and_no_more(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await reported(staff, ana, li)
    card = await staff.sees(f"{TITLE}1 report")
    await staff.press(staff.noor, card, "✅ Nothing")
    await staff.sees("Nothing to be done – Noor")
    assert not staff.stage.received(ana, "dealt with")
    await move_clock(minutes=11)
    told = await staff.stage.sees(ana, "it has been dealt with")
    assert "Li" not in told.words
    assert not staff.stage.received(li, "report")


async def test_without_a_group_the_card_is_in_private_and_never_with_whom_it_is_about(
    staff: StaffStage, ana: User
) -> None:
    await reported(staff, ana, staff.noor)
    card = await staff.stage.sees(staff.ada, "🚩 Noor · 1 report")
    assert not staff.stage.received(staff.noor, "🚩 Noor")
    question = await staff.stage.presses(staff.ada, card, "🙈 Hide", "Hide: Noor")
    await staff.stage.presses(staff.ada, question, "❓ Something else", "Hidden – Ada")
    assert await standings(staff, staff.noor) == ("hidden",)


async def test_a_case_about_a_moderator_is_not_in_the_group_they_read(staff: StaffStage, ana: User) -> None:
    await staff.takes_place()
    await reported(staff, ana, staff.noor)
    await staff.stage.sees(staff.ada, "🚩 Noor · 1 report")
    assert staff.cards("🚩 Noor") == []


async def test_a_reporter_who_leaves_is_taken_off_the_card(staff: StaffStage, ana: User, li: User) -> None:
    await staff.takes_place()
    await reported(staff, ana, li)
    card = await staff.sees(f"{TITLE}1 report")
    assert "from Ana" in card.words
    await delete_account(staff.stage.deps, await get_user(staff.stage.deps, ana.id))
    gone = await staff.sees("Somebody who left")
    assert (gone.id, "Ana" in gone.words) == (card.id, False)


async def test_a_case_without_a_report_says_what_has_opened_it(staff: StaffStage, li: User) -> None:
    await staff.takes_place()
    await open_case(staff.stage.deps, about=li.id, kind=NOTES)
    card = await staff.sees("Nearly the same note went to many people.")
    assert card.words.startswith("🚩 Li\n")
    assert "report" not in card.words


@pytest.mark.parametrize(
    ("action", "reason", "end", "asked"),
    [
        ("🙈 Hide", "hide", "👁 Show again", "Show Li again?"),
        ("⏸ Suspend 7 d", "suspend", "▶️ End the suspension", "End the suspension of Li?"),
        ("⛔ Ban", "ban", "🔓 Lift the ban", "Lift the ban of Li?"),
    ],
)
async def test_when_it_is_too_late_to_undo_the_card_offers_to_end_what_was_decided(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock, action: str, reason: str, end: str, asked: str
) -> None:
    await staff.takes_place()
    await reported(staff, ana, li)
    card = await staff.sees(f"{TITLE}1 report")
    await staff.press(staff.noor, card, action)
    question = await staff.sees("Why? A warning")
    await staff.press(staff.noor, question, "🤬 Rude or threatening")
    if reason == "ban":
        await staff.press(staff.noor, await staff.sees("Ban Li?"), "⛔ Yes, ban")
    card = await staff.sees("– Noor")
    assert staff.stage.buttons(card) == ["↩️ Undo (10 min)"]
    await move_clock(minutes=11)
    await staff.stage.until(lambda: staff.stage.buttons(staff.cards(TITLE)[-1]) == [end])
    await staff.press(staff.ada, staff.cards(TITLE)[-1], end)
    question = await staff.sees(asked)
    assert await standings(staff, li) != ("member",)
    assert await staff.press(staff.ada, question, end) == "Done."
    assert await standings(staff, li) == ("member",)
    await staff.stage.until(lambda: staff.stage.buttons(staff.cards(TITLE)[-1]) == [])
    assert asked not in [message.words for message in staff.stage.sandbox.chat(staff.chat)]


async def test_nothing_is_left_to_press_on_a_case_that_ended_with_nothing(
    staff: StaffStage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await staff.takes_place()
    await reported(staff, ana, li)
    card = await staff.sees(f"{TITLE}1 report")
    await staff.press(staff.noor, card, "✅ Nothing")
    await staff.sees("Nothing to be done – Noor")
    await move_clock(minutes=11)
    await staff.stage.until(lambda: staff.stage.buttons(staff.cards(TITLE)[-1]) == [])
