from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from domain.messages import Message
from domain.reads import MAX_UNREAD
from handlers.messages import Draft, send_message
from handlers.presence import hold_back
from handlers.swaps import cancel_swap
from storage.mongodb.database import Database, new_id
from storage.reads import Reads
from tests.api.conftest import Client, Connect, Web, open_web
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


def new_message(swap_id: str, sender: str, reader: str, text: str) -> Message:
    made = new_id()
    return Message(made, swap_id, 0, sender, reader, text, made, "web", datetime.now(UTC))


async def test_read_mark_is_sent_to_all_participants(
    connect: Connect, client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for text in ("one", "two", "three"):
        await send_message(web.deps, ada, Draft(swap.id, text, "web"))
    ada_tab, ben_tab, eve_tab = await connect(ada), await connect(ben), await connect(eve)
    answer = await ben_tab.call("chat:read", {"swap_id": swap.id, "seq": 2})
    assert answer == {"ok": True, "seq": 2}
    mark = {"swap_id": swap.id, "user_id": ben.id, "seq": 2}
    assert await received(ada_tab) == [("chat:read", mark)]
    assert await received(ben_tab) == [("chat:read", mark)]
    assert (await ben_tab.call("chat:read", {"swap_id": swap.id, "seq": 1}))["seq"] == 2  # a read mark never decreases
    async with client(ben).put(f"/api/chat/{swap.id}/read", json={"seq": 2**50}) as reply:
        assert await reply.json() == mark | {"seq": 3}  # and never exceeds the last seq
    assert (await received(ada_tab, 2))[1:] == [("chat:read", mark | {"seq": 3})]
    refused = await eve_tab.call("chat:read", {"swap_id": swap.id, "seq": 1})
    assert (refused["error"]["code"], eve_tab.received) == ("swap.not_found", [])


async def test_typing_and_read_signals_end_with_the_swap(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    other = await make_swap(ada, await make_user(skills_offered=("Chess",)), status="accepted")
    await send_message(web.deps, ada, Draft(swap.id, "one", "web"))
    tab, late = await connect(ada), await connect(ben)
    await cancel_swap(web.deps, ada, swap.id)
    assert (await received(tab))[0][0] == "swap:updated"
    assert (await late.call("chat:typing", {"swap_id": swap.id}))["ok"]
    assert (await late.call("chat:read", {"swap_id": swap.id, "seq": 1}))["ok"]
    await send_message(web.deps, ada, Draft(other.id, "what comes after", "web"))
    assert [event for event, _ in await received(tab, 2)] == ["swap:updated", "chat:receive"]


async def test_conversations_are_listed_with_unread_counts(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    url = "/api/chat"

    async def listed(user: Any) -> Any:
        async with client(user).get(url) as reply:
            (found,) = await reply.json()
        return found["unread"], found["last"] and found["last"]["seq"], found["reads"]

    assert await listed(ada) == (0, None, {})
    for sender, text in ((ada, "one"), (ben, "two"), (ada, "three")):
        await send_message(web.deps, sender, Draft(swap.id, text, "web"))
    assert await listed(ben) == (2, 3, {})
    assert await listed(ada) == (1, 3, {})
    async with client(ben).put(f"/api/chat/{swap.id}/read", json={"seq": 1}):
        pass
    assert await listed(ben) == (1, 3, {ben.id: 1})
    async with client(ben).put(f"/api/chat/{swap.id}/read", json={"seq": 3}):
        pass
    assert await listed(ben) == (0, 3, {ben.id: 3})
    async with client(ada).delete(f"/api/chat/{swap.id}/2"):  # a message of the partner is not deleted
        pass
    assert await listed(ada) == (1, 3, {ben.id: 3})


async def test_each_conversation_is_listed_with_its_own_newest_message_and_count(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user(skills_offered=("Chess", "Go", "Cello", "Yoga"))
    others = [await make_user(skills_offered=(f"Skill {number}",)) for number in range(4)]
    said = [0, 1, 3, MAX_UNREAD + 5]
    swaps = [await make_swap(ada, ben, status="accepted") for ben in others]
    for swap, ben, count in zip(swaps, others, said, strict=True):
        for number in range(count):
            await web.deps.store.messages.append(new_message(swap.id, ben.id, ada.id, f"{number}"), [])
    async with client(others[2]).delete(f"/api/chat/{swaps[2].id}/2") as answer:
        assert answer.status == 200
    async with client(ada).put(f"/api/chat/{swaps[1].id}/read", json={"seq": 1}) as answer:
        assert answer.status == 200
    async with client(ada).get("/api/chat") as answer:
        listed = {one["swap_id"]: one for one in await answer.json()}
    assert list(listed) == [swap.id for swap in reversed(swaps)]
    assert [listed[swap.id]["unread"] for swap in swaps] == [0, 0, 2, MAX_UNREAD]
    assert [listed[swap.id]["last"] and listed[swap.id]["last"]["message"] for swap in swaps] == [None, "0", "2", "104"]
    assert [listed[swap.id]["reads"] for swap in swaps] == [{}, {ada.id: 1}, {}, {}]


async def test_many_conversations_take_as_many_commands_as_one(
    client: Client, database: Database, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, one = await make_user(), await make_user(skills_offered=("Chess",))
    for number in range(6):
        partner = one if number == 0 else await make_user(skills_offered=(f"Skill {number}",))
        swap = await make_swap(ada, partner, status="accepted" if number % 2 == 0 else "pending")
        await web.deps.store.messages.append(new_message(swap.id, partner.id, ada.id, "Hello"), [])
    collections = [f"{database.name}.{name}" for name in ("messages", "swaps", "read_marks")]
    profile = database.collection("system.profile")
    asked = []
    for reader, conversations in ((one, 1), (ada, 6)):
        async with client(reader).get("/api/swap"):  # known from now on
            pass
        await database.command({"profile": 2})
        async with client(reader).get("/api/chat") as answer:
            assert len(await answer.json()) == conversations
        await database.command({"profile": 0})
        asked.append(await profile.count_documents({"ns": {"$in": collections}, "op": {"$ne": "getmore"}}))
        await profile.drop()
    assert asked[1] <= asked[0] + 1  # the swaps that may be talked in are looked at for a newest message, at once


async def test_concurrent_read_marks_end_at_the_highest(
    client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for number in range(8):
        await send_message(web.deps, ada, Draft(swap.id, str(number), "web"))
    elsewhere = [Reads(web.deps.store.database) for _ in range(6)]  # as from other processes
    await asyncio.gather(*(reads.mark(swap.id, ben.id, seq) for reads in elsewhere for seq in (3, 7, 1, 5, 2)))
    await asyncio.gather(
        *(reads.mark(swap.id, ada.id, seq) for reads, seq in zip(elsewhere, range(8, 2, -1), strict=True))
    )
    marks = [await web.deps.store.reads.get(swap.id, person.id) for person in (ben, ada)]
    assert marks == [7, 8]


async def test_typing_signal_reaches_the_partner_in_every_process(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    ada_tab = await connect(ada)
    async with open_web(web.deps) as other:
        await other.catch_up()
        far = await connect(ben, url=other.url)
        for _ in range(3):
            assert (await ada_tab.call("chat:typing", {"swap_id": swap.id}))["ok"] is True
        await eventually(lambda: far.received)
        assert far.received == [("chat:typing", {"swap_id": swap.id, "user_id": ada.id})]
        await ada_tab.call("chat:open", {"swap_id": swap.id})  # renewing an open view emits no event
        await send_message(web.deps, ada, Draft(swap.id, "hi", "web"))
        assert [event for event, _ in await received(far, 2)] == ["chat:typing", "chat:receive"]
        assert [event for event, _ in await received(ada_tab)] == ["chat:receive"]


async def test_open_view_holds_notifications_back_until_it_closes(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    message = await send_message(web.deps, ada, Draft(swap.id, "hi", "web"))
    presence = web.deps.store.presence
    assert await hold_back(web.deps, ben, message) is None
    first, second = await connect(ben), await connect(ben)
    assert await first.call("chat:open", {"swap_id": swap.id}) == {"ok": True, "again_in": 15.0}
    await second.call("chat:open", {"swap_id": swap.id})
    held = await hold_back(web.deps, ben, message)
    assert held is not None
    assert held.total_seconds() > 0
    await first.call("chat:close", {"swap_id": swap.id})
    assert await presence.is_open(ben.id, swap.id)
    await second.disconnect()

    async def is_closed() -> bool:
        return not await presence.is_open(ben.id, swap.id)

    await eventually(is_closed, within=8)
    assert await hold_back(web.deps, ben, message) is None
    await first.call("chat:read", {"swap_id": swap.id, "seq": 1})
    read = await hold_back(web.deps, ben, message)
    assert read is not None
    assert read.total_seconds() == 0


async def test_open_views_of_a_socket_are_limited(
    connect: Connect, web: Web, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user(skills_offered=("Python",), skills_wanted=("Guitar",))
    tab = await connect(ada)
    answers = []
    for _ in range(11):
        asker = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
        swap = await make_swap(asker, ada, status="accepted")
        web.deps.rates._full_again.clear()
        answers.append(await tab.call("chat:open", {"swap_id": swap.id}))
    assert [answer["ok"] for answer in answers] == [True] * 10 + [False]
    await eventually(lambda: tab.connected)
