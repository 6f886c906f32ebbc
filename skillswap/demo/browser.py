"""A browser of the stories: it keeps cookies, shows pages and sends their forms, and knows no JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.sandbox import Message

_SHOWN = re.compile(r"<(h1|p)\b[^>]*>(.*?)</\1>", re.DOTALL)
_LINK = re.compile(r"http\S+token=[\w-]+")


@dataclass(frozen=True, slots=True)
class Page:
    """Answer of an address."""

    status: int
    html: str

    @property
    def words(self) -> str:
        """Return the heading and the paragraphs, as a reader sees them."""
        shown = [" ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split()) for _, words in _SHOWN.findall(self.html)]
        return " · ".join(filter(None, shown))

    @property
    def fields(self) -> dict[str, str]:
        """Return the hidden fields of the forms."""
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', self.html))


class Browser:
    """One browser, to be entered; signed in once a form or link has done so."""

    def __init__(self, address: str) -> None:
        self.http = aiohttp.ClientSession(address, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._address = address

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def open(self, address: str) -> Page:
        async with self.http.get(self._path(address)) as reply:
            return Page(reply.status, await reply.text())

    async def send(self, address: str, fields: dict[str, str]) -> Page:
        """Send a form, and return the page that its redirects lead to."""
        headers = {"Origin": self._address}
        async with self.http.post(self._path(address), data=fields, headers=headers) as reply:
            return Page(reply.status, await reply.text())

    async def send_to_auth(self, action: str, **fields: str) -> Page:
        """Send one of NextAuth's forms, with the token that it asks for."""
        async with self.http.get("/api/auth/csrf") as reply:
            token = str((await reply.json())["csrfToken"])
        return await self.send(f"/api/auth/{action}", {"csrfToken": token, "callbackUrl": "/", **fields})

    async def user(self) -> dict[str, Any] | None:
        """Return who is signed in, as NextAuth's session says."""
        async with self.http.get("/api/auth/session") as reply:
            found: dict[str, Any] | None = (await reply.json()).get("user")
            return found

    @property
    def cookies(self) -> str:
        """Return the header with which a socket of this browser is opened."""
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in self.http.cookie_jar)

    def _path(self, address: str) -> str:
        return address.removeprefix(self._address)


def link_in(message: Message) -> str:
    """Return the sign-in link of a message, "" for none."""
    found = _LINK.search(message.words + " ".join(button.url or "" for button in message.buttons))
    return found.group() if found else ""
