"""Moves of the clock: shared, forward only, bounded, and no reason to send a delivery twice or to give it up."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from domain.deliveries import LEASE, OUTAGE_ATTEMPTS, Delivery
from domain.errors import Conflict
from domain.users import User
from domain.vocabulary import Vocabulary
from handlers.notifications import claim_delivery, fail_delivery
from handlers.runtime.deps import Deps
from handlers.runtime.idempotency import IdempotencyKey, begin
from handlers.runtime.leases import hold_schedule
from storage.clock_moves import MAX_AHEAD, MAX_MOVES, MAX_STEP, ClockMoves
from storage.mongodb.change_stream import Changes
from storage.mongodb.clock import Move, ServerClock
from storage.mongodb.database import Database
from storage.skills import Skills
from storage.swaps import Swaps
from storage.users import Users
from tests.conftest import with_database
from tests.factories import MakeSwap, MakeUser, later
from tests.moved_clock import MoveClock

DAY = timedelta(days=1)
START = datetime(2030, 1, 1, tzinfo=UTC)


async def in_another_process(database: Database, uri: str) -> Database:
    other = await Database.open(with_database(uri, database.name))
    other.clock.is_movable = True
    return other


async def test_two_processes_that_move_at_once_agree(database: Database, move_clock: MoveClock, mongo_uri: str) -> None:
    other = await in_another_process(database, mongo_uri)
    try:
        theirs = ClockMoves(other)
        await asyncio.gather(*(move_clock(hours=1) for _ in range(10)), *(theirs.move(DAY) for _ in range(10)))
        await asyncio.gather(ClockMoves(database).load(), theirs.load())
        assert database.clock.ahead == other.clock.ahead == 10 * DAY + timedelta(hours=10)
        assert abs(database.clock.now() - other.clock.now()) < timedelta(seconds=1)
    finally:
        await other.close()


@pytest.mark.parametrize("step", [timedelta(0), -DAY, MAX_STEP + timedelta(milliseconds=1), timedelta(microseconds=9)])
async def test_the_clock_moves_ahead_only_and_by_a_year_at_most(
    database: Database, move_clock: MoveClock, step: timedelta
) -> None:
    with pytest.raises(ValueError, match="ahead only"):
        await move_clock(seconds=step.total_seconds())
    assert database.clock.ahead == timedelta(0)


async def test_the_clock_stays_within_the_years_that_dates_can_have(database: Database, move_clock: MoveClock) -> None:
    for _ in range(MAX_AHEAD // MAX_STEP):
        await move_clock(days=MAX_STEP.days)
    with pytest.raises(ValueError, match="at most"):
        await move_clock(days=1)
    assert database.clock.ahead == MAX_AHEAD // MAX_STEP * MAX_STEP


async def test_a_service_that_keeps_real_time_neither_moves_nor_follows(database: Database, mongo_uri: str) -> None:
    real = await Database.open(with_database(mongo_uri, database.name))
    try:
        with pytest.raises(ValueError, match="cannot be moved"):
            await ClockMoves(real).move(DAY)
        database.clock.is_movable = True
        await ClockMoves(database).move(DAY)
        await ClockMoves(real).load()
        assert real.clock.ahead == timedelta(0)
    finally:
        await real.close()


async def test_many_moves_keep_a_short_record(database: Database, move_clock: MoveClock) -> None:
    for _ in range(MAX_MOVES + 5):
        await move_clock(minutes=1)
    assert len(database.clock.moves) == MAX_MOVES
    assert database.clock.ahead == timedelta(minutes=MAX_MOVES + 5)


def test_the_real_time_of_every_moved_time_is_known() -> None:
    clock = ServerClock(read=asyncio.Future)  # never read
    first, second = START, START + timedelta(hours=1)  # a day ahead from the first on, eight from the second on
    clock.moves = (Move(first, DAY), Move(second, 8 * DAY))
    assert clock.unmoved(START - DAY) == START - DAY
    assert clock.unmoved(START + timedelta(hours=5)) == first, "skipped by the first move"
    assert clock.unmoved(START + DAY) == first
    assert clock.unmoved(START + DAY + timedelta(minutes=59)) == START + timedelta(minutes=59)
    assert clock.unmoved(START + 3 * DAY) == second, "skipped by the second move"
    assert clock.unmoved(START + 9 * DAY) == START + DAY


@pytest.fixture
async def people(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True), await make_user(telegram_id=True)


async def claimed(deps: Deps, worker: str) -> Delivery | None:
    return await claim_delivery(deps, worker, set())


async def test_a_move_does_not_give_a_delivery_to_a_second_worker(
    deps: Deps, move_clock: MoveClock, make_swap: MakeSwap, people: tuple[User, User]
) -> None:
    await make_swap(*people)
    assert await claimed(deps, "one") is not None
    await move_clock(weeks=1)
    assert await claimed(deps, "two") is None, "the first worker may still be sending it"
    taken_over = await claimed(later(deps, LEASE + timedelta(seconds=1)), "two")
    assert taken_over is not None, "the lease ends in real time"
    assert taken_over.lease.startswith("two")


async def test_a_move_during_an_outage_does_not_give_a_delivery_up(
    deps: Deps, move_clock: MoveClock, make_swap: MakeSwap, people: tuple[User, User]
) -> None:
    await make_swap(*people)
    for attempt in range(OUTAGE_ATTEMPTS + 2):
        delivery = await claimed(deps, f"worker {attempt}")
        assert delivery is not None
        assert await fail_delivery(deps, delivery, "no answer", is_outage=True)
        await move_clock(days=2)
    assert (await deps.store.outbox.counts())["dead"] == 0


async def test_a_move_before_the_change_stream_is_open_wakes_what_waits(
    database: Database, move_clock: MoveClock, mongo_uri: str
) -> None:
    other = await in_another_process(database, mongo_uri)
    try:
        await move_clock(days=3)
        changes = Changes(other, Users(other, Skills(other, Vocabulary.build((), ()))), Swaps(other))
        async with asyncio.timeout(10), aclosing(changes.follow()) as stream:
            assert [change.kind for change in await anext(stream)] == ["clock"]
            assert other.clock.ahead == 3 * DAY
            await move_clock(days=1)
            assert [change.kind for change in await anext(stream)] == ["clock"]
            assert other.clock.ahead == 4 * DAY
    finally:
        await other.close()


async def test_a_move_gives_no_lease_to_a_second_process(deps: Deps, move_clock: MoveClock) -> None:
    assert await hold_schedule(deps, "one")
    await move_clock(weeks=1)
    assert not await hold_schedule(deps, "two")
    assert await hold_schedule(deps, "one")


async def test_a_move_does_not_let_a_running_request_be_carried_out_twice(
    deps: Deps, move_clock: MoveClock, make_user: MakeUser
) -> None:
    key = IdempotencyKey((await make_user()).id, "/api/swap", "the same key")
    assert await begin(deps, key, "the same content", "one") is None
    await move_clock(weeks=1)
    with pytest.raises(Conflict, match="in_flight"):
        await begin(deps, key, "the same content", "two")
