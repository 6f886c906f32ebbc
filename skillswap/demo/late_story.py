"""The last part of `skillswap demo`: the clock is moved, and what takes days happens at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.alerts import LIVES
from skillswap.demo.scene import Community

WEEK = timedelta(weeks=1)


class LateStory(Community):
    """Ida's request is not answered for a week, and her alert ends after three months; her session on the web does
    not."""

    async def tell(self) -> None:
        self._chapter("Ida asks Jonas, who does not answer; a week passes")
        ida = await self._settle("Ida", teach="Beekeeping", learn="Origami")
        jonas = await self._settle("Jonas", teach="Origami", learn="Beekeeping")
        await self._say(ida, "/find Lockpicking", then="aladd:")
        await self._press(ida, "aladd:", then=None, shows="I will tell you when somebody begins")
        async with await self._web(ida) as web:
            body = {
                "to_user_id": (await self._user(jonas)).id,
                "offered_skill": "Beekeeping",
                "wanted_skill": "Origami",
            }
            async with web.post("/api/swap", json=body) as reply:
                self._check(reply.status == 201, "she asks on the web")
            self._heard(jonas, await self._sees(jonas, ":accept"))
            await self._wait(WEEK)
            told = await self._sees(ida, None, shows="did not answer your request")
            self._heard(ida, told)
            self._check(told.date > (datetime.now(UTC) + WEEK / 2).timestamp(), "Telegram dates it a week later")
            self._heard(jonas, await self._sees(jonas, None, shows="has expired"))
            (swap,) = await self._get(web, "/api/swap")
            self._check(swap["status"] == "expired", "REST says so, too: she is still signed in")
        self._chapter("Three months later, Ida's alert ends")
        await self._wait(LIVES)
        self._heard(ida, await self._sees(ida, "alnew:", shows="Lock picking"))
