"""Ratings after a swap: writing, declining, editing, answering, and reading those that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Conflict, NotFound
from domain.events import REVIEW_REVEALED
from domain.reviews import (
    Rating,
    Review,
    Seat,
    edited,
    is_visible,
    replied,
    seat_for,
    seats_of,
    window_of,
    written,
)
from domain.standing import ANSWER
from domain.swaps import COMPLETED, Swap
from domain.timeline import REVEAL, steps
from domain.timetable import RATE_WITHIN
from domain.users import DELETED, User
from handlers.notifications import deliveries_to
from handlers.records import count_records
from handlers.runtime.deps import Deps
from handlers.standing import require_moderator, require_right
from handlers.swaps import get_swap
from handlers.users import get_people, view_user
from storage.mongodb.database import new_id

MAX_PENDING = 50


@dataclass(frozen=True, slots=True)
class Pending:
    """A rating that somebody can still write: about whom, in which swap, until when."""

    swap: Swap
    seat: Seat
    until: datetime


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A rating that is shown; `author` is None for somebody who has left."""

    review: Review
    author: User | None


async def write_review(deps: Deps, actor: User, swap_id: str, about: str | None, rating: Rating | None) -> Review:
    """Rate a partner of a completed swap; with None, decide not to. What is written last shows both.

    Raises NotFound (who is to be rated has left, too), Forbidden (nobody they had a session with), Conflict (not
    complete, too late, written already).
    """
    await require_right(deps, actor, ANSWER)
    swap = await get_swap(deps, actor, swap_id)
    seat = seat_for(swap, actor.id, about)
    if rating is not None and not await _still_there(deps, [seat]):
        raise NotFound("user.not_found")
    known = await deps.store.reviews.list_of_swap(swap.id)
    review = written(swap, seat, rating, review_id=new_id(), all_written=known, at=deps.now())
    if not await deps.store.reviews.insert(review):
        raise Conflict("review.written")
    await reveal(deps, swap)
    return review


async def edit_review(deps: Deps, actor: User, review_id: str, rating: Rating) -> Review:
    """Write other words of a rating that is not shown yet. Raises NotFound, Conflict."""
    await require_right(deps, actor, ANSWER)
    review, swap, count = await _load(deps, review_id)
    after = edited(swap, review, rating, by=actor.id, count=count, at=deps.now())
    if not await deps.store.reviews.replace(review, after):
        raise Conflict("review.changed")
    return after


async def reply_to_review(deps: Deps, actor: User, review_id: str, text: str) -> Review:
    """Answer a rating of oneself, publicly and once. Raises NotFound, Invalid, Conflict."""
    await require_right(deps, actor, ANSWER)
    review, _, count = await _load(deps, review_id)
    after = replied(review, text, by=actor.id, count=count, at=deps.now())
    if after != review and not await deps.store.reviews.replace(review, after):
        raise Conflict("review.replied")
    return after


async def list_pending(deps: Deps, actor: User) -> list[Pending]:
    """Return what the actor can still rate, the most urgent first. Nobody rates whoever has left."""
    now = deps.now()
    swaps = await deps.store.swaps.completed_since(actor.id, now - RATE_WITHIN, limit=MAX_PENDING)
    done = {(one.swap_id, one.about) for one in await deps.store.reviews.list_written(actor.id, [s.id for s in swaps])}
    pending = [
        Pending(swap, seat, ends)
        for swap in swaps
        for seat in seats_of(swap)
        if seat.author == actor.id and (swap.id, seat.about) not in done and (ends := window_of(swap)) and now < ends
    ]
    there = await _still_there(deps, [one.seat for one in pending])
    return sorted((one for one in pending if one.seat in there), key=lambda one: one.until)


async def _still_there(deps: Deps, seats: Sequence[Seat]) -> list[Seat]:
    """Return those seats of which the one to be rated has not left."""
    people = await get_people(deps, tuple({seat.about for seat in seats}))
    return [seat for seat in seats if _still_here(people.get(seat.about)) is not None]


