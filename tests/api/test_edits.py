from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict
from domain.users import User
from handlers.edits import delete_message, edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import CHAT, upload_photo
from handlers.swaps import cancel_swap
from storage.edits import Edits
from tests.api.conftest import Client, Connect, Web
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser, jpeg


async def test_edit_is_stored_and_sent_to_all_participants(
    client: Client, connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "At sevn", "web"))
    ada_tab, ben_tab = await connect(ada), await connect(ben)
    async with client(ada).put(f"/api/chat/{swap.id}/1", json={"message": " At $seven "}) as answer:
        edited = await answer.json()
    assert (answer.status, edited["message"], edited["changed"], edited["seq"]) == (200, "At $seven", 1, 1)
    assert edited["edited_at"] is not None
    for tab in (ada_tab, ben_tab):
        assert await received(tab) == [("chat:edited", edited)]
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert await answer.json() == [edited]
    async with client(ada).put(f"/api/chat/{swap.id}/1", json={"message": "At $seven"}) as answer:
        assert await answer.json() == edited  # an edit without a change returns the message


async def test_deleted_message_keeps_its_seq_without_content(
    client: Client, connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    photo = await upload_photo(web.deps, ada, jpeg(), purpose=CHAT)
    await send_message(web.deps, ada, Draft(swap.id, "My guitar", "web", photo_url=photo.url))
    await send_message(web.deps, ada, Draft(swap.id, "See?", "web", reply_to=1))
    await cancel_swap(web.deps, ben, swap.id)  # a message can be deleted after the swap has ended
    tab = await connect(ben)
    async with client(ada).delete(f"/api/chat/{swap.id}/1") as answer:
        deleted = await answer.json()
    assert (deleted["message"], deleted["photo_url"], deleted["seq"], deleted["changed"]) == ("", None, 1, 1)
    assert await received(tab) == [("chat:deleted", deleted)]
    async with client(ada).delete(f"/api/chat/{swap.id}/1") as answer:
        assert await answer.json() == deleted
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert [message["seq"] for message in await answer.json()] == [1, 2]
    assert await web.deps.photos.find_by_url(photo.url) is None


async def test_socket_edits_and_deletes_messages(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "At sevn", "web"))
    ada_tab, ben_tab = await connect(ada), await connect(ben)
    message_key = {"swap_id": swap.id, "seq": 1}
    edited = await ada_tab.call("chat:edit", message_key | {"message": "At seven"})
    refused = await ben_tab.call("chat:delete", message_key)
    assert (refused["ok"], refused["error"]["code"]) == (False, "message.not_yours")
    deleted = await ada_tab.call("chat:delete", message_key)
    assert await received(ben_tab, 2) == [("chat:edited", edited["message"]), ("chat:deleted", deleted["message"])]


async def test_only_the_sender_changes_a_message_of_a_running_swap(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "hi", "web"))

    async def try_change(actor: User, method: str, seq: object, body: object = None) -> tuple[int, str]:
        async with client(actor).request(method, f"/api/chat/{swap.id}/{seq}", json=body) as answer:
            return answer.status, (await answer.json())["code"]

    new_text = {"message": "ho"}
    assert await try_change(ben, "PUT", 1, new_text) == (403, "message.not_yours")
    assert await try_change(ben, "DELETE", 1) == (403, "message.not_yours")
    assert await try_change(eve, "PUT", 1, new_text) == (404, "swap.not_found")
    assert await try_change(eve, "DELETE", 1) == (404, "swap.not_found")
    for seq in (2, 0, -1, "x", 2**63):
        assert await try_change(ada, "PUT", seq, new_text) == (404, "message.not_found")
    assert await try_change(ada, "PUT", 1, {"message": ""}) == (422, "text.empty")
    assert await try_change(ada, "PUT", 1, {"message": "x" * 4097}) == (422, "text.too_long")
    assert await try_change(ada, "PUT", 1, {"message": {"$set": 1}}) == (422, "invalid_field")
    assert await try_change(ada, "PUT", 1, {"message": "x", "seq": 2}) == (422, "unknown_field")
    await delete_message(web.deps, ada, swap.id, 1)
    assert await try_change(ada, "PUT", 1, new_text) == (409, "message.deleted")
    await cancel_swap(web.deps, ben, swap.id)
    assert await try_change(ada, "PUT", 1, new_text) == (409, "chat.closed")


