"""Ratings after a swap, hidden from both until both have written or the time to write is over.

Visibility is computed in the query (`storage.reviews`), from the number of ratings that a swap can have and the end of
the window. "No rating" counts as written: it ends the reminders, and shows the other's rating at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.swaps import COMPLETED, Swap
from domain.text import clean_text
from domain.timetable import RATE_WITHIN

MIN_STARS, MAX_STARS = 1, 5
CLEAR, RELIABLE, FRIENDLY = "clear", "reliable", "friendly"
PRAISE = (CLEAR, RELIABLE, FRIENDLY)
MAX_REVIEW_LENGTH = 500
MAX_NOTE_LENGTH = 500
MAX_REPLY_LENGTH = 300

MIN_RATERS = 3
"""People who must have rated somebody before a mean is shown."""
NEW_ACCOUNT = timedelta(days=7)
"""Ratings by an account younger than this count from its second completed swap on."""
ENOUGH_SWAPS = 2
SAME_PAIR_WITHIN = timedelta(days=90)
SAME_PAIR_COUNTED = 2
"""Of the ratings of one person by another within SAME_PAIR_WITHIN the last two count."""
PRIOR_MEAN, PRIOR_RATINGS = 4.2, 3
"""Counted on top of somebody's own ratings, so that the first ones do not decide everything."""


@dataclass(frozen=True, slots=True)
class Review:
    """A rating of `about` by `author`; with 0 stars it is the decision not to rate.

    `leg` is the number of the leg in which `about` taught the author, or was taught. `expected` is the number of
    ratings that the swap can have. `note` is for the moderators alone; `reply` is the public answer of `about`.
    """

    id: str
    swap_id: str
    author: str
    about: str
    leg: int
    expected: int
    window_ends: datetime
    created_at: datetime
    stars: int = 0
    praise: tuple[str, ...] = ()
    text: str = ""
    note: str = ""
    reply: str = ""

    @property
    def is_declined(self) -> bool:
        return self.stars == 0


@dataclass(frozen=True, slots=True)
class Rating:
    """Rating of a partner as its author writes it. Raises Invalid when it is made."""

    stars: int
    praise: tuple[str, ...] = ()
    text: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not MIN_STARS <= self.stars <= MAX_STARS:
            raise Invalid("review.stars", field="stars", min=MIN_STARS, max=MAX_STARS)
        if not set(self.praise) <= set(PRAISE):
            raise Invalid("review.praise", field="praise")
        text = clean_text(self.text, "text", max_length=MAX_REVIEW_LENGTH, required=False)
        note = clean_text(self.note, "note_to_moderators", max_length=MAX_NOTE_LENGTH, required=False)
        object.__setattr__(self, "praise", tuple(word for word in PRAISE if word in self.praise))
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "note", note)


@dataclass(frozen=True, slots=True)
class Seat:
    """A rating that a completed swap allows: `author` may rate `about`, for a leg."""

    author: str
    about: str
    leg: int


def seats_of(swap: Swap) -> tuple[Seat, ...]:
    """Return the ratings that a swap allows: each of two about the other; in a circle each learner about their teacher,
    for the legs that were held."""
    if swap.status != COMPLETED or swap.plan.completed_at is None:
        return ()
    held = sorted(swap.plan.held_legs)
    if swap.circle is not None:
        return tuple(Seat(swap.legs[leg].learner, swap.legs[leg].teacher, leg) for leg in held)
    if not held:
        return ()
    one, other = swap.participants
    return Seat(one, other, _leg_of(swap, other, held)), Seat(other, one, _leg_of(swap, one, held))


def _leg_of(swap: Swap, teacher: str, held: Sequence[int]) -> int:
    """Return the held leg in which this person taught, or else the one in which they were taught."""
    return next((leg for leg in held if swap.legs[leg].teacher == teacher), held[0])


def window_of(swap: Swap) -> datetime | None:
    """Return when the ratings of a completed swap are closed; None for any other swap."""
    return swap.plan.ratings_end if swap.status == COMPLETED else None


def seat_for(swap: Swap, author: str, about: str | None) -> Seat:
    """Return the rating that this user may write in this swap; `about` may be left out where there is one partner.

    Raises NotFound, Conflict when the swap is not complete, Forbidden for somebody whom the author had no session with.
    """
    swap.require_party(author)
    seats = [seat for seat in seats_of(swap) if seat.author == author]
    if window_of(swap) is None:
        raise Conflict("review.not_completed", current=swap)
    if about == author:
        raise Invalid("review.yourself", field="about")
    found = next((seat for seat in seats if about in (None, seat.about)), None)
    if found is None:
        raise Forbidden("review.not_met")
    return found


def written(
    swap: Swap, seat: Seat, rating: Rating | None, *, review_id: str, all_written: Iterable[Review], at: datetime
) -> Review:
    """Return the new rating, or for None the decision not to rate. Raises Conflict when it is too late, or written
    already."""
    _require_open(swap, at)
    if any((review.author, review.about) == (seat.author, seat.about) for review in all_written):
        raise Conflict("review.written")
    ends = window_of(swap)
    assert ends is not None
    review = Review(review_id, swap.id, seat.author, seat.about, seat.leg, len(seats_of(swap)), ends, at)
    return review if rating is None else _with(review, rating)


def edited(swap: Swap, review: Review, rating: Rating, *, by: str, count: int, at: datetime) -> Review:
    """Return the rating with other words; possible until it is shown. `count`: ratings of the swap. Raises NotFound,
    Conflict."""
    if review.author != by:
        raise NotFound("review.not_found")
    _require_open(swap, at)
    if is_visible(review, count, at):
        raise Conflict("review.shown")
    if review.is_declined:
        raise Conflict("review.declined")
    return _with(review, rating)


def replied(review: Review, text: str, *, by: str, count: int, at: datetime) -> Review:
    """Return the rating with the one public answer of whom it is about. Raises NotFound, Invalid, Conflict."""
    if review.about != by or review.is_declined or not is_visible(review, count, at):
        raise NotFound("review.not_found")
    text = clean_text(text, "text", max_length=MAX_REPLY_LENGTH)
    if review.reply and review.reply != text:
        raise Conflict("review.replied")
    return replace(review, reply=text)


def is_visible(review: Review, count: int, at: datetime) -> bool:
    """Return whether a rating is shown, with `count` ratings of its swap written; the query says the same."""
    return review.window_ends <= at or count >= review.expected


def mean_for_order(stars: int, raters: int) -> float:
    """Return the mean, 0 to 1, by which people are ordered: of few ratings it stays near the usual one."""
    mean = (PRIOR_RATINGS * PRIOR_MEAN + stars) / (PRIOR_RATINGS + raters)
    return (mean - MIN_STARS) / (MAX_STARS - MIN_STARS)


def _require_open(swap: Swap, at: datetime) -> None:
    ends = window_of(swap)
    if ends is None:
        raise Conflict("review.not_completed", current=swap)
    if at >= ends:
        raise Conflict("review.closed", current=swap, days=RATE_WITHIN.days)


def _with(review: Review, rating: Rating) -> Review:
    return replace(review, stars=rating.stars, praise=rating.praise, text=rating.text, note=rating.note)
