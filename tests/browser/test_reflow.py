"""Every page on narrow and wide screens, from left to right and from right to left: nothing runs over the edge, and no
target is too small to be hit. 320 px is what WCAG asks for (1.4.10): also a screen of 640 px at 200 %.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, Web, web
from tests.browser.conftest import browser
from tests.browser.scenes import SUBJECTS, Stage, pages_of
from tests.factories import SignIn

__all__ = ["browser", "web"]

WIDTHS = (320, 390, 768, 1400)
HEIGHT = 844
LEAST_TARGET = 24
FAULTS = (Path(__file__).parent / "reflow.js").read_text()


async def faults_of(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(FAULTS, LEAST_TARGET)
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_no_page_is_wider_than_its_window_and_all_targets_can_be_hit(
    deps: Deps, web: Web, browser: Browser, sign_in: SignIn, subject: str
) -> None:
    context = await browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT}, reduced_motion="reduce")
    page, found = await context.new_page(), []
    for path, reader in await pages_of(subject, Stage(deps, web, sign_in)):
        await context.clear_cookies()
        if reader is not None:
            await context.add_cookies([{"name": COOKIE, "value": sign_in(reader), "url": web.url}])
        await page.goto(web.url + path)
        await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        for direction in ("ltr", "rtl"):
            await page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                found += [f"{path} at {width} px, {direction}: {fault}" for fault in await faults_of(page)]
    await context.close()
    assert not found, "\n".join(found)


async def test_what_is_too_wide_and_too_small_would_be_found(web: Web, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": WIDTHS[0], "height": HEIGHT})
    await page.goto(f"{web.url}/")
    assert await faults_of(page) == []
    await page.evaluate("document.querySelector('main').style.width = '400px'")
    assert any("px wide" in fault for fault in await faults_of(page))
    await page.evaluate("document.querySelector('main').style.width = ''")
    await page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.innerHTML = "<p><button>a</button> <button>b</button></p>";
          for (const button of main.querySelectorAll("button")) button.style.cssText = "all: unset; font-size: 8px";
        }"""
    )
    assert len(await faults_of(page)) == 2
    await page.close()
