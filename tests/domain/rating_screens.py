"""Screens about ratings, in each state that they can be about."""

from __future__ import annotations

from bot.views.rating_cards import (
    day_of,
    making_screen,
    rating_key,
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
from tests.domain.event_swaps import ADA, AT, BEN, answered, closed_circle

RATING_MAILS = ("rate", "rate_circle", "rated", "not_rated", "shown", "unreliable", "paused")
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
    day = day_of(texts, AT, ADA)
    swaps = (swap, closed_circle())
    return [
        *(Screen(texts(rating_key(one, "reminder"), name=BEN.name, day=day)) for one in swaps),
        Screen(texts("rating.ask", name=BEN.name), star_rows(texts, swap, ADA.id)),
        making_screen(texts, swap.id, BEN.name, Rating(3, ("clear",), "<b>", "&")),
        *(revealed_screen(texts, shown, BEN.name, one) for shown in (ShownReview(review, BEN), None) for one in swaps),
        *(
            shown_screen(texts, ADA, shown, ADA.id)
            for shown in ([ShownReview(review, None)], [ShownReview(review, BEN)], [])
        ),
        *(written_screen(texts, one, BEN.name, day, is_shown=is_shown) for is_shown in (True, False) for one in swaps),
    ]
