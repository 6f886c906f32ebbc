"""The second half of `skillswap demo`: three people, no two of whom could swap, close a circle, and one is replaced."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio

from skillswap.demo.scene import STEP_SECONDS, Community


class CircleStory(Community):
    """Ana teaches Li, Li teaches Noor, Noor teaches Ana; then Noor declines, and Omar takes the vacancy from the
    web."""

    async def tell(self) -> None:
        self._chapter("Ana, Li and Noor: no two of them fit, but all three do")
        ana = await self._settle("Ana", teach="Bagpipes", learn="Esperanto")
        li = await self._settle("Li", teach="Bookbinding", learn="Bagpipes")
        noor = await self._settle("Noor", teach="Esperanto", learn="Bookbinding")
        offer = await self._say(ana, "/circles", then="cp:", shows="Ask Li and Noor")
        self._heard(ana, offer)
        await self._press(ana, "cp:", then="ci:", shows="You are in")
        invitation = await self._sees(li, ":join")
        self._heard(li, invitation)
        self._check(invitation.photo is None and "first names only" in invitation.words, "no face before it closes")
        await self._press(li, ":join", then="ci:", shows="You are in")
        omar = await self._replace(ana, li, noor)
        await self._talk(ana, li, noor, omar)

    async def _replace(self, ana: int, li: int, noor: int) -> int:
        self._chapter("Noor can't; Omar steps in, on the web")
        omar = await self._settle("Omar", teach="Esperanto", learn="Bookbinding")
        await self._press(noor, ":decline", then=None, shows="You are not in this circle")
        for person in (ana, li):
            self._heard(person, await self._sees(person, None, shows="looking for a replacement"))
        invitation = await self._sees(omar, ":join", shows="have joined")
        self._heard(omar, invitation)
        async with await self._web(omar) as web:
            (circle,) = await self._get(web, "/api/circles")
            self._check(circle["can"] != [], "REST shows him the same circle, and what he may do")
            body = {"answer": "join", "version": circle["version"]}
            async with web.put(f"/api/circles/{circle['_id']}", json=body) as reply:
                joined = await reply.json()
                self._check(joined.get("status") == "accepted", "his yes is the last one: the circle is closed")
        for person in (ana, li):
            self._heard(person, await self._sees(person, None, shows="You are now talking to"))
        return omar

    async def _talk(self, ana: int, li: int, noor: int, omar: int) -> None:
        self._chapter("The three talk: Omar on the web, the others in Telegram")
        client, heard = socketio.AsyncClient(), asyncio.Queue[dict[str, Any]]()
        client.on("chat:receive", heard.put)
        async with await self._web(omar) as web:
            (circle,) = await self._get(web, "/api/circles")
            await client.connect(self._address, headers=dict(web.headers), transports=["websocket"])
            try:
                await self._say(li, "Hello you two! Sunday at my workshop?")
                received = await asyncio.wait_for(heard.get(), STEP_SECONDS)
                self._check(received["message"] == "Hello you two! Sunday at my workshop?", "chat:receive on the web")
                self._heard(ana, await self._sees(ana, None, shows="Sunday at my workshop?"))
                draft = {"swap_id": circle["_id"], "message": "Bonege! I bring tea."}
                answer = await client.call("chat:new", draft, timeout=STEP_SECONDS)
                self._check(answer["ok"], "Omar answers on the web")
                for person in (ana, li):
                    self._heard(person, await self._sees(person, None, shows="Bonege!"))
            finally:
                await client.disconnect()
        overheard = [message for message in self._sandbox.chat(noor) if "Bonege!" in message.words]
        self._check(overheard == [], "Noor hears nothing of it")
