"""A swap from the request to the ratings in `skillswap demo`: Nadia on the web, Emil in Telegram."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.timetable import REMIND_DAY_BEFORE, REMIND_HOUR_BEFORE
from skillswap.demo.meetings import AFTER, Meetings
from skillswap.demo.web_side import WebSide


class LifeStory(Meetings):
    """A request with times, a counter-offer, a yes with a date, reminders, a session, and both ratings at once."""

    async def tell(self) -> None:
        await self._wait_for_day()
        nadia = await self._settle("Nadia", teach="Stargazing, Puppetry", learn="Kite making", zone="Europe/Berlin")
        emil = await self._settle("Emil", teach="Kite making", learn="Stargazing", zone="Europe/Lisbon")
        async with await self._browser(nadia) as web:
            swap_id = await self._ask(web, nadia, emil)
            start = await self._accept(web, emil, swap_id)
            await self._remind(web, nadia, emil, swap_id, start)
            await self._hold(web, nadia, emil, swap_id)
            await self._rate(web, nadia, emil, swap_id)

    async def _ask(self, web: WebSide, nadia: int, emil: int) -> str:
        """Let her ask with two times, him suggest another skill, and her the times for that; return the id."""
        self._chapter("Nadia asks on the web, with times; Emil would rather learn something else")
        slots = self._slots(2, 3)
        user = await self._user(emil)
        body = {"to_user_id": user.id, "offered_skill": "Stargazing", "wanted_skill": "Kite making", "slots": slots}
        swap = await web.send("POST", "/api/swap", body | {"message": "On the roof, if it is clear?"}, status=201)
        swap_id = str(swap["_id"])
        request = await self._sees(emil, ":accept:", shows="Nadia would like to swap")
        self._heard(emil, request)
        times = [button.label for button in request.buttons if ":accept:" in str(button.data)]
        self._check(len(times) == len(slots), f"his card has a button for each time: {' · '.join(times)}")
        await self._swap(web, swap_id, status="pending", stage=None, verb="answer")
        await self._press(emil, ":counter", then=":get:", shows="Puppetry")
        await self._press(emil, ":get:1", then="p:", shows="Write Nadia a line")
        self._heard(emil, await self._say(emil, "I know the stars. Puppets?", shows="You suggested something else"))
        await web.hears("swap:updated", lambda swap: swap["turn"] != user.id)
        swap = await self._swap(web, swap_id, status="pending", stage=None, verb="answer")
        self._check(swap["offered_skill"] == "Puppetry", "swap:updated on the web: it is about puppetry, her turn")
        body = {"offered_skill": "Puppetry", "wanted_skill": "Kite making", "slots": self._slots(3, 4)}
        await web.send("POST", f"/api/swap/{swap_id}/counter", body | {"message": "With pleasure!"}, status=200)
        self._heard(emil, await self._sees(emil, ":accept:", shows="Nadia suggests something else"))
        return swap_id

    async def _accept(self, web: WebSide, emil: int, swap_id: str) -> datetime:
        self._chapter("Emil says yes, with a date")
        self._heard(emil, await self._press(emil, ":accept:", then="se:", shows="It is settled"))
        await self._sandbox.wait_for(emil, lambda message: message.kind == "document")
        self._check(True, "he gets the date as a file for his calendar")
        said = await web.hears("session:updated", lambda said: said["session"]["status"] == "agreed")
        swap = await self._swap(web, swap_id, status="accepted", stage="planned", verb="meet")
        self._check(swap["sessions"] == [said["session"]], "session:updated on the web: the same session")
        (session,) = swap["sessions"]
        calendar = await web.get(f"/api/swap/{swap_id}/sessions/{session['id']}.ics")
        self._check("BEGIN:VEVENT" in calendar, "she can put it into her calendar, too")
        return datetime.fromisoformat(session["starts_at"])

    async def _remind(self, web: WebSide, nadia: int, emil: int, swap_id: str, start: datetime) -> None:
        self._chapter("Both are reminded, and asked afterwards")
        await self._wait_until(start - REMIND_DAY_BEFORE)
        await self._all_hear((nadia, emil), "is coming up", then=":there")
        self._heard(emil, await self._press(emil, ":there", then="se:", shows="see you there"))
        await self._wait_until(start - REMIND_HOUR_BEFORE)
        await self._all_hear((nadia, emil), "meet within the hour")
        await self._wait_until(start + AFTER)
        await self._all_hear((nadia, emil), "Did you and", then=":yes")
        await self._swap(web, swap_id, status="accepted", stage="asking", verb="answer_session")

    async def _hold(self, web: WebSide, nadia: int, emil: int, swap_id: str) -> None:
        self._chapter("They have met, and both are done")
        await self._press(emil, ":yes", then=":held:", shows="Only Puppetry")
        self._heard(emil, await self._press(emil, ":held:01", then=":chat", shows="Thank you, noted"))
        swap = await web.get(f"/api/swap/{swap_id}")
        body = {"action": "answer", "answer": "yes"}
        await web.send("PUT", f"/api/swap/{swap_id}/sessions/{swap['sessions'][0]['id']}", body, status=200)
        await web.hears("session:updated", lambda said: said["session"]["status"] == "held")
        self._heard(emil, await self._sees(emil, ":done", shows="You and Nadia have met"))
        await self._swap(web, swap_id, status="accepted", stage="talking", verb="done")
        await web.send("POST", f"/api/swap/{swap_id}/done", status=200)
        self._heard(emil, await self._sees(emil, ":done", shows="Nadia is done"))
        await self._press(emil, ":done", then=":stars:", shows="is complete")
        await self._all_hear((nadia, emil), "is complete", then=":stars:")
        await self._swap(web, swap_id, status="completed", stage=None, verb="rate")

    async def _rate(self, web: WebSide, nadia: int, emil: int, swap_id: str) -> None:
        self._chapter("They rate each other, and both ratings appear at the same moment")
        (pending,) = await web.get("/api/reviews/pending")
        self._check(pending["swap_id"] == swap_id, f"GET /api/reviews/pending: she can rate until {pending['until']}")
        await self._press(emil, ":stars:5", then=":praise:", shows="★★★★★ for Nadia")
        await self._press(emil, ":praise:friendly", then=":praise:", shows="✅ 😊 friendly")
        await self._say(emil, "My dragon can speak now!", then=":send", shows="My dragon can speak now!")
        self._heard(emil, await self._press(emil, ":send", then=None, shows="appear together"))
        self._check(not self._has_read(nadia, "has rated you"), "nobody sees it yet")
        self._check(await web.get(f"/api/swap/{swap_id}/reviews") == [], "nor does the web")
        body = {"swap_id": swap_id, "stars": 4, "praise": ["clear"], "text": "It flies. It even lands."}
        own = await web.send("POST", "/api/reviews", body, status=201)
        self._check(own["shown"], "Nadia rates him on the web: both are shown at once")
        revealed = await web.hears("review:revealed", lambda said: True)
        self._check(revealed["swap_id"] == swap_id, "review:revealed on the web")
        await self._all_hear((nadia, emil), "has rated you", then=":reply")
        shown = {review["text"] for review in await web.get(f"/api/swap/{swap_id}/reviews")}
        self._check(shown == {"My dragon can speak now!", "It flies. It even lands."}, "the web has both, too")
        facts: Any = (await web.get(f"/api/users/{(await self._user(emil)).id}"))["facts"]
        self._check(facts["swaps_held"] == 1, "his profile counts one swap held")

    def _has_read(self, person: int, words: str) -> bool:
        return any(words in message.words for message in self._sandbox.chat(person))
