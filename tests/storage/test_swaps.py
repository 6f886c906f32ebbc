"""Swaps in the store: one compare-and-set for each transition, in any process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from bson import ObjectId

from domain.errors import Problem
from domain.planning import Meeting
from domain.swaps import ACCEPTED, CANCELLED, REJECTED, Swap
from domain.users import User
from handlers.notifications import remember_card
from handlers.runtime.deps import Deps
from handlers.sessions import agree_session, offer_session
from handlers.swaps import accept_swap, cancel_swap, get_swap, reject_swap
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser, build_deps

PROCESSES = 4


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True), await make_user(telegram_id=True)


@pytest.fixture
async def processes(database_uri: str, deps: Deps) -> AsyncIterator[list[Deps]]:
    """The operations in several processes: each with a connection and a memory of its own."""
    opened = [await Database.open(database_uri) for _ in range(PROCESSES)]
    yield [await build_deps(database) for database in opened]
    for database in opened:
        await database.close()


async def row(database: Database, swap: Swap) -> dict[str, object]:
    async for doc in database.collection("swaps").find():
        if str(doc["_id"]) == swap.id:
            return dict(doc)
    raise AssertionError("no such swap")


async def test_concurrent_accepts_are_one_transition_and_one_delivery(
    processes: list[Deps], database: Database, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    swap = await make_swap(*pair)
    await asyncio.gather(*(accept_swap(processes[n % PROCESSES], pair[1], swap.id) for n in range(48)))
    doc = await row(database, swap)
    outbox, history = doc["outbox"], doc["history"]
    assert isinstance(outbox, list)
    assert isinstance(history, list)
    assert (doc["version"], [line["event"] for line in history]) == (2, ["proposed", "accepted"])
    assert sorted(line["event"] for line in outbox) == ["swap.accepted", "swap.card", "swap.proposed"]


async def test_concurrent_contrary_answers_have_one_winner(
    processes: list[Deps], make_user: MakeUser, make_swap: MakeSwap
) -> None:
    for _ in range(6):
        pair = await make_user(), await make_user()
        swap = await make_swap(*pair)
        done = await asyncio.gather(
            reject_swap(processes[0], pair[1], swap.id),
            cancel_swap(processes[1], pair[0], swap.id),
            reject_swap(processes[2], pair[1], swap.id),
            cancel_swap(processes[3], pair[0], swap.id),
            return_exceptions=True,
        )
        stored = await get_swap(processes[0], pair[0], swap.id)
        assert stored.status in (REJECTED, CANCELLED)
        assert (stored.version, len(stored.history)) == (2, 2)
        for result in done:
            if isinstance(result, Problem):
                assert result.current.status == stored.status
            else:
                assert not isinstance(result, BaseException)
                assert result.status == stored.status


async def test_transition_from_an_older_version_is_refused(
    deps: Deps, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    before = await make_swap(*pair)
    accepted = before.accept(by=pair[1].id, at=deps.now())
    assert await deps.store.swaps.replace(before, accepted, [])
    assert not await deps.store.swaps.replace(before, accepted, [])
    assert not await deps.store.swaps.replace(before, before.cancel(by=pair[0].id, at=deps.now()), [])
    assert await deps.store.swaps.find(before.id) == accepted


async def test_stored_swap_reads_back_unchanged(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> None:
    for status in ("pending", "accepted", "cancelled", "rejected"):
        swap = await make_swap(*pair, status=status, message="Hello\nthere")
        assert await deps.store.swaps.find(swap.id) == swap
        if swap.is_open:
            await cancel_swap(deps, pair[0], swap.id)
    assert await deps.store.swaps.find(new_id()) is None
    assert await deps.store.swaps.find("") is None


async def test_user_has_only_the_newest_card(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> None:
    swap = await make_swap(*pair, status=ACCEPTED)
    for person, chat, number in ((pair[0], 1, 10), (pair[1], 2, 20), (pair[0], 1, 11)):
        await remember_card(deps, swap.id, person.id, chat, number)
    stored = await deps.store.swaps.find(swap.id)
    assert stored is not None
    assert {(card.user_id, card.message_id) for card in stored.cards} == {(pair[0].id, 11), (pair[1].id, 20)}
    assert stored.version == swap.version


async def test_a_stored_plan_has_only_what_is_planned_and_a_full_one_reads_the_same(
    deps: Deps, database: Database, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    """What versions before this stored in full is read as before, and is no other plan."""
    swap = await make_swap(*pair)
    await accept_swap(deps, pair[1], swap.id)
    start = (deps.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    await offer_session(deps, pair[0], swap.id, Meeting((start,)))
    agreed = await agree_session(deps, pair[1], swap.id, "1", start)
    plan = (await row(database, swap))["plan"]
    assert isinstance(plan, dict)
    assert set(plan) == {"accepted_at", "idle_since", "sessions"}
    assert set(plan["sessions"][0]) == {
        "id", "legs", "slots", "offered_by", "changed_at", "status", "starts_at", "agreed_at", "sequence",
    }  # fmt: skip
    session = {
        **{"minutes": 60, "mode": "online", "place": "", "link": "", "was_at": None, "moves": 0, "offers": 1},
        **{"is_late": False, "answers": [], "held_legs": [], "is_auto": False, "denied_at": None},
    }
    full = {
        **{"slots": [], "minutes": 60, "done": [], "one_way": False, "completed_at": None, "disputed_at": None},
        **{"statements": {}, "decision": "", **plan, "sessions": [session | plan["sessions"][0]]},
    }
    await database.collection("swaps").update_one({"_id": ObjectId(swap.id)}, {"$set": {"plan": full}})
    assert await deps.store.swaps.find(swap.id) == agreed
