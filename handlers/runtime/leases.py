"""Leases of processes: one process at a time does a job, and another takes over when it ends.

The lease of a delivery is another thing: see `storage/outbox.py`.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.runtime.deps import Deps
from handlers.runtime.workers import is_gone

SCHEDULE = "schedule"
LEASE = timedelta(seconds=15)


async def hold_lease(deps: Deps, name: str, worker: str, ttl: timedelta) -> bool:
    """Take or keep a named lease; one whose holder was killed on this machine is taken over at once."""
    if await deps.store.leases.hold(name, worker, ttl) is not None:
        return True
    holder = await deps.store.leases.holder(name)
    if holder is None or not is_gone(holder):
        return False
    await deps.store.leases.release(name, holder)
    return await deps.store.leases.hold(name, worker, ttl) is not None


async def hold_schedule(deps: Deps, holder: str) -> bool:
    """Take or keep the lease; its holder is the one process that runs scheduled jobs."""
    return await hold_lease(deps, SCHEDULE, holder, LEASE)


async def release_schedule(deps: Deps, holder: str) -> None:
    await deps.store.leases.release(SCHEDULE, holder)
