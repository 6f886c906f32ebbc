"""Every page, light and dark, on a phone: axe, the accessibility checker, finds nothing; nothing is wider than the
screen, and no script or style is refused by the page's own policy. The pages are those of `tests/browser/scenes`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from api.app import page_routes
from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, Web, web
from tests.browser.conftest import browser
from tests.browser.scenes import Pages, Stage, all_pages
from tests.factories import SignIn

__all__ = ["browser", "web"]

WIDTH, HEIGHT = 390, 844
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe; the sizes of targets are only looked at when they are named."""
FILES = {"/sandbox", "/welcome"}
"""Routes of `page_routes` that lead elsewhere."""


@pytest.fixture
async def scene(deps: Deps, web: Web, sign_in: SignIn) -> Pages:
    return await all_pages(Stage(deps, web, sign_in))


def test_no_page_is_forgotten(scene: Pages) -> None:
    patterns = {route.path for route in page_routes() if route.method == "GET"} - FILES
    seen = {path.partition("?")[0] for path, _ in scene}
    forgotten = [
        pattern
        for pattern in patterns
        if not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) for path in seen)
    ]
    assert not forgotten, "add them to the scene"


@pytest.fixture
async def phones(browser: Browser) -> AsyncIterator[dict[str, Page]]:
    opened = {}
    for scheme in ("light", "dark"):
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)  # type: ignore[arg-type]
        opened[scheme] = await context.new_page()
    yield opened
    for page in opened.values():
        await page.context.close()


@pytest.mark.timeout(600)
async def test_axe_finds_nothing_on_any_page_light_and_dark(
    web: Web, scene: Pages, phones: dict[str, Page], sign_in: SignIn
) -> None:
    found, said = [], []
    for scheme, page in phones.items():
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        for path, reader in scene:
            await page.context.clear_cookies()
            if reader is not None:
                await page.context.add_cookies([{"name": COOKIE, "value": sign_in(reader), "url": web.url}])
            await page.goto(web.url + path)
            await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
            result = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
            found += [
                f"{scheme} {path}: {each['id']} {node['html'][:160]}"
                for each in result.response["violations"]
                for node in each["nodes"]
            ]
            width = await page.evaluate("document.documentElement.scrollWidth")
            found += [f"{scheme} {path}: {width} px wide"] if width > WIDTH else []
    assert not found, "\n".join(dict.fromkeys(found))
    policy = [line for line in said if "Content Security Policy" in line]
    assert not policy, policy
    print(f"{len(scene)} pages looked at, light and dark")


async def test_axe_would_find_a_field_without_a_label(web: Web, phones: dict[str, Page]) -> None:
    page = phones["light"]
    await page.goto(f"{web.url}/")
    await page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    result = await Axe().run(page, options={"runOnly": RULES})
    assert "label" in {each["id"] for each in result.response["violations"]}
