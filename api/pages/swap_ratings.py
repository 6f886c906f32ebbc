"""The ratings of a swap as its page shows them: one's own, and those of the others as soon as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.reviews import MAX_STARS, Review, seats_of
from domain.swaps import COMPLETED, Swap
from domain.users import User
from handlers.reviews import list_own
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts


@dataclass(frozen=True, slots=True)
class RatingView:
    """A rating: `edit` is the address of its form, as long as it is the reader's and nobody sees it; `can_reply` says
    that it is about the reader, who has not answered it."""

    id: str
    title: str
    stars: str
    words: str
    praise: str
    text: str
    reply: str
    is_shown: bool
    edit: str
    can_reply: bool


async def ratings_of(
    deps: Deps, texts: Texts, swap: Swap, viewer: User, people: Mapping[str, User]
) -> Sequence[RatingView]:
    """Return the ratings of a swap that this reader may read; decisions not to rate are none."""
    if swap.status != COMPLETED or not seats_of(swap):
        return []
    found = await list_own(deps, viewer, swap.id)
    return [
        _view(texts, swap, review, viewer, people, is_shown=is_shown)
        for review, is_shown in found
        if not review.is_declined
    ]


def _view(
    texts: Texts, swap: Swap, review: Review, viewer: User, people: Mapping[str, User], *, is_shown: bool
) -> RatingView:
    is_mine = review.author == viewer.id
    somebody = texts.plain("swap.somebody")
    author, about = (getattr(people.get(one), "name", "") or somebody for one in (review.author, review.about))
    if is_mine:
        title = texts.plain("page.rating.mine", name=about)
    elif review.about == viewer.id:
        title = texts.plain("page.rating.of_you", name=author)
    else:
        title = texts.plain("page.rating.of_other", name=author, about=about)
    return RatingView(
        id=review.id,
        title=title,
        stars="★" * review.stars + "☆" * (MAX_STARS - review.stars),
        words=texts.plain(f"page.rate.word.{review.stars}"),
        praise=texts.enumerate([texts.plain(f"rating.praise.{word}") for word in review.praise]),
        text=review.text,
        reply=review.reply,
        is_shown=is_shown,
        edit=f"/swaps/{swap.id}/rate/{review.about}" if is_mine and not is_shown else "",
        can_reply=review.about == viewer.id and is_shown and not review.reply,
    )
