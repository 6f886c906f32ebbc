"""Rate limits are shared by all processes: two of them allow no more than one."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import TooMany
from handlers.runtime.deps import Deps, utc_now
from handlers.runtime.rate_limits import MAX_BUCKETS, Rate, Rates
from storage.mongodb.database import Database
from storage.rate_limits import RateBuckets
from tests.api.conftest import Client, open_web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually

MAIL = Rate(burst=3, seconds=1200)
TALK = Rate(burst=5, seconds=60, is_shared=True)


def processes(database: Database, count: int = 2) -> list[Rates]:
    return [Rates(RateBuckets(database), key=b"shared by all of them") for _ in range(count)]


async def spent(rates: Rates, subject: str, rate: Rate) -> bool:
    try:
        await rates.spend("mail", subject, rate, at=utc_now())
    except TooMany:
        return False
    return True


async def test_shared_limit_is_exact_over_all_processes(database: Database) -> None:
    both = processes(database)
    granted = await asyncio.gather(*(spent(both[turn % 2], "ada@example.org", MAIL) for turn in range(20)))
    assert sum(granted) == MAIL.burst
    assert await spent(both[0], "ben@example.org", MAIL)


async def test_wrong_local_clock_causes_no_refusal(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda wrong=time.time() + 600: wrong)
    rates = Rates(RateBuckets(database), key=b"one", now=database.clock.now)
    for _ in range(2):
        rates.take("message", "ada", TALK, at=database.clock.now())
        await rates.close()  # closing writes the local counts, so the stored count applies from now on


async def test_refusal_states_retry_after_and_spends_nothing(database: Database) -> None:
    (rates,) = processes(database, 1)
    quick = Rate(burst=1, seconds=0.4)
    assert await spent(rates, "ada", quick)
    for _ in range(5):
        with pytest.raises(TooMany) as refused:
            await rates.spend("mail", "ada", quick, at=utc_now())
    assert refused.value.retry_after == 1
    await eventually(lambda: spent(rates, "ada", quick))


async def test_local_limit_is_synchronised_to_other_processes(database: Database) -> None:
    first, second = processes(database)
    for _ in range(TALK.burst):
        first.take("message", "ada", TALK, at=utc_now())
    await first.close()
    second.take("message", "ada", TALK, at=utc_now())  # the count of the other process is not known yet
    await second.close()
    with pytest.raises(TooMany) as refused:
        second.take("message", "ada", TALK, at=utc_now())
    assert refused.value.code == "message.too_fast"
    second.take("message", "ben", TALK, at=utc_now())


async def test_reports_of_many_users_count_each_of_their_actions(database: Database) -> None:
    first, second = processes(database)
    people = {f"{number}": 1 + number % 2 for number in range(10)}  # actions in each report
    for _ in range(2):  # the buckets are new, and then known
        for who, count in people.items():
            for _ in range(count):
                first.take("message", who, TALK, at=utc_now())
        await first.close()
    for who in people:
        second.take("message", who, TALK, at=utc_now())
    await second.close()
    for who, count in people.items():
        if count == 2:
            with pytest.raises(TooMany):
                second.take("message", who, TALK, at=utc_now())
        else:
            second.take("message", who, TALK, at=utc_now())


async def test_local_counts_are_written_in_batches(database: Database) -> None:
    (rates,) = processes(database, 1)
    for number in range(300):
        rates.take("message", str(number), TALK, at=utc_now())

    async def are_booked() -> bool:
        return await database.collection("rate_limits").count_documents({}) >= 300

    await eventually(are_booked)
    await rates.close()


async def test_stored_buckets_contain_no_address_or_name(database: Database) -> None:
    (rates,) = processes(database, 1)
    await rates.spend("mail", "ada@example.org", MAIL, at=utc_now())
    rates.take("message", "203.0.113.9", TALK, at=utc_now())
    await rates.close()
    docs: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(docs) < 2:  # writes without acknowledgement become visible with a delay
            docs = [doc async for doc in database.collection("rate_limits").find()]
    assert all(doc["expires_at"] > utc_now() for doc in docs)
    assert not any(secret in repr(docs) for secret in ("ada", "example.org", "203.0.113"))


async def test_local_buckets_still_limit_without_a_database(database_uri: str) -> None:
    opened = await Database.open(database_uri)
    (rates,) = processes(opened, 1)
    rates.take("message", "ada", TALK, at=utc_now())
    await opened.close()
    try:
        for _ in range(TALK.burst - 1):
            rates.take("message", "ada", TALK, at=utc_now())
        with pytest.raises(TooMany):
            rates.take("message", "ada", TALK, at=utc_now())
    finally:
        await rates.close()


async def test_number_of_buckets_is_bounded() -> None:
    rates, now = Rates(), utc_now()
    for number in range(MAX_BUCKETS + 10):
        rates.take("api", str(number), TALK, at=now)
    assert len(rates._full_again) == MAX_BUCKETS
    for _ in range(TALK.burst):
        rates.take("api", "ada", TALK, at=now + timedelta(seconds=1))


async def test_rate_limit_applies_to_one_user_only(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    statuses = []
    for number in range(12):
        async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": str(number)}) as answer:
            statuses.append(answer.status)
            body = await answer.json()
    assert statuses[:10] == [201] * 10
    assert statuses[-1] == 429
    assert (body["code"], answer.headers["Retry-After"]) == ("message.too_fast", "1")
    async with client(ben).post("/api/chat", json={"swap_id": swap.id, "message": "hi"}) as answer:
        assert answer.status == 201


async def test_client_address_is_rate_limited_before_sign_in(deps: Deps) -> None:
    async with open_web(deps, trusted_proxies=["127.0.0.1"]) as web, aiohttp.ClientSession() as session:

        async def ask(address: str) -> int:
            async with session.get(
                f"{web.url}/api/user", headers={"X-Forwarded-For": f"198.51.100.1, {address}"}
            ) as got:
                return got.status

        async with asyncio.timeout(30):
            while await ask("203.0.113.7") != 429:
                await asyncio.gather(*(ask("203.0.113.7") for _ in range(100)))
        assert await ask("203.0.113.8") == 401
