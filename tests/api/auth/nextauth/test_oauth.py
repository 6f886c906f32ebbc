"""Sign-in through a running OpenID Connect provider, from the button to the session."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect

from handlers.auth.oauth import OAuthClient, oidc_provider
from handlers.auth.providers import Providers
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.conftest import Browser
from tests.api.conftest import COOKIE, Web, open_web
from tests.factories import SECRET, MakeUser, SignIn
from tests.service import running_service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib", "ignore:get_jwt_config")

CLIENT = "skill-swap"
GRACE = {"email": "grace@example.org", "email_verified": True, "name": "Grace"}
EVE = {"email": "grace@example.org", "email_verified": False, "name": "Eve"}


@pytest.fixture(scope="session")
async def issuer() -> AsyncIterator[str]:
    """The address of a running provider with two users: grace (address verified) and eve (address not verified)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation warnings of its own dependencies
        from oidc_provider_mock import User, run_server_in_thread
    people = [User(sub="grace", claims=GRACE), User(sub="eve", claims=EVE)]
    running = run_server_in_thread(user_claims=people, require_nonce=True)
    server = await asyncio.to_thread(running.__enter__)
    yield f"http://localhost:{server.server_port}"
    await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
async def web(deps: Deps, issuer: str, port: int) -> AsyncIterator[Web]:
    oauth = OAuthClient([oidc_provider(issuer, CLIENT, "secret")])
    async with open_web(deps, port=port, providers=Providers(SealedCookies([SECRET]), oauth=oauth)) as running:
        yield running
    await oauth.close()


async def agree(address: str, sub: str) -> str:
    """Sign in at the provider; return the address to which it redirects the browser."""
    async with aiohttp.ClientSession() as provider:
        async with provider.post(address, data={"sub": sub}, allow_redirects=False) as answer:
            return answer.headers["Location"]


async def test_sign_in_button_returns_to_the_callback_url(browser: Browser, web: Web, deps: Deps) -> None:
    await browser.get("/api/auth/signin?callbackUrl=/swaps")
    await browser.submit("/api/auth/signin/oidc")
    assert browser.status == 302
    back = await agree(browser.location, "grace")
    assert back.startswith(f"{web.url}/api/auth/callback/oidc?")
    await browser.get(back)
    assert (browser.status, browser.location) == (302, f"{web.url}/swaps")
    user = await browser.user()
    assert user is not None
    assert (user["name"], user["email"]) == ("Grace", "grace@example.org")
    assert "next-auth.state" not in browser.cookies()
    await browser.get(back)
    assert browser.location == f"{web.url}/api/auth/error?error=OAuthCallback"
    again = Browser(web.url)
    started = await again.call("signin/oidc")
    await again.get(await agree(started["url"], "grace"))
    same = await again.user()
    await again.session.close()
    assert same is not None
    assert same["id"] == user["id"]


async def test_callback_started_by_another_browser_is_refused(browsers: Callable[[], Browser], web: Web) -> None:
    eve, victim = browsers(), browsers()
    back = await agree((await eve.call("signin/oidc"))["url"], "eve")
    for began in (False, True):
        if began:
            await victim.call("signin/oidc")
        await victim.get(back)
        assert victim.location == f"{web.url}/api/auth/error?error=OAuthCallback"
        assert await victim.user() is None


async def test_account_with_the_same_address_is_never_linked_silently(
    browsers: Callable[[], Browser], web: Web, make_user: MakeUser, deps: Deps
) -> None:
    await make_user("Grace of here", email="grace@example.org")
    browser = browsers()
    await browser.get(await agree((await browser.call("signin/oidc"))["url"], "grace"))
    assert browser.location == f"{web.url}/api/auth/error?error=OAuthAccountNotLinked"
    assert await browser.user() is None
    other = browsers()
    await other.get(await agree((await other.call("signin/oidc"))["url"], "eve"))
    eve = await other.user()
    assert eve is not None
    assert eve["email"] is None, "nobody has checked that address"


async def test_provider_is_linked_only_to_the_user_who_started_linking(
    browsers: Callable[[], Browser], web: Web, make_user: MakeUser, sign_in: SignIn, deps: Deps
) -> None:
    tom, ida = await make_user("Tom", telegram_id=True), await make_user("Ida", telegram_id=True)
    browser = browsers()
    browser.set_cookie(COOKIE, sign_in(tom))
    back = await agree((await browser.call("signin/oidc"))["url"], "grace")
    await browser.get(back)
    assert browser.location == web.url
    user = await browser.user()
    assert user is not None
    assert user["id"] == tom.id
    assert [row.subject for row in await deps.store.accounts.list_of(tom.id)] == ["grace"]

    browser.set_cookie(COOKIE, sign_in(ida))
    await browser.get(await agree((await browser.call("signin/oidc"))["url"], "grace"))
    assert browser.location == f"{web.url}/api/auth/error?error=OAuthAccountNotLinked"

    started = await browser.call("signin/oidc")
    browser.set_cookie(COOKIE, sign_in(tom))  # another user has signed in to this browser meanwhile
    await browser.get(await agree(started["url"], "eve"))
    assert await deps.store.accounts.list_of(ida.id) == []
    assert [row.subject for row in await deps.store.accounts.list_of(tom.id)] == ["grace"]


async def test_refusal_by_the_provider_is_reported(browser: Browser, web: Web) -> None:
    started = await browser.call("signin/oidc")
    state = started["url"].partition("state=")[2].partition("&")[0]
    await browser.get(f"/api/auth/callback/oidc?error=access_denied&state={state}")
    assert browser.location == f"{web.url}/api/auth/error?error=OAuthCallback"


async def test_content_security_policy_allows_the_redirect_to_the_provider(
    chromium: str, issuer: str, database_uri: str, tmp_path: Path
) -> None:
    """`form-action` of the Content-Security-Policy also covers redirects after a form post, which only a real browser
    enforces."""
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "NEXTAUTH_SECRET": SECRET}
    env |= {"OIDC_ISSUER": issuer, "OIDC_ID": CLIENT, "OIDC_SECRET": "secret"}
    async with running_service(env, role="api") as service, async_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=options)
        page = await (await browser.new_context(java_script_enabled=False)).new_page()
        await page.goto(f"{service.url}/api/auth/signin")
        await page.get_by_role("button", name="Sign in with OpenID Connect").click()
        assert urlsplit(page.url).netloc == urlsplit(issuer).netloc, unquote(page.url)
        await page.get_by_role("button", name="grace").click()
        await expect(page.get_by_label("Your name here")).to_have_value("Grace")  # the first profile of a new member
        await browser.close()
