"""Scheduled jobs. Every process has a scheduler; only the one that holds the lease runs jobs.

Jobs are kept in memory and find their work in the store, so a crash loses none: the next holder finds what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from handlers.alerts import end_due_alerts, look_for_alerts
from handlers.circle_news import look_for_circles
from handlers.circles import expire_due_circles, fill_places
from handlers.moderation import settle_skills
from handlers.photos import reap_photos
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.scheduling import hold_schedule, release_schedule
from handlers.swaps import expire_due_swaps

log = logging.getLogger(__name__)

HOLD_EVERY = 5.0

Job = Callable[[Deps], Awaitable[int]]

JOBS: tuple[tuple[str, Job, timedelta], ...] = (
    ("expired %d swap requests nobody answered", expire_due_swaps, timedelta(minutes=1)),
    ("went on with %d circles without who did not answer", expire_due_circles, timedelta(minutes=1)),
    ("asked %d people to complete a circle", fill_places, timedelta(minutes=5)),
    ("gave %d people, swaps and alerts the new keys of their skills", settle_skills, timedelta(seconds=2)),
    ("removed %d photos nobody uses", reap_photos, timedelta(minutes=10)),
    ("found %d people for alerts", look_for_alerts, timedelta(seconds=10)),
    ("told %d people of circles that became possible", look_for_circles, timedelta(seconds=10)),
    ("ended %d alerts after their time", end_due_alerts, timedelta(minutes=10)),
)


class Schedule:
    def __init__(self, deps: Deps, *, worker: str, jobs: tuple[tuple[str, Job, timedelta], ...] = JOBS) -> None:
        self._deps = deps
        self._worker = worker
        self._jobs = jobs
        self._scheduler: Any = AsyncIOScheduler(timezone="UTC")
        self._task: asyncio.Task[None] | None = None
        self.is_holder = False

    def start(self) -> None:
        for words, job, every in self._jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=(words, job),
                seconds=every.total_seconds(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=3600,
            )
        self._scheduler.start(paused=True)
        self._task = asyncio.create_task(self._hold(), name="schedule lease")

    async def stop(self) -> None:
        """Stop, and release the lease so that another process can take over at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._scheduler.shutdown(wait=False)
            # Also when the lease was not held yet: a request for it that was cancelled may have been granted.
            with contextlib.suppress(*DATABASE_ERRORS):  # the lease expires by itself
                await release_schedule(self._deps, self._worker)
        self.is_holder = False

    async def _hold(self) -> None:
        while True:
            try:
                holds = await hold_schedule(self._deps, self._worker)
            except DATABASE_ERRORS:
                holds = False
            if holds and not self.is_holder:
                self._scheduler.resume()
            elif self.is_holder and not holds:
                self._scheduler.pause()
            self.is_holder = holds
            await asyncio.sleep(HOLD_EVERY)

    async def _run(self, words: str, job: Job) -> None:
        try:
            count = await job(self._deps)
        except DATABASE_ERRORS as error:
            log.warning("a scheduled job waits for the database: %s", type(error).__name__)
        except Exception:
            log.exception("a scheduled job failed")
        else:
            if count:
                log.info(words, count)
