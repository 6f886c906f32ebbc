"""Notifications: stored in the write of the change that they are about, claimed and sent by the workers."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.deliveries import (
    DEAD,
    GIVE_UP_AFTER,
    MAIL,
    MAX_ATTEMPTS,
    MAX_BACKOFF,
    OUTAGE_ATTEMPTS,
    OUTAGE_BACKOFF,
    PARKED,
    SENT,
    SKIPPED,
    TELEGRAM,
    Delivery,
    backoff,
    deliveries_for,
    wants_mail,
)
from domain.events import EVENTS, PARTNER_AWAY, event_kind
from domain.messages import Copy, Message
from domain.swaps import ACCEPTED, PENDING, Card, Swap
from domain.users import User
from handlers.runtime import metrics
from handlers.runtime.deps import Deps
from handlers.runtime.workers import is_gone

log = logging.getLogger(__name__)

NOT_IN_IT_YET = timedelta(seconds=5)
"""A change that is younger than this when a mail is made may not be in it: its write may have been on the way."""

MIN_WAIT = 0.3
"""Shortest wait in seconds: a due delivery that cannot be claimed waits for another send, whose end wakes the worker
anyway."""


async def deliveries_to(
    deps: Deps, user_ids: Iterable[str], event: str, *, at: datetime | None = None, about: str = ""
) -> list[Delivery]:
    """Return the deliveries of one event to these users, due now or at `at`, to be stored with the change itself.
    `about` is the id of the session, or of somebody in the swap, that it is about.

    Raises ValueError for an event that is not in the table of events.
    """
    found = [await deps.store.users.find_recent(user_id) for user_id in user_ids]
    recipients = (user for user in found if user is not None)
    return deliveries_for(recipients, event, at or deps.now(), has_mail=deps.has_mail, about=about)


async def claim_delivery(deps: Deps, worker: str, busy: set[str], *, channel: str = TELEGRAM) -> Delivery | None:
    """Return the next due delivery for a user not in `busy` (ids), leased to this worker; None when there is none."""
    return await deps.store.outbox.claim(worker, now=deps.now(), busy=busy, channel=channel)


async def release_leases(deps: Deps) -> int:
    """Release deliveries claimed by processes of this machine that were killed; returns their number."""
    return await deps.store.outbox.release_leases(is_gone, now=deps.now())


async def seconds_until_due(deps: Deps, *, at_most: float, channel: str = TELEGRAM) -> float:
    """Return the seconds that a worker may sleep until the next delivery of its channel is due, at least MIN_WAIT: a
    due one may have to wait."""
    before = deps.now() + timedelta(seconds=at_most)
    due_at = await deps.store.outbox.next_due_on(channel, before=before)
    return at_most if due_at is None else min(at_most, max(MIN_WAIT, (due_at - deps.now()).total_seconds()))


async def finish_delivery(deps: Deps, delivery: Delivery, *, is_sent: bool) -> None:
    """Close a delivery as sent, or (`is_sent=False`) as skipped because there is nothing left to send."""
    if is_sent:
        deps.metrics.delivered(delivery.channel, deps.elapsed(delivery.happened_at).total_seconds())
    else:
        deps.metrics.attempt(delivery.channel, metrics.SKIPPED)
    await deps.store.outbox.finish(delivery, SENT if is_sent else SKIPPED)


async def fail_delivery(deps: Deps, delivery: Delivery, reason: str = "", *, is_outage: bool = False) -> bool:
    """Schedule a retry after a failed send, later each time. False when that was the last attempt and it is dead.

    `is_outage`: the server did not reply, which is not caused by this delivery; it is retried for a day, in which the
    moves of the clock do not count.
    """
    now = deps.now()
    is_late = deps.elapsed(delivery.happened_at) > GIVE_UP_AFTER and delivery.attempts >= OUTAGE_ATTEMPTS
    if is_late or (delivery.attempts >= MAX_ATTEMPTS and not is_outage):
        await dead_letter(deps, delivery, reason)
        return False
    deps.metrics.attempt(delivery.channel, metrics.RETRIED)
    is_urgent = is_outage and delivery.channel == TELEGRAM
    pause = backoff(delivery.attempts, random.random(), at_most=OUTAGE_BACKOFF if is_urgent else MAX_BACKOFF)
    is_attempt = not (is_outage and delivery.attempts >= OUTAGE_ATTEMPTS)
    await deps.store.outbox.retry(delivery, due_at=now + pause, is_attempt=is_attempt, reason=reason)
    return True


async def postpone_delivery(deps: Deps, delivery: Delivery, seconds: float) -> None:
    """Postpone a delivery without counting an attempt: Telegram asked for a pause, or the worker is stopping."""
    deps.metrics.attempt(delivery.channel, metrics.POSTPONED)
    await deps.store.outbox.retry(delivery, due_at=deps.now() + timedelta(seconds=seconds), is_attempt=False)


async def finish_unread(deps: Deps, delivery: Delivery, swap_id: str, *, through: int) -> None:
    """Close the deliveries of all messages up to the seq `through`, which one mail has covered."""
    await deps.store.outbox.finish_conversation(swap_id, delivery.to, delivery.channel, SENT, through=through)


async def finish_like(deps: Deps, delivery: Delivery, *, loaded_at: datetime) -> None:
    """Close the deliveries of earlier changes of the same session to the same user: one mail has said how it stands.

    What was changed while the mail was made, or a moment before, has a mail of its own: it may not have been in it.
    """
    mail_after = event_kind(delivery.event).mail_after or timedelta(0)
    await deps.store.outbox.finish_like(delivery, SKIPPED, due_until=loaded_at - NOT_IN_IT_YET + mail_after)


async def list_unread(deps: Deps, person: User, swap: Swap, *, since: int, limit: int) -> list[Message]:
    """Return the messages of others in the swap, from the number `since` on, that this user has not read yet, in order.

    Earlier ones have been mailed already: not every front end says what has been read.
    """
    read = await deps.store.reads.get(swap.id, person.id)
    return await deps.store.messages.list_for(swap.id, person.id, after=max(read, since - 1), limit=limit)


async def dead_letter(deps: Deps, delivery: Delivery, reason: str) -> None:
    """Give up a delivery that can never arrive."""
    deps.metrics.attempt(delivery.channel, metrics.DEAD)
    await deps.store.outbox.finish(delivery, DEAD, reason=reason)


async def dead_letter_unknown(deps: Deps, delivery: Delivery) -> bool:
    """Dead-letter a delivery whose event is not in the table, and return whether it was one.

    Another version of the service has stored it. It is not tried again by itself; an operator can revive it.
    """
    if delivery.event in EVENTS:
        return False
    log.warning(
        "delivery of the unknown event %s in %s %s is dead", delivery.event, delivery.source, delivery.source_id
    )
    await dead_letter(deps, delivery, "unknown event")
    return True


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers of queued and dead `deliveries` and `updates` (from Telegram), by state.

    `late`: seconds since the due time of the delivery that has been due the longest.
    """

    deliveries: dict[str, int]
    updates: dict[str, int]
    late: float


