"""Screens about ratings, in each state that they can be about."""

from __future__ import annotations

from bot.views.rating_cards import (
    day_of,
    making_screen,
    revealed_screen,
    shown_screen,
    star_rows,
    written_screen,
)
from bot.views.screens import Screen
from domain import outcomes, planning
from domain.planning import Meeting
from domain.reviews import Rating, Review
from domain.sessions import Answer
from domain.swaps import Swap
from handlers.reviews import ShownReview
from handlers.runtime.texts import Texts
from tests.domain.event_swaps import ADA, AT, BEN, answered

RATING_MAILS = ("rate", "rated", "not_rated", "unreliable", "paused")
"""Mails about ratings, and about what keeps others waiting."""


def rated() -> Swap:
    """A completed swap in which both have taught."""
    met = outcomes.answer(
        planning.note_met(answered("accepted"), Meeting(()), by=ADA.id, at=AT), "1", Answer(BEN.id, "yes", AT)
    )
    return outcomes.done(outcomes.done(met, by=ADA.id, at=AT), by=BEN.id, at=AT)


def rating_screens(texts: Texts, event: str) -> list[Screen]:
    swap = rated()
    review = Review("f" * 24, swap.id, BEN.id, ADA.id, 0, 2, AT, AT, 4, ("clear",), "Patient & kind.", "", "Thanks!")
    return [
        Screen(texts("rating.reminder", name=BEN.name, day=day_of(texts, AT, ADA)), star_rows(texts, swap, ADA.id)),
        making_screen(texts, swap.id, BEN.name, Rating(3, ("clear",), "<b>", "&")),
        *(revealed_screen(texts, shown, BEN.name, swap) for shown in (ShownReview(review, BEN), None)),
        *(
            shown_screen(texts, ADA, shown, ADA.id)
            for shown in ([ShownReview(review, None)], [ShownReview(review, BEN)], [])
        ),
        *(written_screen(texts, BEN.name, "May 1", is_shown=is_shown) for is_shown in (True, False)),
    ]