async def test_retry_of_an_edited_message_returns_the_edited_message(
    web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    sent = await send_message(web.deps, ada, Draft(swap.id, "hi", "web", client_id="c1"))
    await edit_message(web.deps, ada, swap.id, 1, "hello")
    again = await send_message(web.deps, ada, Draft(swap.id, "hi", "web", client_id="c1"))
    assert (again.id, again.message) == (sent.id, "hello")


async def test_concurrent_changes_get_distinct_numbers(web: Web, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for number in range(5):
        await send_message(web.deps, ada, Draft(swap.id, str(number), "web"))
        await send_message(web.deps, ben, Draft(swap.id, str(number), "web"))
    web.deps.rates._full_again.clear()
    changes = [edit_message(web.deps, ada, swap.id, seq, f"new {seq}") for seq in (1, 3, 5, 7, 9)]
    changes += [delete_message(web.deps, ben, swap.id, seq) for seq in (2, 4, 6, 8, 10)]
    await asyncio.gather(*changes)
    found = await list_messages(web.deps, ada, swap.id)
    assert sorted(message.changed for message in found) == list(range(1, 11))
    assert [message.message for message in found] == ["new 1", "", "new 3", "", "new 5", "", "new 7", "", "new 9", ""]


async def test_change_number_is_never_reused(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit that commits late, after another message was edited twice and read, gets a higher number."""
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "slow", "web"))
    await send_message(web.deps, ben, Draft(swap.id, "quick", "web"))
    last = Edits.last
    is_slow, may_go = asyncio.Event(), asyncio.Event()

    async def slow_last(edits: Edits, swap_id: str, *, session: object = None) -> int:
        found = await last(edits, swap_id, session=session)
        if not is_slow.is_set():
            is_slow.set()
            await may_go.wait()
        return found

    monkeypatch.setattr(Edits, "last", slow_last)
    slow = asyncio.create_task(edit_message(web.deps, ada, swap.id, 1, "slowly"))
    await is_slow.wait()
    await edit_message(web.deps, ben, swap.id, 2, "quicker")
    read = await edit_message(web.deps, ben, swap.id, 2, "quickest")
    may_go.set()
    await slow
    body = {"swap_id": swap.id, "after": 2, "changes": read.changed}
    async with client(ben).post("/api/chat/sync", json=body) as answer:
        (missed,) = (await answer.json())["chats"]
    assert [message["message"] for message in missed["changed"]] == ["slowly"]


async def test_message_edited_and_deleted_concurrently_ends_deleted(
    web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "hi", "web"))
    edits = [edit_message(web.deps, ada, swap.id, 1, f"new {number}") for number in range(4)]
    results = await asyncio.gather(*edits, delete_message(web.deps, ada, swap.id, 1), return_exceptions=True)
    assert not [problem for problem in results if isinstance(problem, Exception) and not isinstance(problem, Conflict)]
    (message,) = await list_messages(web.deps, ben, swap.id)
    assert (message.message, message.deleted_at is not None) == ("", True)


@pytest.mark.parametrize("reply_to", [2, 99])
async def test_reply_to_a_missing_message_is_refused(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap, reply_to: int
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "Seven?", "web"))
    body = {"swap_id": swap.id, "message": "Yes", "reply_to": 1}
    async with client(ben).post("/api/chat", json=body) as answer:
        assert (answer.status, (await answer.json())["reply_to"]) == (201, 1)
    async with client(ben).post("/api/chat", json=body | {"reply_to": reply_to + 1}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "message.no_such_reply")
