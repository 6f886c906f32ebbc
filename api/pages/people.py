"""The page of a person as others see them: profile, reasons and caveats, ratings; and what is open between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.cursors import require_id
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.person_cards import name_of, person_card
from api.pages.problems import as_page
from api.pages.swap_views import pair_of
from domain.standing import ASK
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.users import User
from handlers.matches import view_match
from handlers.reviews import ShownReview, list_reviews
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.swaps import list_recent_swaps

RATINGS: Final = 10
"""Ratings on one page."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A rating in words; `reported_at` is where its reader can report it, "" for its author."""

    id: str
    stars: int
    author: str
    praise: str
    text: str
    reply: str
    reported_at: str


def review_line(texts: Texts, viewer: User, shown: ShownReview) -> ReviewLine:
    """Return a shown rating as a line of a list."""
    review = shown.review
    praise = texts.enumerate([texts.plain(f"rating.praise.{word}") for word in review.praise]) if review.praise else ""
    author = name_of(texts, shown.author) if shown.author is not None else texts.plain("swap.somebody")
    is_anothers = shown.author is not None and shown.author.id != viewer.id
    reported_at = f"/report/{review.author}?review={review.id}" if is_anothers else ""
    return ReviewLine(review.id, review.stars, author, praise, review.text, review.reply, reported_at)


async def open_between(deps: Deps, actor: User, person_id: str) -> Sequence[Swap]:
    """Return the swaps and requests of these two that are not over."""
    mine = await list_recent_swaps(deps, actor, statuses=[PENDING, ACCEPTED])
    return [swap for swap in mine if person_id in swap.participants and swap.circle is None]


@as_page
async def show_person(request: web.Request) -> web.Response:
    """Show a person; one's own page as others see it. Private, absent, blocked and deleted look the same."""
    deps, actor = await signed_in(request)
    texts, person_id = texts_of(request), request.match_info["id"]
    match = await view_match(deps, actor, person_id)
    before = request.query.get("before")
    ratings = await list_reviews(
        deps, actor, person_id, before=require_id(before) if before is not None else None, limit=RATINGS + 1
    )
    card = person_card(texts, match, deps.now())
    is_self = person_id == actor.id
    going = [] if is_self else await open_between(deps, actor, person_id)
    return render(
        request,
        texts,
        "person.html",
        user=actor,
        title=card.name,
        card=card,
        is_self=is_self,
        going=[(swap.id, pair_of(texts, swap, actor.id)) for swap in going],
        reviews=[review_line(texts, actor, shown) for shown in ratings[:RATINGS]],
        older=ratings[RATINGS - 1].review.id if len(ratings) > RATINGS else "",
        share=f"{deps.public_url}/people/{person_id}",
        may_ask=not is_self and actor.refused_as(ASK, deps.now()) is None,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/people/{id}", show_person)]
