"""Circles of three: listing possible ones, asking, joining, leaving. Nobody is bound before the last of the three
joins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.circle_candidates import MAX_RANKED, MAX_SHOWN
from domain.circle_views import CircleView, possible_view, view_of
from domain.circles import (
    MAX_RUNNING,
    circle_of,
    decline,
    end,
    fill,
    join,
    propose_circle,
    run_out,
    with_consent,
    without,
)
from domain.deliveries import Delivery
from domain.errors import Conflict, NotFound
from domain.events import CIRCLE_SEARCHING, SWAP_CARD_CHANGED, SWAP_PROPOSED, event_of_status
from domain.standing import ASK, READ_OTHERS
from domain.swaps import ACCEPTED, PROPOSED, Swap
from domain.users import User
from handlers.circle_closing import unavailable_users, with_slots
from handlers.circle_search import Possible, find_circles, find_replacements, wishes_without_room
from handlers.notifications import deliveries_to
from handlers.records import note_change
from handlers.request_facts import with_facts
from handlers.requests import insert_request
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.standing import require_right
from storage.mongodb.database import new_id
from storage.swaps import AlreadyPromised

MAX_TRIES = MAX_RUNNING + 2
"""Attempts at one transition when other requests are faster, in the circle or at one of the slots."""


@dataclass(frozen=True, slots=True)
class PossiblePage:
    """A page of the circles that a user could ask for: `before` are on earlier pages, `total` on all of them."""

    views: list[CircleView]
    before: int
    total: int

    @property
    def following(self) -> str | None:
        """Return what the next page is `after`; None on the last one."""
        return self.views[-1].id if self.views and self.before + len(self.views) < self.total else None


async def browse_possible(deps: Deps, actor: User, *, after: str | None = None, limit: int = MAX_SHOWN) -> PossiblePage:
    """Return a page of the circles that the actor could ask for, first those for wishes without a direct partner, then
    best first; their ids are for `ask_circle` only.

    `after` is the id of the last one shown; one that is not possible any more means the beginning. Raises TooMany.
    """
    await require_right(deps, actor, READ_OTHERS)
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    possible = await find_circles(deps, actor, limit=MAX_RANKED)
    names = [_alias(deps, found) for found in possible]
    start = names.index(after) + 1 if after in names else 0
    shown = possible[start : start + max(1, min(limit, MAX_RANKED))]
    return PossiblePage([view_possible(deps, found) for found in shown], start, len(possible))


def view_possible(deps: Deps, found: Possible) -> CircleView:
    """Return the view of a found circle for the user around whom it was found."""
    first, second, third = (part.teaches for part in found.parts)
    return possible_view(found.candidate, _alias(deps, found), found.people, (first, second, third))


def _alias(deps: Deps, found: Possible) -> str:
    """Return a name of the circle for its asker that reveals nothing of the other two."""
    return deps.session_tokens.alias(":".join((*found.candidate.people, *found.candidate.keys)))


async def ask_circle(deps: Deps, actor: User, alias: str) -> CircleView:
    """Ask the other two of a possible circle; they are notified, with first names.

    Raises NotFound (not possible any more), Conflict (asked for already), TooMany (the quota).
    """
    await require_right(deps, actor, ASK)
    deps.rates.take("search", actor.id, SEARCHES, at=deps.now())
    possible = await find_circles(deps, actor, limit=MAX_RANKED)
    found = next((each for each in possible if _alias(deps, each) == alias), None)
    if found is None:
        raise NotFound("circle.not_possible")
    circle = propose_circle(circle_id=new_id(), parts=found.parts, at=deps.now())

    async def require_room() -> None:
        if await wishes_without_room(deps, found.candidate.wishes):
            raise NotFound("circle.not_possible")

    if not await insert_request(deps, circle, require_room):
        raise Conflict("circle.asked_already")
    if await deps.store.blocks.pairs_among(
        circle.participants
    ):  # another request closed it at the same moment: this one never existed
        never = decline(circle, by=actor.id, at=deps.now())
        deliveries = await deliveries_to(deps, circle.others(actor.id), SWAP_CARD_CHANGED)
        await deps.store.swaps.replace(circle, never, deliveries)
        raise NotFound("circle.not_possible")
    return await _view(deps, circle, actor.id)


async def list_circles(deps: Deps, actor: User) -> list[CircleView]:
    """Return the actor's circles without those declined: all open ones, and past ones, newest first."""
    found = [*await deps.store.circles.list_open(actor.id), *await deps.store.circles.list_of(actor.id)]
    by_id = {swap.id: swap for swap in found if actor.id in swap.participants}
    circles = sorted(by_id.values(), key=lambda swap: swap.id, reverse=True)
    people = await deps.store.users.find_many({person for swap in circles for person in swap.participants})
    views = ((swap, view_of(swap, actor.id, people, deps.now())) for swap in circles)
    return [with_facts(deps, view, swap, actor.id, people) for swap, view in views if view is not None]


