"""Blocked and hidden users are asked for no circle and in none that closes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.circles import ANSWER_WITHIN
from domain.decks import DECIDED_FOR
from domain.errors import Problem
from domain.swaps import CANCELLED, EXPIRED, PROPOSED
from domain.users import BANNED, PAUSED, User
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.blocks import block_user
from handlers.circles import ask_circle, decline_circle, expire_due_circles, fill_places, get_circle, list_circles
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, later, list_possible
from tests.handlers.test_circles import Trio, ask, join, make_trio, person

HIDDEN = [{"is_public": False}, {"status": PAUSED}, {"status": BANNED}]


@pytest.fixture
async def trio(make_user: MakeUser) -> Trio:
    return await make_trio(make_user)


async def hide(database: Database, user: User, hidden: dict[str, Any]) -> None:
    """As another program does: what is derived from it stays as it was."""
    await database.collection("users").update_one({"_id": ObjectId(user.id)}, {"$set": hidden})


@pytest.mark.parametrize("places", [(0, 1), (1, 2), (2, 0)])
async def test_blocked_pair_is_in_no_circle(deps: Deps, trio: Trio, places: tuple[int, int]) -> None:
    people = tuple(trio)
    await deps.store.blocks.add(people[places[1]].id, people[places[0]].id, at=deps.now())
    for someone in trio:
        assert await list_possible(deps, someone) == []


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_user_hidden_by_another_program_is_in_no_circle(
    deps: Deps, trio: Trio, database: Database, hidden: dict[str, Any]
) -> None:
    await hide(database, trio.noor, hidden)
    assert await list_possible(deps, trio.ana) == []


@pytest.mark.parametrize("hidden", HIDDEN[1:])
async def test_erased_user_is_in_no_circle_that_closes(
    deps: Deps, trio: Trio, database: Database, hidden: dict[str, Any]
) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    await hide(database, trio.li, hidden)
    after = await join(deps, trio.noor, circle)
    assert (after.status, after.is_searching) == (PROPOSED, True)


@pytest.mark.parametrize("blocker", [0, 2])
async def test_replacement_has_no_block_with_a_member(
    deps: Deps, trio: Trio, make_user: MakeUser, blocker: int
) -> None:
    circle = await ask(deps, trio.ana)
    await decline_circle(deps, trio.li, circle.id)
    omar = await person(make_user, "Omar", "Python", "Guitar")
    await deps.store.blocks.add(tuple(trio)[blocker].id, omar.id, at=deps.now())
    assert await fill_places(deps) == 0
    await person(make_user, "Olga", "Python", "Guitar")
    assert await fill_places(deps) == 1
    assert (await get_circle(deps, trio.noor, circle.id)).you_learn.name == "Olga"


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_hidden_user_is_not_asked_as_a_replacement(
    deps: Deps, trio: Trio, make_user: MakeUser, database: Database, hidden: dict[str, Any]
) -> None:
    circle = await ask(deps, trio.ana)
    await decline_circle(deps, trio.li, circle.id)
    await hide(database, await person(make_user, "Omar", "Python", "Guitar"), hidden)
    assert await fill_places(deps) == 0


async def test_concurrent_proposals_of_one_circle_create_one(deps: Deps, trio: Trio) -> None:
    found = [(someone, (await list_possible(deps, someone))[0].id) for someone in trio]
    calls = (ask_circle(deps, someone, key) for someone, key in found)
    results = await asyncio.gather(*calls, return_exceptions=True)
    codes = sorted(result.code for result in results if isinstance(result, Problem))
    assert len(codes) == 2
    assert set(codes) <= {"circle.asked_already", "circle.not_possible"}
    for someone in trio:
        (circle,) = await list_circles(deps, someone)
        assert circle.status == PROPOSED


@pytest.mark.parametrize("is_ours", [True, False])
async def test_merged_blocks_close_open_swaps_and_circles(
    deps: Deps, trio: Trio, make_user: MakeUser, make_swap: MakeSwap, is_ours: bool
) -> None:
    circle = await ask(deps, trio.ana)
    for other in (trio.li, trio.noor):
        await join(deps, other, circle)
    swap = await make_swap(trio.ana, trio.li, status="accepted")
    kept = await make_swap(trio.ana, trio.noor)
    also_ana = await make_user("Ana", email="ana@example.org")
    blocker, blocked = (also_ana, trio.li) if is_ours else (trio.li, also_ana)
    await block_user(deps, blocker, blocked.id)
    code, _ = await offer_merge(deps, trio.ana)
    await accept_merge(deps, also_ana, code)
    assert (await get_circle(deps, trio.noor, circle.id)).status == CANCELLED
    assert (await get_swap(deps, trio.ana, swap.id)).status == CANCELLED
    assert (await get_swap(deps, trio.ana, kept.id)).is_open


async def test_dissolved_circle_is_possible_again_after_sixty_days(deps: Deps, trio: Trio) -> None:
    circle = await ask(deps, trio.ana)
    assert await expire_due_circles(later(deps, ANSWER_WITHIN)) == 1
    assert (await get_circle(deps, trio.ana, circle.id)).status == EXPIRED
    assert await list_possible(later(deps, DECIDED_FOR), trio.ana) == []
    much_later = later(deps, DECIDED_FOR + ANSWER_WITHIN + timedelta(days=1))
    again = await ask(much_later, trio.ana)
    assert again.status == PROPOSED
    assert again.id != circle.id
