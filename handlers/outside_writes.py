"""Completion of profiles and swaps that other programs have written, such as Mongoose models of the contract: what
follows from such a write is added here. A ban written by another program begins the exit of that person.

The change stream tells which documents to look at; a process that begins, or has missed changes, looks at all. One
process does it, the one that holds the lease of the schedule.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from domain.swaps import STATUSES
from handlers.moderation import decided_keys
from handlers.outside_bans import begin_exit_of_banned
from handlers.runtime.change_feed import OUTSIDE_WORK, Change
from handlers.runtime.deps import Deps
from handlers.runtime.metrics import COMPLETED, LEFT, RECOGNISED
from handlers.swaps import complete_swap
from storage.mongodb.database import object_id
from storage.mongodb.skill_key_backfill import ALL_USERS, backfill_users

log = logging.getLogger(__name__)

MAX_WAITING: Final = 10_000
"""Documents that are remembered; when more have been written, all are looked at."""

MAX_TRIES: Final = 5


class OutsideWrites:
    """Documents that other programs have written, as this process has heard of them. Each process remembers them: any
    may be the next to hold the lease."""

    def __init__(self) -> None:
        self._users: set[str] = set()
        self._swaps: set[str] = set()
        self._all = True

    async def on_change(self, change: Change) -> None:
        """Remember what is to be completed."""
        if change.kind == "lost" or max(len(self._users), len(self._swaps)) >= MAX_WAITING:
            self._users.clear()
            self._swaps.clear()
            self._all = True
        if OUTSIDE_WORK in change.work and change.user is not None:
            self._users.add(change.user.id)
        elif change.written is not None:
            self._swaps.add(change.written.id)

    async def complete(self, deps: Deps) -> int:
        """Complete profiles and swaps; returns how many. A job: what an error has interrupted is done by the next
        run."""
        # Emptied first: what is written again meanwhile is to be looked at again.
        users, swaps, is_all = self._users, self._swaps, self._all
        self._users, self._swaps, self._all = set(), set(), False
        try:
            count = await _complete_users(deps, users, is_all=is_all) if users or is_all else 0
            count += await _begin_exits(deps, users, is_all=is_all)
            found = {swap_id async for swap_id in deps.store.swaps.list_incomplete()} if is_all else set()
            for swap_id in swaps | found:
                count += await _complete_swap(deps, swap_id)
        except BaseException:
            self._users |= users
            self._swaps |= swaps
            self._all |= is_all
            raise
        return count

    async def next_due(self, deps: Deps) -> datetime | None:
        """Return the time of the next run of `complete`: now while documents wait, else None."""
        return deps.now() if self._all or self._users or self._swaps else None


async def _complete_users(deps: Deps, user_ids: set[str], *, is_all: bool) -> int:
    """Write the derived fields of these profiles, or of all; returns how many were behind."""
    await deps.store.skills.load()
    ids = [oid for oid in map(object_id, user_ids) if oid]
    decided = decided_keys(deps, await deps.store.skills.unsettled())
    done = 0
    async for count in backfill_users(
        deps.store.database,
        deps.vocabulary,
        ALL_USERS if is_all else [{"_id": {"$in": ids}}],
        is_news=True,
        decided=set(decided.values()),
        skills=deps.store.skills,
    ):
        done += count
        deps.metrics.outside_write("users", COMPLETED, count)
    return done


async def _begin_exits(deps: Deps, user_ids: set[str], *, is_all: bool) -> int:
    """Begin the exits of those of these users, or of all, whom another program has banned; returns how many."""
    banned = await deps.store.standings.banned(None if is_all else user_ids)
    begun = sum([await begin_exit_of_banned(deps, user_id) for user_id in banned])
    deps.metrics.outside_write("users", RECOGNISED, begun)
    return begun


async def _complete_swap(deps: Deps, swap_id: str) -> bool:
    """Complete the transition of a swap, or leave what no user may do as it is. False when nothing was completed."""
    swap = await deps.store.swaps.find(swap_id)
    for _ in range(MAX_TRIES):
        if swap is None or swap.status == swap.known_status:
            return False
        if await complete_swap(deps, swap) is not None:
            deps.metrics.outside_write("swaps", RECOGNISED)
            return True
        now = await deps.store.swaps.find(swap_id)
        if now is None or (now.version, now.status) == (swap.version, swap.status):
            break
        swap = now
    if swap is not None:
        status = swap.status if swap.status in STATUSES else "another"
        log.warning(
            "swap %s was set from %s to %s by another program, and is left so", swap_id, swap.known_status, status
        )
        deps.metrics.outside_write("swaps", LEFT)
    return False
