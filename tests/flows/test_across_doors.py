"""One conversation over both doors, in one process and in two."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Listen, Town, post


@pytest.mark.parametrize("roles", [("run",), ("api", "bot")], ids=["one process", "two processes"])
async def test_words_cross_the_doors_both_ways(town: Town, listen: Listen, roles: tuple[str, ...]) -> None:
    for role in roles:
        await town.start(role, NEXTAUTH_URL=town.url or "http://127.0.0.1:1")
    ana = await town.register("Ana", teach="Guitar", learn="Python")
    li = await town.register("Li", teach="Python", learn="Guitar")
    swap_id = await town.swap(ana, li)
    ana_cookie, li_cookie = await town.cookie(ana), await town.cookie(li)
    on_ana, on_li = await listen(town.url, ana_cookie), await listen(town.url, li_cookie)

    status, message = await post(f"{town.url}/api/chat", ana_cookie, {"swap_id": swap_id, "message": "from REST"})
    assert (status, message["seq"]) == (201, 1)
    relayed = await town.sees(li, "from REST")
    assert relayed.words.startswith("Ana")
    assert (await on_li.hears("from REST"))["_id"] == message["_id"]
    assert (await on_ana.hears("from REST"))["_id"] == message["_id"]

    await town.sandbox.send_text(li, "from Telegram")
    assert (await on_ana.hears("from Telegram"))["via"] == "telegram"
    await town.sees(ana, "from Telegram")

    ack = await on_ana.client.call("chat:new", {"swap_id": swap_id, "message": "from a socket"})
    assert ack["ok"], ack
    assert ack["message"]["seq"] == 3
    await town.sees(li, "from a socket")
    assert [message["seq"] for message in on_li.messages] == [1, 2, 3]


async def test_what_the_web_does_to_a_swap_shows_on_the_cards_in_telegram(town: Town) -> None:
    await town.start()
    ana = await town.register("Ana", teach="Guitar", learn="Python")
    li = await town.register("Li", teach="Python", learn="Guitar")
    swap_id = await town.swap(ana, li)
    cookie = await town.cookie(ana)
    import aiohttp

    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as web:
        async with web.put(f"{town.url}/api/swap/{swap_id}", json={"status": "cancelled"}) as reply:
            assert reply.status == 200
    await town.sees(li, "has ended")
    for person in (ana, li):
        cards = [message for message in town.sandbox.chat(person) if ":end" in str(message.buttons)]
        assert not cards or not await _still_there(town, person)


async def _still_there(town: Town, person: int) -> bool:
    """Whether a card keeps its buttons although its swap is over."""
    import asyncio

    for _ in range(100):
        if not any(":end" in str(message.buttons) for message in town.sandbox.chat(person)):
            return False
        await asyncio.sleep(0.05)
    return True
