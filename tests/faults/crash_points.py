"""The service with a crash point, a mutant or a wrong clock built in: `python -m tests.faults.crash_points <role>`.

KILL_AT=K3:7        SIGKILL the seventh time that the point is passed:
    K1 an update is stored, not yet acknowledged     K2 a message is stored, its deliveries are not sent
    K3 a delivery is leased, not yet sent            K4 it is sent, not yet marked
    K5 inside a transaction, before its commit       K6 the photo host has the picture, the database has no record
    K7 a sign-in link is used, no session exists     K8 a write that tells of a swap, or marks it as told, is done
    K9 a rating is stored, nothing is told of it yet
    K10 a write is done that tells a reminder, or marks it, and changes nothing else
MUTANT=name         one of MUTANTS, which a check has to detect
CLOCK=-600          offset of the process's clock in seconds; SIGUSR1 makes it run FAST times as fast, until SIGUSR2
SLOW_FEED=0.02      seconds that handing on each change takes
JOBS_EVERY=2        period of the scheduled jobs in seconds

The product contains none of this: methods of its classes are wrapped before it starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

FAST = 20.0


def main() -> None:
    if name := os.environ.pop("MUTANT", ""):
        from tests.faults.mutants import MUTANTS

        MUTANTS[name]()
    if crash_point := os.environ.pop("KILL_AT", ""):
        point, _, number = crash_point.partition(":")
        _install(point, int(number or 1))
    if (seconds := os.environ.pop("CLOCK", "")) != "":
        _set_clock(float(seconds))
    if (seconds := os.environ.pop("JOBS_EVERY", "")) != "":
        _set_job_period(float(seconds))
    if (seconds := os.environ.pop("SLOW_FEED", "")) != "":
        _slow_feed(float(seconds))
    from skillswap.cli import main as run

    run()


def _slow_feed(seconds: float) -> None:
    from handlers.runtime.change_feed import ChangeFeed

    init = ChangeFeed.__init__

    async def linger(change: Any) -> None:
        await asyncio.sleep(seconds)

    def slow(self: Any, *arguments: Any) -> None:
        init(self, *arguments)
        self.subscribe(linger)

    ChangeFeed.__init__ = slow  # type: ignore[method-assign]


def _install(point: str, number: int) -> None:
    left = number

    def reached() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    _POINTS[point](reached)


def _k1(reached: Callable[[], None]) -> None:
    from storage.telegram_updates import TelegramUpdates

    _after(TelegramUpdates, "store", reached)


def _k2(reached: Callable[[], None]) -> None:
    from storage.messages import Messages

    _after(Messages, "append", reached)


def _k3(reached: Callable[[], None]) -> None:
    from storage.outbox import Outbox

    _after(Outbox, "claim", reached, when=lambda claimed: claimed is not None)


def _k4(reached: Callable[[], None]) -> None:
    from domain.deliveries import SENT
    from storage.outbox import Outbox

    _before(Outbox, "finish", reached, when=lambda *arguments: SENT in arguments)


def _k5(reached: Callable[[], None]) -> None:
    from storage.mongodb.database import Database

    original = Database.transaction

    async def transaction(self: Database, work: Any) -> Any:
        async def and_then(session: Any) -> Any:
            result = await work(session)
            reached()
            return result

        return await original(self, and_then)

    Database.transaction = transaction  # type: ignore[method-assign]


def _k6(reached: Callable[[], None]) -> None:
    from storage.media.cloudinary import CloudinaryAssets

    _after(CloudinaryAssets, "upload", reached)


def _k7(reached: Callable[[], None]) -> None:
    from storage.verification_tokens import VerificationTokens

    _after(VerificationTokens, "use", reached, when=bool)


def _k8(reached: Callable[[], None]) -> None:
    from storage.mongodb.guarded_collection import GuardedCollection

    for name in ("_write", "_write_all"):
        _after_telling(GuardedCollection, name, reached, _tells)


def _k10(reached: Callable[[], None]) -> None:
    from storage.mongodb.guarded_collection import GuardedCollection

    for name in ("_write", "_write_all"):
        _after_telling(GuardedCollection, name, reached, lambda request: _tells(request) and not _changes(request))


def _k9(reached: Callable[[], None]) -> None:
    from storage.reviews import Reviews

    _after(Reviews, "insert", reached, when=bool)


def _after_telling(owner: Any, name: str, reached: Callable[[], None], tells: Callable[[Any], bool]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    async def wrapped(self: Any, operation: str, requests: Any, options: Any) -> Any:
        result = await original(self, operation, requests, options)
        if self.name == "swaps" and any(map(tells, requests)):
            reached()
        return result

    setattr(owner, name, wrapped)


def _tells(request: Any) -> bool:
    """Return whether this argument of a write, or this request of a bulk, adds to the outbox or to what is told."""
    update = getattr(request, "_doc", request)
    if not isinstance(update, dict):
        return False
    return "outbox" in update.get("$push", {}) or any(name.startswith("told.") for name in update.get("$set", {}))


def _changes(request: Any) -> bool:
    """Return whether this argument of a write is a change of the swap, which adds to its history."""
    update = getattr(request, "_doc", request)
    return isinstance(update, dict) and "history" in update.get("$push", {})


_POINTS = {
    "K1": _k1,
    "K2": _k2,
    "K3": _k3,
    "K4": _k4,
    "K5": _k5,
    "K6": _k6,
    "K7": _k7,
    "K8": _k8,
    "K9": _k9,
    "K10": _k10,
}


def _after(owner: Any, name: str, reached: Callable[[], None], when: Callable[[Any], bool] = lambda _: True) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        result = await original(*arguments, **named)
        if when(result):
            reached()
        return result

    setattr(owner, name, wrapped)


def _before(owner: Any, name: str, reached: Callable[[], None], when: Callable[..., bool]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        if when(*arguments[1:], *named.values()):
            reached()
        return await original(*arguments, **named)

    setattr(owner, name, wrapped)


def _set_clock(seconds: float) -> None:
    """Set the clock of this process `seconds` off; signals make it run faster and normally again."""
    ahead, gained, fast_since = timedelta(seconds=seconds), 0.0, 0.0
    real_time = time.time

    def too_fast() -> timedelta:
        running = (time.monotonic() - fast_since) * (FAST - 1) if fast_since else 0.0
        return timedelta(seconds=gained + running)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + ahead + too_fast()

    def speed_up(*_: object) -> None:
        nonlocal fast_since
        fast_since = fast_since or time.monotonic()

    def slow_down(*_: object) -> None:
        nonlocal gained, fast_since
        gained, fast_since = too_fast().total_seconds(), 0.0

    signal.signal(signal.SIGUSR1, speed_up)
    signal.signal(signal.SIGUSR2, slow_down)
    time.time = lambda: real_time() + (ahead + too_fast()).total_seconds()
    for name in ("handlers.runtime.deps", "storage.media.photos", "storage.mongodb.clock"):
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            module.datetime = Wrong  # type: ignore[attr-defined]
    with contextlib.suppress(ImportError):
        clock = importlib.import_module("storage.mongodb.clock").ServerClock
        server_now = clock.now
        clock.now = lambda self: server_now(self) + too_fast() if self._base is not None else server_now(self)


def _set_job_period(seconds: float) -> None:
    """Set the period of the scheduled jobs."""
    from skillswap import schedule

    schedule.JOBS = tuple(replace(job, every=timedelta(seconds=seconds)) for job in schedule.JOBS)


if __name__ == "__main__":
    main()
