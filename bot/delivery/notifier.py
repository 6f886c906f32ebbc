"""The notifier: claims deliveries to Telegram from the store, sends each once, and retries until it has arrived.

The change stream and due times wake it. A crash between sending and marking may repeat one delivery; none is lost.
"""

from __future__ import annotations

import asyncio
import logging
import random

from telegram import Bot, ChatMember, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.delivery.notification_sender import NotificationSender
from bot.delivery.rate_limiter import RateLimiter, retry_after_seconds
from bot.delivery.telegram_channel import Postponed
from bot.updates.context import BotServices, Context
from domain.deliveries import Delivery
from handlers.notifications import (
    claim_delivery,
    dead_letter,
    dead_letter_unknown,
    fail_delivery,
    finish_delivery,
    mark_reachable,
    mark_unreachable,
    postpone_delivery,
    release_leases,
    seconds_until_due,
)
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps

log = logging.getLogger(__name__)

AT_ONCE = 8
SWEEP_EVERY = 30.0
"""Seconds between two queries for due deliveries when neither a change nor a due time has woken the notifier."""

RETRY_AFTER = 1.0
"""Seconds until the next query when the last one failed, and the longest wait for the rate limiter."""

SEND_WITHIN = 25.0
"""Time limit in seconds for all sends of a delivery: less than its lease, so that no other worker claims it
meanwhile."""

TOKEN_PAUSE = 60.0
MAX_OUTAGE_PAUSE = 5.0
FAIR_SECONDS = 2.0
"""Seconds for which a user who has just been sent something comes after all others."""

STOP_WITHIN = 5.0
UNKNOWN_CHAT = ("chat not found", "user is deactivated", "user not found")


