"""The lease of the one process that runs scheduled jobs."""

from __future__ import annotations

from datetime import timedelta

from handlers.runtime.deps import Deps
from handlers.runtime.workers import hold_lease

SCHEDULE = "schedule"
LEASE = timedelta(seconds=15)


async def hold_schedule(deps: Deps, holder: str) -> bool:
    """Take or renew the lease. False while another process has it."""
    return await hold_lease(deps, SCHEDULE, holder, LEASE)


async def release_schedule(deps: Deps, holder: str) -> None:
    await deps.store.leases.release(SCHEDULE, holder)
