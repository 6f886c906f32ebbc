"""What waits for a user, at the REST interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.swaps import ACCEPTED
from domain.users import User
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, at_time, insert_swap

DAY = timedelta(days=1)


async def waiting_for(client: Client, user: User) -> list[dict[str, Any]]:
    async with client(user).get("/api/waiting") as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = await answer.json()
    return found


async def test_a_request_waits_for_the_user_who_is_asked(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben)
    assert await waiting_for(client, ada) == []
    (request,) = await waiting_for(client, ben)
    assert (request["kind"], request["swap_id"], request["people"]) == (
        "answer",
        swap.id,
        [{"_id": ada.id, "name": "Ada"}],
    )
    assert request["until"]


async def test_an_expired_request_does_not_wait(client: Client, make_user: MakeUser, deps: Deps) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    long_ago = at_time(deps, deps.now() - 30 * DAY)
    await insert_swap(long_ago, ada, ben)
    assert await waiting_for(client, ben) == []


async def test_what_ends_first_comes_first_and_people_who_answered_are_left_out(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    await make_swap(ada, ben, status=ACCEPTED)
    await make_swap(cleo, ben)
    assert [one["kind"] for one in await waiting_for(client, ben)] == ["answer", "plan"]
    assert [one["kind"] for one in await waiting_for(client, ada)] == ["plan"]
    assert await waiting_for(client, cleo) == []
