"""Updates from Telegram: stored before they are acknowledged, acted on once, in order within each chat.

python-telegram-bot by itself keeps received updates in memory and acknowledges them at once: a `kill -9` loses them.
So polling and processing are ours: one task stores and then moves the offset on, another takes what is stored to
`Application.process_update`. Only the process that holds the lease does either; another takes over when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from handlers.changes import Change
from handlers.deps import DATABASE_ERRORS, Deps
from handlers.telegram_updates import (
    MAX_ATTEMPTS,
    StoredUpdate,
    bury_update,
    finish_update,
    hold_intake,
    release_intake,
    start_attempt,
    store_update,
    waiting_updates,
)

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
LEASE_EVERY = 3.0
LOOK_EVERY = 1.0
"""The store is looked at this often even when nothing has woken the worker: for retries, and for missed wake-ups."""
MAX_LANES = 16
MAX_PAUSE = 30.0


class Intake:
    """`application` processes; `failures` is where its error handler reports an update that must be tried again."""

    def __init__(self, application: Any, deps: Deps, *, bot_id: int, worker: str, is_polling: bool) -> None:
        self._application = application
        self._deps = deps
        self._bot_id = bot_id
        self._worker = worker
        self._is_polling = is_polling
        self.failures: dict[int, BaseException] = {}
        self._awake = asyncio.Event()
        self._holds = asyncio.Event()
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._paused: dict[int, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._hold_lease()), asyncio.create_task(self._work())]
        if self._is_polling:
            self._tasks.append(asyncio.create_task(self._poll()))

    async def stop(self) -> None:
        """Finish the updates in hand, take no more, and let another process take over at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=5)
            for task in late:
                task.cancel()  # tried again by whoever comes next
        if self._holds.is_set():
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
            if holds and not self._holds.is_set():
                log.info("acting on the updates of bot %s", self._bot_id)
                self._holds.set()
                self._awake.set()
            elif not holds:
                self._holds.clear()
            await asyncio.sleep(LEASE_EVERY)

    async def _poll(self) -> None:
        offset: int | None = None
        pause = 1.0
        while True:
            await self._holds.wait()
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
            except InvalidToken:
                log.error("Telegram refuses the bot's token: TELEGRAM_BOT_TOKEN")
                pause = MAX_PAUSE
                await asyncio.sleep(pause)
            except (TelegramError, *DATABASE_ERRORS) as error:
                wait = _seconds(error) if isinstance(error, RetryAfter) else pause
                why = "another process polls this bot" if isinstance(error, Conflict) else type(error).__name__
                log.warning("polling again in %.0f s: %s", wait, why)
                await asyncio.sleep(wait)
                pause = min(MAX_PAUSE, pause * 2)

    async def _work(self) -> None:
        while True:
            await self._holds.wait()
            self._awake.clear()
            try:
                await self._start_lanes()
            except DATABASE_ERRORS as error:
                log.warning("updates wait: %s", type(error).__name__)
                await asyncio.sleep(1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):  # wait_for would now and then swallow a cancellation
                    await self._awake.wait()

    async def _start_lanes(self) -> None:
        if len(self._lanes) >= MAX_LANES:
            return
        now = asyncio.get_running_loop().time()
        lanes: dict[int, list[StoredUpdate]] = defaultdict(list)
        for update in await waiting_updates(self._deps, self._bot_id):
            lanes[update.lane].append(update)
        for lane, updates in lanes.items():
            if lane in self._lanes or self._paused.get(lane, 0.0) > now:
                continue
            if len(self._lanes) >= MAX_LANES:
                return
            self._paused.pop(lane, None)
            self._lanes[lane] = asyncio.create_task(self._act_in_order(lane, updates))

    async def _act_in_order(self, lane: int, updates: list[StoredUpdate]) -> None:
        try:
            for update in updates:
                if not await self._act(update):
                    pause = min(MAX_PAUSE, 2.0**update.attempts)
                    self._paused[lane] = asyncio.get_running_loop().time() + pause
                    return
        except DATABASE_ERRORS as error:
            self._paused[lane] = asyncio.get_running_loop().time() + 1
            log.warning("updates of one chat wait: %s", type(error).__name__)
        finally:
            del self._lanes[lane]
            self._awake.set()

    async def _act(self, stored: StoredUpdate) -> bool:
        """Process one update. False when it must be tried again later, before the later ones of its chat."""
        if stored.attempts >= MAX_ATTEMPTS:
            log.error("update %s given up after %s attempts", stored.update_id, stored.attempts)
            await bury_update(self._deps, stored)
            return True
        await start_attempt(self._deps, stored)
        update = Update.de_json(stored.body, self._application.bot)
        await self._application.process_update(update)
        failure = self.failures.pop(stored.update_id, None)
        if failure is None:
            await finish_update(self._deps, stored)
            return True
        if isinstance(failure, (NetworkError, RetryAfter, *DATABASE_ERRORS)) and not isinstance(failure, BadRequest):
            log.warning("update %s will be tried again: %s", stored.update_id, type(failure).__name__)
            return False
        await bury_update(self._deps, stored)
        return True


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()
