"""Telling people: what is told rides in the write of what happened; workers claim and send it from there."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from handlers.deps import Deps
from handlers.workers import is_gone
from skillswap.domain.deliveries import DEAD, MAX_ATTEMPTS, SENT, SKIPPED, Delivery, backoff, deliveries_for
from skillswap.domain.messages import Copy, Message
from skillswap.domain.swaps import Card, Swap
from skillswap.domain.users import User

MIN_WAIT = 0.3
"""Seconds: what is due and cannot be claimed waits for something on its way, whose end wakes the worker anyway."""


async def tell(deps: Deps, user_ids: Iterable[str], event: str, *, at: datetime | None = None) -> list[Delivery]:
    """The deliveries of one event to those people, now or at that time; to be written with what they tell about."""
    people = [await deps.store.users.find_recent(user_id) for user_id in user_ids]
    return deliveries_for((user for user in people if user is not None), event, at or deps.now())


async def claim_delivery(deps: Deps, worker: str, busy: set[str]) -> Delivery | None:
    """The next delivery that is due, leased to this worker; nobody in `busy` (user ids) gets a second one at a time."""
    return await deps.store.outbox.claim(worker, now=deps.now(), busy=busy)


async def free_deliveries(deps: Deps) -> int:
    """Make due what processes of this machine held that have been killed; returns how many."""
    return await deps.store.outbox.free(is_gone, now=deps.now())


async def seconds_until_due(deps: Deps, *, at_most: float) -> float:
    """How long a worker may sleep before the next delivery is due, but a moment: one that is due may have to wait."""
    due_at = await deps.store.outbox.next_due()
    return at_most if due_at is None else min(at_most, max(MIN_WAIT, (due_at - deps.now()).total_seconds()))


async def finish_delivery(deps: Deps, delivery: Delivery, *, is_sent: bool) -> None:
    """It has arrived, or there is nobody any more for whom it makes sense."""
    await deps.store.outbox.finish(delivery, SENT if is_sent else SKIPPED)


async def fail_delivery(deps: Deps, delivery: Delivery) -> bool:
    """It did not arrive: try again later, longer each time. False when that was the last try, and it is dead."""
    if delivery.attempts >= MAX_ATTEMPTS:
        await deps.store.outbox.finish(delivery, DEAD)
        return False
    due_at = deps.now() + backoff(delivery.attempts, random.random())
    await deps.store.outbox.retry(delivery, due_at=due_at)
    return True


async def postpone_delivery(deps: Deps, delivery: Delivery, seconds: float) -> None:
    """Telegram asked for a pause, or the worker is stopping: that is no failed attempt."""
    await deps.store.outbox.retry(delivery, due_at=deps.now() + timedelta(seconds=seconds), is_attempt=False)


async def bury_delivery(deps: Deps, delivery: Delivery) -> None:
    """It can never arrive."""
    await deps.store.outbox.finish(delivery, DEAD)


async def count_deliveries(deps: Deps) -> dict[str, int]:
    """How many messages and swaps have deliveries in each state that matters to an operator."""
    return await deps.store.outbox.counts()


async def load_subject(deps: Deps, delivery: Delivery) -> tuple[User | None, Swap | None, Message | None]:
    """Who is told, and the swap and message (for a message) that it is about, as they stand now."""
    person = await deps.store.users.find(delivery.to)
    if delivery.source == "messages":
        message = await deps.store.messages.find(delivery.source_id)
        swap = await deps.store.swaps.find(message.swap_id) if message else None
        return person, swap, message
    return person, await deps.store.swaps.find(delivery.source_id), None


async def remember_card(deps: Deps, swap_id: str, user_id: str, chat_id: int, message_id: int) -> None:
    """Where a person's card of this swap stands, so that it can be edited to the new state later."""
    await deps.store.swaps.remember_card(swap_id, Card(user_id, chat_id, message_id))


async def remember_copy(deps: Deps, message_id: str, user_id: str, chat_id: int, telegram_message_id: int) -> None:
    """Where a relayed copy stands, so that a reply to it finds its swap."""
    await deps.store.messages.remember_copy(message_id, Copy(user_id, chat_id, telegram_message_id))


async def find_copy(deps: Deps, message: Message, user_id: str) -> int | None:
    """The Telegram id, in that person's chat, of what a message answers; None when it does not stand there."""
    if message.reply_to is None:
        return None
    answered = await deps.store.messages.find_at(message.swap_id, message.reply_to)
    copies = answered.copies_of(user_id) if answered is not None else ()
    return copies[0].message_id if copies else None


async def mark_reachable(deps: Deps, telegram_id: int, *, is_reachable: bool) -> None:
    """The person has blocked the bot, or is back."""
    await deps.store.users.set_reachable(telegram_id, is_reachable=is_reachable)
