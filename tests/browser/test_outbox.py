"""Messages written without a network, without a server, and in two tabs: each arrives once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from domain.swaps import ACCEPTED, CANCELLED, Swap
from domain.users import User
from handlers.messages import list_messages
from handlers.runtime.deps import Deps
from handlers.swaps import cancel_swap
from tests.api.conftest import COOKIE, Web, open_web
from tests.factories import MakeSwap, MakeUser, SignIn
from tests.waiting import eventually

OFFLINE_SECONDS = 60
TEN = [f"number {number} <b>" for number in range(10)]


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@pytest.fixture
async def people(make_user: MakeUser, make_swap: MakeSwap) -> tuple[User, User, Swap]:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    return ada, ben, await make_swap(ada, ben, status=ACCEPTED)


async def open_tab(context: BrowserContext, web: Web, swap: Swap) -> Page:
    page = await context.new_page()
    await page.goto(f"{web.url}/chats/{swap.id}")
    await page.wait_for_load_state("networkidle")
    return page


async def open_context(browser: Browser, web: Web, token: str) -> BrowserContext:
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    return context


async def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")


async def until_said(deps: Deps, reader: User, swap: Swap, texts: list[str]) -> None:
    async def is_there() -> bool:
        return len(await list_messages(deps, reader, swap.id)) >= len(texts)

    await eventually(is_there)
    await asyncio.sleep(1.5)  # a message that came twice would be there by now
    assert [one.message for one in await list_messages(deps, reader, swap.id)] == texts


@pytest.mark.timeout(240)
async def test_ten_messages_written_offline_for_a_minute_arrive_once_and_in_order(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await context.set_offline(True)
    started = asyncio.get_running_loop().time()
    for text in TEN:
        await write(page, text)
        await expect(page.locator("article.waits", has_text=text)).to_be_visible()
    await asyncio.sleep(OFFLINE_SECONDS - (asyncio.get_running_loop().time() - started))
    assert await list_messages(deps, ben, swap.id) == []
    await context.set_offline(False)
    await until_said(deps, ben, swap, TEN)
    await expect(page.locator("article.waits")).to_have_count(0)
    await expect(page.locator("#log article .words")).to_have_text(TEN)


@pytest.mark.timeout(240)
async def test_ten_messages_written_while_the_service_is_down_arrive_once_and_in_order(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    page = await open_tab(await open_context(browser, web, sign_in(ada)), web, swap)
    port = web.server.port
    await web.server.stop()
    for text in TEN:
        await write(page, text)
    await expect(page.locator("article.waits")).to_have_count(len(TEN))
    async with open_web(deps, port=port):
        await until_said(deps, ben, swap, TEN)
        await expect(page.locator("article.waits")).to_have_count(0)
        await expect(page.locator("#log article .words")).to_have_text(TEN)


async def test_what_waits_is_sent_once_although_two_tabs_are_open_and_after_the_tab_was_closed(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    first, second = [await open_tab(context, web, swap) for _ in range(2)]
    await context.set_offline(True)
    for number, text in enumerate(TEN[:6]):
        await write((first, second)[number % 2], text)
        await expect(second.locator("article.waits", has_text=text)).to_be_visible()
    await first.close()
    await context.set_offline(False)
    await until_said(deps, ben, swap, TEN[:6])
    await expect(second.locator("#log article .words")).to_have_text(TEN[:6])


async def test_a_refused_message_stays_with_its_reason_until_it_is_dropped(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await context.set_offline(True)
    await write(page, "Too late")
    assert (await cancel_swap(deps, ben, swap.id)).status == CANCELLED
    await context.set_offline(False)
    refused = page.locator("article.refused", has_text="Too late")
    await expect(refused).to_contain_text("Not sent:")
    await refused.get_by_role("button", name="Drop").click()
    await expect(page.locator("article.waits")).to_have_count(0)
    assert await list_messages(deps, ben, swap.id) == []
