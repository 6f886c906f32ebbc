"""Deliveries: claimed by one worker at a time, in order for each user and swap, never lost, never blocking others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from bson import ObjectId

from domain.deliveries import (
    GIVE_UP_AFTER,
    LEASE,
    MAIL,
    MAX_ATTEMPTS,
    MAX_BACKOFF,
    OUTAGE_BACKOFF,
    Delivery,
    backoff,
)
from domain.events import PARTNER_AWAY
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers import notifications
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import cancel_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, insert_swap

HOUR = timedelta(hours=1)


class Clock:
    """A clock that the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(deps: Deps) -> Clock:
    return Clock(deps.now() + timedelta(minutes=1))


@pytest.fixture(autouse=True)
def longest_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the longest backoff, without jitter."""
    monkeypatch.setattr(notifications.random, "random", lambda: 1.0)


@pytest.fixture
def deps_then(deps: Deps, clock: Clock) -> Deps:
    """The operations by the test's clock; the rates refill between any two calls."""
    return replace(deps, now=clock)


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True), await make_user(telegram_id=True)


@pytest.fixture
async def talk(deps_then: Deps, clock: Clock, pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    """An accepted swap without open deliveries."""
    swap = await make_swap(*pair, status=ACCEPTED)
    await drain(deps_then)
    return swap


async def drain(deps: Deps, worker: str = "w") -> list[Delivery]:
    """Deliver all that is due, one after the other."""
    sent = []
    while (delivery := await notifications.claim_delivery(deps, worker, set())) is not None:
        await notifications.finish_delivery(deps, delivery, is_sent=True)
        sent.append(delivery)
    return sent


async def say(deps: Deps, actor: User, swap: Swap, *texts: str) -> list[str]:
    ids = []
    for text in texts:
        deps.now.at += timedelta(seconds=1)  # type: ignore[attr-defined]
        ids.append((await send_message(deps, actor, Draft(swap.id, text, "telegram"))).id)
    return ids


async def claim(deps: Deps, worker: str = "w", *busy: str) -> Delivery:
    delivery = await notifications.claim_delivery(deps, worker, set(busy))
    assert delivery is not None
    return delivery


async def test_two_workers_never_claim_the_same_delivery(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    for _ in range(6):
        await make_swap(await make_user(telegram_id=True), await make_user(telegram_id=True))

    async def work(worker: str) -> list[tuple[str, str]]:
        mine = []
        while (delivery := await notifications.claim_delivery(deps, worker, set())) is not None:
            mine.append((delivery.source_id, delivery.id))
        return mine

    claimed = await asyncio.gather(*(work(f"worker {n}") for n in range(4)))
    flat = [key for keys in claimed for key in keys]
    assert len(flat) == len(set(flat)) == 6


async def test_finish_with_a_lost_lease_is_refused(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    await say(deps_then, pair[0], talk, "hello")
    slow = await claim(deps_then, "slow")
    assert await notifications.claim_delivery(deps_then, "fast", set()) is None
    clock.at += LEASE
    fast = await claim(deps_then, "fast")
    assert fast.id == slow.id
    assert not await deps_then.store.outbox.finish(slow, "sent")
    assert not await deps_then.store.outbox.retry(slow, due_at=clock.at)
    assert await deps_then.store.outbox.finish(fast, "sent")
    assert not await deps_then.store.outbox.finish(fast, "sent")
    clock.at += HOUR
    assert await drain(deps_then) == []


async def test_later_deliveries_wait_for_a_failed_one(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    ids = await say(deps_then, pair[0], talk, "one", "two", "three")
    back = await say(deps_then, pair[1], talk, "to the other person")
    first = await claim(deps_then)
    assert first.source_id == ids[0]
    assert [d.source_id for d in await drain(deps_then, "other")] == back  # while the first is on its way
    assert await notifications.fail_delivery(deps_then, first)
    assert await drain(deps_then) == []  # while it backs off
    clock.at += MAX_BACKOFF
    assert [d.source_id for d in await drain(deps_then)] == ids


async def test_messages_are_delivered_after_the_acceptance_and_before_the_end(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    swap = await make_swap(*pair, status=ACCEPTED)
    asker = pair[0].id
    while (delivery := await claim(deps_then)).event != "swap.accepted":
        await notifications.finish_delivery(deps_then, delivery, is_sent=True)
    assert delivery.to == asker
    await notifications.fail_delivery(deps_then, delivery)
    await say(deps_then, pair[1], swap, "welcome")
    assert [d for d in await drain(deps_then) if d.to == asker] == []
    clock.at += MAX_BACKOFF
    assert [d.event for d in await drain(deps_then) if d.to == asker] == ["swap.accepted", "message.sent"]

    await say(deps_then, pair[1], swap, "bye")
    bye = await claim(deps_then)
    await notifications.fail_delivery(deps_then, bye)
    await cancel_swap(deps_then, pair[1], swap.id)
    assert [d for d in await drain(deps_then) if d.to == asker] == []
    clock.at += MAX_BACKOFF
    assert [d.event for d in await drain(deps_then) if d.to == asker] == ["message.sent", "swap.cancelled"]


async def test_delivery_after_the_last_attempt_is_dead_and_the_next_is_claimed(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    ids = await say(deps_then, pair[0], talk, "one", "two")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        delivery = await claim(deps_then)
        assert (delivery.source_id, delivery.attempts) == (ids[0], attempt)
        assert await notifications.fail_delivery(deps_then, delivery) == (attempt < MAX_ATTEMPTS)
        clock.at += MAX_BACKOFF
    assert (await deps_then.store.outbox.counts())["dead"] == 1
    assert [d.source_id for d in await drain(deps_then)] == ids[1:]
    assert await deps_then.store.outbox.counts() == {"queued": 0, "dead": 1}


async def test_deliveries_are_counted_not_their_documents(
    deps: Deps, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    swap = await make_swap(*pair, status=ACCEPTED)
    await send_message(deps, pair[0], Draft(swap.id, "hello", "web"))
    assert await deps.store.outbox.counts() == {"queued": 4, "dead": 0}  # proposed, accepted, its card; the message
    first = await claim(deps)
    assert await deps.store.outbox.counts() == {"queued": 4, "dead": 0}
    await notifications.finish_delivery(deps, first, is_sent=True)
    await notifications.dead_letter(deps, await claim(deps), "no")
    assert await deps.store.outbox.counts() == {"queued": 2, "dead": 1}


async def test_delivery_that_kills_its_workers_is_dead_lettered(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    await say(deps_then, pair[0], talk, "one")
    for _ in range(MAX_ATTEMPTS):
        await claim(deps_then)
        clock.at += LEASE
    assert await notifications.claim_delivery(deps_then, "w", set()) is None
    assert await deps_then.store.outbox.counts() == {"queued": 0, "dead": 1}


async def test_requested_pause_is_not_an_attempt(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    await say(deps_then, pair[0], talk, "one")
    for _ in range(2 * MAX_ATTEMPTS):
        delivery = await claim(deps_then)
        assert delivery.attempts == 1
        await notifications.postpone_delivery(deps_then, delivery, 7)
        assert await notifications.claim_delivery(deps_then, "w", set()) is None
        assert await notifications.seconds_until_due(deps_then, at_most=60) == 7
        clock.at += timedelta(seconds=7)


async def test_open_mail_delivery_does_not_wake_the_bot(deps_then: Deps, clock: Clock, make_user: MakeUser) -> None:
    """As after EMAIL_SERVER has been removed: the deliveries stay."""
    mailing = replace(deps_then, has_mail=True)
    ada, ben = await make_user(telegram_id=True), await make_user(email="ben@example.org")
    swap = await insert_swap(mailing, ada, ben)
    clock.at += HOUR
    assert await notifications.seconds_until_due(deps_then, at_most=3, channel=MAIL) < 1
    assert await notifications.seconds_until_due(deps_then, at_most=3) == 3
    deliveries = await notifications.deliveries_to(deps_then, [ada.id], PARTNER_AWAY)
    await deps_then.store.swaps.mark_away(swap.id, ben.id, deliveries)
    assert await notifications.seconds_until_due(deps_then, at_most=3) < 1


async def test_the_next_due_time_is_the_earliest_open_one(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    outbox = deps_then.store.outbox
    assert await outbox.next_due() is None
    assert await notifications.seconds_until_due(deps_then, at_most=3) == 3
    swap = await make_swap(*pair, status=ACCEPTED)
    assert 0 < await notifications.seconds_until_due(deps_then, at_most=60) < 1  # never a busy loop
    while (delivery := await notifications.claim_delivery(deps_then, "w", set())) is not None:
        await outbox.retry(delivery, due_at=clock.at + HOUR)
    await say(deps_then, pair[0], swap, "hello")
    assert await outbox.next_due() == clock.at + HOUR - timedelta(seconds=1) or await outbox.next_due() == clock.at
    await drain(deps_then)
    assert await outbox.next_due() is not None


async def test_stuck_recipient_does_not_delay_others(
    deps_then: Deps, clock: Clock, make_user: MakeUser, make_swap: MakeSwap, database: Database
) -> None:
    stuck, friend = await make_user(telegram_id=True), await make_user(telegram_id=True)
    swap = await make_swap(stuck, friend, status=ACCEPTED)
    await drain(deps_then)
    (first,) = await say(deps_then, friend, swap, "1")
    row = await database.collection("messages").find_one({}, {"_id": 0})
    await database.collection("messages").insert_many(
        [{**row, "seq": seq, "client_id": str(seq)} for seq in range(2, 1_200)]
    )
    a, b = await make_user(telegram_id=True), await make_user(telegram_id=True)
    other = await make_swap(a, b, status=ACCEPTED)
    await drain_of(deps_then, a, b)
    (word,) = await say(deps_then, a, other, "hello")

    assert (await claim(deps_then, "w", stuck.id)).source_id == word  # they are busy
    (word,) = await say(deps_then, b, other, "hello yourself")
    failed = await claim(deps_then)
    assert failed.source_id == first
    await notifications.fail_delivery(deps_then, failed)
    assert (await claim(deps_then)).source_id == word  # they back off
    due = database.collection("messages").count_documents
    assert await due({"outbox_due_at": {"$lte": clock.at}}) == 0  # and all behind them are postponed
    clock.at += MAX_BACKOFF
    assert (await claim(deps_then)).source_id == first


async def drain_of(deps: Deps, *people: User) -> None:
    for source in ("swaps", "messages"):
        names = [person.id for person in people]
        while (delivery := await notifications.claim_delivery(deps, "w", set())) is not None and delivery.to in names:
            assert delivery.source == source
            await notifications.finish_delivery(deps, delivery, is_sent=True)
        if delivery is not None:
            await notifications.postpone_delivery(deps, delivery, 0)
        return


async def test_deliveries_are_ordered_by_seq_not_by_id(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap, database: Database
) -> None:
    """Ids that two processes make in one second are in no order."""
    await say(deps_then, pair[0], talk, "one")
    messages = database.collection("messages")
    row = await messages.find_one_and_delete({})
    ids = [ObjectId(f"{n:024x}") for n in (9, 5, 7, 3, 8)]
    await messages.insert_many(
        [{**row, "_id": oid, "seq": seq, "client_id": str(seq)} for seq, oid in enumerate(ids, 1)]
    )
    assert [d.source_id for d in await drain(deps_then)] == list(map(str, ids))


async def test_user_without_telegram_gets_no_delivery(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    await make_swap(await make_user(), await make_user(), status=ACCEPTED)
    assert await drain(deps) == []
    assert await deps.store.outbox.next_due() is None


def test_backoff_grows_and_is_bounded() -> None:
    pauses = [backoff(attempts, 1.0) for attempts in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=2)
    assert pauses[-1] == MAX_BACKOFF
    assert timedelta(0) < backoff(3, 0.0) < backoff(3, 0.5) < backoff(3, 1.0)
    assert backoff(12, 1.0, at_most=OUTAGE_BACKOFF) == OUTAGE_BACKOFF


async def test_outage_with_a_crash_in_it_dead_letters_no_delivery(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    await say(deps_then, pair[0], talk, "still here")
    for number in range(3 * MAX_ATTEMPTS):
        delivery = await claim(deps_then)
        if number % MAX_ATTEMPTS == 0:  # its worker is killed with it in hand
            clock.at += LEASE
        else:
            assert await notifications.fail_delivery(deps_then, delivery, "NetworkError", is_outage=True)
            clock.at += OUTAGE_BACKOFF
    assert (await deps_then.store.outbox.counts())["dead"] == 0


async def test_failure_after_a_day_of_downtime_is_retried(
    deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap
) -> None:
    await say(deps_then, pair[0], talk, "late")
    clock.at += GIVE_UP_AFTER + LEASE
    assert await notifications.fail_delivery(deps_then, await claim(deps_then), "TimedOut", is_outage=True)


async def test_outage_is_retried_for_a_day(deps_then: Deps, clock: Clock, pair: tuple[User, User], talk: Swap) -> None:
    await say(deps_then, pair[0], talk, "patience")
    for _ in range(2 * MAX_ATTEMPTS):
        delivery = await claim(deps_then)
        assert await notifications.fail_delivery(deps_then, delivery, "NetworkError", is_outage=True)
        clock.at += OUTAGE_BACKOFF
    clock.at += GIVE_UP_AFTER
    assert not await notifications.fail_delivery(deps_then, await claim(deps_then), "NetworkError", is_outage=True)
    assert await deps_then.store.outbox.counts() == {"queued": 0, "dead": 1}
