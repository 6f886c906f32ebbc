"""The update queue: updates are stored before they are acknowledged, processed once, and in order within each chat.

python-telegram-bot by itself keeps received updates in memory and acknowledges them at once: a `kill -9` loses them. So
polling and processing are ours: one task stores updates and then advances the offset, another passes stored updates to
`Application.process_update`. Only the process that holds the update lease does either; another takes over when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.delivery.rate_limiter import retry_after_seconds
from bot.errors import is_transient, send_failure_notice
from domain.errors import TooMany
from handlers.runtime.background import BackgroundTask, stop_all, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.telegram_updates import (
    MAX_ATTEMPTS,
    PAGE,
    StoredUpdate,
    dead_letter_update,
    finish_update,
    forgive_attempt,
    hold_update_lease,
    release_update_lease,
    start_attempt,
    store_update,
    waiting_updates,
)

log = logging.getLogger(__name__)

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "inline_query",
    "chat_member",  # never sent unless it is named
    "chat_join_request",
]
POLL_SECONDS = 25
RENEW_LEASE_EVERY = 3.0
SWEEP_EVERY = 60.0
"""Seconds between checks of the store when neither a change nor a retry has woken the worker."""
RETRY_AFTER = 1.0
"""Seconds until the next check when the database did not respond, or an update had changed since it was read."""
MAX_LANES = 16
MAX_PAUSE = 30.0
MAX_RETRY_SECONDS = 3600.0
"""Seconds for which an update is retried, and delays its chat, while Telegram does not accept an answer to it."""


class UpdateQueue:
    """Queue of Telegram's updates for `application`, whose error handler reports updates to be retried in
    `failures`."""

    def __init__(self, application: Any, deps: Deps, *, bot_id: int, worker: str, is_polling: bool) -> None:
        self._application = application
        self._deps = deps
        self._bot_id = bot_id
        self._worker = worker
        self.failures: dict[int, BaseException] = {}
        self.is_refused = False
        """Return whether Telegram has refused the bot's token."""
        self._awake = asyncio.Event()
        self.has_lease = asyncio.Event()  # set while this process holds the update lease
        self.on_lease: Callable[[], None] | None = None
        """Called whenever the lease has set or cleared `has_lease`."""
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._paused: dict[int, float] = {}
        self._failing: dict[int, tuple[float, int]] = {}  # lane -> (first failure, number of failures)
        self._tasks = [
            BackgroundTask("update lease", self._keep_lease),
            BackgroundTask("updates", self._process_updates),
        ]
        if is_polling:
            self._tasks.append(BackgroundTask("polling", self._poll))

    def start(self) -> None:
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Finish the updates in progress, start no others, and release the lease."""
        await stop_all(*self._tasks)
        self.has_lease.clear()  # lanes in progress start no further update
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=5)
            for task in late:
                task.cancel()  # retried by the next holder of the lease
            await asyncio.gather(*late, return_exceptions=True)
        # Also without the lease: a request for it that was cancelled may have been granted.
        with contextlib.suppress(*DATABASE_ERRORS):  # the lease expires by itself
            await release_update_lease(self._deps, self._bot_id, self._worker)

    async def on_change(self, change: Change) -> None:
        if change.kind in ("update", "lost"):
            self._awake.set()

    async def _keep_lease(self) -> None:
        while True:
            try:
                has_lease = await hold_update_lease(self._deps, self._bot_id, self._worker)
            except DATABASE_ERRORS:
                has_lease = False
            except Exception:  # a bug must not leave two processes handling updates
                log.exception("could not renew the update lease of bot %s", self._bot_id)
                has_lease = False
            if has_lease and not self.has_lease.is_set():
                log.info("acquired the update lease of bot %s", self._bot_id)
                self.has_lease.set()
                self._awake.set()
                self._report_lease()
            elif self.has_lease.is_set() and not has_lease:
                self.has_lease.clear()
                self._report_lease()
            await asyncio.sleep(RENEW_LEASE_EVERY)

    def _report_lease(self) -> None:
        if self.on_lease is not None:
            self.on_lease()

    async def _poll(self) -> None:
        offset: int | None = None
        pause = 1.0
        while True:
            await self.has_lease.wait()
            try:
                updates = await self._application.bot.get_updates(
                    offset=offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED_UPDATES
                )
                for update in updates:
                    await store_update(self._deps, self._bot_id, update.to_dict())
                if updates:
                    offset = updates[-1].update_id + 1
                    self._awake.set()
                pause = 1.0
                self.is_refused = False
            except InvalidToken:
                self.is_refused = True
                log.error("Telegram refused the bot's token: check TELEGRAM_BOT_TOKEN")
                pause = MAX_PAUSE
                await asyncio.sleep(pause)
            except (TelegramError, *DATABASE_ERRORS) as error:
                wait = retry_after_seconds(error) if isinstance(error, RetryAfter) else pause
                why = "another process polls this bot" if isinstance(error, Conflict) else type(error).__name__
                log.warning("polling failed, retrying in %.0f s: %s", wait, why)
                await asyncio.sleep(wait)
                pause = min(MAX_PAUSE, pause * 2)
            except Exception:  # a bug must not end polling
                log.exception("polling failed, retrying in %.0f s", MAX_PAUSE)
                await asyncio.sleep(MAX_PAUSE)

    async def _process_updates(self) -> None:
        while True:
            await self.has_lease.wait()
            self._awake.clear()
            try:
                await self._start_lanes()
            except DATABASE_ERRORS as error:
                log.warning("stored updates could not be read: %s", type(error).__name__)
                await asyncio.sleep(RETRY_AFTER)
                continue
            next_try = min(self._paused.values(), default=math.inf) - asyncio.get_running_loop().time()
            await wait_until_set(self._awake, min(SWEEP_EVERY, next_try))

    async def _start_lanes(self) -> None:
        """Start processing waiting updates; a lane that is in progress or paused does not delay the others."""
        while len(self._lanes) < MAX_LANES:
            now = asyncio.get_running_loop().time()
            self._paused = {lane: until for lane, until in self._paused.items() if until > now}
            updates = await waiting_updates(self._deps, self._bot_id, besides={*self._lanes, *self._paused})
            lanes: dict[int, list[StoredUpdate]] = defaultdict(list)
            for update in updates:
                lanes[update.lane].append(update)
            for lane, in_order in list(lanes.items())[: MAX_LANES - len(self._lanes)]:
                self._lanes[lane] = asyncio.create_task(self._process_lane(lane, in_order))
            if len(updates) < PAGE:
                return

    async def _process_lane(self, lane: int, updates: list[StoredUpdate]) -> None:
        pause = 0.0
        try:
            for update in updates:
                if not self.has_lease.is_set():
                    return  # another process continues from here
                if pause := await self._process(update):
                    return
        except DATABASE_ERRORS as error:
            pause = RETRY_AFTER
            log.warning("updates of a chat postponed: %s", type(error).__name__)
        except Exception:
            pause = RETRY_AFTER
            log.exception("updates of a chat postponed")
        finally:
            if pause:
                self._paused[lane] = asyncio.get_running_loop().time() + pause
            del self._lanes[lane]
            self._awake.set()

    async def _process(self, stored: StoredUpdate) -> float:
        """Process one update. Return the seconds until it must be retried, before later updates of its lane; 0 when
        done."""
        if stored.attempts >= MAX_ATTEMPTS:
            log.error("update %s dead-lettered after %s attempts", stored.update_id, stored.attempts)
            await self._dead_letter(stored)
            return 0.0
        if not await self._start_attempt(stored):
            return RETRY_AFTER
        await self._application.process_update(Update.de_json(stored.body, self._application.bot))
        failure = self.failures.pop(stored.update_id, None)
        if failure is None:
            self._failing.pop(stored.lane, None)
            await finish_update(self._deps, stored)
            return 0.0
        may_retry = is_transient(failure) or isinstance(failure, TooMany)
        pause = self._pause_after(stored.lane, failure) if may_retry else 0.0
        if not pause:
            self._failing.pop(stored.lane, None)
            await self._dead_letter(stored, is_answered=not may_retry)
            return 0.0
        level = logging.DEBUG if isinstance(failure, TooMany) else logging.WARNING
        log.log(level, "update %s failed, retrying in %.0f s: %s", stored.update_id, pause, type(failure).__name__)
        await forgive_attempt(self._deps, stored)
        return pause

    async def _start_attempt(self, stored: StoredUpdate) -> bool:
        try:
            return await start_attempt(self._deps, stored)
        except DATABASE_ERRORS:  # the attempt may have been counted all the same
            with contextlib.suppress(*DATABASE_ERRORS):
                await forgive_attempt(self._deps, stored)
            raise

    async def _dead_letter(self, stored: StoredUpdate, *, is_answered: bool = False) -> None:
        """Dead-letter an update and tell its sender, unless they have been answered."""
        await dead_letter_update(self._deps, stored)
        if not is_answered and stored.lane > 0:
            with contextlib.suppress(TelegramError):
                await send_failure_notice(self._application, stored.lane, reference=f"{stored.update_id:x}")

    def _pause_after(self, lane: int, failure: BaseException) -> float:
        """Return the seconds until the next attempt: doubled each time, or as Telegram or the rate limit asks; 0 after
        the last one."""
        now = asyncio.get_running_loop().time()
        since, times = self._failing.get(lane, (now, 0))
        self._failing[lane] = since, times + 1
        if now - since > MAX_RETRY_SECONDS:
            return 0.0
        if isinstance(failure, TooMany):  # one of many messages at once: the others of its chat wait behind it
            return min(MAX_PAUSE, float(failure.retry_after or 1))
        return retry_after_seconds(failure) if isinstance(failure, RetryAfter) else min(MAX_PAUSE, 2.0**times)
