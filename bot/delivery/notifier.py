"""The notifier: claims deliveries to Telegram from the store, sends each once, and tries again until it has arrived.

The change stream and due times wake it. A crash between sending and marking may repeat one delivery; none is lost.
"""

from __future__ import annotations

import asyncio
import logging
import random

from telegram import Bot, ChatMember, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.delivery.notification_sender import NotificationSender
from bot.delivery.rate_limiter import RateLimiter, pause_asked_for
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
"""Seconds between two looks for due deliveries when neither a change nor a due time has woken the notifier."""

RETRY_AFTER = 1.0
"""Seconds until the next look when the last one failed, and the longest wait for the rate limiter."""

SEND_WITHIN = 25.0
"""Seconds for all that is sent of a delivery: less than its lease, so that no other worker gets it meanwhile."""

TOKEN_PAUSE = 60.0
MAX_OUTAGE_PAUSE = 5.0
FAIR_SECONDS = 2.0
"""A user who has just been sent something comes after all others for so long."""

STOP_WITHIN = 5.0
UNKNOWN_CHAT = ("chat not found", "user is deactivated", "user not found")


class Notifier:
    """Sends up to AT_ONCE deliveries at a time, one at a time to each person, in order.

    Only while `may_speak`: one process at a time talks to Telegram, for its limits count all of them together.
    """

    def __init__(
        self, bot: Bot, services: BotServices, rate_limiter: RateLimiter, *, worker: str, may_speak: asyncio.Event
    ) -> None:
        self._deps: Deps = services.deps
        self._sender = NotificationSender(bot, services, rate_limiter)
        self._rate_limiter = rate_limiter
        self._worker = worker
        self._may_speak = may_speak
        self._awake = asyncio.Event()
        self._task = BackgroundTask("notifier", self._run)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, float] = {}
        self._served: dict[str, float] = {}
        self._paused_until = 0.0
        self._failures = 0  # in a row, whoever they were for
        self.is_refused = False
        """Does Telegram refuse the bot's token? Then nothing is sent, and nothing is lost."""

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        """Finish the sends in hand, for a few seconds at most; what is cut off then is due again at once."""
        await self._task.stop()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def wake(self) -> None:
        self._awake.set()

    async def on_change(self, change: Change) -> None:
        """Wake up for a change that carries deliveries; called by the change feed."""
        if change.has_deliveries or change.kind == "lost":
            self.wake()

    async def _run(self) -> None:
        is_freed = False
        while True:
            self._awake.clear()
            try:
                if not self._may_speak.is_set():
                    is_freed = False
                    await self._may_speak.wait()
                if not is_freed:  # what a killed process held does not wait for its lease to end
                    await release_leases(self._deps)
                    is_freed = True
                pause = await self._start_sends()
            except DATABASE_ERRORS as error:
                log.warning("deliveries wait: %s", type(error).__name__)
                pause = RETRY_AFTER
            except Exception:  # a bug must not silence the bot
                log.exception("deliveries wait")
                pause = RETRY_AFTER
            await wait_until_set(self._awake, pause)

    async def _start_sends(self) -> float:
        """Start what can be started; returns the seconds until there may be more."""
        now = asyncio.get_running_loop().time()
        if (pause := max(self._paused_until - now, self._rate_limiter.pause_of_everybody())) > 0:
            return min(RETRY_AFTER, pause)
        self._resting = {person: until for person, until in self._resting.items() if until > now}
        while len(self._sending) < AT_ONCE:
            delivery = await self._claim(now)
            if delivery is None:
                pause = await seconds_until_due(self._deps, at_most=SWEEP_EVERY)
                soonest = min(self._resting.values(), default=now) - now
                return max(pause, min(soonest, RETRY_AFTER))  # what is due may be for a resting chat
            self._sending[delivery.to] = asyncio.create_task(self._deliver(delivery))
        return SWEEP_EVERY  # the next send that ends wakes us

    async def _claim(self, now: float) -> Delivery | None:
        """In a backlog all lines get shorter together: the longest one, which takes a second for each message, is not
        left for the end."""
        unable = {*self._sending, *self._resting}
        self._served = {person: at for person, at in self._served.items() if at > now - FAIR_SECONDS}
        if just_served := self._served.keys() - unable:
            delivery = await claim_delivery(self._deps, self._worker, unable | just_served)
            if delivery is not None:
                return delivery
        return await claim_delivery(self._deps, self._worker, unable)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._try(delivery)
        except asyncio.CancelledError:
            await self._put_back(delivery)
            raise
        except DATABASE_ERRORS as error:  # the lease runs out, and it is due again
            log.warning("delivery %s of %s waits: %s", delivery.event, delivery.source_id, type(error).__name__)
        except Exception as error:
            log.exception("delivery %s of %s failed", delivery.event, delivery.source_id)
            await self._fail(delivery, type(error).__name__)
        finally:
            del self._sending[delivery.to]
            self._let_rest(delivery.to)
            self.wake()

    def _let_rest(self, person_id: str) -> None:
        """A chat that has had its burst takes no more for a moment: meanwhile it is others' turn, not ours to wait."""
        now = self._served[person_id] = asyncio.get_running_loop().time()
        chat_id = self._sender.chats.pop(person_id, None)
        if chat_id is not None and (pause := self._rate_limiter.seconds_until_rest(chat_id)) > 0:
            self._resting[person_id] = max(now + pause, self._resting.get(person_id, 0.0))

    async def _try(self, delivery: Delivery) -> None:
        if await dead_letter_unknown(self._deps, delivery):
            return
        until = asyncio.get_running_loop().time() + SEND_WITHIN
        try:
            await self._send(delivery, until=until)
        except Postponed as held:
            await postpone_delivery(self._deps, delivery, held.seconds)
        except RetryAfter as error:
            await self._rest(delivery, pause_asked_for(error))
        except Forbidden:  # they have blocked the bot, or never started it
            await mark_unreachable(self._deps, delivery)
        except BadRequest as error:
            await self._try_plainly(delivery, error, until=until)
        except InvalidToken:
            log.error("Telegram refuses the bot's token, deliveries wait: check TELEGRAM_BOT_TOKEN")
            self.is_refused = True
            self._paused_until = asyncio.get_running_loop().time() + TOKEN_PAUSE
            await postpone_delivery(self._deps, delivery, TOKEN_PAUSE)
        except (TelegramError, TimeoutError) as error:
            await self._outlast(delivery, error)

    async def _send(self, delivery: Delivery, *, until: float, is_plain: bool = False) -> None:
        async with asyncio.timeout_at(until):
            is_sent = await self._sender.send(delivery, is_plain=is_plain)
        if is_sent:
            self._failures, self.is_refused = 0, False
        await finish_delivery(self._deps, delivery, is_sent=is_sent)

    async def _try_plainly(self, delivery: Delivery, error: BadRequest, *, until: float) -> None:
        """Telegram does not like what we sent: once more as bare text in what is left of the time, then never again."""
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
            await self._rest(delivery, pause_asked_for(again))
        except (TelegramError, TimeoutError) as again:
            await self._outlast(delivery, again)

    async def _rest(self, delivery: Delivery, seconds: float) -> None:
        """Telegram wants this chat left alone for a while: that is no failed attempt."""
        self._resting[delivery.to] = asyncio.get_running_loop().time() + seconds
        await postpone_delivery(self._deps, delivery, seconds)

    async def _outlast(self, delivery: Delivery, error: Exception) -> None:
        """Count a send that Telegram did not answer; after several in a row, try only now and then."""
        self._failures += 1
        if self._failures > 1:
            pause = min(MAX_OUTAGE_PAUSE, 2.0 ** (self._failures - 2)) * random.uniform(0.5, 1.0)
            self._paused_until = asyncio.get_running_loop().time() + pause
        log.warning("delivery %s of %s: %s", delivery.event, delivery.source_id, type(error).__name__)
        await self._fail(delivery, type(error).__name__, is_outage=True)

    async def _fail(self, delivery: Delivery, reason: str, *, is_outage: bool = False) -> None:
        if not await fail_delivery(self._deps, delivery, reason, is_outage=is_outage):
            log.error("delivery %s of %s is dead after its last try", delivery.event, delivery.source_id)

    async def _put_back(self, delivery: Delivery) -> None:
        try:
            await postpone_delivery(self._deps, delivery, 0)
        except DATABASE_ERRORS:
            return  # the lease runs out by itself


async def on_membership(update: Update, context: Context) -> None:
    """Note that a user has blocked the bot, or has let it in again."""
    change = update.my_chat_member
    if change is not None:
        is_gone = change.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
        await mark_reachable(context.deps, change.from_user.id, is_reachable=not is_gone)
