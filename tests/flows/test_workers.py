"""Several processes share one schedule: one of them runs the due jobs, and another takes over when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.records import Record
from domain.workers import parse_worker
from handlers.runtime.deps import Deps
from handlers.runtime.leases import SCHEDULE
from tests.factories import MakeSwap, MakeUser
from tests.service import ROOT
from tests.waiting import eventually

WORKER = """
import asyncio, sys
from datetime import timedelta

from handlers.swaps import expire_due_swaps
from handlers.runtime.workers import new_worker
from skillswap import schedule
from storage.mongodb.database import Database
from tests.factories import build_deps

async def main():
    schedule.HOLD_EVERY = 0.1
    database = await Database.open(sys.argv[1])
    jobs = (schedule.Job("expired %d", expire_due_swaps, timedelta(seconds=0.1)),)
    schedule.Schedule(await build_deps(database), worker=new_worker(), jobs=jobs).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def workers(database_uri: str) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Two processes that compete for the schedule."""
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, database_uri, cwd=ROOT) for _ in range(2)
    ]
    yield started
    for child in started:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def test_due_job_takes_effect_once_when_its_process_is_killed(
    deps: Deps, workers: list[asyncio.subprocess.Process], make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user(telegram_id=True, record=Record(swaps_held=1))  # may have more requests open
    swaps = [await make_swap(ada, await make_user(telegram_id=True, skills_offered=(f"Skill {n}",))) for n in range(6)]
    found = deps.store.database.collection("swaps")

    async def holder() -> str | None:
        return await deps.store.leases.holder(SCHEDULE)

    async def all_expired() -> bool:
        return bool(await found.count_documents({"status": "expired"}) == len(swaps))

    await eventually(holder, within=60)
    first = parse_worker(await holder() or "")
    assert first is not None
    assert first.pid in {child.pid for child in workers}
    await found.update_many({}, {"$set": {"due_at": deps.now() - timedelta(seconds=1)}})
    os.kill(first.pid, signal.SIGKILL)
    await eventually(all_expired, within=60)
    for swap in swaps:
        now = await deps.store.swaps.find(swap.id)
        assert now is not None
        assert [event.event for event in now.history] == ["proposed", "expired"]

    async def has_moved() -> bool:
        second = parse_worker(await holder() or "")
        return second is not None and second.pid != first.pid

    await eventually(has_moved, within=60)
