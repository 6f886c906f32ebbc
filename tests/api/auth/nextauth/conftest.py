"""Fixtures: the web server on a port of its own, a real SMTP server, and a browser with cookies and forms but no
JavaScript."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from yarl import URL

from handlers.auth.mailer import Mailer, mail_server
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps
from skillswap.loopback import free_port
from tests.api.auth.nextauth.real import bundle, chromium, node, npm
from tests.api.conftest import Web, client, open_web
from tests.factories import SECRET, build_deps
from tests.waiting import WAIT_SECONDS

__all__ = ["bundle", "chromium", "client", "node", "npm"]

SENDER = "Skill Swap <hello@skills.example.org>"


class Post:
    """A real SMTP server on loopback; `mails` are the accepted mails, `to` their recipients. With `takes_letters` it
    offers SMTPUTF8."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.refuses = False
        self.takes_letters = True

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in responses if self.takes_letters or "SMTPUTF8" not in line]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "554 not today"
        assert isinstance(envelope.content, bytes)
        self.to.append(list(envelope.rcpt_tos))
        self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 taken"

    async def link(self, to: str) -> str:
        """Wait for a mail to this address; return the link in the latest one."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for mail in reversed(self.mails):
                    if mail["To"] == to:
                        return links_in(mail)[0]
                await asyncio.sleep(0.02)


def links_in(mail: EmailMessage) -> list[str]:
    """Return the links of the plain text and of the HTML part."""
    found = []
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        found += [unescape(link) for link in re.findall(r"https?://[^\s\"<]+", text)]
    return found


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    handler = Post()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    await asyncio.to_thread(server.start)
    handler.address = f"smtp://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
    yield handler
    await asyncio.to_thread(server.stop)


@pytest.fixture
def mailing_env(database_uri: str, tmp_path: Path, post: Post) -> dict[str, str]:
    """The settings of a service process with a database and a mail server."""
    return {
        "DATA_DIR": str(tmp_path),
        "MONGODB_URI": database_uri,
        "NEXTAUTH_SECRET": SECRET,
        "EMAIL_SERVER": post.address,  # type: ignore[attr-defined]
        "EMAIL_FROM": SENDER,
    }


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def deps(database: Any, port: int) -> Deps:
    """The operations, with `public_url` set to the address of the server."""
    return await build_deps(database, public_url=f"http://127.0.0.1:{port}")


@pytest.fixture
def providers(post: Post) -> Providers:
    return Providers(SealedCookies([SECRET]), Mailer(mail_server(post.address), SENDER))  # type: ignore[attr-defined]


@pytest.fixture
async def web(deps: Deps, providers: Providers, port: int) -> AsyncIterator[Web]:
    async with open_web(deps, port=port, providers=providers, trusted_proxies=["127.0.0.0/8"]) as running:
        yield running


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((attributes["action"], {}))
        elif tag == "input" and self.forms:
            self.forms[-1][1][attributes["name"]] = attributes.get("value", "")


class Browser:
    """An HTTP client that keeps cookies and does not follow redirects."""

    def __init__(self, url: str) -> None:
        self.session = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.origin = url
        self.page = ""
        self.status = 0
        self.location = ""
        self.headers: Any = {}

    async def get(self, address: str, **headers: str) -> str:
        return await self._take("GET", address, headers=headers)

    async def post(self, address: str, fields: dict[str, str] | None = None, **options: Any) -> str:
        return await self._take("POST", address, data=fields, headers={"Origin": self.origin}, **options)

    async def submit(self, action: str, **fields: str) -> str:
        """Submit the form of the current page with this action, with these fields filled in."""
        parser = _Forms()
        parser.feed(self.page)
        attributes = next(inputs for where, inputs in parser.forms if where == action)
        return await self.post(action, {**attributes, **fields})

    async def call(self, action: str, **fields: str) -> dict[str, Any]:
        """Post as NextAuth's client does, with the CSRF token, and return the JSON."""
        async with self.session.get("/api/auth/csrf") as answer:
            token = (await answer.json())["csrfToken"]
        await self.post(f"/api/auth/{action}", {"csrfToken": token, "json": "true", **fields})
        return self.json

    async def user(self) -> dict[str, Any] | None:
        """Return the user of the current session, or None."""
        async with self.session.get("/api/auth/session") as answer:
            found: dict[str, Any] | None = (await answer.json()).get("user")
            return found

    def set_cookie(self, name: str, value: str) -> None:
        self.session.cookie_jar.update_cookies({name: value}, URL(self.origin))

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.session.cookie_jar}

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page)
        return found

    async def _take(self, method: str, address: str, **options: Any) -> str:
        parts = urlsplit(address)
        path = address if not parts.scheme else address.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
        async with self.session.request(method, path, allow_redirects=False, **options) as answer:
            self.page = await answer.text()
            self.status, self.headers = answer.status, answer.headers
            self.location = answer.headers.get("Location", "")
        return self.page


@pytest.fixture
async def browsers(web: Web) -> AsyncIterator[Any]:
    opened: list[Browser] = []

    def open_browser() -> Browser:
        opened.append(Browser(web.url))
        return opened[-1]

    yield open_browser
    for browser in opened:
        await browser.session.close()


@pytest.fixture
async def browser(browsers: Any) -> Browser:
    found: Browser = browsers()
    return found


async def sign_in_by_mail(browser: Browser, post: Post, typed: str, kept: str) -> dict[str, Any]:
    """Sign in by the form of the page and the link that is mailed to `kept`; return the user of the session."""
    await browser.get("/api/auth/signin")
    await browser.submit("/api/auth/signin/email", email=typed)
    await browser.get(await post.link(kept))
    user = await browser.user()
    assert user is not None
    return user
