"""Blocks over REST: neither of two users finds or contacts the other, in either direction."""

from __future__ import annotations

from typing import Any

import pytest

from domain.swaps import ACCEPTED, PENDING
from domain.users import ProfileChanges, User
from handlers.alerts import add_alert, look_for_alerts
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.blocks import block_user, list_blocks
from handlers.circles import ask_circle, join_circle, list_circles
from handlers.inline_cards import find_cards
from handlers.runtime.deps import Deps
from handlers.users import update_profile
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, list_possible


async def ask(client: Client, user: User, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client(user).request(method, path, json=body) as answer:
        return answer.status, await answer.json()


@pytest.fixture
async def ada(make_user: MakeUser) -> User:
    return await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",), email="ada@example.org")


@pytest.fixture
async def ben(make_user: MakeUser) -> User:
    return await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",), email="ben@example.org")


async def names(client: Client, user: User, path: str) -> set[str]:
    status, found = await ask(client, user, "GET", path)
    assert status == 200
    return {match["user"]["name"] for match in found}


async def test_blocked_pair_is_hidden_from_each_other_until_unblocked(
    deps: Deps, client: Client, ada: User, ben: User, make_user: MakeUser
) -> None:
    cy = await make_user("Cy", skills_offered=("Guitar", "Python"), skills_wanted=("Guitar", "Python"))
    status, made = await ask(client, ada, "POST", f"/api/blocks/{ben.id}")
    assert (status, made["_id"], made["name"]) == (200, ben.id, "Ben")
    assert await ask(client, ada, "POST", f"/api/blocks/{ben.id}") == (200, made)
    assert await ask(client, ada, "GET", "/api/blocks") == (200, [made])
    assert await ask(client, ben, "GET", "/api/blocks") == (200, [])
    for one, other, skill in ((ada, ben, "Guitar"), (ben, ada, "Python")):
        assert await names(client, one, "/api/matches") == {"Cy"}
        assert await names(client, one, f"/api/users?skill={skill}") == {"Cy"}
        assert await names(client, one, f"/api/users?skill={skill}&limit=1") == {"Cy"}
        assert (await ask(client, one, "GET", f"/api/users/{other.id}"))[0] == 404
        body = {"to_user_id": other.id, "offered_skill": one.skills_offered[0], "wanted_skill": skill}
        assert (await ask(client, one, "POST", "/api/swap", body))[0] == 404
        assert {card.id for card in await find_cards(deps, one, skill, limit=5)} == {cy.id}
        assert await find_cards(deps, one, f"u_{other.id}", limit=5) == []
    assert await ask(client, ada, "DELETE", f"/api/blocks/{ben.id}") == (200, [])
    assert (await ask(client, ada, "DELETE", f"/api/blocks/{ben.id}"))[0] == 404
    assert await names(client, ben, "/api/users?skill=Python") == {"Ada", "Cy"}


@pytest.mark.parametrize("status", [PENDING, ACCEPTED])
async def test_block_cancels_the_open_swap(
    client: Client, ada: User, ben: User, make_swap: MakeSwap, status: str
) -> None:
    asked = await make_swap(ada, ben, status=status)
    await ask(client, ada, "POST", f"/api/blocks/{ben.id}")
    _, swap = await ask(client, ben, "GET", f"/api/swap/{asked.id}")
    assert swap["status"] == "cancelled"
    body = {"swap_id": asked.id, "message": "why?"}
    assert (await ask(client, ben, "POST", "/api/chat", body))[0] == 409


async def test_private_partner_can_be_blocked_and_private_stranger_cannot(
    deps: Deps, client: Client, ada: User, ben: User, make_swap: MakeSwap
) -> None:
    await update_profile(deps, ben, ProfileChanges(is_public=False))
    assert (await ask(client, ada, "POST", f"/api/blocks/{ben.id}"))[0] == 404
    await update_profile(deps, ben, ProfileChanges(is_public=True))
    await make_swap(ada, ben, status=ACCEPTED)
    await update_profile(deps, ben, ProfileChanges(is_public=False))
    assert (await ask(client, ada, "POST", f"/api/blocks/{ben.id}"))[0] == 200
    status, problem = await ask(client, ada, "POST", f"/api/blocks/{ada.id}")
    assert (status, problem["code"]) == (422, "block.yourself")


async def test_block_between_any_two_members_removes_the_circle(
    deps: Deps, client: Client, make_user: MakeUser
) -> None:
    async def person(name: str, teaches: str, wants: str) -> User:
        return await make_user(name, skills_offered=(teaches,), skills_wanted=(wants,))

    ana, li, noor = (
        await person("Ana", "Guitar", "Chinese"),
        await person("Li", "Python", "Guitar"),
        await person("Noor", "Chinese", "Python"),
    )
    for one, other in ((ana, li), (li, noor), (noor, ana)):
        for blocker, target in ((one, other), (other, one)):
            assert len(await list_possible(deps, ana)) == 1
            assert (await ask(client, blocker, "POST", f"/api/blocks/{target.id}"))[0] == 200
            assert [await list_possible(deps, user) for user in (ana, li, noor)] == [[], [], []]
            assert (await ask(client, blocker, "DELETE", f"/api/blocks/{target.id}"))[0] == 200
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    for user in (li, noor):
        await join_circle(deps, user, circle.id, version=1)
    assert (await ask(client, li, "POST", f"/api/blocks/{noor.id}"))[0] == 200
    assert [(await list_circles(deps, user))[0].status for user in (ana, li, noor)] == ["cancelled"] * 3


async def test_somebody_in_an_invitation_to_a_circle_is_blocked_by_their_seat(
    deps: Deps, client: Client, make_user: MakeUser
) -> None:
    ana = await make_user("Ana Alvarez", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",))
    await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    _, seen = await ask(client, li, "GET", f"/api/circles/{circle.id}")
    assert (seen["you_learn"]["name"], seen["you_learn"].get("user_id")) == ("Ana", None)
    assert (await ask(client, li, "POST", f"/api/circles/{circle.id}/block/nobody"))[0] == 404
    status, made = await ask(client, li, "POST", f"/api/circles/{circle.id}/block/you_learn")
    assert (status, made["name"], made["_id"] == ana.id) == (200, "Ana", False)  # no more than the seat has said
    assert await ask(client, li, "GET", "/api/blocks") == (200, [made])
    assert (await ask(client, li, "POST", f"/api/circles/{circle.id}/block/you_learn"))[0] == 404
    assert [one.status for one in await list_circles(deps, li) if one.status == "proposed"] == []
    assert (await ask(client, li, "DELETE", f"/api/blocks/{ana.id}"))[0] == 404  # nor whether a guess is right
    assert await ask(client, li, "DELETE", f"/api/blocks/{made['_id']}") == (200, [])


async def test_alert_never_finds_a_blocked_user(deps: Deps, client: Client, ada: User, ben: User) -> None:
    await update_profile(deps, ben, ProfileChanges(skills_offered=("Chess",)))
    await add_alert(deps, ada, "Guitar")
    await ask(client, ben, "POST", f"/api/blocks/{ada.id}")
    await update_profile(deps, ben, ProfileChanges(skills_offered=("Guitar",)))
    await look_for_alerts(deps)
    _, [alert] = await ask(client, ada, "GET", "/api/alerts")
    assert alert["found"] == []


async def test_block_survives_an_account_merge(deps: Deps, ada: User, ben: User, make_user: MakeUser) -> None:
    telegram_user = await make_user("Ada T.", telegram_id=True)
    await block_user(deps, telegram_user, ben.id)
    code, _ = await offer_merge(deps, ada)
    survivor = await accept_merge(deps, telegram_user, code)
    assert [block.user.id for block in await list_blocks(deps, survivor)] == [ben.id]
