"""Messages before the answer and after the no, at the REST interface, on sockets and in the lists."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.swaps import ANSWER_WITHIN, Swap
from domain.talks import MAX_UNANSWERED, TALK_AFTER_END
from domain.users import User
from handlers.blocks import block_user
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import cancel_swap, expire_due_swaps, get_swap, reject_swap
from handlers.users import delete_account
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser, later
from tests.waiting import eventually

Pair = tuple[User, User, Swap]


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    return ada, ben, await make_swap(ada, ben)


async def say(client: Client, actor: User, swap: Swap, text: str = "Hm?") -> tuple[int, dict[str, Any]]:
    async with client(actor).post("/api/chat", json={"swap_id": swap.id, "message": text}) as answer:
        return answer.status, await answer.json()


async def test_both_write_while_a_request_waits_and_the_asker_three_times_until_answered(
    client: Client, connect: Connect, pair: Pair
) -> None:
    ada, ben, swap = pair
    socket = await connect(ben)
    sent = [await say(client, ada, swap, f"Question {n}") for n in range(MAX_UNANSWERED + 1)]
    assert [status for status, _ in sent] == [201] * MAX_UNANSWERED + [409]
    assert [message["seq"] for _, message in sent[:-1]] == [1, 2, 3]
    problem = sent[-1][1]
    assert (problem["code"], problem["current"]["status"]) == ("chat.wait_for_answer", "pending")
    assert f"{MAX_UNANSWERED} messages without an answer" in problem["detail"]
    assert "chat" in problem["current"]["can"]
    await eventually(lambda: [event for event, _ in socket.received].count("chat:receive") == MAX_UNANSWERED)
    for n in range(MAX_UNANSWERED + 2):  # the one who is asked is not counted
        assert (await say(client, ben, swap, f"Answer {n}"))[0] == 201
    assert (await say(client, ada, swap))[0] == 201
    answer = await (await connect(ada)).call("chat:new", {"swap_id": swap.id, "message": "By socket"}, timeout=10)
    assert (answer["ok"], answer["message"]["seq"]) == (True, 10)


async def test_of_simultaneous_questions_three_are_stored(deps: Deps, pair: Pair) -> None:
    ada, _, swap = pair
    sent = await asyncio.gather(
        *(send_message(deps, ada, Draft(swap.id, f"{n}", "web")) for n in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in sent) == MAX_UNANSWERED
    assert [one.seq for one in await deps.store.messages.list_after(swap.id)] == [1, 2, 3]


async def test_a_no_leaves_two_weeks_for_three_messages_each(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    await reject_swap(deps, ben, swap.id)
    for actor in (ben, ada):
        async with client(actor).get(f"/api/swap/{swap.id}") as answer:
            assert "chat" in (await answer.json())["can"]
    for actor in (ben, ada):  # either is answered by the other's messages, and counts on their own
        assert [(await say(client, actor, swap))[0] for _ in range(4)] == [201] * 3 + [409]
    assert (await say(client, ben, swap))[0] == 201
    after = later(deps, TALK_AFTER_END)
    with pytest.raises(Exception, match=r"chat\.closed"):
        await send_message(after, ada, Draft(swap.id, "Hello?", "web"))


async def test_after_an_expiry_the_questions_that_went_unanswered_count(deps: Deps, client: Client, pair: Pair) -> None:
    ada, ben, swap = pair
    for _ in range(MAX_UNANSWERED):
        await say(client, ada, swap)
    after = later(deps, ANSWER_WITHIN + timedelta(hours=1))
    assert await expire_due_swaps(after) == 1
    with pytest.raises(Exception, match=r"chat\.wait_for_answer"):
        await send_message(after, ada, Draft(swap.id, "Hello?", "web"))
    await send_message(after, ben, Draft(swap.id, "I was away, sorry", "web"))
    await send_message(after, ada, Draft(swap.id, "No problem", "web"))


async def test_a_request_that_was_taken_back_has_no_conversation(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    await cancel_swap(deps, ada, swap.id)
    for actor in (ada, ben):
        status, problem = await say(client, actor, swap)
        assert (status, problem["code"], problem["current"]["can"]) == (409, "chat.closed", [])


@pytest.mark.parametrize("is_declined_before", [False, True])
async def test_a_block_closes_the_conversation_of_a_request_and_of_a_no(
    client: Client, deps: Deps, pair: Pair, is_declined_before: bool
) -> None:
    ada, ben, swap = pair
    if is_declined_before:
        await reject_swap(deps, ben, swap.id)
    await block_user(deps, ben, ada.id)
    for actor in (ada, ben):
        status, problem = await say(client, actor, swap)
        assert (status, problem["code"], problem["current"]["can"]) == (409, "chat.closed", [])


async def test_nothing_is_written_to_somebody_who_has_left_after_a_no(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    await reject_swap(deps, ben, swap.id)
    await delete_account(deps, ben)
    status, problem = await say(client, ada, swap)
    assert (status, problem["code"]) == (409, "chat.closed")
    assert (await get_swap(deps, ada, swap.id)).is_parted


async def test_conversations_about_requests_are_listed_once_somebody_has_written(client: Client, pair: Pair) -> None:
    ada, ben, swap = pair

    async def listed(actor: User) -> list[tuple[str, int]]:
        async with client(actor).get("/api/chat") as answer:
            return [(one["swap_id"], one["unread"]) for one in await answer.json()]

    assert await listed(ben) == []
    await say(client, ada, swap)
    assert await listed(ben) == [(swap.id, 1)]
    assert await listed(ada) == [(swap.id, 0)]


async def test_a_question_can_be_edited_and_is_mailed(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    mailing = replace(deps, has_mail=True)
    ada, ben = await make_user(), await make_user(email="ben@example.org")
    swap = await make_swap(ada, ben)
    await send_message(mailing, ada, Draft(swap.id, "Tuseday?", "web"))
    async with client(ada).put(f"/api/chat/{swap.id}/1", json={"message": "Tuesday?"}) as answer:
        assert (answer.status, (await answer.json())["message"]) == (200, "Tuesday?")
    doc = await deps.store.database.collection("messages").find_one({"seq": 1})
    assert doc is not None
    assert [line["channel"] for line in doc["outbox"]] == ["mail"]
