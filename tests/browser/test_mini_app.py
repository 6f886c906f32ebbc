"""The pages as a Mini App on the phones of the sandbox page: signed in by Telegram's data, without cookies."""

from __future__ import annotations

import pytest
from playwright.async_api import FrameLocator, Locator, Page, expect

from handlers.runtime.deps import Deps
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import WAIT_MS, Phone
from tests.service import Service


class App:
    """The Mini App on one phone."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.panel: Locator = phone.screen.get_by_label("Mini App of Skill Swap", exact=True).first
        self.frame: FrameLocator = self.panel.frame_locator("iframe")

    @property
    def main(self) -> Locator:
        return self.frame.locator("main")

    async def open(self) -> App:
        await self.phone.screen.get_by_role("button", name="Open the Mini App: Skill Swap").click()
        await expect(self.frame.locator("nav.places")).to_be_visible(timeout=WAIT_MS)
        return self

    async def press_back(self) -> None:
        await self.panel.get_by_role("button", name="Back").click()

    async def shows(self, heading: str) -> None:
        await expect(self.main.locator("h1")).to_have_text(heading, timeout=WAIT_MS)


@pytest.fixture
async def errors(page: Page) -> list[str]:
    """What went wrong in scripts of the page and its frames, and what a policy refused."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    return said


@pytest.mark.timeout(120)
async def test_the_menu_button_signs_in_and_shows_the_deck(
    page: Page, service: Service, deps: Deps, errors: list[str]
) -> None:
    page.set_default_timeout(WAIT_MS)
    await page.goto(service.sandbox_page)
    await arrive(page, deps, "Tomás", "es", teach=("Bread baking",), learn=("Python",), timezone="UTC")
    maya, _ = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",), timezone="UTC")
    app = await App(maya).open()
    await expect(app.main.get_by_role("heading", name="Tomás")).to_be_visible(timeout=WAIT_MS)
    assert "tgWebApp" not in await app.main.evaluate("() => location.href")
    assert await page.context.cookies(service.url) == []

    await expect(app.panel.get_by_role("button", name="Back")).to_be_hidden()
    await app.main.get_by_role("link", name="Ask").first.click()
    await expect(app.main.get_by_role("textbox").first).to_be_visible()
    await app.press_back()
    await expect(app.main.get_by_role("heading", name="Tomás")).to_be_visible()
    await expect(app.panel.get_by_role("button", name="Back")).to_be_hidden()
    await app.frame.locator("nav.places a[data-place=swaps]").click()
    await app.shows("Swaps")
    assert errors == []
