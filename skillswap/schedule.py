"""Scheduled jobs. Every process has a scheduler; only the one that holds the lease runs jobs.

A job is woken by the change stream, by the time at which its next work is due, or by its interval, which also finds
what a missed change left. Jobs find their work in the store, so a crash loses none: the next holder finds it there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from domain.swaps import MAX_PAGE
from handlers.alerts import end_due_alerts, look_for_alerts, next_alert_look
from handlers.applications import BATCH as APPLICATIONS_AT_ONCE
from handlers.applications import follow_up_applications, next_follow_up, settle_applications
from handlers.circle_news import look_for_circles, next_circle_look
from handlers.circles import expire_due_circles, fill_places
from handlers.exits import go_on_with_exits, lift_over_suspensions, next_exit_step, next_suspension_over
from handlers.half_made import remind_half_made
from handlers.moderation import next_settling, settle_skills
from handlers.outside_writes import OutsideWrites
from handlers.photos import reap_photos
from handlers.runtime.background import BackgroundTask, stop_all, wait_until_set
from handlers.runtime.change_feed import ALERT_WORK, CIRCLE_WORK, EXIT_WORK, OUTSIDE_WORK, SKILL_WORK, Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.leases import hold_schedule, release_schedule
from handlers.screening import next_words_due, settle_due_words
from handlers.skill_cards import show_skill_card
from handlers.swaps import expire_due_swaps
from handlers.timeline import do_due_steps, next_step_at
from storage.alerts import AT_ONCE as ALERTS_AT_ONCE

log = logging.getLogger(__name__)

HOLD_EVERY = 5.0
SPACING, SHORT_SPACING = 1.0, 0.1
"""Seconds between two runs of a job that changes wake one after the other; short where other jobs go on from there, or
users wait for the result."""

RETRY_AFTER = 10.0
"""Seconds until a job that failed runs again."""


@dataclass(frozen=True, slots=True)
class Job:
    """`run` returns how many documents it changed; `done` is the log line for that, with a %d.

    `every`: the longest pause between two runs. `work`: the kind of work (`Change.work`) whose appearance wakes it;
    without one it runs first after `every`, with one as soon as the lease is held. `next_due`: when it has work again
    as far as the store knows, asked after each run; None for not before something changes. `spacing`: seconds between
    two runs that changes wake one after the other. `batch`: how many documents a run changes at most; after as many it
    runs again at once, as after an outage of days or a move of the clock.
    """

    done: str
    run: Callable[[Deps], Awaitable[int]]
    every: timedelta
    work: str | None = None
    next_due: Callable[[Deps], Awaitable[datetime | None]] | None = None
    spacing: float = SPACING
    batch: int | None = None


JOBS: tuple[Job, ...] = (
    Job("expired %d swap requests", expire_due_swaps, timedelta(minutes=1), batch=MAX_PAGE),
    Job("did %d steps of running swaps", do_due_steps, timedelta(minutes=1), next_due=next_step_at),
    Job("expired %d circle invitations", expire_due_circles, timedelta(minutes=1), batch=MAX_PAGE),
    Job("invited %d users to complete a circle", fill_places, timedelta(minutes=5)),
    Job(
        "updated the skill keys of %d users, swaps and alerts",
        settle_skills,
        timedelta(minutes=2),
        SKILL_WORK,
        next_settling,
    ),
    Job("removed %d unused photos", reap_photos, timedelta(minutes=10)),
    Job("added %d users to alerts", look_for_alerts, timedelta(minutes=2), ALERT_WORK, next_alert_look, SHORT_SPACING),
    Job("notified %d users of possible circles", look_for_circles, timedelta(minutes=2), CIRCLE_WORK, next_circle_look),
    Job(
        "did %d steps for users on their way out",
        go_on_with_exits,
        timedelta(minutes=1),
        EXIT_WORK,
        next_exit_step,
        SHORT_SPACING,
    ),
    Job("lifted %d suspensions", lift_over_suspensions, timedelta(minutes=1), EXIT_WORK, next_suspension_over),
    Job("finished %d applications", settle_applications, timedelta(minutes=1)),
    Job(
        "followed up %d applications",
        follow_up_applications,
        timedelta(minutes=10),
        next_due=next_follow_up,
        batch=APPLICATIONS_AT_ONCE,
    ),
    Job("reminded %d users of a half-made profile", remind_half_made, timedelta(minutes=30)),
    Job("settled %d words of newcomers", settle_due_words, timedelta(minutes=1), next_due=next_words_due),
    Job("showed %d cards of skills without a name", show_skill_card, timedelta(minutes=5)),
    Job("ended %d alerts", end_due_alerts, timedelta(minutes=10), batch=ALERTS_AT_ONCE),
)


def outside_job(outside: OutsideWrites) -> Job:
    """Return the job that completes what this process has heard of."""
    return Job(
        "completed %d profiles and swaps that another program has written",
        outside.complete,
        timedelta(minutes=2),
        OUTSIDE_WORK,
        outside.next_due,
        SHORT_SPACING,
    )


class Schedule:
    """The jobs of one process: each a loop of its own, which runs while the process holds the lease."""

    def __init__(self, deps: Deps, *, worker: str, jobs: tuple[Job, ...] = JOBS) -> None:
        self._deps = deps
        self._worker = worker
        self._woken = {job: asyncio.Event() for job in jobs}
        self._holds = asyncio.Event()  # set while this process is the one that runs jobs
        self._tasks = [
            BackgroundTask("schedule lease", self._hold),
            *(BackgroundTask(f"job {job.run.__name__}", partial(self._repeat, job)) for job in jobs),
        ]
        self._is_started = False

    def start(self) -> None:
        self._is_started = True
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Cancel running jobs, and release the lease so that another process can take over at once."""
        await stop_all(*self._tasks)
        self._holds.clear()
        if self._is_started:
            # Also when the lease was not held yet: a request for it that was cancelled may have been granted.
            with contextlib.suppress(*DATABASE_ERRORS):  # the lease expires by itself
                await release_schedule(self._deps, self._worker)

    async def on_change(self, change: Change) -> None:
        """Wake the jobs that have work by this change; all of them when the clock was moved. In a process without the
        lease they run once it has it."""
        for job, woken in self._woken.items():
            if change.kind in ("lost", "clock") or job.work in change.work:
                woken.set()

    async def _hold(self) -> None:
        while True:
            try:
                holds = await hold_schedule(self._deps, self._worker)
            except DATABASE_ERRORS:
                holds = False
            if holds:
                self._holds.set()
            else:
                self._holds.clear()
            await asyncio.sleep(HOLD_EVERY)

    async def _repeat(self, job: Job) -> None:
        woken, every = self._woken[job], job.every.total_seconds()
        spacing = min(job.spacing, every)
        pause = every if job.work is None else 0.0
        while True:
            await wait_until_set(woken, pause)
            await self._holds.wait()
            woken.clear()
            pause = min(every, await self._run(job)) - spacing
            await asyncio.sleep(spacing)

    async def _run(self, job: Job) -> float:
        """Run it once; returns the seconds until it has work again, as far as is known."""
        try:
            count = await job.run(self._deps)
            if count:
                log.info(job.done, count)
            if job.batch is not None and count >= job.batch:
                return 0.0
            due_at = await job.next_due(self._deps) if job.next_due is not None else None
        except DATABASE_ERRORS as error:
            log.warning("job %s waits for the database: %s", job.run.__name__, type(error).__name__)
            return RETRY_AFTER
        except Exception:
            log.exception("job %s failed", job.run.__name__)
            return RETRY_AFTER
        return (due_at - self._deps.now()).total_seconds() if due_at is not None else job.every.total_seconds()
