"""Updates from Telegram: stored before they are acknowledged, acted on once, in order within each chat.

python-telegram-bot by itself keeps received updates in memory and acknowledges them at once: a `kill -9` loses them.
So polling and processing are ours: one task stores and then moves the offset on, another takes what is stored to
`Application.process_update`. Only the process that holds the lease does either; another takes over when it dies.
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
from bot.errors import apologise, may_pass
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
    hold_intake,
    release_intake,
    start_attempt,
    store_update,
    waiting_updates,
)

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "inline_query"]
POLL_SECONDS = 25
LEASE_EVERY = 3.0
SWEEP_EVERY = 60.0
"""Seconds between two looks for stored updates when neither a change nor a retry has woken the worker."""
RETRY_AFTER = 1.0
"""Seconds until the next look when the database did not answer, or an update was not as it had been read."""
MAX_LANES = 16
MAX_PAUSE = 30.0
GIVE_UP_AFTER = 3600.0
"""Seconds: so long an update is tried again while Telegram takes no answer to it, and holds up its chat."""


class UpdateQueue:
    """`application` processes; `failures` is where its error handler reports an update that must be tried again."""

    def __init__(self, application: Any, deps: Deps, *, bot_id: int, worker: str, is_polling: bool) -> None:
        self._application = application
        self._deps = deps
        self._bot_id = bot_id
        self._worker = worker
        self.failures: dict[int, BaseException] = {}
        self.is_refused = False
        """Does Telegram refuse the bot's token?"""
        self._awake = asyncio.Event()
        self.holds = asyncio.Event()  # set while this process is the one that talks to Telegram
        self.on_lease: Callable[[], None] | None = None
        """Called whenever `holds` has been set or cleared by the lease."""
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._paused: dict[int, float] = {}
        self._failing: dict[int, tuple[float, int]] = {}  # lane -> since when, how often
        self._tasks = [BackgroundTask("update lease", self._hold_lease), BackgroundTask("updates", self._work)]
        if is_polling:
            self._tasks.append(BackgroundTask("polling", self._poll))

    def start(self) -> None:
        for task in self._tasks:
            task.start()

    async def stop(self) -> None:
        """Finish the updates in hand, take no more, and let another process take over at once."""
        await stop_all(*self._tasks)
        self.holds.clear()  # the chats in hand take no further update
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=5)
            for task in late:
                task.cancel()  # tried again by whoever comes next
            await asyncio.gather(*late, return_exceptions=True)
        # Also when it was not ours yet: stopped while asking for it, we may have been given it all the same.
        with contextlib.suppress(*DATABASE_ERRORS):  # the lease runs out by itself
            await release_intake(self._deps, self._bot_id, self._worker)

    async def on_change(self, change: Change) -> None:
        if change.kind in ("update", "lost"):
            self._awake.set()

    async def _hold_lease(self) -> None:
        while True:
            try:
                holds = await hold_intake(self._deps, self._bot_id, self._worker)
            except DATABASE_ERRORS:
                holds = False
            except Exception:  # a bug must not leave two processes acting
                log.exception("the lease on the updates of bot %s", self._bot_id)
                holds = False
            if holds and not self.holds.is_set():
                log.info("acting on the updates of bot %s", self._bot_id)
                self.holds.set()
                self._awake.set()
                self._report_lease()
            elif self.holds.is_set() and not holds:
                self.holds.clear()
                self._report_lease()
            await asyncio.sleep(LEASE_EVERY)

    def _report_lease(self) -> None:
        if self.on_lease is not None:
            self.on_lease()

    async def _poll(self) -> None:
        offset: int | None = None
        pause = 1.0
        while True:
            await self.holds.wait()
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
                log.error("Telegram refuses the bot's token: TELEGRAM_BOT_TOKEN")
                pause = MAX_PAUSE
                await asyncio.sleep(pause)
            except (TelegramError, *DATABASE_ERRORS) as error:
                wait = retry_after_seconds(error) if isinstance(error, RetryAfter) else pause
                why = "another process polls this bot" if isinstance(error, Conflict) else type(error).__name__
                log.warning("polling again in %.0f s: %s", wait, why)
                await asyncio.sleep(wait)
                pause = min(MAX_PAUSE, pause * 2)
            except Exception:  # a bug must not make the bot deaf
                log.exception("polling again in %.0f s", MAX_PAUSE)
                await asyncio.sleep(MAX_PAUSE)

    async def _work(self) -> None:
        while True:
            await self.holds.wait()
            self._awake.clear()
            try:
                await self._start_lanes()
            except DATABASE_ERRORS as error:
                log.warning("updates wait: %s", type(error).__name__)
                await asyncio.sleep(RETRY_AFTER)
                continue
            next_try = min(self._paused.values(), default=math.inf) - asyncio.get_running_loop().time()
            await wait_until_set(self._awake, min(SWEEP_EVERY, next_try))

    async def _start_lanes(self) -> None:
        """Start on what waits; a chat in hand, or one that waits for its next try, holds up no other."""
        while len(self._lanes) < MAX_LANES:
            now = asyncio.get_running_loop().time()
            self._paused = {lane: until for lane, until in self._paused.items() if until > now}
            updates = await waiting_updates(self._deps, self._bot_id, besides={*self._lanes, *self._paused})
            lanes: dict[int, list[StoredUpdate]] = defaultdict(list)
            for update in updates:
                lanes[update.lane].append(update)
            for lane, in_order in list(lanes.items())[: MAX_LANES - len(self._lanes)]:
                self._lanes[lane] = asyncio.create_task(self._act_in_order(lane, in_order))
            if len(updates) < PAGE:
                return

    async def _act_in_order(self, lane: int, updates: list[StoredUpdate]) -> None:
        pause = 0.0
        try:
            for update in updates:
                if not self.holds.is_set():
                    return  # another process goes on from here
                if pause := await self._act(update):
                    return
        except DATABASE_ERRORS as error:
            pause = RETRY_AFTER
            log.warning("updates of one chat wait: %s", type(error).__name__)
        except Exception:
            pause = RETRY_AFTER
            log.exception("updates of one chat wait")
        finally:
            if pause:
                self._paused[lane] = asyncio.get_running_loop().time() + pause
            del self._lanes[lane]
            self._awake.set()

    async def _act(self, stored: StoredUpdate) -> float:
        """Process one update. When it must be tried again before the later ones of its chat: in how many seconds."""
        if stored.attempts >= MAX_ATTEMPTS:
            log.error("update %s given up after %s attempts", stored.update_id, stored.attempts)
            await self._give_up(stored)
            return 0.0
        if not await self._start_attempt(stored):
            return RETRY_AFTER
        await self._application.process_update(Update.de_json(stored.body, self._application.bot))
        failure = self.failures.pop(stored.update_id, None)
        if failure is None:
            self._failing.pop(stored.lane, None)
            await finish_update(self._deps, stored)
            return 0.0
        pause = self._pause_after(stored.lane, failure) if may_pass(failure) else 0.0
        if not pause:
            self._failing.pop(stored.lane, None)
            await self._give_up(stored, is_answered=not may_pass(failure))
            return 0.0
        log.warning("update %s is tried again in %.0f s: %s", stored.update_id, pause, type(failure).__name__)
        await forgive_attempt(self._deps, stored)
        return pause

    async def _start_attempt(self, stored: StoredUpdate) -> bool:
        try:
            return await start_attempt(self._deps, stored)
        except DATABASE_ERRORS:  # it may be counted all the same
            with contextlib.suppress(*DATABASE_ERRORS):
                await forgive_attempt(self._deps, stored)
            raise

    async def _give_up(self, stored: StoredUpdate, *, is_answered: bool = False) -> None:
        """Keep it for an operator, and let its person know, so that they do not wait."""
        await dead_letter_update(self._deps, stored)
        if not is_answered and stored.lane > 0:
            with contextlib.suppress(TelegramError):
                await apologise(self._application, stored.lane, reference=f"{stored.update_id:x}")

    def _pause_after(self, lane: int, failure: BaseException) -> float:
        """Longer each time, or as Telegram asks for; 0 when it has been tried for long enough."""
        now = asyncio.get_running_loop().time()
        since, times = self._failing.get(lane, (now, 0))
        self._failing[lane] = since, times + 1
        if now - since > GIVE_UP_AFTER:
            return 0.0
        return retry_after_seconds(failure) if isinstance(failure, RetryAfter) else min(MAX_PAUSE, 2.0**times)
