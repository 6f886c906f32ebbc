"""Messages and drafts kept on a device: sent from any page, for the account of their writer, gone with its sign-out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.messages import list_messages
from handlers.runtime.deps import Deps
from handlers.swaps import cancel_swap
from tests.api.conftest import COOKIE, Web, open_web
from tests.browser.test_outbox import open_context, open_tab, until_said, write
from tests.factories import MakeSwap, MakeUser, SignIn

KEPT = (
    """async () => [Object.keys(localStorage).sort(), (await indexedDB.databases()).map(({ name }) => name).sort()]"""
)


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@pytest.fixture
async def people(make_user: MakeUser, make_swap: MakeSwap) -> tuple[User, User, Swap]:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    return ada, ben, await make_swap(ada, ben, status=ACCEPTED)


async def become(context: BrowserContext, web: Web, token: str) -> None:
    """Sign in as somebody else, as another tab of the browser does."""
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])


async def have_refused(page: Page, deps: Deps, ben: User, swap: Swap) -> None:
    """Have a message that cannot be sent any more wait in the conversation that is open."""
    await page.context.set_offline(True)
    await write(page, "Too late")
    await cancel_swap(deps, ben, swap.id)
    await page.context.set_offline(False)
    await expect(page.locator("article.refused")).to_be_visible()


async def test_what_waits_is_sent_from_any_page_after_the_chat_was_closed(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await context.set_offline(True)
    for text in ("one", "two"):
        await write(page, text)
        await expect(page.locator("article.waits", has_text=text)).to_be_visible()
    await page.close()
    await context.set_offline(False)
    elsewhere = await context.new_page()
    asked: list[str] = []
    elsewhere.on("request", lambda request: asked.append(request.url))
    await elsewhere.goto(f"{web.url}/swaps")
    await until_said(deps, ben, swap, ["one", "two"])
    await elsewhere.wait_for_function("localStorage.length === 0")
    assert any(url.endswith("/outbox.js") for url in asked)
    asked.clear()
    await elsewhere.reload()
    await elsewhere.wait_for_load_state("networkidle")
    assert not any(url.endswith("/outbox.js") for url in asked)  # nothing waits: no page fetches it


async def test_a_message_is_not_sent_as_another_account_although_it_is_in_the_same_conversation(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await context.set_offline(True)
    await write(page, "Ada's words")
    await become(context, web, sign_in(ben))
    await context.set_offline(False)
    await expect(page.locator("#hint")).to_contain_text("another account")
    await expect(page.locator("article.waits", has_text="Ada's words")).to_be_visible()
    other = await context.new_page()
    await other.goto(f"{web.url}/chats/{swap.id}")
    await other.wait_for_load_state("networkidle")
    assert await list_messages(deps, ben, swap.id) == []
    await become(context, web, sign_in(ada))
    await until_said(deps, ben, swap, ["Ada's words"])
    assert (await list_messages(deps, ben, swap.id))[0].from_user_id == ada.id


async def test_signing_out_asks_about_what_waits_and_removes_what_is_of_that_account(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await page.evaluate(f"localStorage.setItem('chat-draft:{ben.id}:{swap.id}', 'of somebody else')")
    await have_refused(page, deps, ben, swap)
    await page.goto(f"{web.url}/report/{swap.id}/{ben.id}")
    await page.locator("textarea").fill("Begun, and not sent")
    await page.get_by_role("link", name="Sign out").click()
    kept = page.locator("#kept")
    await expect(kept).to_contain_text("1 message has not been sent yet. One text that you have begun is kept here.")
    await page.get_by_role("link", name="Stay signed in").click()
    await page.goto(f"{web.url}/chats/{swap.id}")
    await expect(page.locator("article.refused")).to_be_visible()  # nobody has signed out
    await page.goto(f"{web.url}/api/auth/signout")
    await expect(kept).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "POST" and "signout" in answer.url):
        await page.get_by_role("button", name="Sign out").click()
    # The answer leads to the public address, where nothing listens: what this page does then ends at no fixed moment.
    afterwards = await context.new_page()
    await afterwards.goto(f"{web.url}/")
    await expect(afterwards.locator("input[type=email]")).to_be_visible()
    assert await afterwards.evaluate(KEPT) == [[f"chat-draft:{ben.id}:{swap.id}"], []]


async def test_whoever_leaves_leaves_nothing_on_the_device(
    browser: Browser, web: Web, deps: Deps, people: tuple[User, User, Swap], sign_in: SignIn
) -> None:
    ada, ben, swap = people
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await have_refused(page, deps, ben, swap)
    await page.goto(f"{web.url}/settings/leave")
    await page.get_by_role("checkbox").check()
    await page.locator("main form button").click()
    await expect(page.locator("main[data-account]")).to_be_visible()
    await page.wait_for_function("async () => !localStorage.length && !(await indexedDB.databases()).length")
