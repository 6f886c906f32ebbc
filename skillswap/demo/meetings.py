"""Steps that the stories of sessions share: a request with times, the yes that agrees on one, and the end of it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import Message
from domain.timetable import ASK_AFTER, USUAL_MINUTES
from skillswap.demo.scene import Community
from skillswap.demo.web_side import WebSide, on_the_web

SESSION_HOUR = 16
"""Hour in UTC at which sessions begin: it is asked about them before anybody's quiet hours."""
AFTER = timedelta(minutes=USUAL_MINUTES) + ASK_AFTER
"""Time from the start of a session to the question whether it took place."""


class Meetings(Community):
    """People who ask on the web or in Telegram, and agree on times."""

    async def _browser(self, person: int) -> AbstractAsyncContextManager[WebSide]:
        """Return this person's side on the web, to be entered."""
        return on_the_web(await self._web(person), self._address)

    def _slots(self, *days: int) -> list[str]:
        """Return the start of a session in so many days each."""
        today = self._deps.now().replace(hour=SESSION_HOUR, minute=0, second=0, microsecond=0)
        return [(today + timedelta(days=day)).isoformat() for day in days]

    async def _agree(self, web: WebSide, asked: int, offered: str, wanted: str) -> tuple[str, datetime]:
        """Ask on the web with two times, and accept one in Telegram; return the id of the swap and the start."""
        slots = self._slots(2, 3)
        body = {"to_user_id": (await self._user(asked)).id, "offered_skill": offered, "wanted_skill": wanted}
        swap = await web.send("POST", "/api/swap", body | {"slots": slots}, status=201)
        self._heard(asked, await self._press(asked, ":accept:", then="se:", shows="It is settled"))
        session = await web.hears("session:updated", lambda said: said["session"]["status"] == "agreed")
        self._check(session["swap_id"] == swap["_id"], "session:updated on the web: a date is agreed on")
        return str(swap["_id"]), datetime.fromisoformat(session["session"]["starts_at"])

    async def _swap(self, web: WebSide, swap_id: str, *, status: str, stage: str | None, verb: str | None) -> Any:
        """Return the swap as REST shows it, once its status, stage and next action are as they should be."""
        swap = await web.get(f"/api/swap/{swap_id}")
        action = swap["next_action"]
        shown = (swap["status"], swap["stage"], action and action["verb"])
        self._check(shown == (status, stage, verb), f"REST: status {status}, stage {stage}, next action {verb}")
        return swap

    async def _all_hear(self, people: tuple[int, ...], shows: str, *, then: str | None = None) -> tuple[Message, ...]:
        """Wait until the bot has shown this to each of them, and print it."""
        seen = tuple([await self._sees(person, then, shows=shows) for person in people])
        for person, message in zip(people, seen, strict=True):
            self._heard(person, message)
        return seen
