"""The first profile in a real browser: completion, the week by keyboard, the photo cut and sent; from the mail on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from domain.users import User
from handlers.photos import read_photo
from handlers.runtime.deps import Deps
from handlers.users import get_user, register_email_user
from skillswap.demo.portraits import draw_portrait
from tests.api.conftest import COOKIE, Web, web
from tests.browser.web_people import PHONE
from tests.browser.web_pictures import take_pictures
from tests.factories import SignIn

__all__ = ["web"]

TWO_MINUTES = 120


@pytest.fixture
async def nils(deps: Deps) -> User:
    return await register_email_user(deps, "nils@example.org", None)


async def open_as(browser: Browser, web: Web, token: str, path: str, **options: object) -> Page:
    context = await browser.new_context(viewport=PHONE, timezone_id="Europe/Lisbon", locale="en", **options)  # type: ignore[arg-type]
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    page = await context.new_page()
    await page.goto(web.url + path)
    return page


async def test_a_first_profile_is_made_in_under_two_minutes(
    browser: Browser, web: Web, deps: Deps, nils: User, sign_in: SignIn, pictures: Path | None
) -> None:
    began = time.monotonic()
    page = await open_as(browser, web, sign_in(nils), "/")
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    await page.get_by_label("Your name here").fill("Nils")
    await page.get_by_label("Skill 1", exact=True).press_sequentially("guit")
    await page.locator(".skills [role=option]").first.click()
    await page.get_by_label("How well you know skill 1").select_option("advanced")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.get_by_role("heading", name="What would you like to learn?")).to_be_visible()
    await page.get_by_label("Skill 1", exact=True).fill("Python")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.get_by_role("heading", name="When and where?")).to_be_visible()
    await page.get_by_role("button", name="Weekday evenings").click()
    await expect(page.locator("output")).to_have_text("20 hours a week")
    assert await page.get_by_label("Time zone").input_value() == "Europe/Lisbon"
    await take_pictures(page, pictures, "web-times")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.get_by_role("heading", name="A face, and who sees it")).to_be_visible()
    await page.get_by_role("button", name="Done").click()
    await page.wait_for_url("**/discover")
    assert time.monotonic() - began < TWO_MINUTES
    user = await get_user(deps, nils.id)
    assert (user.name, user.skills_offered, user.skills_wanted) == ("Nils", ("Guitar",), ("Python",))
    assert (user.slots, user.timezone, user.onboarded) == (("weekday evenings",), "Europe/Lisbon", True)
    await page.goto(f"{web.url}/me")
    await take_pictures(page, pictures, "web-me")
    assert errors == []


async def test_the_week_is_filled_in_by_keyboard_alone(
    browser: Browser, web: Web, deps: Deps, nils: User, sign_in: SignIn
) -> None:
    page = await open_as(browser, web, sign_in(nils), "/me/edit/times")
    await page.get_by_role("button", name="Clear").focus()
    await page.keyboard.press("Tab")  # one stop: the name of Monday
    await expect(page.get_by_role("columnheader", name="Monday")).to_be_focused()
    for key in ("ArrowDown", "ArrowRight", " ", "Shift+ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("gridcell", name="Wednesday 8 AM")).to_be_focused()
    await expect(page.get_by_role("gridcell", name="Tuesday 8 AM")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Home")
    await page.keyboard.press(" ")  # the header of a row toggles it
    await expect(page.locator("output")).to_have_text("9 hours a week")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Night hours, too")).to_be_focused()
    await page.get_by_role("button", name="Save", exact=True).press("Enter")
    await page.wait_for_url("**/me")
    tuesday = {24 + hour for hour in (6, 7, 8)}
    assert set((await get_user(deps, nils.id)).free) == tuesday | {day * 24 + 8 for day in range(7)}


async def test_without_scripts_six_boxes_stand_for_the_week(
    browser: Browser, web: Web, deps: Deps, nils: User, sign_in: SignIn
) -> None:
    page = await open_as(browser, web, sign_in(nils), "/me/edit/times", java_script_enabled=False)
    await page.get_by_label("Weekend mornings").check()
    await page.get_by_label("Time zone").fill("Madrid")
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.wait_for_url("**/me")
    user = await get_user(deps, nils.id)
    assert (user.slots, user.timezone) == (("weekend mornings",), "Europe/Madrid")


async def test_a_photo_is_cut_stopped_tried_again_and_stored_once(
    browser: Browser, web: Web, deps: Deps, nils: User, sign_in: SignIn
) -> None:
    page = await open_as(browser, web, sign_in(nils), "/me/edit/photo")
    keys: list[str] = []

    async def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/api/upload*", lose)
    file = page.get_by_label("A photo of you")
    await file.set_input_files({"name": "me.txt", "mimeType": "image/png", "buffer": b"no photo"})
    await expect(page.get_by_role("alert")).to_contain_text("can't read this file as a photo")
    await file.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": draw_portrait(1)})
    await expect(page.get_by_role("img", name="Your photo")).to_be_focused()
    for key in ("+", "ArrowLeft", "ArrowDown"):
        await page.keyboard.press(key)
    await page.locator(".crop").get_by_role("button", name="Use this photo").click()
    await expect(page.get_by_role("alert")).to_contain_text("did not arrive")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Remove this photo")).to_be_visible()
    url = (await get_user(deps, nils.id)).photo_url
    assert url is not None
    assert len(set(keys)) == 1
    assert await read_photo(deps, url.rsplit("/", 1)[-1].removesuffix(".jpg")) is not None
    assert await deps.store.database.collection("photos").count_documents({}) == 1
