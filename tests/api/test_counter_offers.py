"""Counter-offers at the REST interface and on sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bson import ObjectId

from domain.swaps import MAX_ROUNDS, Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from tests.api.conftest import Client, Connect
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser, deliveries_of

Pair = tuple[User, User, Swap]


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    """Ada has asked Ben: Python for Guitar. She teaches Chess, too, and he Judo."""
    ada = await make_user("Ada", skills_offered=("Python", "Chess"), telegram_id=True)
    ben = await make_user("Ben", skills_offered=("Guitar", "Judo"), telegram_id=True)
    swap = await make_swap(ada, ben, offered_skill="Python", wanted_skill="Guitar", message="Tuesdays?")
    return ada, ben, swap


async def post(client: Client, actor: User, swap: Swap, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = body.pop("headers", {})
    async with client(actor).post(f"/api/swap/{swap.id}/counter", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def put(client: Client, actor: User, swap: Swap, status: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with client(actor).put(f"/api/swap/{swap.id}", json={"status": status, **body}) as answer:
        return answer.status, await answer.json()


GUITAR_FOR_CHESS = {"offered_skill": "guitar", "wanted_skill": "CHESS"}
"""Skills that Ben would teach and learn; he spells it his own way."""


async def test_a_counter_offer_passes_the_turn_over_and_is_accepted(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    status, countered = await post(client, ben, swap, **GUITAR_FOR_CHESS, message="I know some Python", version=1)
    assert (status, countered["status"], countered["version"], countered["turn"]) == (200, "pending", 2, ada.id)
    assert (countered["offered_skill"], countered["wanted_skill"]) == ("Chess", "Guitar")
    assert (countered["from_user_id"], countered["consents"]) == (ada.id, {ben.id: 2})
    assert (countered["message"], countered["rounds"], countered["can"]) == (
        "I know some Python",
        2,
        ["cancel", "chat"],
    )
    (first,) = countered["offers"]
    assert (first["by"], first["offered_skill"], first["message"]) == (ada.id, "Python", "Tuesdays?")
    assert countered["history"][-1]["event"] == "countered"
    assert await deliveries_of(deps.store.database, swap.id) == [
        ("swap.proposed", ben.id),
        ("swap.countered", ada.id),
        ("swap.card", ben.id),
    ]
    async with client(ada).get(f"/api/swap/{swap.id}") as answer:
        assert (await answer.json())["can"] == ["accept", "reject", "counter", "chat"]
    for actor, decision in ((ben, "accepted"), (ben, "rejected"), (ada, "cancelled")):
        code, _ = await put(client, actor, swap, decision)
        assert code == 403
    code, accepted = await put(client, ada, swap, "accepted", version=2)
    assert (code, accepted["status"], accepted["turn"], accepted["consents"]) == (
        200,
        "accepted",
        None,
        {ben.id: 2, ada.id: 3},
    )


async def test_both_browsers_see_the_counter_offer(client: Client, connect: Connect, pair: Pair) -> None:
    ada, ben, swap = pair
    socket = await connect(ada)
    _, countered = await post(client, ben, swap, **GUITAR_FOR_CHESS)
    ((event, seen),) = await received(socket)
    assert event == "swap:updated"
    assert (seen["_id"], seen["turn"], seen["rounds"], seen["version"]) == (swap.id, ada.id, 2, countered["version"])
    assert seen["can"] == ["accept", "reject", "counter", "chat"]


async def test_bad_counter_offers_are_refused_and_change_nothing(
    client: Client, pair: Pair, make_user: MakeUser
) -> None:
    ada, ben, swap = pair
    eve = await make_user("Eve")
    chess = GUITAR_FOR_CHESS
    for actor, body, expected, code in (
        (ada, {"offered_skill": "Chess", "wanted_skill": "Judo"}, 403, "swap.only_partner_answers"),
        (eve, chess, 404, "swap.not_found"),
        (ben, {"offered_skill": "Guitar", "wanted_skill": "Python"}, 422, "swap.same_terms"),
        (ben, {"offered_skill": "Violin", "wanted_skill": "Chess"}, 422, "swap.not_taught"),
        (ben, {"offered_skill": "Guitar", "wanted_skill": "Judo"}, 422, "swap.not_taught"),
        (ben, {"offered_skill": "Guitar"}, 422, "invalid_field"),
        (ben, chess | {"message": "x" * 501}, 422, "text.too_long"),
        (ben, chess | {"version": 7}, 409, "swap.changed"),
        (ben, chess | {"headers": {"If-Match": '"7"'}}, 412, "swap.changed"),
    ):
        status, problem = await post(client, actor, swap, **body)
        assert (status, problem["code"]) == (expected, code)
    async with client(ada).get(f"/api/swap/{swap.id}") as answer:
        unchanged = await answer.json()
    assert (unchanged["version"], unchanged["turn"], unchanged["offers"]) == (1, ben.id, [])


async def test_the_sixth_round_is_refused(client: Client, pair: Pair) -> None:
    ada, ben, swap = pair
    for number in range(2, MAX_ROUNDS + 1):
        actor, offered, wanted = (ada, "Python", "Judo") if number % 2 else (ben, "Guitar", "Chess")
        status, reply = await post(client, actor, swap, offered_skill=offered, wanted_skill=wanted)
        assert (status, reply.get("rounds")) == (200, number), reply
    status, problem = await post(client, ben, swap, offered_skill="Judo", wanted_skill="Chess")
    assert (status, problem["code"]) == (409, "swap.too_many_rounds")
    assert f"at most {MAX_ROUNDS} offers" in problem["detail"]
    assert problem["current"]["can"] == ["accept", "reject", "chat"]


async def test_a_counter_offer_that_is_another_open_swap_of_the_two_is_refused(
    client: Client, pair: Pair, make_swap: MakeSwap
) -> None:
    ada, ben, swap = pair
    other = await make_swap(ada, ben, offered_skill="Chess", wanted_skill="Guitar")
    status, problem = await post(client, ben, swap, **GUITAR_FOR_CHESS)
    assert (status, problem["code"], problem["current"]["_id"]) == (409, "swap.already_open", other.id)
    async with client(ben).get(f"/api/swap/{swap.id}") as answer:
        assert (await answer.json())["version"] == 1


async def test_the_skills_of_a_counter_offer_cannot_be_asked_for_twice(client: Client, pair: Pair) -> None:
    ada, ben, swap = pair
    await post(client, ben, swap, **GUITAR_FOR_CHESS)
    body = {"to_user_id": ada.id, "offered_skill": "Guitar", "wanted_skill": "Chess"}
    async with client(ben).post("/api/swap", json=body) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"], problem["current"]["_id"]) == (409, "swap.already_open", swap.id)
    async with client(ben).post("/api/swap", json=body | {"wanted_skill": "Python"}) as answer:
        assert answer.status == 201  # the skills of before are free again


async def test_a_repeated_counter_offer_is_one(client: Client, deps: Deps, pair: Pair) -> None:
    _, ben, swap = pair
    replies = await asyncio.gather(*(post(client, ben, swap, **GUITAR_FOR_CHESS, message="Hm") for _ in range(20)))
    assert {(status, reply["version"]) for status, reply in replies} == {(200, 2)}
    events = [event for event, _ in await deliveries_of(deps.store.database, swap.id)]
    assert events.count("swap.countered") == 1


async def test_of_simultaneous_answers_to_one_version_one_wins(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    actions = [
        post(client, ben, swap, **GUITAR_FOR_CHESS, version=1),
        post(client, ben, swap, offered_skill="Judo", wanted_skill="Python", version=1),
        put(client, ben, swap, "accepted", version=1),
        put(client, ben, swap, "rejected", version=1),
        put(client, ada, swap, "cancelled", version=1),
    ]
    results = await asyncio.gather(*actions)
    won = [reply for status, reply in results if status == 200]
    assert len(won) == 1, results
    assert {status for status, _ in results} <= {200, 403, 409}
    stored = await deps.store.database.collection("swaps").find_one({"_id": ObjectId(swap.id)})
    assert stored is not None
    assert (stored["version"], stored["status"], len(stored["history"])) == (2, won[0]["status"], 2)


async def test_the_declined_may_not_ask_again_whoever_had_asked_first(client: Client, pair: Pair) -> None:
    ada, ben, swap = pair
    await post(client, ben, swap, **GUITAR_FOR_CHESS)
    assert (await put(client, ada, swap, "rejected"))[0] == 200
    body = {"offered_skill": "Guitar", "wanted_skill": "Python", "to_user_id": ada.id}
    async with client(ben).post("/api/swap", json=body) as answer:
        assert (await answer.json())["code"] == "swap.declined_lately"
    body = {"offered_skill": "Python", "wanted_skill": "Guitar", "to_user_id": ben.id}
    async with client(ada).post("/api/swap", json=body) as answer:
        assert answer.status == 201


async def test_notes_of_offers_go_with_the_account_of_their_author(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    await post(client, ben, swap, **GUITAR_FOR_CHESS, message="of Ben")
    await post(client, ada, swap, offered_skill="Python", wanted_skill="Judo", message="of Ada")
    await delete_account(deps, ben)
    stored = await deps.store.swaps.find(swap.id)
    assert stored is not None
    assert [offer.message for offer in stored.offers] == ["Tuesdays?", ""]
    assert stored.message == "of Ada"
    await delete_account(deps, ada)
    stored = await deps.store.swaps.find(swap.id)
    assert stored is not None
    assert [stored.message, *(offer.message for offer in stored.offers)] == ["", "", ""]
