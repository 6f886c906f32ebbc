"""The steps of `skillswap demo`: actions in Telegram, expectations on the other side, and the transcript."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.sandbox import Message, Sandbox
from domain.users import ProfileChanges, User
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps
from handlers.users import find_telegram_user, register_telegram_user, update_profile
from skillswap.demo.portraits import draw_portrait
from skillswap.output import say

STEP_SECONDS = 15.0

BY_DAY = 15
"""Hour in UTC that is in nobody's quiet hours: the people of the stories live in Europe."""


class StepFailed(Exception):
    """An expected message or button did not appear."""


class Scene:
    """People in Telegram. `steps` counts the expectations that were met."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._names: dict[int, str] = {}
        self.steps = 0

    def _arrive(self, name: str, language: str) -> int:
        person = self._sandbox.add_person(name, language_code=language).id
        self._names[person] = name
        return person

    async def _say(self, person: int, text: str, *, then: str | None = None, shows: str | None = None) -> Message:
        sent = await self._sandbox.send_text(person, text)
        self._line(person, text)
        if then is None and shows is None:
            return self._sandbox.chat(person)[-1]
        return await self._sees(person, then, shows=shows, after=sent)

    async def _press(self, person: int, data: str, *, then: str | None, shows: str | None = None) -> Message:
        message = await self._sees(person, data)
        button = next(button for button in reversed(message.buttons) if button.data and data in button.data)
        self._line(person, f"[{button.label}]")
        await self._sandbox.press(person, message.id, str(button.data))
        return await self._sees(person, then, shows=shows)

    async def _sees(
        self,
        person: int,
        data: str | None,
        *,
        shows: str | None = None,
        after: int = 0,
        patience: float = STEP_SECONDS,
    ) -> Message:
        """Return the bot's newest message with this button and with this text on it or on one of its buttons."""

        def fits(message: Message) -> bool:
            labels = " ".join(button.label for button in message.buttons)
            has_button = data is None or any(button.data and data in button.data for button in message.buttons)
            return has_button and (shows is None or shows in message.words or shows in labels)

        message = await self._sandbox.wait_for(person, fits, after=after, timeout=patience)
        self.steps += 1
        return message

    async def _register(
        self,
        person: int,
        *,
        teach: str,
        learn: str,
        place: str,
        portrait: int,
        is_asked: bool = False,
        ends_with: str = "🎉",
    ) -> Message:
        """Answer the eight questions of a profile, of which the first is on the screen if `is_asked`; returns what the
        bot says after the last one."""
        self._chapter(f"{self._names[person]} registers in Telegram, with a photo")
        if not is_asked:
            await self._say(person, "/start", then="step:teach")
        await self._press(person, "step:teach", then="step:learn")
        await self._say(person, teach, then="step:learn", shows=teach.split(",")[0])
        await self._press(person, "step:learn", then="step:times")
        await self._say(person, learn, then="step:times", shows=learn.rpartition(", ")[2])
        await self._press(person, "step:times", then="ob:times:on:2")
        await self._press(person, "ob:times:on:2", then="ob:times:off:2")
        await self._press(person, "step:location", then="step:photo")
        await self._say(person, place, then="ob:photo:mine")
        picture = await asyncio.to_thread(draw_portrait, portrait)
        message_id = await self._sandbox.send_photo(person, picture)
        self._line(person, "sends a photo")
        await self._sees(person, "ob:visibility:public", after=message_id)
        preview = await self._press(person, "ob:visibility:public", then="ob:preview:done")
        self._check(preview.photo is not None, "the preview shows the photo")
        return await self._press(person, "ob:preview:done", then=None, shows=ends_with)

    def _last(self, person: int) -> int:
        return self._sandbox.chat(person)[-1].id

    def _chapter(self, title: str) -> None:
        say(f"\n── {title}")

    def _line(self, person: int, text: str) -> None:
        say(f"   {self._names[person]:>6}: {text}")

    def _heard(self, person: int, message: Message) -> None:
        self.steps += 1
        words = " · ".join(line for line in message.words.splitlines() if line)
        say(f"      bot → {self._names[person]}: {words}")

    def _check(self, is_true: bool, what: str) -> None:
        if not is_true:
            raise StepFailed(f"not seen: {what}")
        self.steps += 1
        say(f"      ✓ {what}")


class Community(Scene):
    """A scene whose people have finished profiles, and may also act on the web."""

    def __init__(self, sandbox: Sandbox, deps: Deps, address: str) -> None:
        super().__init__(sandbox)
        self._deps = deps
        self._address = address

    async def tell(self) -> None:
        """Play this part of a story."""
        raise NotImplementedError

    async def _settle(self, name: str, *, teach: str, learn: str, zone: str | None = None) -> int:
        """Add a person with a finished profile and open their chat with the bot; skills are separated by commas."""
        person = self._arrive(name, "en")
        user = await register_telegram_user(self._deps, person, name, "en")
        changes = ProfileChanges(
            skills_offered=tuple(teach.split(", ")),
            skills_wanted=tuple(learn.split(", ")),
            timezone=zone,
            is_public=True,
            onboarded=True,
        )
        await update_profile(self._deps, user, changes)
        await self._say(person, "/swaps", then="match")
        return person

    async def _user(self, person: int) -> User:
        user = await find_telegram_user(self._deps, person)
        if user is None:
            raise StepFailed(f"{self._names[person]} is not known")
        return user

    async def _web(self, person: int) -> aiohttp.ClientSession:
        """Return a browser in which this person is signed in."""
        headers = {"Authorization": f"Bearer {issue_session(self._deps, await self._user(person))}"}
        return aiohttp.ClientSession(self._address, headers=headers)

    async def _get(self, web: aiohttp.ClientSession, path: str) -> Any:
        async with web.get(path) as reply:
            self._check(reply.status == 200, f"GET {path}")
            return await reply.json()

    async def _wait(self, span: timedelta) -> None:
        """Let time pass, as the buttons of the sandbox's page do."""
        await self._sandbox.move_clock(span)
        self._check(True, f"the clock of the service says {self._deps.now():%A, %B %-d, %Y, %H:%M} UTC")

    async def _wait_until(self, at: datetime) -> None:
        await self._wait(at - self._deps.now())

    async def _wait_for_day(self) -> None:
        """Let time pass until the next afternoon: at night nothing is sent that can wait."""
        now = self._deps.now()
        afternoon = now.replace(hour=BY_DAY, minute=0, second=0, microsecond=0)
        await self._wait_until(afternoon if afternoon > now else afternoon + timedelta(days=1))
