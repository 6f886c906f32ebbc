"""Scheduled jobs: one process runs them, another takes over when it stops, and a failed job is retried."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers.runtime.deps import Deps
from handlers.runtime.leases import SCHEDULE
from skillswap import schedule as schedule_module
from skillswap.schedule import Job, Schedule
from tests.waiting import eventually

OFTEN = timedelta(milliseconds=20)


async def until_longer(runs: list[str]) -> None:
    count = len(runs)
    await eventually(lambda: len(runs) > count)


async def test_one_process_runs_the_jobs_and_another_takes_over(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_module, "HOLD_EVERY", 0.02)
    monkeypatch.setattr(schedule_module, "RETRY_AFTER", 0.02)
    runs: dict[str, list[str]] = {"first": [], "second": []}

    def schedule(name: str) -> Schedule:
        async def job(deps: Deps) -> int:
            runs[name].append(name)
            if len(runs[name]) == 1:
                raise RuntimeError("once")
            return 1

        return Schedule(deps, worker=name, jobs=(Job("did %d", job, OFTEN),))

    first, second = schedule("first"), schedule("second")
    first.start()
    await until_longer(runs["first"])
    second.start()
    await until_longer(runs["first"])  # although it has failed before
    assert runs["second"] == []
    await first.stop()
    stopped = len(runs["first"])
    await until_longer(runs["second"])
    await second.stop()
    assert len(runs["first"]) == stopped


async def test_process_stopped_while_taking_the_lease_releases_it(deps: Deps) -> None:
    for attempt in range(20):
        stopped = Schedule(deps, worker="stopped", jobs=())
        stopped.start()
        await asyncio.sleep(attempt * 0.0003)
        await stopped.stop()
        assert await deps.store.leases.holder(SCHEDULE) is None
