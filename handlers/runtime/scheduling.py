"""The lease of the schedule."""

from __future__ import annotations

from datetime import timedelta

from handlers.runtime.deps import Deps
from handlers.runtime.workers import hold_lease

SCHEDULE = "schedule"
LEASE = timedelta(seconds=15)


async def hold_schedule(deps: Deps, holder: str) -> bool:
    """Take or keep the lease; its holder is the one process that runs scheduled jobs."""
    return await hold_lease(deps, SCHEDULE, holder, LEASE)


async def release_schedule(deps: Deps, holder: str) -> None:
    await deps.store.leases.release(SCHEDULE, holder)
