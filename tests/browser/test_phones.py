"""Several phones of the sandbox page beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.test_two_people import Phone
from tests.service import Service

LOOKS_MS = 200
"""Time for a page to read what has come, and to act on it."""


@asynccontextmanager
async def held(page: Page, pattern: str) -> AsyncIterator[asyncio.Event]:
    """Keep the answer to the next request of this kind, as it is when it is asked for, until the block ends. The event
    is set when there is one."""
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def wait(route: Route) -> None:
        reply = await route.fetch()
        is_asked.set()
        await may_answer.wait()
        await route.fulfill(response=reply)

    await page.route(pattern, wait, times=1)
    try:
        yield is_asked
    finally:
        may_answer.set()


async def test_a_phone_that_answers_late_leaves_the_keys_to_the_one_that_is_written_on(
    page: Page, service: Service
) -> None:
    await page.goto(service.sandbox_page)
    for name in ("Maya", "Tomás"):
        await page.get_by_role("button", name=f"Add {name}").first.click()
    maya, tomas = Phone(page, "Maya"), Phone(page, "Tomás")
    async with page.expect_response("**/people/*/text"):
        await maya.screen.get_by_role("button", name="START").click()
    box = maya.screen.get_by_label("Message to the bot")
    await expect(box).to_be_visible()
    async with page.expect_response("**/people/*/text"), held(page, "**/people/*/text") as is_asked:
        await tomas.screen.get_by_role("button", name="START").click()
        await is_asked.wait()
        await box.press_sequentially("Good ")
    await expect(tomas.screen.get_by_label("Message to the bot")).to_be_visible()
    await page.wait_for_timeout(LOOKS_MS)
    await page.keyboard.type("morning")
    await expect(box).to_have_value("Good morning")


async def test_a_press_on_the_left_is_not_lost_when_something_comes_meanwhile(page: Page, service: Service) -> None:
    await page.goto(service.sandbox_page)
    await page.get_by_role("button", name="Add Maya").first.click()
    maya = Phone(page, "Maya")
    await expect(maya.row).to_be_visible()
    number = await maya.row.get_attribute("data-person")
    await page.get_by_role("button", name="Add Noah").hover()
    await page.mouse.down()
    said = await page.request.post(f"{service.sandbox_page}/api/people/{number}/text", data={"text": "Hello"})
    assert said.ok
    await page.wait_for_timeout(LOOKS_MS)
    await page.mouse.up()
    await expect(Phone(page, "Noah").screen).to_be_visible()
    await expect(maya.row).not_to_contain_text("Has not pressed START yet")


async def test_a_chat_that_is_answered_late_shows_what_came_meanwhile(page: Page, service: Service) -> None:
    await page.goto(service.sandbox_page)
    await expect(page.get_by_label("connected")).to_be_visible()
    async with held(page, "**/people/*/chat") as is_asked:
        await page.get_by_role("button", name="Add Maya").first.click()
        maya = Phone(page, "Maya")
        number = await maya.row.get_attribute("data-person")
        await is_asked.wait()
        said = await page.request.post(f"{service.sandbox_page}/api/people/{number}/text", data={"text": "/start"})
        assert said.ok
        await expect(maya.row).to_contain_text("Step 1 of 8")
        await page.wait_for_timeout(LOOKS_MS)
    await expect(maya.screen.get_by_label("Message to the bot")).to_be_visible()
    await expect(maya.screen.get_by_text("/start")).to_be_visible()
