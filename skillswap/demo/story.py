"""The first part of the story of swaps: Maya and Tomás register with the bot, swap, and talk."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import socketio

from skillswap.demo.browser import Browser, link_in
from skillswap.demo.portraits import draw_portrait
from skillswap.demo.scene import STEP_SECONDS, Community

Received = asyncio.Queue[dict[str, Any]]


class Story(Community):
    """Maya and Tomás register with the bot, swap, and talk: she on the web, he in Telegram."""

    async def tell(self) -> None:
        maya = self._arrive("Maya", "en")
        tomas = self._arrive("Tomás", "es")
        await self._register(maya, teach="Hang drum, Juggling", learn="Falconry", place="Gràcia", portrait=3)
        await self._register(tomas, teach="Falconry", learn="Hang drum", place="Lavapiés", portrait=11)
        await self._propose(maya, tomas)
        await self._accept(maya, tomas)
        async with Browser(self._address) as web:
            swap_id = await self._sign_in(web, maya)
            await self._talk(web, maya, tomas, swap_id)

    async def _propose(self, maya: int, tomas: int) -> None:
        self._chapter("Maya looks for a match and asks")
        card = await self._say(maya, "/match", then="m:", shows="Tomás")
        self._check(card.photo is not None and "Falconry" in card.words, "the card shows his face and his skill")
        await self._press(maya, next(b.data for b in card.buttons if b.data and b.data.endswith(":ask")), then="p:")
        last = self._last(tomas)
        await self._say(maya, "I have two drums. Thursday evening?", shows="Tomás")
        request = await self._sees(tomas, ":accept", after=last)
        self._heard(tomas, request)
        self._check("Thursday evening?" in request.words, "her note stands on his card")
        self._check(request.photo is not None, "so does her face")

    async def _accept(self, maya: int, tomas: int) -> None:
        self._chapter("Tomás accepts")
        last = self._last(maya)
        await self._press(tomas, ":accept", then=":chat")
        told = await self._sandbox.wait_for(maya, "Tomás", after=last, timeout=STEP_SECONDS)
        self._heard(maya, told)
        card = await self._sees(maya, ":end")
        self._check(":accept" not in str(card.buttons), "her own card shows the new state")

    async def _sign_in(self, web: Browser, maya: int) -> str:
        self._chapter("Maya signs in on the web with the bot's link")
        link = link_in(await self._say(maya, "/web", shows="http"))
        self._check(link != "", "the bot gives a link")
        page = await web.open(link)
        self._check(page.status == 200, "the link opens a page; looking does not use it up")
        address = link.partition("?")[0]
        done = await web.send(address, page.fields)
        self._check(done.status == 200, "its button signs her in")
        async with Browser(self._address) as other:
            again = await other.send(address, page.fields)
            self._check(again.status == HTTPStatus.GONE, "a second time, in another browser, it signs nobody in")
        me = await self._get(web.http, "/api/user")
        self._check(me["name"] == "Maya", "REST knows her")
        swaps = await self._get(web.http, "/api/swap")
        self._check(swaps[0]["status"] == "accepted", "and her swap")
        return str(swaps[0]["_id"])

    async def _talk(self, web: Browser, maya: int, tomas: int, swap_id: str) -> None:
        self._chapter("They talk: she on the web, he in Telegram")
        client, received = socketio.AsyncClient(), asyncio.Queue[dict[str, Any]]()
        client.on("chat:receive", received.put)
        await client.connect(self._address, headers={"Cookie": web.cookies}, transports=["websocket"])
        try:
            await self._write(client, received, tomas, swap_id)
        finally:
            await client.disconnect()
        last = self._last(tomas)
        draft = {"swap_id": swap_id, "message": "She is beautiful! See you on Thursday."}
        async with web.http.post("/api/chat", json=draft) as reply:
            self._check(reply.status == 201, "Maya answers by REST")
        self._heard(tomas, await self._sandbox.wait_for(tomas, "She is beautiful!", after=last, timeout=STEP_SECONDS))
        history = await self._get(web.http, f"/api/chat/{swap_id}")
        self._check([message["seq"] for message in history] == [1, 2, 3, 4], "the conversation is complete, in order")
        async with web.http.get(history[2]["photo_url"].removeprefix(self._address)) as picture:
            self._check(picture.content_type == "image/jpeg", "the photo can be seen on the web")

    async def _write(self, client: Any, received: Received, tomas: int, swap_id: str) -> None:
        """Let her write twice the same with one id, and him answer with words and a photo."""
        last = self._last(tomas)
        draft = {"swap_id": swap_id, "message": "Hi Tomás! I write from the web 👋", "client_id": "demo-1"}
        for attempt in ("sends", "sends again, as after a lost connection"):
            ack = await client.call("chat:new", draft, timeout=STEP_SECONDS)
            self._check(ack["ok"] and ack["message"]["seq"] == 1, f"Maya {attempt}: one message, number 1")
        await self._receives(received, "Hi Tomás! I write from the web 👋")
        self._heard(tomas, await self._sandbox.wait_for(tomas, "from the web", after=last, timeout=STEP_SECONDS))
        copies = [message for message in self._sandbox.chat(tomas) if "from the web" in message.words]
        self._check(len(copies) == 1, "it stands once in his Telegram")
        await self._say(tomas, "¡Hola Maya! <b>Bring</b> a glove & a hat :)")
        answer = await self._receives(received, "¡Hola Maya! <b>Bring</b> a glove & a hat :)")
        self._check(answer["via"] == "telegram", "with the words just as he wrote them")
        photo = await asyncio.to_thread(draw_portrait, 21)
        await self._sandbox.send_photo(tomas, photo, caption="This is Olga, my owl")
        self._line(tomas, "sends a photo")
        await self._receives(received, "This is Olga, my owl")

    async def _receives(self, received: Received, text: str) -> dict[str, Any]:
        message = await asyncio.wait_for(received.get(), STEP_SECONDS)
        self._check(message["message"] == text, f"chat:receive on the web: {text}")
        return message
