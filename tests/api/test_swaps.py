from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from bson import ObjectId

from domain.swaps import MAX_PAGE, REJECTED
from domain.users import User
from handlers.notifications import claim_delivery, mark_reachable, mark_unreachable
from handlers.runtime.deps import Deps
from tests.api.conftest import Client, Connect, Web
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser


async def test_swap_is_requested_and_accepted(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    asked = {
        "to_user_id": ben.id,
        "offered_skill": ada.skills_offered[0].upper(),
        "wanted_skill": ben.skills_offered[0],
        "message": "Tuesdays?",
    }
    async with client(ada).post("/api/swap", json=asked) as answer:
        swap = await answer.json()
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/swap/{swap['_id']}"
    assert (swap["from_user_id"], swap["to_user_id"], swap["status"]) == (ada.id, ben.id, "pending")
    assert (swap["offered_skill"], swap["can"], swap["version"]) == (ada.skills_offered[0], ["cancel", "chat"], 1)
    assert swap["consents"] == {ada.id: 1}
    async with client(ben).put(f"/api/swap/{swap['_id']}", json={"status": "accepted", "version": 1}) as answer:
        accepted = await answer.json()
    assert (answer.status, accepted["status"], accepted["can"]) == (
        200,
        "accepted",
        ["chat", "cancel", "plan", "met", "arrange"],
    )
    assert accepted["consents"] == {ada.id: 1, ben.id: 2}
    async with client(ada).get(f"/api/swap/{swap['_id']}") as answer:
        assert (await answer.json())["status"] == "accepted"


async def test_list_has_the_own_swaps_newest_first_in_pages(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user(skills_offered=("Chess",))
    partners = [await make_user(skills_offered=("Judo",)) for _ in range(3)]
    swaps = [await make_swap(ada, partner) for partner in partners]
    session = client(ada)
    seen, path = [], "/api/swap?limit=2&status=pending"
    while path:
        async with session.get(path) as answer:
            seen += [swap["_id"] for swap in await answer.json()]
            link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
            path = link.group(1) if link else ""
    assert seen == [swap.id for swap in reversed(swaps)]
    async with client(partners[2]).get("/api/swap") as answer:
        assert [swap["_id"] for swap in await answer.json()] == [swaps[2].id]
    async with session.get("/api/swap?status=accepted") as answer:
        assert await answer.json() == []
    async with session.get("/api/swap?limit=1000000000") as answer:
        assert (answer.status, len(await answer.json())) == (200, 3)


async def test_a_full_first_page_links_to_the_next_when_no_limit_is_given(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swaps = deps.store.database.collection("swaps")
    doc = await swaps.find_one(
        {"_id": ObjectId((await make_swap(ada, ben, status=REJECTED)).id)}, {"request_number": 0}
    )
    await swaps.insert_many([doc | {"_id": ObjectId()} for _ in range(MAX_PAGE)])
    async with client(ada).get("/api/swap") as answer:
        page = await answer.json()
    assert len(page) == MAX_PAGE
    assert answer.headers["Link"] == f'</api/swap?before={page[-1]["_id"]}&limit={MAX_PAGE}>; rel="next"'
    async with client(ada).get(f"/api/swap?before={page[-1]['_id']}") as answer:
        assert len(await answer.json()) == 1
    assert "Link" not in answer.headers


async def test_fifty_concurrent_accepts_have_one_effect(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(telegram_id=True), await make_user()
    swap = await make_swap(ada, ben)
    session = client(ben)

    async def accept() -> tuple[int, int]:
        async with session.put(f"/api/swap/{swap.id}", json={"status": "accepted"}) as answer:
            return answer.status, (await answer.json())["version"]

    assert set(await asyncio.gather(*(accept() for _ in range(50)))) == {(200, 2)}
    stored = await deps.store.database.collection("swaps").find_one({})
    assert sum(delivery["event"] == "swap.accepted" for delivery in stored["outbox"]) == 1


async def test_mutual_requests_become_one_accepted_swap(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()

    async def ask(me: User, other: User) -> tuple[int, dict[str, Any]]:
        body = {
            "to_user_id": other.id,
            "offered_skill": me.skills_offered[0],
            "wanted_skill": other.skills_offered[0],
        }
        async with client(me).post("/api/swap", json=body) as answer:
            return answer.status, await answer.json()

    answers = await asyncio.gather(ask(ada, ben), ask(ben, ada))
    assert sorted((status, swap["status"]) for status, swap in answers) == [(200, "accepted"), (201, "pending")]
    assert answers[0][1]["_id"] == answers[1][1]["_id"]


@pytest.mark.parametrize(
    ("status", "role", "answer_with", "expected", "code"),
    [
        ("pending", "asker", "accepted", 403, "swap.only_partner_answers"),
        ("pending", "asker", "rejected", 403, "swap.only_partner_answers"),
        ("pending", "partner", "cancelled", 403, "swap.only_asker_cancels"),
        ("cancelled", "partner", "accepted", 409, "swap.already_answered"),
        ("rejected", "partner", "accepted", 409, "swap.already_answered"),
        ("rejected", "asker", "cancelled", 409, "swap.already_over"),
        ("pending", "stranger", "accepted", 404, "swap.not_found"),
    ],
)
async def test_forbidden_transition_is_refused(
    client: Client,
    make_user: MakeUser,
    make_swap: MakeSwap,
    status: str,
    role: str,
    answer_with: str,
    expected: int,
    code: str,
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status=status)
    actor = {"asker": ada, "partner": ben, "stranger": eve}[role]
    async with client(actor).put(f"/api/swap/{swap.id}", json={"status": answer_with}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (expected, code)
    if expected == 409:
        assert (problem["current"]["_id"], problem["current"]["status"]) == (swap.id, status)
        assert problem["current"]["can"] == {
            ("rejected", "partner"): ["chat", "reason", "again"],
            ("rejected", "asker"): ["chat"],
        }.get((status, role), [])


async def test_answer_to_an_older_version_is_refused(client: Client, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    async with client(ada).put(f"/api/swap/{swap.id}", json={"status": "cancelled", "version": 1}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"], problem["current"]["version"]) == (409, "swap.changed", 2)


async def test_swap_of_other_users_is_answered_as_absent(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(eve)
    for method, path, body in [
        ("GET", "/api/swap/{}", None),
        ("PUT", "/api/swap/{}", {"status": "accepted"}),
        ("GET", "/api/chat/{}", None),
    ]:
        seen = set()
        for swap_id in (swap.id, "0" * 24, "zz", "a" * 12, "$ne"):
            async with session.request(method, path.format(swap_id), json=body) as answer:
                found = await answer.json()
            assert answer.status == 404
            found.pop("request_id")
            seen.add(str(found))
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to_user_id": "me"}, 422, "swap.with_yourself"),
        ({"to_user_id": "zz"}, 404, "user.not_found"),
        ({"to_user_id": "0" * 24}, 404, "user.not_found"),
        ({"offered_skill": "Juggling"}, 422, "swap.not_taught"),
        ({"message": "x" * 1001}, 422, "text.too_long"),
        ({"from_user_id": "0" * 24}, 422, "read_only_field"),
        ({"status": "accepted"}, 422, "read_only_field"),
        ({"from_user_id": {"$ne": None}}, 422, "invalid_field"),
        ({"to_user_id": {"$ne": None}}, 422, "invalid_field"),
    ],
)
async def test_invalid_request_is_refused(
    client: Client, make_user: MakeUser, change: dict[str, object], status: int, code: str
) -> None:
    ada, ben = await make_user(), await make_user()
    body = {"to_user_id": ben.id, "offered_skill": ada.skills_offered[0], "wanted_skill": ben.skills_offered[0]}
    body.update({name: ada.id if value == "me" else value for name, value in change.items()})
    async with client(ada).post("/api/swap", json=body) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("value", "expected"), [("ACCEPTED", 422), (["accepted"], 422), ("completed", 422), ("expired", 422), (None, 422)]
)
async def test_unknown_status_is_refused(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, value: object, expected: int
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben)
    async with client(ben).put(f"/api/swap/{swap.id}", json={"status": value}) as answer:
        assert answer.status == expected


async def test_partner_unreachable_in_telegram_is_shown_as_away(
    client: Client, connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user(telegram_id=True)
    swap = await make_swap(ada, ben)
    tab = await connect(ada)
    delivery = await claim_delivery(web.deps, "w", set())
    assert delivery is not None
    await mark_unreachable(web.deps, delivery)
    ((event, document),) = await received(tab)
    assert (event, document["away"]) == ("swap:updated", [ben.id])
    async with client(ada).get(f"/api/swap/{swap.id}") as answer:
        assert (await answer.json())["away"] == [ben.id]
    async with client(ben).get(f"/api/swap/{swap.id}") as answer:
        assert (await answer.json())["away"] == []
    await mark_reachable(web.deps, ben.telegram_id or 0, is_reachable=True)
    *_, (event, document) = await received(tab, 2)
    assert (event, document["away"]) == ("swap:updated", [])
