"""Which process keeps the clock."""

from __future__ import annotations

from datetime import timedelta

from handlers.deps import Deps

SCHEDULE = "schedule"
LEASE = timedelta(seconds=15)


async def hold_schedule(deps: Deps, holder: str) -> bool:
    """Be, or stay, the one process that runs scheduled jobs."""
    return await deps.store.leases.hold(SCHEDULE, holder, LEASE) is not None


async def release_schedule(deps: Deps, holder: str) -> None:
    await deps.store.leases.release(SCHEDULE, holder)
