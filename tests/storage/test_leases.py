"""A lease has one holder at a time, by the server's clock, and never stays with a holder that died."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from storage.leases import Leases
from storage.mongodb.database import Database

LONG = timedelta(minutes=5)
SHORT = timedelta(milliseconds=50)


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


async def taken_over(leases: Leases, holder: str) -> int:
    """The fence that the holder gets as soon as it can have the lease."""
    async with asyncio.timeout(5):
        while (fence := await leases.hold("scheduler", holder, LONG)) is None:
            await asyncio.sleep(0.005)
    return fence


async def test_lease_has_one_holder(leases: Leases) -> None:
    assert await leases.hold("scheduler", "first", LONG) == 1
    assert await leases.hold("scheduler", "second", LONG) is None
    assert await leases.hold("scheduler", "first", LONG) == 1


async def test_leases_of_different_names_are_independent(leases: Leases) -> None:
    assert await leases.hold("scheduler", "first", LONG) == 1
    assert await leases.hold("polling", "second", LONG) == 1


async def test_expired_lease_is_taken_with_a_higher_fence(leases: Leases) -> None:
    assert await leases.hold("scheduler", "first", SHORT) == 1
    assert await taken_over(leases, "second") == 2
    assert await leases.hold("scheduler", "first", SHORT) is None


async def test_renewal_extends_the_lease(leases: Leases, database: Database) -> None:
    await leases.hold("scheduler", "first", SHORT)
    await leases.hold("scheduler", "first", LONG)
    lease = await database.collection("leases").find_one({"_id": "scheduler"})
    assert lease["until"] > await database.server_time() + LONG / 2
    assert await leases.hold("scheduler", "second", LONG) is None


async def test_released_lease_is_free_at_once_and_its_fence_grows(leases: Leases) -> None:
    await leases.hold("scheduler", "first", LONG)
    await leases.release("scheduler", "first")
    assert await leases.hold("scheduler", "second", LONG) == 2
    await leases.release("scheduler", "first")  # no longer its to release
    assert await leases.hold("scheduler", "first", LONG) is None


async def test_concurrent_takers_of_a_lease_have_one_winner(leases: Leases) -> None:
    fences = await asyncio.gather(*(leases.hold("scheduler", f"worker {n}", LONG) for n in range(16)))
    assert [fence for fence in fences if fence is not None] == [1]


async def test_holder_name_with_a_dollar_sign_is_a_literal(leases: Leases) -> None:
    assert await leases.hold("scheduler", "$until", LONG) == 1
    assert await leases.hold("scheduler", "$holder", LONG) is None
