from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.users import User
from handlers.edits import delete_message, edit_message
from handlers.messages import Draft, send_message
from handlers.reads import mark_read
from handlers.swaps import accept_swap, cancel_swap
from handlers.users import delete_account
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


async def send(web: Web, sender: User, swap_id: str, *texts: str) -> None:
    for text in texts:
        web.deps.rates._full_again.clear()
        await send_message(web.deps, sender, Draft(swap_id, text, "web"))


async def test_sync_returns_everything_missed(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send(web, ben, swap.id, "one", "two", "three")
    tab = await connect(ada)
    first = await tab.call("chat:sync", {"swap_id": swap.id})
    assert [message["seq"] for message in first["messages"]] == [1, 2, 3]
    assert (first["changes"], first["changed"], first["reads"]) == (0, [], {})
    await edit_message(web.deps, ben, swap.id, 1, "One")
    await delete_message(web.deps, ben, swap.id, 3)
    await send(web, ben, swap.id, "four")
    await mark_read(web.deps, ben, swap.id, 4)
    cursor = {"swap_id": swap.id, "after": 3, "changes": first["changes"]}
    missed = await tab.call("chat:sync", cursor)
    assert [message["message"] for message in missed["messages"]] == ["four"]
    changed = [(message["seq"], message["message"], message["changed"]) for message in missed["changed"]]
    assert changed == [(1, "One", 1), (3, "", 2)]
    assert (missed["changes"], missed["reads"], missed["has_more"]) == (2, {ben.id: 4}, False)
    await edit_message(web.deps, ben, swap.id, 1, "First")  # replaces change number 1
    again = await tab.call("chat:sync", cursor | {"after": 4, "changes": 1})
    assert [message["changed"] for message in again["changed"]] == [2, 3]
    nothing = await tab.call("chat:sync", cursor | {"after": 4, "changes": 3})
    assert (nothing["messages"], nothing["changed"], nothing["changes"]) == ([], [], 3)


async def test_many_conversations_are_synchronised_in_one_request(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    partners = [await make_user(skills_offered=("Guitar",), skills_wanted=("Python",)) for _ in range(4)]
    swaps = [await make_swap(partner, ada, status="accepted") for partner in partners]
    for number, (partner, swap) in enumerate(zip(partners, swaps, strict=True)):
        await send(web, partner, swap.id, *(str(n) for n in range(number * 30)))  # 0, 30, 60 and 90 messages
    await send(web, partners[3], swaps[3].id, *(str(n) for n in range(90, 150)))
    cursors = {swap.id: {"swap_id": swap.id, "after": 0, "changes": 0} for swap in swaps}
    got: dict[str, list[int]] = {swap.id: [] for swap in swaps}
    rounds = 0
    while cursors:
        async with client(ada).post("/api/chat/sync", json={"chats": list(cursors.values())}) as answer:
            news = await answer.json()
        rounds += 1
        for missed in news["chats"]:
            got[missed["swap_id"]] += [message["seq"] for message in missed["messages"]]
            cursors[missed["swap_id"]]["after"] = (got[missed["swap_id"]] or [0])[-1]
            if not missed["has_more"]:
                del cursors[missed["swap_id"]]
    assert rounds == 2
    assert [got[swap.id] for swap in swaps] == [list(range(1, count + 1)) for count in (0, 30, 60, 150)]


async def test_sync_returns_swaps_changed_since_the_cursor(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    cleo = await make_user("Cleo", skills_offered=ben.skills_offered, skills_wanted=ben.skills_wanted)
    old = await make_swap(ben, ada, status="accepted")
    long_ago = web.deps.now() - timedelta(hours=1)
    swaps = web.deps.store.database.collection("swaps")
    await swaps.update_many({}, {"$set": {"updated_at": long_ago}})

    async def sync(since: str, user: User = ada) -> Any:
        async with client(user).post("/api/chat/sync", json={"since": since}) as answer:
            return answer.status, await answer.json()

    _, news = await sync("0")
    assert (news["swaps"], news["resync_required"]) == ([], True)  # older than the service keeps changes
    _, news = await sync(news["cursor"])
    assert (news["swaps"], news["resync_required"], news["user"]["_id"]) == ([], False, ada.id)
    asked = await make_swap(ada, cleo)
    await accept_swap(web.deps, cleo, asked.id)
    _, news = await sync(news["cursor"])
    assert [(swap["_id"], swap["status"]) for swap in news["swaps"]] == [(asked.id, "accepted")]
    await cancel_swap(web.deps, ben, old.id)
    _, news = await sync(news["cursor"])
    assert {swap["_id"] for swap in news["swaps"]} == {asked.id, old.id}
    stranger = await make_user()
    assert (await sync(news["cursor"], stranger))[1]["swaps"] == []
    _, ahead = await sync(str(int(news["cursor"]) + 10**8))
    assert ahead["resync_required"] is True
    for cursor in ("", "x", "-1", "١", "9" * 40):
        status, problem = await sync(cursor)
        assert (status, problem["code"]) == (400, "invalid_cursor")


async def test_cursor_beyond_the_end_requires_a_resync(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send(web, ben, swap.id, "one")
    await edit_message(web.deps, ben, swap.id, 1, "One")
    tab = await connect(ada)
    for cursor in ({"after": 2}, {"after": 2**53 - 1}, {"after": 1, "changes": 2}):
        answer = await tab.call("chat:sync", {"swap_id": swap.id, **cursor})
        assert (answer["ok"], answer["resync_required"], answer["messages"]) == (True, True, [])
    answer = await tab.call("chat:sync", {"swap_id": swap.id, "after": 1, "changes": 1})
    assert (answer["resync_required"], answer["changes"]) == (False, 1)
    foreign = await connect(eve)
    answer = await foreign.call("chat:sync", {"chats": [{"swap_id": swap.id}, {"swap_id": "0" * 24}, {"swap_id": "x"}]})
    for missed in answer["chats"]:
        assert (missed["resync_required"], missed["messages"], missed["changed"]) == (True, [], [])


async def test_concurrent_reader_misses_no_change(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send(web, ben, swap.id, *(f"old {number}" for number in range(10)))
    received: dict[int, Any] = {}
    cursor = {"swap_id": swap.id, "after": 0, "changes": 0}
    tab = await connect(ada)
    is_over = False

    async def read_along() -> None:
        while True:
            last = is_over
            answer = await tab.call("chat:sync", cursor)
            for message in (*answer["messages"], *answer["changed"]):
                if message["changed"] >= received.get(message["seq"], message)["changed"]:
                    received[message["seq"]] = message
                cursor["after"] = max(cursor["after"], message["seq"])
            cursor["changes"] = answer["changes"]
            if last and not answer["has_more"]:
                return
            await asyncio.sleep(0.06)

    reader = asyncio.create_task(read_along())

    async def change(seq: int) -> None:
        for turn in range(3):
            web.deps.rates._full_again.clear()
            await edit_message(web.deps, ben, swap.id, seq, f"new {seq} {turn}")
        if seq % 2:
            await delete_message(web.deps, ben, swap.id, seq)

    await asyncio.gather(*(change(seq) for seq in range(1, 11)))
    is_over = True
    await reader
    expected = {seq: "" if seq % 2 else f"new {seq} 2" for seq in range(1, 11)}
    assert {seq: message["message"] for seq, message in sorted(received.items())} == expected


async def test_messages_of_a_deleted_user_are_deleted_for_the_partner(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    await send(web, ada, swap.id, "one", "two")
    await send(web, ben, swap.id, "three")
    tab = await connect(ben)
    cursor = {"swap_id": swap.id, "after": 3, "changes": 0}
    await delete_account(web.deps, ada)
    await eventually(lambda: [event for event, _ in tab.heard].count("chat:deleted") >= 2)
    missed = await tab.call("chat:sync", cursor)
    assert [(message["seq"], message["message"]) for message in missed["changed"]] == [(1, ""), (2, "")]
    assert all(message["deleted_at"] for message in missed["changed"])


@pytest.mark.parametrize("body", [{"chats": [{"swap_id": "0" * 24}] * 51}, {"chats": {"$gt": 1}}, {"after": -1}])
async def test_invalid_sync_request_is_refused(connect: Connect, make_user: MakeUser, body: Any) -> None:
    tab = await connect(await make_user())
    answer = await tab.call("chat:sync", body)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid_field")
