"""One conversation through web and Telegram, in one process and in two."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Cluster, Listen, post


@pytest.mark.parametrize("roles", [("run",), ("api", "bot")], ids=["one process", "two processes"])
async def test_messages_pass_between_web_and_telegram_both_ways(
    cluster: Cluster, listen: Listen, roles: tuple[str, ...]
) -> None:
    for role in roles:
        await cluster.start(role, NEXTAUTH_URL=cluster.url or "http://127.0.0.1:1")
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    swap_id = await cluster.swap(ana, li)
    ana_cookie, li_cookie = await cluster.cookie(ana), await cluster.cookie(li)
    on_ana, on_li = await listen(cluster.url, ana_cookie), await listen(cluster.url, li_cookie)

    status, message = await post(f"{cluster.url}/api/chat", ana_cookie, {"swap_id": swap_id, "message": "from REST"})
    assert (status, message["seq"]) == (201, 1)
    relayed = await cluster.sees(li, "from REST")
    assert relayed.words.startswith("Ana")
    assert (await on_li.receive_text("from REST"))["_id"] == message["_id"]
    assert (await on_ana.receive_text("from REST"))["_id"] == message["_id"]

    await cluster.sandbox.send_text(li, "from Telegram")
    assert (await on_ana.receive_text("from Telegram"))["via"] == "telegram"
    await cluster.sees(ana, "from Telegram")

    ack = await on_ana.client.call("chat:new", {"swap_id": swap_id, "message": "from a socket"})
    assert ack["ok"], ack
    assert ack["message"]["seq"] == 3
    await cluster.sees(li, "from a socket")
    assert [message["seq"] for message in on_li.messages] == [1, 2, 3]


async def test_swap_cancelled_on_the_web_updates_its_cards_in_telegram(cluster: Cluster) -> None:
    await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    swap_id = await cluster.swap(ana, li)
    cookie = await cluster.cookie(ana)
    import aiohttp

    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as web:
        async with web.put(f"{cluster.url}/api/swap/{swap_id}", json={"status": "cancelled"}) as reply:
            assert reply.status == 200
    await cluster.sees(li, "has ended")
    for person in (ana, li):
        cards = [message for message in cluster.sandbox.chat(person) if ":end" in str(message.buttons)]
        assert not cards or not await _keeps_its_button(cluster, person)


async def _keeps_its_button(cluster: Cluster, person: int) -> bool:
    """Return True when a card still has its button after five seconds."""
    import asyncio

    for _ in range(100):
        if not any(":end" in str(message.buttons) for message in cluster.sandbox.chat(person)):
            return False
        await asyncio.sleep(0.05)
    return True
