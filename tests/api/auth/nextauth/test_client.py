"""The real, unmodified `next-auth/react` in Chromium against the running service, mail through a real SMTP server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from tests.api.auth.nextauth.conftest import Post
from tests.service import Service, running_service

ADA = "ada@example.org"
PAGE = '<!doctype html><title>A front end</title><div id="root"></div><script src="/front.js"></script>'


@pytest.fixture
async def service(mailing_env: dict[str, str], tmp_path: Path) -> AsyncIterator[Service]:
    log = tmp_path / "service.log"
    async with running_service(mailing_env, role="api", log=log) as running:
        yield running
    text = log.read_text()
    assert ADA not in text
    assert "Traceback" not in text


@pytest.fixture
async def page(chromium: str, bundle: str, service: Service) -> AsyncIterator[Page]:
    """A page on the origin of the service, as behind a reverse proxy shared with the API."""

    async def front(route: Route) -> None:
        is_script = route.request.url.endswith(".js")
        kind = "text/javascript" if is_script else "text/html"
        await route.fulfill(body=bundle if is_script else PAGE, content_type=f"{kind}; charset=utf-8")

    async with async_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=options)
        found = await browser.new_page()
        await found.route(f"{service.url}/front*", front)
        await found.goto(f"{service.url}/front")
        yield found
        await browser.close()


RENAME = """async name => {
    const headers = { "Content-Type": "application/json" }
    await fetch("/api/user", { method: "PUT", headers, body: JSON.stringify({ name }) })
}"""


async def run(page: Page, script: str, argument: Any = None) -> Any:
    return await page.evaluate(script, argument)


async def test_nextauth_client_signs_in_updates_and_signs_out(page: Page, service: Service, post: Post) -> None:
    url = service.url
    status = page.locator("#who")
    await expect(status).to_have_attribute("data-status", "unauthenticated")
    providers = await run(page, "() => getProviders()")
    assert providers["email"]["signinUrl"] == f"{url}/api/auth/signin/email"
    csrf = await run(page, "() => getCsrfToken()")
    assert len(csrf) == 64
    assert await run(page, "() => getCsrfToken()") == csrf

    ask = "email => signIn('email', { email, redirect: false, callbackUrl: '/front?back' })"
    result = await run(page, ask, "no address")
    assert (result["ok"], result["error"]) == (True, "EmailSignin")
    result = await run(page, ask, ADA)
    assert result == {
        "error": None,
        "status": 200,
        "ok": True,
        "url": f"{url}/api/auth/verify-request?provider=email&type=email",
    }
    link = await post.link(ADA)
    await page.goto(link)
    assert page.url == f"{url}/front?back"
    await page.goto(page.url)  # the route mock serves addresses that are opened, not targets of redirects
    await expect(status).to_have_text(f"New member <{ADA}>")
    assert await run(page, "() => document.cookie") == "", "no script can read a session"

    await run(page, RENAME, "Ada")
    session = await run(page, "() => update({ name: 'Eve' })")
    assert session["user"]["name"] == "Ada"
    await expect(status).to_have_text(f"Ada <{ADA}>")
    assert (await run(page, "() => getSession()"))["user"]["email"] == ADA

    assert await run(page, "() => signOut({ redirect: false, callbackUrl: '/front?bye' })") == {
        "url": f"{url}/front?bye"
    }
    await expect(status).to_have_attribute("data-status", "unauthenticated")
    assert await run(page, "() => getSession()") is None
    assert [cookie["name"] for cookie in await page.context.cookies() if "session" in cookie["name"]] == []

    await page.goto(link)
    assert page.url == f"{url}/api/auth/error?error=Verification"
    await expect(page.get_by_role("heading")).to_have_text("This link has done its work")


@pytest.mark.parametrize("bundle", ["next-auth-5"], indirect=True)
async def test_client_of_nextauth_5_signs_in_and_out(page: Page, service: Service, post: Post) -> None:
    url = service.url
    ask = "email => signIn('email', { email, redirect: false, callbackUrl: '/front?back' })"
    result = await run(page, ask, "no address")
    assert (result["ok"], result["error"], result["url"]) == (True, "EmailSignin", None)
    result = await run(page, ask, ADA)
    assert (result["ok"], result["status"]) == (True, 200)
    assert result["url"] == f"{url}/api/auth/verify-request?provider=email&type=email"
    await page.goto(await post.link(ADA))
    assert page.url == f"{url}/front?back"
    await page.goto(page.url)
    status = page.locator("#who")
    await expect(status).to_have_text(f"New member <{ADA}>")
    await expect(status).to_have_attribute("data-status", "authenticated")
    assert await run(page, "() => signOut({ redirect: false, callbackUrl: '/front?bye' })") == {
        "url": f"{url}/front?bye"
    }
    await expect(status).to_have_text("nobody")
    assert [cookie["name"] for cookie in await page.context.cookies() if "session" in cookie["name"]] == []


async def test_pages_sign_in_and_out_on_a_phone_without_javascript(chromium: str, service: Service, post: Post) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False, "is_mobile": True}
        page = await (await browser.new_context(**phone)).new_page()  # type: ignore[arg-type]
        await page.goto(service.url)
        assert await page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")
        await page.get_by_label("Email").fill(ADA)
        await page.get_by_role("button", name="Send me a sign-in link").click()
        await expect(page.get_by_role("heading")).to_have_text("Check your mail")
        tablet = await (await browser.new_context(java_script_enabled=False)).new_page()
        await tablet.goto(await post.link(ADA))
        await expect(tablet.locator("main")).to_contain_text(ADA)
        await page.goto(await post.link(ADA))
        await expect(page.get_by_role("navigation", name="Where you can go")).to_be_visible()
        await tablet.get_by_role("button", name="Sign in").click()
        await expect(tablet.get_by_role("heading")).to_have_text("This link has done its work")
        await page.get_by_role("link", name="Sign out").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("button", name="Send me a sign-in link")).to_be_visible()
        await browser.close()
