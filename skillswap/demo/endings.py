"""Other ends of swaps in `skillswap demo`: a no-show, a dispute that a moderator settles, and one that lapses."""

from __future__ import annotations

from datetime import timedelta

from domain.timetable import ASK_FOR_PLAN_AFTER, LAPSE_AFTER, STATEMENT_WITHIN, SUGGEST_AFTER
from domain.users import MODERATOR
from handlers.auth.roles import grant_role
from skillswap.demo.meetings import AFTER, Meetings
from skillswap.demo.web_side import WebSide

ZONE = "Europe/Madrid"


class Endings(Meetings):
    """Three pairs: somebody does not come, two remember it differently, and two never plan anything."""

    async def tell(self) -> None:
        await self._miss()
        await self._dispute()
        await self._lapse()

    async def _miss(self) -> None:
        self._chapter("Bela does not come, and Iris ends it")
        await self._wait_for_day()
        iris = await self._settle("Iris", teach="Whittling", learn="Yodelling", zone=ZONE)
        bela = await self._settle("Bela", teach="Yodelling", learn="Whittling", zone=ZONE)
        async with await self._browser(bela) as web:
            swap_id, start = await self._agree(web, iris, "Yodelling", "Whittling")
            await self._wait_until(start + AFTER)
            await self._all_hear((iris, bela), "Did you and", then=":no")
            await self._press(iris, ":no", then=":why:", shows="does not see your answer")
            self._heard(iris, await self._press(iris, ":why:0", then=":chat", shows="Thank you, noted"))
            (session,) = (await web.get(f"/api/swap/{swap_id}"))["sessions"]
            self._check(session["reason"] is None, "Bela sees no reason on the web")
            body = {"action": "answer", "answer": "no", "reason": "could_not"}
            swap = await web.send("PUT", f"/api/swap/{swap_id}/sessions/{session['id']}", body, status=200)
            self._check(swap["sessions"][0]["status"] == "missed", "he says so himself, on the web: it is missed")
            told = await self._sees(iris, ":end", shows="did not take place")
            self._heard(iris, told)
            self._check("come" not in told.words and "couldn't" not in told.words, "in neutral words")
            facts = (await web.get(f"/api/users/{(await self._user(bela)).id}"))["facts"]
            self._check(facts["no_shows"] == 0, "one claim alone counts for nothing")
            await self._press(iris, ":end", then=":end!", shows="End the swap with Bela?")
            await self._press(iris, ":end!", then=None, shows="did not take place")
            self._heard(bela, await self._sees(bela, None, shows="is over now"))
            await self._swap(web, swap_id, status="not_happened", stage=None, verb=None)

    async def _dispute(self) -> None:
        self._chapter("Otis and Mira remember it differently; Petra, a moderator, decides")
        await self._wait_for_day()
        otis = await self._settle("Otis", teach="Basketry", learn="Ventriloquism", zone=ZONE)
        mira = await self._settle("Mira", teach="Ventriloquism", learn="Basketry", zone=ZONE)
        petra = await self._settle("Petra", teach="Mosaics", learn="Topiary", zone=ZONE)
        await grant_role(self._deps, str(petra), MODERATOR)
        async with await self._browser(mira) as web:
            swap_id, start = await self._agree(web, otis, "Ventriloquism", "Basketry")
            await self._wait_until(start + AFTER)
            await self._contradict(web, otis, mira, swap_id)
            await self._wait(STATEMENT_WITHIN + timedelta(hours=1))
            case = await self._sees(petra, "dd:", shows="remember a session differently")
            self._heard(petra, case)
            self._check("I waited" in case.words and "The link" in case.words, "Petra reads both sides")
            await self._press(petra, f"dd:{swap_id}:0", then=None, shows="Both will read your reason")
            decided = await self._say(petra, "The call's log shows you both.", shows="Decided")
            self._heard(petra, decided)
            for message in await self._all_hear((otis, mira), "The moderators count your swap", then=":stars:"):
                self._check("The call's log shows you both." in message.words, "with her reason")
            await self._swap(web, swap_id, status="completed", stage=None, verb="rate")

    async def _contradict(self, web: WebSide, otis: int, mira: int, swap_id: str) -> None:
        """Let him deny the session twice, her say yes, and both tell the moderators."""
        await self._all_hear((otis, mira), "Did you and", then=":no")
        await self._press(otis, ":no", then=":why:", shows="does not see your answer")
        await self._press(otis, ":why:0", then=":chat", shows="Thank you, noted")
        (session,) = (await web.get(f"/api/swap/{swap_id}"))["sessions"]
        path = f"/api/swap/{swap_id}/sessions/{session['id']}"
        await web.send("PUT", path, {"action": "answer", "answer": "yes"}, status=200)
        self._heard(otis, await self._sees(otis, ":no", shows="Mira says that you met"))
        await self._press(otis, ":no", then=":say", shows="Tell the moderators your side")
        await self._all_hear((otis, mira), "remember your session", then=":say")
        await self._swap(web, swap_id, status="disputed", stage=None, verb="state")
        await self._press(otis, ":say", then="sq:", shows="from your side?")
        await self._say(otis, "I waited in the wrong room, it seems.", shows="The moderators will read it")
        body = {"statement": "The link was in our chat, and we talked for an hour."}
        await web.send("PUT", f"/api/swap/{swap_id}/statement", body, status=200)

    async def _lapse(self) -> None:
        self._chapter("Rosa and Ivo say yes, and nothing more; three weeks later it lapses")
        await self._wait_for_day()
        rosa = await self._settle("Rosa", teach="Felting", learn="Fencing", zone=ZONE)
        ivo = await self._settle("Ivo", teach="Fencing", learn="Felting", zone=ZONE)
        async with await self._browser(rosa) as web:
            body = {"to_user_id": (await self._user(ivo)).id, "offered_skill": "Felting", "wanted_skill": "Fencing"}
            swap_id = (await web.send("POST", "/api/swap", body, status=201))["_id"]
            await self._press(ivo, ":accept", then="sp:", shows="When will you and Rosa meet?")
            swap = await self._swap(web, swap_id, status="accepted", stage="talking", verb="plan")
            until = swap["next_action"]["until"]
            self._check(until is not None, f"and until when: {until}")
            last = self._last(ivo)
            await self._wait(SUGGEST_AFTER)
            await self._sees(ivo, "sp:", shows="Tick up to three times", after=last)
            self._heard(rosa, await self._sees(rosa, "sp:", shows="Tick up to three times"))
            await self._wait(ASK_FOR_PLAN_AFTER - SUGGEST_AFTER)
            await self._all_hear((rosa, ivo), "have no date yet", then=":arrange")
            await self._wait(LAPSE_AFTER - ASK_FOR_PLAN_AFTER)
            await self._all_hear((rosa, ivo), "has fallen asleep, so I have closed it")
            await self._swap(web, swap_id, status="lapsed", stage=None, verb=None)
