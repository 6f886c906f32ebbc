"""Every page, light and dark, on a phone: axe, the accessibility checker, finds nothing; nothing is wider than the
screen, and no script or style is refused by the page's own policy. The pages are those of `tests/browser/scenes`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from api.app import page_routes
from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, Web, web
from tests.browser.conftest import browser
from tests.browser.scenes import SUBJECTS, Stage, all_pages, pages_of
from tests.factories import SignIn

__all__ = ["browser", "web"]

WIDTH, HEIGHT = 390, 844
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe; the sizes of targets are only looked at when they are named."""
COLOURS: dict[str, str | list[str]] = {"type": "rule", "values": ["color-contrast"]}
"""Rule for faults that a dark page can have and the light one has not."""
FILES = {"/sandbox", "/welcome"}
"""Routes of `page_routes` that lead elsewhere."""


async def test_no_page_is_forgotten(deps: Deps, web: Web, sign_in: SignIn) -> None:
    patterns = {route.path for route in page_routes() if route.method == "GET"} - FILES
    seen = {path.partition("?")[0] for path, _ in await all_pages(Stage(deps, web, sign_in))}
    forgotten = [
        pattern
        for pattern in patterns
        if not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) for path in seen)
    ]
    assert not forgotten, "add them to the scene"


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
    )  # no half-way colours
    yield await context.new_page()
    await context.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_axe_finds_nothing_on_any_page_light_and_dark(
    deps: Deps, web: Web, phone: Page, sign_in: SignIn, subject: str
) -> None:
    found, said = [], []
    phone.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    scene = await pages_of(subject, Stage(deps, web, sign_in))
    for path, reader in scene:
        await phone.context.clear_cookies()
        if reader is not None:
            await phone.context.add_cookies([{"name": COOKIE, "value": sign_in(reader), "url": web.url}])
        await phone.emulate_media(color_scheme="light")
        await phone.goto(web.url + path)
        await phone.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        found += [f"light {path}: {each}" for each in await _violations(phone, RULES)]
        width = await phone.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}: {width} px wide"] if width > WIDTH else []
        await phone.emulate_media(color_scheme="dark")
        found += [f"dark {path}: {each}" for each in await _violations(phone, COLOURS)]
    assert not found, "\n".join(dict.fromkeys(found))
    policy = [line for line in said if "Content Security Policy" in line]
    assert not policy, policy
    print(f"{len(scene)} pages looked at, light and dark")


async def _violations(page: Page, rules: list[str] | dict[str, str | list[str]]) -> list[str]:
    result = await Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [f"{each['id']} {node['html'][:160]}" for each in result.response["violations"] for node in each["nodes"]]


@pytest.mark.parametrize(("scheme", "rules"), [("light", RULES), ("dark", COLOURS)])
async def test_axe_would_find_a_field_without_a_label_and_faint_words(
    web: Web, phone: Page, scheme: Literal["light", "dark"], rules: Any
) -> None:
    await phone.emulate_media(color_scheme=scheme)
    await phone.goto(f"{web.url}/")
    await phone.evaluate("document.querySelector('main').append(document.createElement('input'))")
    await phone.evaluate("document.querySelector('h1').style.color = 'var(--line)'")
    found = " ".join(await _violations(phone, rules))
    assert "color-contrast" in found
    assert ("label" in found) == (scheme == "light")