async def measure_backlog(deps: Deps) -> Backlog:
    """Count queued and dead deliveries and updates, and measure the delay of the oldest."""
    due_at = await deps.store.outbox.next_due()
    late = max(0.0, deps.elapsed(due_at).total_seconds()) if due_at is not None else 0.0
    return Backlog(await deps.store.outbox.counts(), await deps.store.telegram_updates.counts(), late)


async def load_subject(deps: Deps, delivery: Delivery) -> tuple[User | None, Swap | None, Message | None]:
    """Return the recipient and the swap, and for a message the message, that a delivery is about, as they stand now."""
    person = await deps.store.users.find(delivery.to)
    if delivery.source == "messages":
        message = await deps.store.messages.find(delivery.source_id)
        swap = await deps.store.swaps.find(message.swap_id) if message else None
        return person, swap, message
    return person, await deps.store.swaps.find(delivery.source_id), None


async def remember_card(deps: Deps, swap_id: str, user_id: str, chat_id: int, message_id: int) -> None:
    """Store the location of a user's card of this swap, so that it can be edited to the new state later."""
    await deps.store.swaps.remember_card(swap_id, Card(user_id, chat_id, message_id))


async def find_card(deps: Deps, swap_id: str, user_id: str) -> Card | None:
    """Return the location of a user's newest card of this swap."""
    swap = await deps.store.swaps.find(swap_id)
    return next((card for card in swap.cards if card.user_id == user_id), None) if swap is not None else None


async def remember_line(deps: Deps, user_id: str, chat_id: int, message_id: int, *swap_ids: str) -> None:
    """Store the location of a message in a user's chat that names others of these swaps, so that it can forget the name
    of one who leaves."""
    await deps.store.departures.remember_line(swap_ids, Card(user_id, chat_id, message_id))


