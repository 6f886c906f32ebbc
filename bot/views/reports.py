"""The button that reports somebody, for every card on which somebody else is shown, and the screens of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardButton

from bot.views.blocks import block_row, seat_row
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button
from domain.circle_views import CircleView
from domain.reports import EVIDENCE_MESSAGES, MAX_TEXT_LENGTH, PROFILE, REASONS, REVIEW, SWAP
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.texts import Texts

REPORT, MAKING = "rp", "rpm"
SIGNS: Final = {PROFILE: "p", SWAP: "s", REVIEW: "r"}
"""The kinds of what is reported, as they stand in callback data."""
SEAT: Final = "c"
"""In the place of a kind: somebody in a circle that is not closed, by the number of their seat."""
NOT_REPORTED: Final = "x"


@dataclass(frozen=True, slots=True)
class Making:
    """A report in the making: what is ticked. Messages can go along where there is a conversation."""

    name: str
    reason: str
    has_messages: bool
    with_messages: bool
    with_block: bool


def report_button(
    texts: Texts, about: str, subject: str = PROFILE, subject_id: str = "", *, name: str = "", label: str = ""
) -> InlineKeyboardButton:
    """Return the button; `name` is given where it could be meant for one of several, `label` for another one."""
    named = texts.plain("report.named", name=short(name)) if name else texts.plain("report.button")
    return button(label or named, REPORT, SIGNS[subject], about, subject_id)


def safety_rows(texts: Texts, swap: Swap, people: Sequence[User | None]) -> list[Row]:
    """Return the buttons to block and to report each of the others in a pair or circle: of a pair in one row, in a
    circle with their names; none for those who have left."""
    blocks = block_row(texts, swap, people)
    is_one_of_two = swap.circle is not None
    reports = [
        report_button(texts, person.id, SWAP, swap.id, name=person.name if is_one_of_two else "")
        for person in people
        if person is not None and person.name
    ]
    rows = [blocks, reports] if is_one_of_two else [[*blocks, *reports]]
    return [row for row in rows if row]


def seat_safety_rows(texts: Texts, view: CircleView) -> list[Row]:
    """Return the buttons to block and to report each of the two in a circle, by their seats until all have joined."""
    reports = [
        report_button(texts, seat.user_id, SWAP, view.id, name=seat.name)
        if seat.user_id
        else button(texts.plain("report.named", name=short(seat.name)), REPORT, SEAT, place, view.id)
        for place, seat in view.seats.items()
        if seat.name
    ]
    return [row for row in (seat_row(texts, view), reports) if row]


def report_mark(about: str) -> InlineKeyboardButton:
    """Return the button as a mark alone, for a place beside a name in a list."""
    return button("🚩", REPORT, SIGNS[PROFILE], about, "")


def reasons_screen(texts: Texts, name: str, parts: Sequence[str]) -> Screen:
    """Return the question for the reason; `parts` are those of the callback data that name what is reported."""
    rows: list[Row] = [
        [button(texts.plain(f"report.reason.{reason}"), REPORT, *parts, number)]
        for number, reason in enumerate(REASONS)
    ]
    rows.append([button(texts.plain("report.no"), REPORT, *parts, NOT_REPORTED)])
    return Screen(texts("report.ask", name=name), rows)


def making_screen(texts: Texts, making: Making) -> Screen:
    """Return the report in the making: what goes along, and how to send it."""
    text = texts(
        "report.making", name=making.name, reason=texts.plain(f"report.reason.{making.reason}"), max=MAX_TEXT_LENGTH
    )
    rows: list[Row] = []
    if making.has_messages:
        label = texts.plain("report.attach", n=EVIDENCE_MESSAGES)
        rows.append([button(_ticked(making.with_messages, label), MAKING, "messages")])
    label = texts.plain("report.block_too", name=short(making.name))
    rows.append([button(_ticked(making.with_block, label), MAKING, "block")])
    send = button(texts.plain("report.send"), MAKING, "send", style="danger")
    rows += [[send], [button(texts.plain("report.no"), MAKING, "no")]]
    return Screen(text, rows)


def received_screen(texts: Texts, name: str, *, is_blocked: bool) -> Screen:
    lines = [texts("report.received", name=name), *([texts("report.blocked", name=name)] if is_blocked else [])]
    return Screen("\n\n".join(lines), [[back_button(texts, "home")]])


def left_screen(texts: Texts) -> Screen:
    return Screen(texts("report.left"), [[back_button(texts, "home")]])


def _ticked(is_on: bool, label: str) -> str:
    return f"{'☑️' if is_on else '⬜️'} {label}"
