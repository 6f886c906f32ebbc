"""Edits through REST keep all words: the chat in Telegram shows what `GET /api/chat` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from tests.bot.test_messages import picture
from tests.bot.test_whole_messages import words
from tests.flows.conftest import Cluster, post
from tests.waiting import eventually

if TYPE_CHECKING:
    from bot.sandbox import Message

HEADER = "Ana · "


async def upload(cluster: Cluster, cookie: str) -> str:
    form = aiohttp.FormData({"purpose": "chat"})
    form.add_field("file", picture(), filename="photo.jpg", content_type="image/jpeg")
    address = f"{cluster.url}/api/upload"
    async with aiohttp.ClientSession() as web, web.post(address, data=form, headers={"Cookie": cookie}) as reply:
        assert reply.status == 200, await reply.text()
        return str((await reply.json())["secure_url"])


async def edited(cluster: Cluster, cookie: str, swap_id: str, text: str) -> None:
    address, headers = f"{cluster.url}/api/chat/{swap_id}/1", {"Cookie": cookie}
    async with aiohttp.ClientSession() as web, web.put(address, json={"message": text}, headers=headers) as reply:
        assert reply.status == 200, await reply.text()


def relayed(cluster: Cluster, reader: int) -> list[Message]:
    return [message for message in cluster.sandbox.chat(reader) if message.words.startswith(HEADER)]


def words_in(cluster: Cluster, reader: int) -> list[str]:
    return " ".join(message.words.partition("\n")[2] for message in relayed(cluster, reader)).split()


async def both_doors_show(cluster: Cluster, reader: int, cookie: str, swap_id: str, text: str) -> None:
    """Wait until Telegram shows these words, which REST gives, too."""
    address = f"{cluster.url}/api/chat/{swap_id}"
    async with aiohttp.ClientSession() as web, web.get(address, headers={"Cookie": cookie}) as reply:
        (message,) = await reply.json()
        assert message["message"] == text
    await eventually(lambda: words_in(cluster, reader) == text.split())


async def conversation(cluster: Cluster) -> tuple[int, str, str]:
    """Return the reader in Telegram, the writer's cookie, and the swap of both."""
    await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    swap_id = await cluster.swap(ana, li)
    return li, await cluster.cookie(ana), swap_id


async def test_a_photo_with_a_long_text_keeps_its_words_through_edits(cluster: Cluster) -> None:
    li, cookie, swap_id = await conversation(cluster)
    begin = words(1950, "a")
    body: dict[str, Any] = {"swap_id": swap_id, "message": begin, "photo_url": await upload(cluster, cookie)}
    status, _ = await post(f"{cluster.url}/api/chat", cookie, body)
    assert status == 201
    await both_doors_show(cluster, li, cookie, swap_id, begin)
    for text in ("short now", words(2600, "b"), words(2700, "c")):
        await edited(cluster, cookie, swap_id, text)
        await both_doors_show(cluster, li, cookie, swap_id, text)
    assert [copy.kind for copy in relayed(cluster, li)] == ["photo", "text"]


async def test_a_long_text_with_emoji_keeps_both_halves_through_edits(cluster: Cluster) -> None:
    li, cookie, swap_id = await conversation(cluster)
    begin = ("🎸🎸🎸🎸 word " * 396).strip()
    status, _ = await post(f"{cluster.url}/api/chat", cookie, {"swap_id": swap_id, "message": begin})
    assert status == 201
    await both_doors_show(cluster, li, cookie, swap_id, begin)
    assert len(relayed(cluster, li)) == 2
    for text in ("short now", begin.replace("word", "play"), "short again"):
        await edited(cluster, cookie, swap_id, text)
        await both_doors_show(cluster, li, cookie, swap_id, text)
