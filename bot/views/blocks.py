"""The buttons that block a user, for every card, request and conversation in which somebody else is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from telegram import InlineKeyboardButton

from bot.views.lengths import short
from bot.views.screens import Row, button
from domain.circle_views import CircleView
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.texts import Texts

BLOCK_SEAT: Final = "bs"


def block_button(texts: Texts, user_id: str, name: str = "") -> InlineKeyboardButton:
    """Return the button; `name` is given where it could be meant for one of several."""
    label = texts.plain("block.named", name=short(name)) if name else texts.plain("block.button")
    return button(label, "block", user_id)


def seat_row(texts: Texts, view: CircleView) -> Row:
    """Return a button for each of the two in a circle, by their seats: before all have joined nobody knows an id."""
    return [
        button(texts.plain("block.named", name=short(seat.name)), BLOCK_SEAT, view.id, place)
        for place, seat in view.seats.items()
        if seat.name
    ]


def block_row(texts: Texts, swap: Swap, people: Iterable[User | None]) -> Row:
    """Return a button for each of the others in a pair or circle, in a circle with the name; none for those who have
    left."""
    is_one_of_two = swap.circle is not None
    return [
        block_button(texts, person.id, person.name if is_one_of_two else "")
        for person in people
        if person is not None and person.name
    ]