async def list_own(deps: Deps, actor: User, swap_id: str) -> list[tuple[Review, bool]]:
    """Return the ratings of one of the actor's swaps that they may read, each with whether it is shown to others: their
    own, and those that are shown."""
    swap = await get_swap(deps, actor, swap_id)
    all_written = await deps.store.reviews.list_of_swap(swap.id)
    shown = [(review, is_visible(review, len(all_written), deps.now())) for review in all_written]
    return [(review, is_shown) for review, is_shown in shown if review.author == actor.id or is_shown]


async def list_reviews(
    deps: Deps, actor: User, user_id: str, *, before: str | None = None, limit: int
) -> list[ShownReview]:
    """Return the shown ratings of a user whom the actor can see, newest first. Raises NotFound."""
    person = actor if actor.id == user_id else await view_user(deps, actor, user_id)
    reviews = await deps.store.reviews.list_shown(person.id, at=deps.now(), before=before, limit=limit)
    people = await get_people(deps, tuple({review.author for review in reviews}))
    return [ShownReview(review, _still_here(people.get(review.author))) for review in reviews]


async def is_shown(deps: Deps, review: Review) -> bool:
    """Return whether a rating is shown now."""
    return is_visible(review, len(await deps.store.reviews.list_of_swap(review.swap_id)), deps.now())


async def with_author(deps: Deps, review: Review) -> ShownReview:
    people = await get_people(deps, (review.author,))
    return ShownReview(review, _still_here(people.get(review.author)))


def _still_here(person: User | None) -> User | None:
    return person if person is not None and person.status != DELETED else None


async def list_notes(deps: Deps, actor: User) -> list[Review]:
    """Return the ratings with a line for the moderators, newest first. Raises Forbidden for anybody else."""
    require_moderator(actor)
    return await deps.store.reviews.list_notes()


async def unwritten(deps: Deps, swap: Swap) -> tuple[str, ...]:
    """Return the ids of those who can still rate somebody in a swap."""
    done = {(review.author, review.about) for review in await deps.store.reviews.list_of_swap(swap.id)}
    open_seats = [seat for seat in seats_of(swap) if (seat.author, seat.about) not in done]
    return tuple(dict.fromkeys(seat.author for seat in await _still_there(deps, open_seats)))


async def reveal(deps: Deps, swap: Swap) -> bool:
    """Tell everybody in a swap, once, that its ratings are shown, if they are; their records count them. False when
    they are not, or that was done."""
    all_written = await deps.store.reviews.list_of_swap(swap.id)
    now = deps.now()
    ends = window_of(swap)
    if ends is None or not (len(all_written) >= len(seats_of(swap)) or ends <= now):
        return False
    step = next(step for step in steps(swap) if step.kind == REVEAL)
    await count_records(deps, {review.about for review in all_written})
    people = swap.participants if any(not review.is_declined for review in all_written) else ()
    deliveries = await deliveries_to(deps, people, REVIEW_REVEALED)
    for _ in range(2):  # a reminder may have been marked since the swap was read
        current = await deps.store.swaps.find(swap.id)
        if current is None or step.key in current.told:
            return False
        keys = [each.key for each in steps(current) if each.group == step.group and each.key not in current.told]
        if await deps.store.swap_steps.mark_told(
            current, keys, deliveries, nudged=[], at=now, has_revealed=bool(people)
        ):
            return True
    return False


async def _load(deps: Deps, review_id: str) -> tuple[Review, Swap, int]:
    review = await deps.store.reviews.find(review_id)
    swap = await deps.store.swaps.find(review.swap_id) if review is not None else None
    if review is None or swap is None or swap.status != COMPLETED:
        raise NotFound("review.not_found")
    return review, swap, len(await deps.store.reviews.list_of_swap(swap.id))