async def get_circle(deps: Deps, actor: User, circle_id: str) -> CircleView:
    """Return one of the actor's circles as they may see it. Raises NotFound."""
    return await _view(deps, await _find(deps, actor, circle_id), actor.id)


async def view_circle(deps: Deps, swap: Swap, viewer_id: str) -> CircleView | None:
    """Return a circle as this viewer may see it; None when it is not theirs."""
    people = await deps.store.users.find_many(swap.participants)
    view = view_of(swap, viewer_id, people, deps.now())
    return with_facts(deps, view, swap, viewer_id, people) if view is not None else None


async def join_circle(deps: Deps, actor: User, circle_id: str, *, version: int) -> CircleView:
    """Consent to a circle as of `version`; the last consent closes it, if all three are still free.

    A repeated call is no error. Raises NotFound, Conflict (`current` is the circle as it stands).
    """
    await require_right(deps, actor, ASK)
    for _ in range(MAX_TRIES):
        swap = await _find(deps, actor, circle_id)
        if actor.id not in swap.participants:
            raise Conflict("circle.changed", current=await _view(deps, swap, actor.id))
        if swap.status == ACCEPTED:
            return await _view(deps, swap, actor.id)
        async with _as_seen_by(deps, actor):
            after = join(swap, by=actor.id, version=version, at=deps.now())
        if after is swap:
            return await _view(deps, swap, actor.id)
        if after.status == ACCEPTED:
            out = await unavailable_users(deps, after)
            if not out:
                after, out = await with_slots(deps, after)
            if actor.id in out:
                raise Conflict(out[actor.id], current=await _view(deps, swap, actor.id))
            if out:
                gone = next(iter(out))
                after = without(with_consent(swap, actor.id), gone, event="taken", by=actor.id, at=deps.now())
        if await _move(deps, swap, after, actor.id):
            if after.status == ACCEPTED:
                await _release(deps, after)
            return await get_circle(deps, actor, circle_id)
    raise Conflict("circle.changed", current=await get_circle(deps, actor, circle_id))


async def decline_circle(deps: Deps, actor: User, circle_id: str) -> CircleView:
    """Decline a circle that is not closed; the consents of the others stand while a replacement is asked.

    A repeated call is no error. Raises NotFound, Conflict (it is closed or over).
    """
    return await _leave(deps, actor, circle_id, lambda swap: decline(swap, by=actor.id, at=deps.now()))


async def leave_circle(deps: Deps, actor: User, circle_id: str) -> CircleView:
    """Leave a circle: like `decline_circle` before it is closed; after that it ends for all three."""

    def left(swap: Swap) -> Swap:
        move = end if swap.status == ACCEPTED else decline
        return move(swap, by=actor.id, at=deps.now())

    return await _leave(deps, actor, circle_id, left)


async def _leave(deps: Deps, actor: User, circle_id: str, move: Callable[[Swap], Swap]) -> CircleView:
    for _ in range(MAX_TRIES):
        swap = await _find(deps, actor, circle_id)
        last = swap.history[-1]
        if actor.id in circle_of(swap).gone or (not swap.is_open and last.by == actor.id):
            return await _view(deps, swap, actor.id)
        async with _as_seen_by(deps, actor):
            after = move(swap)
        if await _move(deps, swap, after, actor.id):
            return await get_circle(deps, actor, circle_id)
    raise Conflict("circle.changed", current=await get_circle(deps, actor, circle_id))


@asynccontextmanager
async def _as_seen_by(deps: Deps, actor: User) -> AsyncIterator[None]:
    """Let a conflict carry the circle as this user may see it."""
    try:
        yield
    except Conflict as conflict:
        if isinstance(conflict.current, Swap):
            conflict.current = await _view(deps, conflict.current, actor.id)
        raise


async def _find(deps: Deps, actor: User, circle_id: str) -> Swap:
    swap = await deps.store.swaps.find(circle_id)
    if swap is None or swap.circle is None or actor.id not in (*swap.participants, *swap.circle.gone):
        raise NotFound("circle.not_found")
    return swap


