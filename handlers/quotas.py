"""Quotas of requests, see `domain.quotas`."""

from __future__ import annotations

import math

from domain.errors import TooMany
from domain.quotas import Quota, quota_of
from domain.users import User
from handlers.runtime.deps import Deps


async def get_quota(deps: Deps, actor: User) -> Quota:
    """Return how many requests the actor may have open, and how many wait for an answer now."""
    now = deps.now()
    return quota_of(actor, await deps.store.requests.places_taken(actor.id, at=now), now)


async def require_place(deps: Deps, asker_id: str) -> None:
    """Require that the user may make another request now. Raises TooMany; `quota` has the numbers."""
    asker = await deps.store.users.find(asker_id)
    if asker is None:
        return
    quota = await get_quota(deps, asker)
    if not quota.left:
        raise TooMany("swap.daily_limit", limit=quota.limit, quota=quota, retry_after=_seconds_left(deps, quota))


def _seconds_left(deps: Deps, quota: Quota) -> int:
    if quota.free_at is None:
        return 1
    return max(1, math.ceil((quota.free_at - deps.now()).total_seconds()))
