"""The pages as a Mini App on the phones of the sandbox page: signed in by Telegram's data, without cookies."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import FrameLocator, Locator, Page, expect

from domain.swaps import COMPLETED
from handlers.reviews import list_reviews
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.users import find_telegram_user, get_user
from tests.browser.test_accessibility import RULES, _violations
from tests.browser.test_meetings import by_day
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import Phone
from tests.browser.test_web_swaps import meet, plan, rate, the_swap, user_of
from tests.browser.web_people import WebPerson, ask, make_profile
from tests.moved_clock import MoveClock
from tests.service import Service
from tests.waiting import eventually


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
        await expect(self.frame.locator("nav.places")).to_be_visible()
        return self

    async def press_back(self) -> None:
        await self.panel.get_by_role("button", name="Back").click()

    async def shows(self, heading: str) -> None:
        await expect(self.main.locator("h1")).to_have_text(heading)


class AppPerson(WebPerson):
    """Somebody who uses the pages in the Mini App of their phone, and goes about by its links."""

    def __init__(self, app: App, name: str, deps: Deps) -> None:
        super().__init__(app.phone.page, name, "")
        self.app, self.deps = app, deps

    @property
    def view(self) -> FrameLocator:
        return self.app.frame

    async def go(self, path: str) -> None:
        if path.startswith("/swaps/"):
            await self.go("/swaps")
            await self._follow(self.main.locator(f"a[href='{path}']").first)
        else:
            await self._follow(self.view.locator(f"nav.places a[href='{path}']"))

    async def reload(self) -> None:
        """Come back to the present page from another one: the frame has no button to load it anew."""
        path = await self.path()
        await self.go("/discover")
        await self.go(path)

    async def _follow(self, link: Locator) -> None:
        """Follow a link, and wait until its page has come: meanwhile the present one may be drawn anew.

        The link itself is told of the press: a press on a place would land beside it when Telegram's main button comes
        or goes at that moment, which moves the lower edge of the frame.
        """
        path = await link.get_attribute("href")
        await self.main.evaluate("main => main.dataset.left = ''")
        await expect(link).to_be_visible()
        await link.dispatch_event("click")

        async def has_come() -> bool:
            return await self.view.locator("main[data-left]").count() == 0 and await self.path() == path

        await eventually(has_come)

    async def user_id(self) -> str:
        number = await self.app.phone.row.get_attribute("data-person")
        user = await find_telegram_user(self.deps, int(number or 0))
        assert user is not None
        return user.id


async def come_into_app(page: Page, deps: Deps, name: str) -> AppPerson:
    """Add somebody whom the service does not know, and open the Mini App on their phone."""
    await page.get_by_role("button", name=f"Add {name}").first.click()
    phone = Phone(page, name)
    await phone.screen.get_by_role("button", name="START").click()  # Telegram's menu button comes with the chat
    return AppPerson(await App(phone).open(), name, deps)


@pytest.fixture
async def errors(page: Page) -> list[str]:
    """Errors of scripts in the page and its frames, and refusals by a policy."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    return said


@pytest.mark.timeout(120)
async def test_the_menu_button_signs_in_and_shows_the_deck(
    page: Page, service: Service, deps: Deps, errors: list[str]
) -> None:
    await page.goto(service.sandbox_page)
    _, tomas = await arrive(page, deps, "Tomás", "es", teach=("Bread baking",), learn=("Python",), timezone="UTC")
    maya, user = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",), timezone="UTC")
    app = await App(maya).open()
    await expect(app.main.get_by_role("heading", name="Tomás")).to_be_visible()
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
    await propose_swap(deps, tomas, Proposal(user.id, "Bread baking", "Python", "Shall we?"))  # the number follows
    await expect(app.frame.locator("[data-place=swaps] .count")).to_contain_text("1 ")
    assert errors == []


@pytest.mark.timeout(120)
async def test_another_phone_leaves_the_mini_app_of_the_first_one_as_it_is(
    page: Page, service: Service, deps: Deps, errors: list[str]
) -> None:
    await page.goto(service.sandbox_page)
    maya = await come_into_app(page, deps, "Maya")
    await maya.sees("What can you teach?")
    await maya.fill("Skill 1", "Python")
    noah = await come_into_app(page, deps, "Noah")
    await noah.sees("What can you teach?")
    await expect(maya.view.get_by_label("Skill 1").first).to_have_value("Python")
    await noah.app.phone.put_away()
    await expect(maya.view.get_by_label("Skill 1").first).to_have_value("Python")
    assert errors == []


@pytest.mark.timeout(120)
async def test_settings_are_saved_in_the_mini_app_and_a_way_in_is_added_in_a_browser(
    page: Page, service: Service, deps: Deps, errors: list[str]
) -> None:
    await page.goto(service.sandbox_page)
    phone, user = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",), timezone="UTC")
    maya = AppPerson(await App(phone).open(), "Maya", deps)
    await maya.go("/me")
    await maya.press("Settings")
    await maya.press("Ways in")
    async with page.context.expect_page() as opened:
        await maya.press("Add a way in")
    assert "/api/auth/signin" in (await opened.value).url
    await maya.go("/me")
    await maya.press("Settings")
    await maya.press("Language")
    await maya.tick(maya.view.get_by_label("Español"))
    await maya.press("Save")
    await maya.sees("Guardado.")
    assert (await get_user(deps, user.id)).locale == "es"
    assert errors == []


@pytest.mark.timeout(180)
async def test_two_in_the_mini_app_go_from_a_first_profile_to_a_rated_swap(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, errors: list[str]
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    maya = await come_into_app(page, deps, "Maya")
    await make_profile(maya, teach="Python", learn="Bread baking")
    noah = await come_into_app(page, deps, "Noah")
    await make_profile(noah, teach="Bread baking", learn="Python")
    await ask(maya, noah, note="I would love to bake a real <b>sourdough</b>.")

    await noah.go("/swaps")
    await noah.press("Maya asks you")
    await noah.sees("I would love to bake a real <b>sourdough</b>.")
    await noah.press("Accept swap")
    await noah.sees("Plan a session")
    start = await plan(maya, noah, deps)
    await meet(maya, noah, deps, move_clock, start)

    await rate(maya, "Noah", "5 of 5, wonderful", "My first loaf did rise!")
    await rate(noah, "Maya", "4 of 5, good", "Clear from the first line.")
    assert (await the_swap(deps, maya)).status == COMPLETED
    for person, words in ((noah, "My first loaf did rise!"), (maya, "Clear from the first line.")):
        rated = await user_of(person, deps)
        (shown,) = await list_reviews(deps, rated, rated.id, limit=5)
        assert shown.review.text == words
    assert await page.context.cookies(service.url) == []
    assert errors == []


@pytest.mark.timeout(120)
async def test_axe_finds_nothing_in_the_mini_app_in_telegrams_colours(
    page: Page, service: Service, deps: Deps, errors: list[str], pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    await arrive(page, deps, "Noah", "en", teach=("Bread baking",), learn=("Python",), timezone="UTC")
    phone, _ = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",), timezone="UTC")
    maya = AppPerson(await App(phone).open(), "Maya", deps)
    await maya.sees("Noah")
    (frame,) = page.main_frame.child_frames
    found = await _violations(frame, RULES)
    await maya.press("Ask Noah for a swap")
    await maya.fill("A line to Noah", "I would love to bake.")
    await maya.press("Send to Noah")
    await maya.sees("Take the request back")
    found += await _violations(frame, RULES)
    if pictures is not None:
        await page.screenshot(path=pictures / "mini-app.png")
    assert found + errors == []
