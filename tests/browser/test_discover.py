"""The pages of people in a real browser: completion of a skill by keyboard and mouse, the deck by keyboard, and the
same pages without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from domain.users import format_slots
from handlers.alerts import list_alerts
from handlers.circles import join_circle, list_circles
from handlers.matches import list_matches
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from tests.api.conftest import COOKIE, Web, web
from tests.browser.test_accessibility import RULES
from tests.browser.web_pictures import take_pictures
from tests.factories import MakeUser, SignIn

__all__ = ["web"]

EVENINGS = format_slots(("weekday evenings",))


async def opened(browser: Browser, web: Web, token: str, *, scripts: bool = True) -> Page:
    """Return a page of a phone on which this session is signed in."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=scripts, base_url=web.url
    )
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    return await context.new_page()


async def test_a_skill_is_completed_by_keyboard_and_an_unknown_one_is_asked_about(
    browser: Browser, web: Web, sign_in: SignIn, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_offered=("Chess",), skills_wanted=("Go",))
    await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    page = await opened(browser, web, sign_in(ada))
    await page.goto("/alerts")
    field = page.get_by_role("combobox", name="Which skill?")
    await field.press_sequentially("guit")
    option = page.get_by_role("option").first
    await expect(option).to_contain_text("Guitar")
    await expect(option).to_contain_text("1 teaches it")
    await expect(page.get_by_role("status").filter(has_text="below")).to_be_attached()
    looked_at = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert looked_at.response["violations"] == []
    await field.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()
    assert await field.input_value() == "guit"
    await field.press("ArrowDown")
    await expect(option).to_be_visible()
    await field.press("ArrowDown")
    await expect(option).to_have_attribute("aria-selected", "true")
    assert await field.get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await field.press("Enter")
    assert await field.input_value() == "Guitar"
    assert await list_alerts(deps, ada) == []  # chosen, not sent
    await field.fill("")
    await field.press_sequentially("Giutar")
    await expect(option).to_contain_text("did you mean this?")
    await option.click()
    assert await field.input_value() == "Guitar"
    await field.fill("Underwater basket weaving")
    await field.press("Enter")
    await expect(page.get_by_text("begins to teach Underwater basket weaving")).to_be_visible()
    assert [alert.skill for alert in await list_alerts(deps, ada)] == ["Underwater basket weaving"]


async def test_the_deck_is_gone_through_by_keyboard_and_the_focus_stays_with_the_card(
    browser: Browser, web: Web, sign_in: SignIn, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    for name in ("Ben", "Cleo"):
        await make_user(name, skills_offered=("Guitar",), skills_wanted=("Python",))
    first, second = [match.user.name for match in (await list_matches(deps, ada)).matches]
    page = await opened(browser, web, sign_in(ada))
    await page.goto("/discover")
    await page.get_by_role("button", name=f"Not for me: {first}").press("Enter")
    await expect(page.get_by_role("heading", name=second)).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text=f"{first} is put aside.")).to_be_visible()
    await expect(page.locator("#card")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name=f"Undo: show {first} again")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=first)).to_be_visible()
    await page.get_by_role("combobox").press_sequentially("guita")
    await page.get_by_role("option").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")  # a choice searches at once
    await expect(page.get_by_role("heading", name="2 people teach Guitar")).to_be_visible()


async def test_the_deck_fits_every_screen_and_the_first_choice_needs_no_scrolling(
    browser: Browser, web: Web, sign_in: SignIn, make_user: MakeUser, pictures: Path | None
) -> None:
    zone = {"timezone": "Europe/Madrid", "location": "Madrid", "availability": EVENINGS}
    maya = await make_user("Maya", skills_offered=("Python",), skills_wanted=("Guitar", "Spanish"), **zone)
    swap = {"skills_offered": ("Guitar", "Spanish"), "skills_wanted": ("Python",)}
    for name in ("Tomás", "Elena Fernández de la Vega", "Noor", "Chloé"):
        await make_user(name, offered_levels={"guitar": "advanced"}, **swap, **zone)
    page = await opened(browser, web, sign_in(maya))
    await page.goto("/discover")
    for width in (390, 768, 1100, 1400, 1600):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await expect(page.get_by_role("link", name="for a swap")).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("button", name="Not for me")).to_be_in_viewport(ratio=1)
    await take_pictures(page, pictures, "web-discover")
    ask = await page.get_by_role("link", name="for a swap").get_attribute("href")
    for path in (str(ask), "/alerts", "/circles", "/discover?q=Guitar"):
        await page.goto(path)
        for width in (320, 390, 1400):  # 320 px is a phone, or a small window at 400 %
            await page.set_viewport_size({"width": width, "height": 844})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_the_page_of_circles_follows_what_the_others_do(
    browser: Browser, web: Web, sign_in: SignIn, deps: Deps, make_user: MakeUser
) -> None:
    ana = await make_user("Ana", skills_offered=("Cooking",), skills_wanted=("Chinese",))
    li = await make_user("Li", skills_offered=("Yoga",), skills_wanted=("Cooking",))
    noor = await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Yoga",))
    page = await opened(browser, web, sign_in(ana))
    await page.goto("/circles")
    await page.get_by_role("button", name="Ask Noor and Li").click()
    await expect(page.get_by_text("Neither of the other two has joined yet.")).to_be_visible()
    (circle,) = await list_circles(deps, ana)
    await expect(page.locator(f"#circle-{circle.id}")).to_be_focused()
    await join_circle(deps, li, circle.id, version=circle.version)
    await expect(page.get_by_text("Li has joined.")).to_be_visible()
    noors = await opened(browser, web, sign_in(noor), scripts=False)
    await noors.goto("/circles")
    await noors.get_by_role("button", name="Join").click()
    await noors.wait_for_url(f"**/swaps/{circle.id}")
    await expect(page.get_by_role("link", name="Open: Noor and Li")).to_be_visible()


@pytest.mark.parametrize("scripts", [False, True])
async def test_somebody_is_found_and_asked_with_and_without_scripts(
    browser: Browser, web: Web, sign_in: SignIn, deps: Deps, make_user: MakeUser, scripts: bool
) -> None:
    zone = {"availability": EVENINGS, "timezone": "Europe/Madrid"}
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",), **zone)
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",), **zone)
    page = await opened(browser, web, sign_in(ada), scripts=scripts)
    await page.goto("/discover")
    await page.get_by_role("button", name="Next person after Ben").click()
    await page.get_by_role("button", name="Undo: show Ben again").click()
    await page.get_by_label("A skill to learn, or a name").fill("Guitar")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Ben").first.click()
    await page.get_by_role("link", name="Ask Ben for a swap").click()
    await page.get_by_label("A line to Ben").fill("Hello Ben!")
    await page.locator('input[name="slot"]').first.check()
    await page.get_by_role("button", name="Send to Ben").click()
    await page.wait_for_url("**/swaps/*")
    (swap,) = await list_swaps(deps, ben)
    assert (swap.message, len(swap.plan.slots), swap.wanted_skill) == ("Hello Ben!", 1, "Guitar")
