"""Three users close a circle and chat on the sandbox page; a member who declines is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.async_api import Browser, Page, expect

from domain.users import ProfileChanges
from handlers.runtime.deps import Deps
from handlers.users import register_telegram_user, update_profile
from tests.api.conftest import COOKIE, open_web
from tests.browser.test_two_people import Phone, _picture
from tests.factories import SignIn, insert_user
from tests.service import Service

HOLD_POSTS = """() => {
  const send = window.fetch, held = new Promise((done) => { window.release = done; });
  window.fetch = async (url, options) => { if (options?.method === "POST") await held; return send(url, options); };
}"""
"""Keep what a page posts in it until release() is called."""

PEOPLE = {
    "Maya": ("Python", "Chinese"),
    "Li": ("Guitar", "Python"),
    "Noah": ("Chinese", "Guitar"),
    "Priya": ("Chinese", "Guitar"),
}


async def open_bot(page: Page, deps: Deps, name: str) -> Phone:
    """Add a person with a stored profile to the sandbox and open the bot."""
    async with page.expect_response(lambda answer: answer.url.endswith("/sandbox/api/people")) as adding:
        await page.get_by_role("button", name=f"Add {name}").first.click()
    person: dict[str, Any] = await (await adding.value).json()
    teach, learn = PEOPLE[name]
    user = await register_telegram_user(deps, person["id"], name, "en")
    changes = ProfileChanges(skills_offered=(teach,), skills_wanted=(learn,), is_public=True, onboarded=True)
    await update_profile(deps, user, changes)
    phone = Phone(page, name)
    await phone.screen.get_by_role("button", name="START").click()
    await phone.sees("What shall we do?")
    return phone


async def test_three_users_close_a_circle_and_chat(
    page: Page, service: Service, deps: Deps, pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    maya, li, noah = [await open_bot(page, deps, name) for name in ("Maya", "Li", "Noah")]
    await maya.send("/circles")
    await maya.press("Ask Li and Noah")
    await maya.sees("You are in.")
    await li.sees("You teach Noah: Guitar")
    await _picture(page, pictures, "circle")
    await li.press("Join")
    await li.sees("You are in.")
    await noah.press("Join")
    for phone in (maya, li, noah):
        await phone.sees("You are now talking to")
    await noah.send("Hi you two! Shall we start on Sunday?")
    for phone in (maya, li):
        await phone.sees("Hi you two! Shall we start on Sunday?")
    await maya.send("Sunday is fine. I bring cake 🍰")
    for phone in (li, noah):
        await phone.sees("Sunday is fine. I bring cake 🍰")
    await _picture(page, pictures, "circle-chat")


async def test_member_who_declines_is_replaced(page: Page, service: Service, deps: Deps, pictures: Path | None) -> None:
    await page.goto(service.sandbox_page)
    maya, li, noah = [await open_bot(page, deps, name) for name in ("Maya", "Li", "Noah")]
    await maya.send("/circles")
    await maya.press("Ask Li and Noah")
    await li.sees("You teach Noah: Guitar")
    await li.press("Join")
    await li.sees("You are in.")
    priya = await open_bot(page, deps, "Priya")
    await page.get_by_role("button", name="Noah").first.click()
    await noah.press("No, thanks")
    await noah.sees("You are not in this circle")
    await li.sees("I am looking for a replacement")
    await page.get_by_role("button", name="Priya").first.click()
    await priya.sees("have joined")
    await priya.press("Join")
    await priya.sees("You are now talking to")
    await li.sees("The circle is closed!")
    await _picture(page, pictures, "circle-replaced")


@asynccontextmanager
async def proposed_circle(browser: Browser, deps: Deps, sign_in: SignIn) -> AsyncIterator[list[Page]]:
    """Open the circles of Ana, Li and Noor, after Ana has asked the other two for one."""
    rows = (("Ana", "Guitar", "Chinese"), ("Li", "Python", "Guitar"), ("Noor", "Chinese", "Python"))
    people = [await insert_user(deps, name, skills_offered=(t,), skills_wanted=(w,)) for name, t, w in rows]
    async with open_web(deps) as web:
        pages: list[Page] = []
        for person in people:
            context = await browser.new_context()
            await context.add_cookies([{"name": COOKIE, "value": sign_in(person), "url": web.url}])
            pages.append(await context.new_page())
            await pages[-1].goto(f"{web.url}/circles")
        ana = pages[0]
        await ana.get_by_role("button", name="Ask Noor and Li").click()
        yield pages


async def test_three_users_close_a_circle_on_the_page_of_circles(browser: Browser, deps: Deps, sign_in: SignIn) -> None:
    async with proposed_circle(browser, deps, sign_in) as pages:
        ana, li, noor = pages
        for page in (li, noor):  # their pages update without a reload
            await page.get_by_role("button", name="Join").click()
            await expect(page.get_by_role("button", name="Join")).to_have_count(0)
        for page in pages:
            await page.goto(urljoin(page.url, "/chats"))
            await page.locator(".chat-list [data-chat]").click()
            await page.wait_for_url("**/chats/*")
        await expect(noor.get_by_role("button", name="Send to 2")).to_be_visible()
        await noor.get_by_role("textbox", name="Message").fill("Hello you two")
        await noor.get_by_role("textbox", name="Message").press("Enter")
        for page in (ana, li):
            message = page.locator("#log article", has_text="Hello you two")
            await expect(message.locator(".who")).to_have_text("Noor")


async def test_a_press_on_join_survives_somebody_joining_at_the_same_time(
    browser: Browser, deps: Deps, sign_in: SignIn
) -> None:
    async with proposed_circle(browser, deps, sign_in) as pages:
        _, li, noor = pages
        await noor.get_by_role("button", name="Join").wait_for()

        await noor.evaluate(HOLD_POSTS)
        await noor.get_by_role("button", name="Join").click()
        await li.get_by_role("button", name="Join").click()
        await expect(li.get_by_role("button", name="Join")).to_have_count(0)
        await asyncio.sleep(1)  # the event about Li has reached Noor's page
        await noor.evaluate("release()")

        await noor.wait_for_url("**/swaps/*")
        await expect(noor.get_by_role("main").get_by_role("link", name="Write to")).to_have_count(1)


async def test_the_page_of_circles_shows_more_possible_ones_on_request(
    browser: Browser, deps: Deps, sign_in: SignIn
) -> None:
    ana = await insert_user(deps, "Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    for number in range(3):
        await insert_user(deps, f"Li{number}", skills_offered=("Python",), skills_wanted=("Guitar",))
        await insert_user(deps, f"Noor{number}", skills_offered=("chino",), skills_wanted=("Python",))
    async with open_web(deps) as web:
        context = await browser.new_context()
        await context.add_cookies([{"name": COOKIE, "value": sign_in(ana), "url": web.url}])
        page = await context.new_page()
        await page.goto(f"{web.url}/circles")
        await expect(page.get_by_role("heading", name="9 circles are possible")).to_be_visible()
        asks = page.get_by_role("main").get_by_role("button", name="Ask ")
        await expect(asks).to_have_count(5)
        assert "Chinese (chino)" in await page.get_by_role("main").inner_text()
        first = await asks.all_inner_texts()
        await page.get_by_role("link", name="Show more").click()
        await expect(asks).to_have_count(4)
        assert len({*first, *await asks.all_inner_texts()}) == 9
        await expect(page.get_by_role("link", name="Show more")).to_have_count(0)
