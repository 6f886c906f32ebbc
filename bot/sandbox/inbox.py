"""Updates for the bot: polled with getUpdates, or pushed to its webhook. Kept until they are confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import Any, Protocol

import aiohttp

from bot.sandbox.errors import ApiError
from bot.sandbox.model import Json

MAX_BATCH = 100
MAX_POLL_SECONDS = 50
REORDER_WINDOW = 0.5
"""Seconds for which an update to be reordered waits for a later one."""
RETRY_SECONDS = (0.1, 2, 4, 8, 16, 32, 60)
PUSH_TIMEOUT = 60
KEPT_SECONDS = 24 * 3600
NOT_BY_DEFAULT = ("chat_member", "message_reaction", "message_reaction_count")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


class Journal(Protocol):
    """The parts of the world that the inbox uses: settings, and durable storage of updates."""

    settings: Json

    def set_setting(self, name: str, value: Any) -> None: ...

    def keep(self, kind: str, key: Any, body: Any) -> None: ...

    async def commit(self) -> None: ...


class Inbox:
    """`stored`: update id → {chat, at, update}. Only published updates are delivered: those that are durable."""

    def __init__(self, world: Journal) -> None:
        self._world = world
        self.stored: dict[int, Json] = {}
        self._published: set[int] = set()
        self._news = asyncio.Event()
        self._poller = 0
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False
        self.duplicates = 0
        self.reorders = 0
        self.last_error: Json = {}
        self.waiting_polls = 0
        """Number of waiting getUpdates calls: two for an instant, when a newer one takes over."""

    def restore(self, update_id: int, body: Json) -> None:
        self.stored[update_id] = body

    def sort(self) -> None:
        """Publish all stored updates, after a restart."""
        self.stored = dict(sorted(self.stored.items()))
        self.publish(list(self.stored))

    def publish(self, update_ids: list[int]) -> None:
        if update_ids:
            self._published.update(update_ids)
            self._wake()
            self.push()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def wants(self, kind: str) -> bool:
        allowed = self._world.settings.get("allowed_updates")
        return kind in allowed if allowed else kind not in NOT_BY_DEFAULT

    def allow(self, kinds: list[str] | None) -> None:
        """Set the kinds of updates; None keeps the list, an empty one means the default kinds."""
        if kinds is not None and kinds != self._world.settings.get("allowed_updates"):
            self._world.set_setting("allowed_updates", kinds)

    def drop(self, update_ids: list[int]) -> None:
        for update_id in update_ids:
            self._published.discard(update_id)
            if self.stored.pop(update_id, None) is not None:
                self._world.keep("update", update_id, None)

    def drop_all(self) -> None:
        self.drop(list(self.stored))

    @property
    def waiting(self) -> list[int]:
        return [update_id for update_id in self.stored if update_id in self._published]

    # Polling

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Return the next updates, oldest first. A newer poll ends this one with 409, as Telegram does."""
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        self._poller += 1
        me = self._poller
        self._wake()
        self._confirm(offset)
        deadline = time.monotonic() + min(max(seconds, 0), MAX_POLL_SECONDS)
        while True:
            news = self._news
            batch = await self._batch(max(1, min(limit, MAX_BATCH)))
            if self._poller != me:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            left = deadline - time.monotonic()
            if batch or left <= 0 or self._is_closed:
                return batch
            self.waiting_polls += 1
            try:
                await asyncio.wait_for(news.wait(), left)
            except TimeoutError:
                continue
            finally:
                self.waiting_polls -= 1

    def _confirm(self, offset: int) -> None:
        self.drop([id_ for id_, kept in self.stored.items() if kept["at"] < time.time() - KEPT_SECONDS])
        if offset > 0:
            self.drop([id_ for id_ in self.waiting if id_ < offset])
        elif offset < 0:
            self.drop(self.waiting[:offset])

    async def _batch(self, limit: int) -> list[Json]:
        if self.reorders and len(self.waiting) == 1:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), REORDER_WINDOW)
        batch = [self.stored[update_id]["update"] for update_id in self.waiting[:limit]]
        if self.reorders and len(batch) > 1:
            self.reorders -= 1
            batch.reverse()
        if self.duplicates and batch:
            again = batch[: self.duplicates]
            self.duplicates -= len(again)
            batch = sorted(batch + again, key=batch.index)
        return batch

    # Webhook

    @property
    def webhook(self) -> Json | None:
        found: Json | None = self._world.settings.get("webhook")
        return found

    def push(self) -> None:
        """Start a delivery task for each chat with waiting updates: one update in flight per chat."""
        if not self.webhook or self._is_closed:
            return
        for update_id in self.waiting:
            chat = self.stored[update_id]["chat"]
            if chat not in self._lanes:
                self._lanes[chat] = asyncio.create_task(self._run_lane(chat), name=f"sandbox webhook {chat}")

    async def _run_lane(self, chat: int) -> None:
        try:
            while self.webhook and (update_id := self._next_of(chat)):
                if self.reorders:
                    self.reorders -= 1
                    await asyncio.sleep(REORDER_WINDOW)  # updates of other chats go first
                if await self._deliver(update_id):
                    self.drop([update_id])
                    await self._world.commit()
        finally:
            self._lanes.pop(chat, None)

    def _next_of(self, chat: int) -> int | None:
        return next((id_ for id_ in self.waiting if self.stored[id_]["chat"] == chat), None)

    async def _deliver(self, update_id: int) -> bool:
        """Post an update until the webhook accepts it. False when the update or the webhook is gone."""
        attempt = 0
        times = 1
        if self.duplicates:
            self.duplicates -= 1
            times = 2
        while times:
            if self.webhook is None or update_id not in self.stored:
                return False
            pause = await self._post(self.webhook, self.stored[update_id]["update"])
            if pause is None:
                times -= 1
                continue
            await asyncio.sleep(pause or RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1
        return True

    async def _post(self, webhook: Json, update: Json) -> float | None:
        """Post an update once. None when it was accepted; else the seconds to wait that the answer asks for, 0 for
        none."""
        if self._session is None:
            trust = await asyncio.to_thread(ssl.create_default_context)  # aiohttp's own may trust nobody
            if self._session is None:  # unless another delivery has opened it meanwhile
                self._session = aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=trust), timeout=aiohttp.ClientTimeout(PUSH_TIMEOUT)
                )
        headers = {SECRET_HEADER: webhook["secret_token"]} if webhook.get("secret_token") else {}
        try:
            async with self._session.post(
                webhook["url"], json=update, headers=headers, allow_redirects=False
            ) as response:
                if 200 <= response.status < 300:
                    return None
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                asked = response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError):
            reason, asked = "Connection failed", ""
        self.last_error = {"last_error_date": int(time.time()), "last_error_message": reason}
        return min(float(asked), 3600.0) if asked.isdigit() else 0

    async def stop_pushing(self) -> None:
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        self._lanes.clear()

    async def close(self) -> None:
        self._is_closed = True
        self._wake()
        await self.stop_pushing()
        if self._session is not None:
            await self._session.close()
            self._session = None