class Notifier:
    """Sends up to AT_ONCE deliveries concurrently, one at a time to each user, in order.

    Runs only while `holds_lease` is set: one process at a time sends to Telegram, whose limits apply to all of them
    together.
    """

    def __init__(
        self, bot: Bot, services: BotServices, rate_limiter: RateLimiter, *, worker: str, holds_lease: asyncio.Event
    ) -> None:
        self._deps: Deps = services.deps
        self._sender = NotificationSender(bot, services, rate_limiter)
        self._rate_limiter = rate_limiter
        self._worker = worker
        self._holds_lease = holds_lease
        self._awake = asyncio.Event()
        self._task = BackgroundTask("notifier", self._run)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._paused_chats: dict[str, float] = {}
        self._served: dict[str, float] = {}
        self._paused_until = 0.0
        self._failures = 0  # consecutive ones, to any chat
        self.is_refused = False
        """True while Telegram rejects the bot's token: nothing is sent, and nothing is lost."""

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        """Finish running sends, for a few seconds at most; cancelled ones are due again at once."""
        await self._task.stop()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def wake(self) -> None:
        self._awake.set()

    async def on_change(self, change: Change) -> None:
        """Wake up for a change that carries deliveries, or makes them due; called by the change feed."""
        if change.has_deliveries or change.kind in ("lost", "clock"):
            self.wake()

    async def _run(self) -> None:
        is_released = False
        while True:
            self._awake.clear()
            try:
                if not self._holds_lease.is_set():
                    is_released = False
                    await self._holds_lease.wait()
                if not is_released:  # deliveries claimed by a killed process do not wait for the end of their leases
                    await release_leases(self._deps)
                    is_released = True
                pause = await self._start_sends()
            except DATABASE_ERRORS as error:
                log.warning("deliveries wait: %s", type(error).__name__)
                pause = RETRY_AFTER
            except Exception:  # a bug must not stop the notifier
                log.exception("deliveries wait")
                pause = RETRY_AFTER
            await wait_until_set(self._awake, pause)

    async def _start_sends(self) -> float:
        """Start as many sends as possible; returns the seconds until more may be possible."""
        now = asyncio.get_running_loop().time()
        if (pause := max(self._paused_until - now, self._rate_limiter.global_pause())) > 0:
            return min(RETRY_AFTER, pause)
        self._paused_chats = {person: until for person, until in self._paused_chats.items() if until > now}
        while len(self._sending) < AT_ONCE:
            delivery = await self._claim(now)
            if delivery is None:
                pause = await seconds_until_due(self._deps, at_most=SWEEP_EVERY)
                soonest = min(self._paused_chats.values(), default=now) - now
                return max(pause, min(soonest, RETRY_AFTER))  # the due delivery may be for a paused chat
            self._sending[delivery.to] = asyncio.create_task(self._deliver(delivery))
        return SWEEP_EVERY  # the next send that ends wakes the notifier

    async def _claim(self, now: float) -> Delivery | None:
        """Claim a delivery, for users not served just now first, so that a backlog shrinks evenly: the longest queue,
        which takes a second for each message, is not left for the end."""
        excluded = {*self._sending, *self._paused_chats}
        self._served = {person: at for person, at in self._served.items() if at > now - FAIR_SECONDS}
        if just_served := self._served.keys() - excluded:
            delivery = await claim_delivery(self._deps, self._worker, excluded | just_served)
            if delivery is not None:
                return delivery
        return await claim_delivery(self._deps, self._worker, excluded)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._try(delivery)
        except asyncio.CancelledError:
            await self._requeue(delivery)
            raise
        except DATABASE_ERRORS as error:  # the lease runs out, and it is due again
            log.warning("delivery %s of %s waits: %s", delivery.event, delivery.source_id, type(error).__name__)
        except Exception as error:
            log.exception("delivery %s of %s failed", delivery.event, delivery.source_id)
            await self._fail(delivery, type(error).__name__)
        finally:
            del self._sending[delivery.to]
            self._note_served(delivery.to)
            self.wake()

    def _note_served(self, person_id: str) -> None:
        """Pause a chat that has used up its burst, so that sends to other chats are started meanwhile."""
        now = self._served[person_id] = asyncio.get_running_loop().time()
        chat_id = self._sender.chats.pop(person_id, None)
        if chat_id is not None and (pause := self._rate_limiter.relay_delay(chat_id)) > 0:
            self._paused_chats[person_id] = max(now + pause, self._paused_chats.get(person_id, 0.0))

    async def _try(self, delivery: Delivery) -> None:
        if await dead_letter_unknown(self._deps, delivery):
            return
        until = asyncio.get_running_loop().time() + SEND_WITHIN
        try:
            await self._send(delivery, until=until)
        except Postponed as postponed:
            await postpone_delivery(self._deps, delivery, postponed.seconds)
        except RetryAfter as error:
            await self._pause_chat(delivery, retry_after_seconds(error))
        except Forbidden:  # the user has blocked the bot, or never started it
            await mark_unreachable(self._deps, delivery)
        except BadRequest as error:
            await self._try_plainly(delivery, error, until=until)
        except InvalidToken:
            log.error("Telegram refuses the bot's token, deliveries wait: check TELEGRAM_BOT_TOKEN")
            self.is_refused = True
            self._paused_until = asyncio.get_running_loop().time() + TOKEN_PAUSE
            await postpone_delivery(self._deps, delivery, TOKEN_PAUSE)
        except (TelegramError, TimeoutError) as error:
            await self._record_outage(delivery, error)

    async def _send(self, delivery: Delivery, *, until: float, is_plain: bool = False) -> None:
        async with asyncio.timeout_at(until):
            is_sent = await self._sender.send(delivery, is_plain=is_plain)
        if is_sent:
            self._failures, self.is_refused = 0, False
        await finish_delivery(self._deps, delivery, is_sent=is_sent)

    async def _try_plainly(self, delivery: Delivery, error: BadRequest, *, until: float) -> None:
        """Retry a rejected delivery once as plain text in the remaining time; a second rejection dead-letters it."""
        if any(words in error.message.casefold() for words in UNKNOWN_CHAT):
            await mark_unreachable(self._deps, delivery)
            return
        log.warning("delivery %s of %s refused, trying plain text", delivery.event, delivery.source_id)
        try:
            await self._send(delivery, until=until, is_plain=True)
        except BadRequest:
            log.error("delivery %s of %s can never arrive", delivery.event, delivery.source_id)
            await dead_letter(self._deps, delivery, "refused by Telegram")
        except Forbidden:
            await mark_unreachable(self._deps, delivery)
        except RetryAfter as again:
            await self._pause_chat(delivery, retry_after_seconds(again))
        except (TelegramError, TimeoutError) as again:
            await self._record_outage(delivery, again)

    async def _pause_chat(self, delivery: Delivery, seconds: float) -> None:
        """Pause a chat as Telegram asks; this does not count as an attempt."""
        self._paused_chats[delivery.to] = asyncio.get_running_loop().time() + seconds
        await postpone_delivery(self._deps, delivery, seconds)

    async def _record_outage(self, delivery: Delivery, error: Exception) -> None:
        """Count a send that Telegram did not answer; after several in a row, pause all sends, longer each time."""
        self._failures += 1
        if self._failures > 1:
            pause = min(MAX_OUTAGE_PAUSE, 2.0 ** (self._failures - 2)) * random.uniform(0.5, 1.0)
            self._paused_until = asyncio.get_running_loop().time() + pause
        log.warning("delivery %s of %s: %s", delivery.event, delivery.source_id, type(error).__name__)
        await self._fail(delivery, type(error).__name__, is_outage=True)

    async def _fail(self, delivery: Delivery, reason: str, *, is_outage: bool = False) -> None:
        if not await fail_delivery(self._deps, delivery, reason, is_outage=is_outage):
            log.error("delivery %s of %s is dead after its last try", delivery.event, delivery.source_id)

    async def _requeue(self, delivery: Delivery) -> None:
        try:
            await postpone_delivery(self._deps, delivery, 0)
        except DATABASE_ERRORS:
            return  # the lease runs out by itself


async def on_membership(update: Update, context: Context) -> None:
    """Record that a user has blocked or unblocked the bot."""
    change = update.my_chat_member
    if change is not None and change.chat.type == ChatType.PRIVATE:
        is_gone = change.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
        await mark_reachable(context.deps, change.from_user.id, is_reachable=not is_gone)
