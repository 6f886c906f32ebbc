"""Two people become one while their partner talks on the web: nothing of what is said goes to the one that was."""

from __future__ import annotations

from typing import Any

from domain.swaps import ACCEPTED
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.messages import Draft, send_message
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


async def told_of(web: Web, text: str) -> list[str]:
    doc: dict[str, Any] = await web.deps.store.database.collection("messages").find_one({"message": text})
    return [str(line["to"]) for line in doc["outbox"]]


async def test_a_conversation_goes_on_with_the_one_that_is_left(
    web: Web, client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user("Ada", email="ada@example.org")
    loser = await make_user("Ada too", telegram_id=81, skills_offered=("Python",))
    ben = await make_user("Ben", skills_offered=("Guitar",))
    swap = await make_swap(ben, loser, status=ACCEPTED, offered_skill="Guitar", wanted_skill="Python")
    tab = await connect(ben)
    await send_message(web.deps, ben, Draft(swap.id, "before", "web"))
    code, _ = await offer_merge(web.deps, survivor)
    one = await accept_merge(web.deps, loser, code)
    async with client(one).get(f"/api/chat/{swap.id}") as answer:
        assert answer.status == 200
        assert [message["message"] for message in await answer.json()] == ["before"]
    async with client(ben).post("/api/chat", json={"swap_id": swap.id, "message": "after"}) as answer:
        assert (await answer.json())["to_user_id"] == one.id
    await eventually(lambda: any(one.id in str(said) for said in tab.heard))
    assert await told_of(web, "after") == [one.id]
