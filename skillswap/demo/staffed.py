"""Steps of the story of the door: what moderators do in their group, and what somebody sees who is refused."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import socketio

from bot.delivery.rate_limiter import GROUP_WINDOW
from bot.sandbox import Message, Sandbox
from handlers.auth import sign_in_mail
from handlers.runtime.deps import Deps
from skillswap.demo.browser import Browser
from skillswap.demo.meetings import Meetings
from skillswap.demo.scene import STEP_SECONDS, StepFailed
from skillswap.output import say

POLL_SECONDS = 0.02
MAIL = "rex@example.org"
GROUP_SECONDS = GROUP_WINDOW + STEP_SECONDS


@dataclass(slots=True)
class Cast:
    """People of the story, by Telegram id, and their names; `group` is that of the moderators. `browser` and `socket`
    are Rex's; `link` signs him in, `invitation` starts the bot for somebody whom he invites."""

    browser: Browser
    socket: socketio.AsyncClient
    link: str = ""
    invitation: str = ""
    names: dict[int, str] = field(default_factory=dict)
    group: int = 0
    ada: int = 0
    sam: int = 0
    rex: int = 0
    eva: int = 0
    tom: int = 0
    uma: int = 0
    lea: int = 0
    kim: int = 0
    pia: int = 0

    @property
    def members(self) -> tuple[int, ...]:
        """Return those who are here before the door is closed, and moderate nothing."""
        return self.eva, self.tom, self.uma, self.lea, self.kim


class Staffed(Meetings):
    """A part of the story; all parts share a cast."""

    def __init__(self, sandbox: Sandbox, deps: Deps, address: str, cast: Cast) -> None:
        super().__init__(sandbox, deps, address)
        self._cast = cast
        self._names = cast.names

    async def _press_label(self, person: int, label: str, *, shows: str | None = None) -> Message:
        """Press a button by its label, under the newest message that has it."""
        message = await self._sees(person, None, shows=label)
        button = next(button for button in message.buttons if label in button.label)
        self._line(person, f"[{button.label}]")
        await self._sandbox.press(person, message.id, str(button.data or button.label))
        return await self._sees(person, None, shows=shows)

    async def _say_in_group(self, person: int, text: str, *, shows: str) -> Message:
        sent = await self._sandbox.groups.send_text(self._cast.group, person, text)
        self._line(person, f"(in the group) {text}")
        return await self._sees(self._cast.group, None, shows=shows, after=sent, patience=GROUP_SECONDS)

    async def _decide(self, person: int, label: str, *, shows: str) -> Message:
        """Press a button in the moderators' group; return the message there that shows this afterwards."""
        message = await self._in_group(label)
        button = next(button for button in message.buttons if label in button.label)
        self._line(person, f"(in the group) [{button.label}]")
        await self._sandbox.groups.press(self._cast.group, person, message.id, str(button.data))
        return await self._in_group(shows)

    async def _in_group(self, shows: str) -> Message:
        """Return the newest message of the moderators' group with this text on it or on one of its buttons."""
        return await self._sees(self._cast.group, None, shows=shows, patience=GROUP_SECONDS)

    async def _toast(self, person: int, message: Message, data: str) -> str:
        """Press a button that is answered on top of the screen; return what it says there."""
        query = await self._sandbox.press(person, message.id, data)
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                for toast in self._sandbox.toasts(person):
                    if toast.query_id == query:
                        return toast.text
                await asyncio.sleep(POLL_SECONDS)

    async def _mailed_link(self, browser: Browser, address: str) -> str:
        """Ask for a sign-in link by mail. Without a mail server it stands in the log, which is read here."""
        with printed_links() as links:
            page = await browser.send_to_auth("signin/email", email=address)
            self._line(self._cast.rex, f"(on the web) asks for a link to {address}")
        self._check(len(links) == 1, page.words)
        return links[0]

    def _is_refused(self, way: str, words: str, *, is_kept_out: bool) -> None:
        """Print what somebody sees who tries a way in; fails the step where it lets them in."""
        if not is_kept_out:
            raise StepFailed(f"{way} lets them in: {words}")
        self.steps += 1
        say(f"      ⛔ {way}: {words}")

    def _has_read(self, person: int, words: str, *, after: int = 0) -> bool:
        messages = self._sandbox.chat(person)
        return any(words in message.words for message in messages if message.from_bot and message.id > after)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.links += re.findall(r"http\S+", record.getMessage())


@contextmanager
def printed_links() -> Iterator[list[str]]:
    """Yield the list of sign-in links that the service prints to the log meanwhile."""
    logger, kept = logging.getLogger(sign_in_mail.__name__), _Kept()
    logger.addHandler(kept)
    try:
        yield kept.links
    finally:
        logger.removeHandler(kept)


def start_of(invitation: Message) -> str:
    """Return what somebody sends to the bot who follows an invitation."""
    found = re.search(r"\?start=([\w-]+)", invitation.words)
    return f"/start {found.group(1)}" if found else ""
