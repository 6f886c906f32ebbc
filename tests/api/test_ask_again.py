"""Asking again after an expiry or a no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.swaps import ANSWER_WITHIN, PENDING, Swap
from domain.users import User
from handlers.blocks import block_user
from handlers.repeated_requests import ask_again
from handlers.runtime.deps import Deps
from handlers.swaps import expire_due_swaps, reject_swap
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, later

Pair = tuple[User, User, Swap]


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    return ada, ben, await make_swap(ada, ben, message="Tuesdays?")


async def again(client: Client, actor: User, swap: Swap) -> tuple[int, dict[str, Any]]:
    async with client(actor).post(f"/api/swap/{swap.id}/again") as answer:
        return answer.status, await answer.json()


async def expire(deps: Deps, swap: Swap) -> Deps:
    after = later(deps, ANSWER_WITHIN + timedelta(minutes=1))
    assert await expire_due_swaps(after) == 1
    return after


async def test_either_of_the_two_asks_again_after_an_expiry(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    assert (await again(client, ada, swap))[1]["code"] == "swap.not_again"  # it still waits
    after = await expire(deps, swap)
    mine = await ask_again(after, ada, swap.id)
    assert (mine.status, mine.from_user_id, mine.message) == (PENDING, ada.id, "Tuesdays?")
    assert (mine.offered_skill, mine.wanted_skill) == (swap.offered_skill, swap.wanted_skill)
    accepted = await ask_again(after, ben, swap.id)  # and so does the other: they cross
    assert (accepted.id, accepted.status) == (mine.id, "accepted")


async def test_the_asked_asks_in_the_other_direction(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    after = await expire(deps, swap)
    async with client(ben).get(f"/api/swap/{swap.id}") as answer:
        assert "again" in (await answer.json())["can"]
    theirs = await ask_again(after, ben, swap.id)
    assert (theirs.from_user_id, theirs.to_user_id, theirs.message) == (ben.id, ada.id, "")
    assert {(leg.teacher, leg.skill) for leg in theirs.legs} == {(leg.teacher, leg.skill) for leg in swap.legs}


async def test_after_a_no_only_the_decliner_asks(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    await reject_swap(deps, ben, swap.id)
    status, problem = await again(client, ada, swap)
    assert (status, problem["code"]) == (409, "swap.not_again")
    status, asked = await again(client, ben, swap)
    assert (status, asked["status"], asked["from_user_id"]) == (201, "pending", ben.id)
    status, problem = await again(client, ben, swap)
    assert (status, problem["code"], problem["current"]["_id"]) == (409, "swap.already_open", asked["_id"])


async def test_nobody_asks_again_after_a_block_or_for_another_two(
    client: Client, deps: Deps, pair: Pair, make_user: MakeUser
) -> None:
    ada, ben, swap = pair
    assert (await again(client, await make_user("Eve"), swap))[0] == 404
    await expire(deps, swap)
    await block_user(deps, ben, ada.id)
    assert (await again(client, ada, swap))[0] == 409
