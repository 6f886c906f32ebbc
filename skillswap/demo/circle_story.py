"""A circle in `skillswap demo`: three people, no two of whom could swap; one is replaced, and all three lessons are
held."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import socketio

from bot.sandbox import Message
from skillswap.demo.meetings import AFTER, Meetings
from skillswap.demo.scene import STEP_SECONDS
from skillswap.demo.web_side import WebSide

ZONE = "Europe/Madrid"
BETWEEN = timedelta(minutes=90)
"""Time from one lesson of the circle to the next."""


class CircleStory(Meetings):
    """Ana teaches Li, Li teaches Noor, Noor teaches Ana; then Noor declines, and Omar takes the vacancy from the
    web."""

    async def tell(self) -> None:
        self._chapter("Ana, Li and Noor: no two of them fit, but all three do")
        ana = await self._settle("Ana", teach="Bagpipes", learn="Esperanto", zone=ZONE)
        li = await self._settle("Li", teach="Bookbinding", learn="Bagpipes", zone=ZONE)
        noor = await self._settle("Noor", teach="Esperanto", learn="Bookbinding", zone=ZONE)
        offer = await self._say(ana, "/circles", then="cp:", shows="Ask Li and Noor")
        self._heard(ana, offer)
        await self._press(ana, "cp:", then="ci:", shows="You are in")
        invitation = await self._sees(li, ":join")
        self._heard(li, invitation)
        self._check(invitation.photo is None and "first names only" in invitation.words, "no face before it closes")
        await self._press(li, ":join", then="ci:", shows="You are in")
        omar = await self._replace(ana, li, noor)
        await self._talk(ana, li, noor, omar)
        await self._wait_for_day()
        async with await self._browser(omar) as web:
            last = await self._plan(web, ana, li, omar)
            await self._hold(web, ana, li, omar, last)

    async def _replace(self, ana: int, li: int, noor: int) -> int:
        self._chapter("Noor can't; Omar steps in, on the web")
        omar = await self._settle("Omar", teach="Esperanto", learn="Bookbinding", zone=ZONE)
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

    async def _plan(self, web: WebSide, ana: int, li: int, omar: int) -> datetime:
        """Let one lesson be offered in Telegram and two on the web, and all be agreed to; return the last start."""
        self._chapter("Each of the three lessons of the circle gets its own date")
        (circle,) = await web.get("/api/circles")
        circle_id = str(circle["_id"])
        await self._press(ana, f"sw:{circle_id}:open", then=":new", shows="Nothing is planned yet")
        legs = await self._press(ana, ":new", then="sp:", shows="Bagpipes for Li")
        lesson = next(button.data for button in legs.buttons if "Bagpipes" in button.label)
        times = await self._press(ana, str(lesson), then=":p:", shows="When will you and Li meet?")
        first = next(button.data for button in times.buttons if button.label.startswith("▫️"))
        await self._press(ana, str(first), then=":o:")
        self._heard(ana, await self._press(ana, ":o:", then="se:", shows="You suggested this to Li"))
        self._heard(li, await self._press(li, ":agree:", then="se:", shows="It is settled"))
        (session,) = (await self._circle_of(ana))["sessions"]
        start = datetime.fromisoformat(session["starts_at"])
        starts = (start, start - BETWEEN, start - 2 * BETWEEN)
        for number, leg, person in ((1, circle["you_teach"]["leg"], ana), (2, circle["you_learn"]["leg"], li)):
            body = {"legs": [leg], "slots": [starts[number].isoformat()], "mode": "in_person", "place": "Li's workshop"}
            await web.send("POST", f"/api/swap/{circle_id}/sessions", body, status=201)
            self._heard(person, await self._press(person, ":agree:", then="se:", shows="It is settled: you and Omar"))
            await web.hears("session:updated", lambda said: said["session"]["status"] == "agreed")
        (circle,) = await web.get("/api/circles")
        shown = (circle["stage"], circle["next_action"]["verb"], len(circle["sessions"]))
        self._check(shown == ("planned", "meet", 2), "REST: Omar's two lessons are planned; the third is not his")
        return start

    async def _hold(self, web: WebSide, ana: int, li: int, omar: int, last: datetime) -> None:
        """Let each learner say that the lesson took place, and all three be done."""
        self._chapter("All three lessons are held, and the circle is complete")
        await self._wait_until(last + AFTER)
        for person, teacher, skill in ((li, "Ana", "Bagpipes"), (ana, "Omar", "Esperanto")):
            question = await self._sees(person, ":held:", shows=f"Did you and {teacher} meet?")
            self._check(skill in question.words, f"{self._names[person]} is asked about {skill}")
            yes = f"{_session_on(question)}:held:"
            self._heard(person, await self._press(person, yes, then=":done", shows=f"You and {teacher} have met"))
        (circle,) = await web.get("/api/circles")
        self._check(circle["stage"] == "asking", "REST: Omar is asked about his lesson")
        lesson = next(one for one in circle["sessions"] if circle["you_learn"]["leg"] in one["legs"])
        path = f"/api/swap/{circle['_id']}/sessions/{lesson['id']}"
        await web.send("PUT", path, {"action": "answer", "answer": "yes"}, status=200)
        await web.hears("session:updated", lambda said: said["session"]["status"] == "held")
        self._heard(li, await self._sees(li, None, shows="You and Omar have met"))
        await web.send("POST", f"/api/swap/{circle['_id']}/done", status=200)
        for person in (ana, li):
            await self._press(person, ":done", then=None, shows="🏁")
        await self._all_hear((ana, li, omar), "is complete", then=":stars:")
        (circle,) = await web.get("/api/circles")
        shown = (circle["status"], circle["stage"], circle["next_action"]["verb"])
        self._check(shown == ("completed", None, "rate"), "REST: completed, and to be rated")
        (pending,) = await web.get("/api/reviews/pending")
        self._check(pending["skill"] == "Bookbinding", "GET /api/reviews/pending: Omar rates Li, who taught him")

    async def _circle_of(self, person: int) -> Any:
        async with await self._browser(person) as web:
            (circle,) = await web.get("/api/circles")
            return circle


def _session_on(message: Message) -> str:
    """Return the data of the buttons of a session up to its id: `se:<swap>:<session>`."""
    data = next(str(button.data) for button in message.buttons if str(button.data).startswith("se:"))
    return ":".join(data.split(":")[:3])
