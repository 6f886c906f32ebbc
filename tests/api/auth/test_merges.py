"""Two users merge while their partner chats on the web: no later message is addressed to the removed user."""

from __future__ import annotations

from typing import Any

from domain.swaps import ACCEPTED
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.messages import Draft, send_message
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


async def recipients_of(web: Web, text: str) -> list[str]:
    doc: dict[str, Any] = await web.deps.store.database.collection("messages").find_one({"message": text})
    return [str(delivery["to"]) for delivery in doc["outbox"]]


async def test_conversation_continues_with_the_merged_user(
    web: Web, client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user("Ada", email="ada@example.org")
    loser = await make_user("Ada too", telegram_id=81, skills_offered=("Python",))
    ben = await make_user("Ben", skills_offered=("Guitar",))
    swap = await make_swap(ben, loser, status=ACCEPTED, offered_skill="Guitar", wanted_skill="Python")
    tab = await connect(ben)
    await send_message(web.deps, ben, Draft(swap.id, "before", "web"))
    code, _ = await offer_merge(web.deps, survivor)
    merged = await accept_merge(web.deps, loser, code)
    async with client(merged).get(f"/api/chat/{swap.id}") as answer:
        assert answer.status == 200
        assert [message["message"] for message in await answer.json()] == ["before"]
    async with client(ben).post("/api/chat", json={"swap_id": swap.id, "message": "after"}) as answer:
        assert (await answer.json())["to_user_id"] == merged.id
    await eventually(lambda: any(merged.id in str(event) for event in tab.heard))
    assert await recipients_of(web, "after") == [merged.id]
