"""The numbers of the navigation: what waits for a user, and the conversations with words that they have not read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.swaps import ACCEPTED, PENDING
from domain.talks import TALKS_ON, is_talk_open
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.waiting import Waiting, list_waiting


@dataclass(frozen=True, slots=True)
class Badges:
    """Contents of the badges: what waits for a user under Swaps, and the number of unread conversations."""

    waiting: Sequence[Waiting] = ()
    unread: int = 0


async def count_badges(deps: Deps, actor: User) -> Badges:
    """Return the numbers of the navigation."""
    waiting, unread = await asyncio.gather(list_waiting(deps, actor), count_unread_chats(deps, actor))
    return Badges(waiting, unread)


async def count_unread_chats(deps: Deps, actor: User) -> int:
    """Return the number of open conversations in which others have written what the actor has not read."""
    statuses = (ACCEPTED, PENDING, *TALKS_ON)
    swaps = await deps.store.swaps.list_of(actor.id, statuses=statuses, with_circles=True)
    talks = [swap.id for swap in swaps if is_talk_open(swap, deps.now())]
    if not talks:
        return 0
    newest = await deps.store.messages.newest_of(talks)
    marks = {mark.swap_id: mark.seq for mark in await deps.store.reads.list_of(newest) if mark.user_id == actor.id}
    above = {swap_id: last for swap_id, last in newest.items() if last.seq > marks.get(swap_id, 0)}
    certain = [swap_id for swap_id, last in above.items() if last.from_user_id != actor.id and not last.is_deleted]
    # Below a message of one's own, or a deleted one, there may be unread ones.
    doubtful = [swap_id for swap_id in above if swap_id not in certain]
    looked = await asyncio.gather(
        *(deps.store.messages.list_for(swap_id, actor.id, after=marks.get(swap_id, 0), limit=1) for swap_id in doubtful)
    )
    return len(certain) + sum(bool(found) for found in looked)