async def _view(deps: Deps, swap: Swap, viewer_id: str) -> CircleView:
    view = await view_circle(deps, swap, viewer_id)
    if view is None:
        raise NotFound("circle.not_found")
    return view


async def _move(deps: Deps, before: Swap, after: Swap, actor_id: str) -> bool:
    """Write a transition with its deliveries; a new vacancy is filled at once if there is a replacement."""
    try:
        deliveries = await _deliveries_of(deps, before, after, actor_id)
        is_moved = await deps.store.swaps.replace(before, after, deliveries)
    except AlreadyPromised:
        return False
    if is_moved:
        await _note_replies(deps, before, after, actor_id)
    if is_moved and after.status == PROPOSED and after.is_vacant:
        await fill_place(deps, after)
    return is_moved


async def _note_replies(deps: Deps, before: Swap, after: Swap, actor_id: str) -> None:
    """Count the reply of an invited user, or that the time of those who have not replied is over."""
    await note_change(deps, before, after)
    silent = [person for person in before.participants if person not in before.consents]
    if before.status == PROPOSED and actor_id in silent:
        await deps.store.records.note_request(actor_id, is_answered=True)
    elif after.history[-1].event in ("unanswered", "expired"):
        for person in silent:
            await deps.store.records.note_request(person, is_answered=False)
            await deps.store.records.recount(person, at=deps.now())


async def _deliveries_of(deps: Deps, before: Swap, after: Swap, actor_id: str) -> list[Delivery]:
    """Return the deliveries of a transition: a notification for the others, and a silent card update for everybody
    else."""
    others = after.others(actor_id)
    rest = tuple({actor_id, *before.participants, *after.participants} - {*others, ""})
    event = _event_of(before, after)
    return [*await deliveries_to(deps, others, event), *await deliveries_to(deps, rest, SWAP_CARD_CHANGED)]


def _event_of(before: Swap, after: Swap) -> str:
    if after.status != PROPOSED:
        return event_of_status(after.status)
    is_first_search = circle_of(after).is_repaired and not circle_of(before).is_repaired
    return CIRCLE_SEARCHING if is_first_search else SWAP_CARD_CHANGED


async def _release(deps: Deps, closed: Swap) -> None:
    """Withdraw users who have just got their skill from the other circles in which they wait for it."""
    have = {tuple(promise.split(":", 1)) for promise in closed.promises}
    for swap in await deps.store.circles.waiting(closed.participants):
        for leg in swap.legs:
            if (leg.learner, leg.key) in have:
                # when another request was faster, the last join there finds out
                await _move(deps, swap, without(swap, leg.learner, event="taken", at=deps.now()), "")
                break


async def fill_place(deps: Deps, swap: Swap) -> bool:
    """Ask the best replacement to fill the vacancy; the user is notified like the others."""
    for part in (await find_replacements(deps, swap))[:MAX_TRIES]:
        after = fill(swap, part, at=deps.now())
        asked = await deliveries_to(deps, [part.user_id], SWAP_PROPOSED)
        cards = await deliveries_to(deps, swap.participants, SWAP_CARD_CHANGED)
        if await deps.store.swaps.replace(swap, after, [*asked, *cards]):
            return True
    return False


async def expire_due_circles(deps: Deps) -> int:
    """Go on without users who have not answered in time; may run twice at the same time. Returns how many circles
    moved."""
    now, moved = deps.now(), 0
    for swap in await deps.store.swaps.due(now, circles=True):
        moved += await _move(deps, swap, run_out(swap, at=now), "")
    return moved


async def fill_places(deps: Deps) -> int:
    """Look again for replacements, in turn: for vacancies that a crash has left, and among new users. Returns how many
    were filled."""
    return sum([await fill_place(deps, swap) for swap in await deps.store.circles.with_place(at=deps.now())])


async def withdraw_from_circles(deps: Deps, person: User, *, shared_with: str = "") -> None:
    """Withdraw a user from their circles, all or those with one user: running ones end, the others go on without
    them."""
    for _ in range(MAX_TRIES):
        mine = await deps.store.circles.list_open(person.id)
        open_ones = [swap for swap in mine if (shared_with or person.id) in swap.participants]
        if not open_ones:
            return
        for swap in open_ones:
            move = end if swap.status == ACCEPTED else decline
            await _move(deps, swap, move(swap, by=person.id, at=deps.now()), person.id)