async def remember_line_about(deps: Deps, user_id: str, chat_id: int, message_id: int, person_id: str) -> None:
    """Like `remember_line`, for all swaps that the user has with this person."""
    await deps.store.departures.remember_line_about(person_id, Card(user_id, chat_id, message_id))


async def list_lines(deps: Deps, swap_id: str, user_id: str) -> list[Card]:
    """Return where the messages in this user's chat are that name others of the swap."""
    return await deps.store.departures.lines_of(swap_id, user_id)


async def drop_line(deps: Deps, swap_id: str, line: Card) -> None:
    await deps.store.departures.drop_line(swap_id, line)


async def renew_headers(deps: Deps, swap_id: str, reader_id: str) -> None:
    """Have the headers above the swap's messages in this user's chat written anew."""
    await deps.store.departures.renew_headers(swap_id, reader_id, at=deps.now())


async def remember_copy(deps: Deps, message_id: str, user_id: str, chat_id: int, telegram_message_id: int) -> None:
    """Store the location of a relayed copy, so that a reply to it finds its swap."""
    await deps.store.messages.remember_copy(message_id, Copy(user_id, chat_id, telegram_message_id))


async def forget_copy(deps: Deps, message_id: str, copy: Copy) -> None:
    """Remove the reference to a copy that is no longer in the chat."""
    await deps.store.messages.forget_copy(message_id, copy)


async def mark_outdated(deps: Deps, message_id: str, copy: Copy) -> None:
    """Record that a copy stays in the chat with former words: a reply to it still finds its swap."""
    await deps.store.messages.mark_outdated(message_id, copy)


async def find_copy(deps: Deps, message: Message, user_id: str) -> int | None:
    """Return the Telegram id, in the user's chat, of the message that this one replies to; None without a copy
    there."""
    if message.reply_to is None:
        return None
    answered = await deps.store.messages.find_at(message.swap_id, message.reply_to)
    copies = answered.copies_of(user_id) if answered is not None else ()
    return copies[0].message_id if copies else None


RETURN_TAKES = timedelta(seconds=0.5)
"""Time within which a user's return is stored, once what was parked for them is queued again."""


async def mark_reachable(deps: Deps, telegram_id: int, *, is_reachable: bool) -> None:
    """Record that a user has blocked or unblocked the bot.

    What was parked for one who returns is queued before the return is stored, due a moment later, so that nothing said
    from then on overtakes it, and nothing stays parked after a crash in between. What is parked meanwhile follows.
    """
    if is_reachable and (person := await deps.store.users.find_by_telegram(telegram_id)) is not None:
        if person.telegram_reachable:
            return
        await deps.store.outbox.unpark(person.id, due_at=deps.now() + RETURN_TAKES)
    person_id = await deps.store.users.set_reachable(telegram_id, is_reachable=is_reachable)
    if is_reachable and person_id is not None:
        await deps.store.swaps.forget_away(person_id)
        await deps.store.outbox.unpark(person_id, due_at=deps.now())


async def mark_unreachable(deps: Deps, delivery: Delivery) -> None:
    """Record that Telegram does not let the bot write to the recipient, and let mail take the delivery over.

    Where mail does not: partners who wait for an answer are notified, once until the recipient is back, and messages
    are parked until then. The participants of a circle that is not closed do not know each other and are not notified.
    """
    person = await deps.store.users.find(delivery.to)
    if person is not None and person.telegram_id is not None:
        await mark_reachable(deps, person.telegram_id, is_reachable=False)
    kind = event_kind(delivery.event)
    if person is not None and deps.has_mail and kind.mail_after is not None and wants_mail(person, kind.name):
        due_at = max(deps.now(), delivery.happened_at + kind.mail_after)
        await deps.store.outbox.divert(delivery, MAIL, due_at=due_at)
        return
    _, swap, _ = await load_subject(deps, delivery)
    is_open = swap is not None and swap.status in (PENDING, ACCEPTED)
    if person is not None and swap is not None and is_open and kind.is_answer_awaited:
        deliveries = await deliveries_to(deps, swap.others(person.id), PARTNER_AWAY)
        await deps.store.swaps.mark_away(swap.id, person.id, deliveries)
    if person is not None and delivery.source == "messages":
        await deps.store.outbox.finish(delivery, PARKED)
        back = await deps.store.users.find(person.id)
        if back is not None and back.telegram_reachable:  # the recipient came back meanwhile
            await deps.store.outbox.unpark(person.id, due_at=deps.now())
        return
    await finish_delivery(deps, delivery, is_sent=False)
