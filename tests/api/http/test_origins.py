"""A page at another address than NEXTAUTH_URL: the error, the log and, in development, the page name the setting."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from api.http.origins import MAX_LOGGED
from domain.languages import LOCALES
from handlers.auth.login_links import issue_login_link
from handlers.runtime.deps import Deps
from storage.mongodb.database import Database
from tests.api.conftest import ALLOWED_ORIGIN, COOKIE, Web, open_web
from tests.factories import MakeUser, SignIn, build_deps

FRONT_END = "http://localhost:3000"
PUBLIC_URL = "https://skills.example.org"
HANDSHAKE = "/api/socket/?EIO=4&transport="


@pytest.fixture
async def deps(database: Database) -> Deps:
    return await build_deps(database, public_url=PUBLIC_URL)


@pytest.fixture
async def session(web: Web) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(web.url) as opened:
        yield opened


@pytest.fixture
async def development(deps: Deps) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_web(deps, is_development=True) as web, aiohttp.ClientSession(web.url) as opened:
        yield opened


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_refused_request_names_the_settings_and_both_addresses(
    session: aiohttp.ClientSession, make_user: MakeUser, sign_in: SignIn, locale: str
) -> None:
    cookie = f"__Secure-{COOKIE}={sign_in(await make_user(locale=locale))}"
    headers = {"Origin": FRONT_END, "Cookie": cookie, "Accept-Language": locale}
    async with session.put("/api/user", json={"location": "Harbour"}, headers=headers) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (403, "auth.cross_site")
    assert all(word in problem["detail"] for word in ("NEXTAUTH_URL", "CORS_ORIGINS", FRONT_END, PUBLIC_URL))


@pytest.mark.parametrize("path", ["signin/email", "signout", "session", "callback/email", "callback/telegram-link"])
async def test_a_refused_sign_in_names_the_setting(session: aiohttp.ClientSession, path: str) -> None:
    async with session.post(f"/api/auth/{path}", data={"a": "b"}, headers={"Origin": FRONT_END}) as answer:
        assert answer.status == 403
        assert f"page of {FRONT_END}" in (await answer.json())["detail"]
        assert "NEXTAUTH_URL" in (await answer.json())["detail"]


async def test_a_refused_handshake_names_the_setting(session: aiohttp.ClientSession) -> None:
    async with session.get(f"{HANDSHAKE}polling", headers={"Origin": FRONT_END}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (403, "auth.cross_site")
    assert "NEXTAUTH_URL" in problem["detail"]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{HANDSHAKE}websocket", headers={"Origin": FRONT_END})
    assert refused.value.status == 403
    async with session.get(f"{HANDSHAKE}polling", headers={"Origin": ALLOWED_ORIGIN}) as answer:
        assert answer.status == 200


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines about origins."""
    return [record.getMessage() for record in caplog.records if "NEXTAUTH_URL" in record.getMessage()]


async def test_a_foreign_origin_is_logged_once(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):  # a browser asks first, and keeps the answer of the second from the page
            async with (
                session.options("/api/user", headers={"Origin": FRONT_END}),
                session.get("/api/user", headers={"Origin": FRONT_END}),
            ):
                pass
        for fine in (PUBLIC_URL, ALLOWED_ORIGIN, "null"):
            async with session.get("/api/user", headers={"Origin": fine}):
                pass
    (line,) = logged(caplog)
    assert FRONT_END in line
    assert PUBLIC_URL in line


async def test_many_origins_do_not_fill_the_log(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(MAX_LOGGED + 5):
        async with session.get("/healthz", headers={"Origin": f"https://{number}.example" + "x" * 500}):
            pass
    assert len(logged(caplog)) == MAX_LOGGED
    assert max(map(len, logged(caplog))) < 400


async def test_a_callback_url_of_another_origin_is_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with session.get("/api/auth/signin", params={"callbackUrl": f"{FRONT_END}/chats?secret=1"}):
        pass
    async with session.get("/api/auth/signin", params={"callbackUrl": f"{PUBLIC_URL}/chats"}):
        pass
    (line,) = logged(caplog)
    assert FRONT_END in line
    assert "secret" not in line


async def test_a_page_without_https_where_cookies_need_it_is_logged(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with session.get("/api/auth/csrf", headers={"Origin": PUBLIC_URL.replace("https", "http")}):
        pass
    assert len(logged(caplog)) == 1


async def test_in_development_pages_say_that_they_were_opened_elsewhere(
    development: aiohttp.ClientSession, deps: Deps, make_user: MakeUser
) -> None:
    link = await issue_login_link(deps, await make_user())
    for path in ("/", "/api/auth/signin", "/api/auth/error", link.removeprefix(PUBLIC_URL)):
        async with development.get(path, headers={"X-Forwarded-Host": "<b>.example"}) as answer:
            page = await answer.text()
        assert "&lt;b&gt;.example" in page, path
        assert f"NEXTAUTH_URL is {PUBLIC_URL}" in page
        async with development.get(path, headers={"X-Forwarded-Host": "skills.example.org"}) as answer:
            assert "NEXTAUTH_URL" not in await answer.text()
        async with development.get(path) as answer:
            assert "NEXTAUTH_URL" in await answer.text()


async def test_in_production_pages_say_nothing_of_settings(session: aiohttp.ClientSession) -> None:
    for path in ("/", "/api/auth/signin"):
        async with session.get(path, headers={"X-Forwarded-Host": "elsewhere.example"}) as answer:
            assert "NEXTAUTH_URL" not in await answer.text()
