"""Schemas of ratings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Limit, Query, iso
from domain.reviews import (
    MAX_NOTE_LENGTH,
    MAX_REPLY_LENGTH,
    MAX_REVIEW_LENGTH,
    MAX_STARS,
    MIN_STARS,
    PRAISE,
    Rating,
    Review,
)
from handlers.reviews import Pending, ShownReview


class OwnReview(TypedDict):
    """A rating that you have written. `stars` is null for the decision not to rate; `shown` says whether others see it.

    Both ratings of a swap are shown at the same moment: when the last one is written, or at `window_ends`.
    """

    _id: Id
    swap_id: Id
    about: Id
    leg: int
    stars: int | None
    praise: list[str]
    text: str
    note_to_moderators: str
    reply: str
    shown: bool
    created_at: str
    window_ends: str


class ShownReviewDocument(TypedDict):
    """A rating that is shown. `author` is null for somebody who has left."""

    _id: Id
    author: Id | None
    author_name: str | None
    stars: int
    praise: list[str]
    text: str
    reply: str
    created_at: str


class PendingReviewDocument(TypedDict):
    """A rating that you can still write."""

    swap_id: Id
    about: Id
    leg: int
    skill: str
    until: str


class NoteDocument(TypedDict):
    """A line for the moderators that was written with a rating."""

    review_id: Id
    swap_id: Id
    author: Id
    about: Id
    stars: int | None
    note: str
    created_at: str


class RatingBody(Body):
    """Stars, words of praise, a text for everybody and a line for the moderators alone."""

    stars: Annotated[int, Field(ge=MIN_STARS, le=MAX_STARS)]
    praise: Annotated[list[Literal["clear", "reliable", "friendly"]], Field(max_length=len(PRAISE))] = []
    text: Annotated[str, Field(max_length=4 * MAX_REVIEW_LENGTH)] = ""
    note_to_moderators: Annotated[str, Field(max_length=4 * MAX_NOTE_LENGTH)] = ""

    def rating(self) -> Rating:
        """Return the rating, cleaned. Raises Invalid."""
        return Rating(self.stars, tuple(self.praise), self.text, self.note_to_moderators)


class NewReviewBody(RatingBody):
    """A rating of a partner. `about` may be left out where the swap has one partner."""

    swap_id: Annotated[str, Field(max_length=100)]
    about: Annotated[str, Field(max_length=100)] | None = None


class DeclineBody(Body):
    """The decision not to rate a partner of a swap."""

    swap_id: Annotated[str, Field(max_length=100)]
    about: Annotated[str, Field(max_length=100)] | None = None


class ReplyBody(Body):
    """Your public answer to a rating of you."""

    text: Annotated[str, Field(max_length=4 * MAX_REPLY_LENGTH)]


class ReviewsQuery(Query):
    """Page of the list of ratings."""

    limit: Limit | None = None
    before: Annotated[str, Field(max_length=100)] | None = None


def own_review(review: Review, viewer_id: str, *, is_shown: bool) -> OwnReview:
    """Return the document of a rating of a swap for one of its users; the line for the moderators is its author's."""
    return {
        "_id": review.id,
        "swap_id": review.swap_id,
        "about": review.about,
        "leg": review.leg,
        "stars": None if review.is_declined else review.stars,
        "praise": list(review.praise),
        "text": review.text,
        "note_to_moderators": review.note if review.author == viewer_id else "",
        "reply": review.reply,
        "shown": is_shown,
        "created_at": iso(review.created_at),
        "window_ends": iso(review.window_ends),
    }


def shown_review(shown: ShownReview) -> ShownReviewDocument:
    """Return the document of a rating for everybody."""
    review, author = shown.review, shown.author
    return {
        "_id": review.id,
        "author": author.id if author is not None else None,
        "author_name": author.name if author is not None else None,
        "stars": review.stars,
        "praise": list(review.praise),
        "text": review.text,
        "reply": review.reply,
        "created_at": iso(review.created_at),
    }


def pending_review(pending: Pending) -> PendingReviewDocument:
    return {
        "swap_id": pending.swap.id,
        "about": pending.seat.about,
        "leg": pending.seat.leg,
        "skill": pending.swap.legs[pending.seat.leg].skill,
        "until": iso(pending.until),
    }


def note_document(review: Review) -> NoteDocument:
    return {
        "review_id": review.id,
        "swap_id": review.swap_id,
        "author": review.author,
        "about": review.about,
        "stars": None if review.is_declined else review.stars,
        "note": review.note,
        "created_at": iso(review.created_at),
    }
