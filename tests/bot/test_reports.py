"""Reporting somebody in the bot: from every card, with a reason, words and messages if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.messages import WEB
from handlers.blocks import list_blocks
from handlers.messages import Draft, send_message
from handlers.swaps import Proposal, propose_swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox import Message
    from domain.reports import Report
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

RUDE = "🤬 Rude or threatening"


def has(label: str) -> Callable[[Message], bool]:
    """Return a condition: the message has this button."""
    return lambda message: any(label in button.label for button in message.buttons)


async def made_about(stage: Stage, about: User) -> list[Report]:
    """Return the reports of the case about somebody."""
    case = await stage.deps.store.cases.find_open(about.id)
    return await stage.deps.store.reports.list_of_case(case.id) if case is not None else []


async def swap_card_of(stage: Stage, user: User) -> Message:
    """Return the card of the user's running swap."""
    listed = await stage.says(user, "/swaps", has("💬"))
    label = next(label for label in stage.buttons(listed) if label.startswith("💬"))
    return await stage.presses(user, listed, label, has("🚩"))


async def begin(stage: Stage, user: User, card: Message, *, label: str = "🚩 Report", name: str = "Li") -> Message:
    """Press Report on a card, and choose a reason; return the report in the making."""
    asked = await stage.presses(user, card, label, f"Report {name}?")
    return await stage.presses(user, asked, RUDE, f"Report about {name}")


async def test_a_report_from_a_card_is_sent_with_words_and_blocks(stage: Stage, ana: User, li: User) -> None:
    found = await stage.says(ana, "/find Python", "teaches Python")
    card = await stage.presses(ana, found, "👤 Li", "teaches you")
    making = await begin(stage, ana, card)
    assert "☑️ Block Li too" in stage.buttons(making)
    assert not any("messages" in label for label in stage.buttons(making))  # there is no conversation
    await stage.says(ana, "Shouted at <me> on the phone", "your report has arrived")
    [report] = await made_about(stage, li)
    assert (report.by, report.reason, report.subject, report.text) == (
        ana.id, "rude", "profile", "Shouted at <me> on the phone",
    )  # fmt: skip
    assert report.evidence.profile["name"] == "Li"
    assert [block.user.id for block in await list_blocks(stage.deps, ana)] == [li.id]


async def test_a_report_without_words_or_block_leaves_the_swap_as_it_is(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(li, ana)
    for number in range(3):
        await send_message(stage.deps, li, Draft(swap.id, f"line {number}", WEB))
    await stage.until_all_delivered()
    card = await swap_card_of(stage, ana)
    making = await begin(stage, ana, card)
    making = await stage.presses(ana, making, "⬜️ Attach our last 20 messages", has("☑️ Attach"))
    making = await stage.presses(ana, making, "☑️ Block Li too", has("⬜️ Block"))
    sent = await stage.presses(ana, making, "🚩 Send the report", "your report has arrived")
    assert "not see each other" not in sent.words
    [report] = await made_about(stage, li)
    assert [line["message"] for line in report.evidence.messages] == ["line 0", "line 1", "line 2"]
    assert await list_blocks(stage.deps, ana) == []
    assert len(stage.received(li, "report")) == 0


async def test_messages_go_along_only_when_they_are_ticked(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(li, ana)
    await send_message(stage.deps, li, Draft(swap.id, "between us", WEB))
    await stage.until_all_delivered()
    card = await swap_card_of(stage, ana)
    await stage.presses(ana, await begin(stage, ana, card), "🚩 Send the report", "your report has arrived")
    [report] = await made_about(stage, li)
    assert report.evidence.messages == ()


async def test_words_that_are_too_long_leave_the_question_open(stage: Stage, ana: User, li: User) -> None:
    card = await stage.says(ana, "/match", "Li")
    await begin(stage, ana, card)
    await stage.says(ana, "x" * 501, "500 characters at most")
    assert await made_about(stage, li) == []
    await stage.says(ana, "short enough", "your report has arrived")
    assert len(await made_about(stage, li)) == 1


async def test_leaving_it_reports_nobody(stage: Stage, ana: User, li: User) -> None:
    card = await stage.says(ana, "/match", "Li")
    asked = await stage.presses(ana, card, "🚩 Report", "Report Li?")
    await stage.presses(ana, asked, "No, leave it", "Nobody was reported")
    making = await begin(stage, ana, card)
    left = await stage.presses(ana, making, "No, leave it", "Nobody was reported")
    assert left.id
    assert await made_about(stage, li) == []


async def test_a_request_can_be_reported_with_its_note(stage: Stage, ana: User, li: User) -> None:
    await propose_swap(stage.deps, li, Proposal(ana.id, "Python", "guitar", "Come to my hotel"))
    request = await stage.sees(ana, "would like to swap")
    await stage.presses(ana, await begin(stage, ana, request), "🚩 Send the report", "your report has arrived")
    [report] = await made_about(stage, li)
    assert (report.subject, report.evidence.note) == ("swap", "Come to my hotel")


async def test_a_card_in_another_chat_leads_to_a_report(stage: Stage, ana: User, li: User) -> None:
    asked = await stage.says(ana, f"/start r_{li.id}", "Report Li?")
    await stage.presses(ana, asked, RUDE, "Report about Li")
    await stage.says(ana, "spam everywhere", "your report has arrived")
    assert len(await made_about(stage, li)) == 1


async def test_people_in_a_list_of_results_can_be_reported(stage: Stage, ana: User, li: User) -> None:
    found = await stage.says(ana, "/find Python", "teaches Python")
    await stage.presses(ana, found, "🚩", "Report Li?")


async def test_a_repeated_report_of_the_same_is_answered_and_nobody_is_reported_twice(
    stage: Stage, ana: User, li: User
) -> None:
    card = await stage.says(ana, "/match", "Li")
    making = await begin(stage, ana, card)
    making = await stage.presses(ana, making, "☑️ Block Li too", has("⬜️ Block"))
    await stage.presses(ana, making, "🚩 Send the report", "your report has arrived")
    await begin(stage, ana, card)
    await stage.says(ana, "and something else", "You have reported that already")
    assert len(await made_about(stage, li)) == 1


async def test_an_inline_card_in_any_chat_has_the_button(stage: Stage, ana: User, li: User) -> None:
    assert ana.telegram_id is not None
    found = await stage.sandbox.inline(ana.telegram_id, "Python")
    sent = await stage.sandbox.choose(ana.telegram_id, found, found.results[0].id)
    await stage.sandbox.press(ana.telegram_id, sent, "🚩 Report")
    await stage.sees(ana, "Report Li?", after=sent)


async def test_somebody_in_a_circle_that_is_not_closed_is_reported_by_their_first_name(stage: Stage) -> None:
    ana = await stage.person("Ana Alvarez", "Guitar", "Chinese")
    li = await stage.person("Li Wei", "Python", "Guitar")
    await stage.person("Noor Haddad", "Chinese", "Python")
    offer = await stage.says(ana, "/circles", "1 circle is possible")
    card = await stage.presses(ana, offer, "🤝 Ask Li and Noor", "You are in.")
    making = await begin(stage, ana, card, label="🚩 Report Li")
    assert "Wei" not in making.words
    sent = await stage.presses(ana, making, "🚩 Send the report", "your report has arrived")
    assert "Wei" not in sent.words
    [report] = await made_about(stage, li)
    assert (report.by, report.subject) == (ana.id, "swap")
    assert [block.user.id for block in await list_blocks(stage.deps, ana)] == [li.id]
