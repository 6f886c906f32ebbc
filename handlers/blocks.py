"""Blocks: two users do not see each other anywhere any more, and what was open between them ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.circle_views import YOU_LEARN, YOU_TEACH
from domain.errors import Conflict, Invalid, NotFound
from domain.standing import PROTECT
from domain.swaps import OPEN
from domain.users import DELETED, User, first_name
from handlers.circles import withdraw_from_circles
from handlers.records import note_change
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import PROFILES
from handlers.standing import require_right
from handlers.swap_news import news_of_status
from handlers.swaps import ended_without

MAX_BLOCKS: Final = 500
MAX_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A blocked user, and the time of the block. `id` is the block's own, "" where its author knows who it is: in a
    circle that is not closed they know a seat."""

    user: User
    at: datetime
    id: str = ""

    @property
    def reference(self) -> str:
        """Return the id by which its author names the block."""
        return self.id or self.user.id

    @property
    def name(self) -> str:
        """Return the name that its author may know."""
        return first_name(self.user) if self.id else self.user.name


async def block_user(deps: Deps, actor: User, user_id: str) -> Block:
    """Block a user. Open swaps and circles of the two end as if the actor had left them; the other user is notified of
    that and not of the block. A repeated call is no error, and completes what a crash has left open.

    Raises Invalid (the actor), NotFound (a user whom the actor cannot know of), Conflict (MAX_BLOCKS), TooMany.
    """
    await require_right(deps, actor, PROTECT)
    if user_id == actor.id:
        raise Invalid("block.yourself", field="id")
    return await block_person(deps, actor, await get_blockable(deps, actor, user_id))


async def block_seat(deps: Deps, actor: User, circle_id: str, seat: str) -> Block:
    """Block one of the other two in a circle; before all have joined, the actor knows a seat and no id.

    Raises NotFound, Conflict (MAX_BLOCKS).
    """
    return await block_person(deps, actor, await get_seated(deps, actor, circle_id, seat), circle_id=circle_id)


async def block_person(deps: Deps, actor: User, other: User, *, circle_id: str = "") -> Block:
    """Block a user whom the actor is known to know of, `circle_id` by their seat in this circle. Raises Conflict
    (MAX_BLOCKS)."""
    circle = await deps.store.swaps.find(circle_id) if circle_id else None
    is_unnamed = circle is not None and not circle.is_disclosed
    made = dict(await deps.store.blocks.made_by(actor.id, limit=MAX_BLOCKS))
    if other.id not in made and len(made) >= MAX_BLOCKS:
        raise Conflict("block.too_many", max=MAX_BLOCKS)
    at = made.setdefault(other.id, deps.now())
    await deps.store.blocks.add(actor.id, other.id, at=at, circle_id=circle_id if is_unnamed else "")
    await _end_between(deps, actor, other)
    unnamed = await deps.store.blocks.unnamed_by(actor.id, limit=MAX_BLOCKS)
    return Block(other, at, unnamed.get(other.id, ""))


async def unblock_user(deps: Deps, actor: User, reference: str) -> None:
    """Remove a block, named by its `reference`. Ended swaps stay ended; circles that become possible are reported.
    Raises NotFound without a block."""
    await require_right(deps, actor, PROTECT)
    if not await deps.store.blocks.remove(actor.id, reference):
        raise NotFound("block.not_found")
    await deps.store.circle_news.request_search(actor.id)


async def list_blocks(deps: Deps, actor: User) -> list[Block]:
    """Return the actor's blocks, newest first."""
    made = dict(await deps.store.blocks.made_by(actor.id, limit=MAX_BLOCKS))
    people = await deps.store.users.find_many(made)
    unnamed = await deps.store.blocks.unnamed_by(actor.id, limit=MAX_BLOCKS)
    blocks = [Block(people[one], at, unnamed.get(one, "")) for one, at in made.items() if one in people]
    return sorted(blocks, key=lambda block: block.at, reverse=True)


async def get_blockable(deps: Deps, actor: User, user_id: str) -> User:
    """Return a listed user, or one with whom the actor has had a swap. Raises NotFound, TooMany."""
    other = await deps.store.users.find(user_id)
    if other is None or other.status == DELETED:
        raise NotFound("user.not_found")
    deps.rates.take("profile", actor.id, PROFILES, at=deps.now())
    if not other.is_listed:
        shared = await deps.store.swaps.list_between(actor.id, other.id)
        if not any(swap.is_disclosed for swap in shared):
            raise NotFound("user.not_found")
    return other


async def get_seated(deps: Deps, actor: User, circle_id: str, seat: str) -> User:
    """Return the user in a seat of one of the actor's circles: YOU_LEARN is who teaches the actor, YOU_TEACH whom the
    actor teaches. Raises NotFound."""
    swap = await deps.store.swaps.find(circle_id)
    if swap is None or swap.circle is None or actor.id not in swap.participants:
        raise NotFound("circle.not_found")
    seated = {
        YOU_LEARN: next(leg.teacher for leg in swap.legs if leg.learner == actor.id),
        YOU_TEACH: next(leg.learner for leg in swap.legs if leg.teacher == actor.id),
    }
    user_id = seated.get(seat)
    other = await deps.store.users.find(user_id) if user_id else None
    if other is None or other.status == DELETED:
        raise NotFound("user.not_found")
    return other


async def end_with_blocked(deps: Deps, person: User) -> None:
    """End what is open between this user and everybody blocked in either direction: after a merge the survivor has the
    blocks of both profiles."""
    barred, met, before = await deps.store.blocks.users_barred_from(person.id), set[str](), None
    while barred and (
        page := await deps.store.swaps.list_of(person.id, statuses=OPEN, before=before, with_circles=True)
    ):
        met |= {other for swap in page for other in swap.participants if other in barred}
        before = page[-1].id
    for other in (await deps.store.users.find_many(met)).values():
        await _end_between(deps, person, other)


async def _end_between(deps: Deps, actor: User, other: User) -> None:
    for _ in range(MAX_TRIES):
        shared = await deps.store.swaps.list_between(actor.id, other.id)
        open_ones = [swap for swap in shared if swap.is_open and swap.circle is None]
        for swap in open_ones:  # one that is changed by another request meanwhile comes again in the next round
            ended = ended_without(actor, swap, deps.now())
            if await deps.store.swaps.replace(swap, ended, await news_of_status(deps, ended, actor.id)):
                await note_change(deps, swap, ended)
        if not open_ones:
            break
    await deps.store.swaps.part(actor.id, other.id)
    await withdraw_from_circles(deps, actor, shared_with=other.id)
