"""The web chat in a real browser: edits, deletions, replies, read marks and typing signals, across lost connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from domain.attachments import Attachment
from domain.swaps import Swap
from domain.users import User
from handlers.edits import delete_message, edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import CHAT, upload_photo
from handlers.reads import list_unread
from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, Web, open_web
from tests.browser.web_pictures import take_pictures
from tests.factories import MakeSwap, MakeUser, SignIn, jpeg


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


async def open_page(browser: Browser, web: Web, token: str, swap: Swap) -> tuple[BrowserContext, Page, list[str]]:
    context = await browser.new_context(viewport={"width": 1100, "height": 760}, device_scale_factor=1.5)
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.goto(f"{web.url}/chats/{swap.id}")
    await expect(page.locator("#talk")).to_be_visible()
    return context, page, errors


async def press(page: Page, text: str, tool: str) -> None:
    target = page.locator("#log article", has_text=text).last
    await target.locator("summary").click()
    await target.get_by_role("link", name=tool).click()


async def send(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")


async def test_two_users_chat_in_their_browsers(
    browser: Browser,
    web: Web,
    deps: Deps,
    make_user: MakeUser,
    make_swap: MakeSwap,
    sign_in: SignIn,
    pictures: Path | None,
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    await send_message(deps, ben, Draft(swap.id, "Shall we start with scales?", "telegram"))
    _, ada_page, ada_errors = await open_page(browser, web, sign_in(ada), swap)
    _, ben_page, ben_errors = await open_page(browser, web, sign_in(ben), swap)
    await press(ada_page, "scales", "Reply")
    await send(ada_page, "Rather with a sng <b>")
    await expect(ben_page.locator("#log article", has_text="Rather with a sng <b>").locator(".quote")).to_have_text(
        "Shall we start with scales?"
    )
    await press(ada_page, "Rather", "Edit")
    await send(ada_page, "Rather with a song <b>")
    changed = ben_page.locator("#log article", has_text="Rather with a song <b>")
    await expect(changed).to_contain_text("edited")
    await send(ben_page, "Oh no, wrong chat")
    await expect(ada_page.locator("#log article", has_text="wrong chat")).to_be_visible()
    await press(ben_page, "wrong chat", "Delete")
    await expect(ada_page.locator("#log article.gone")).to_have_count(1)  # after the time to undo it
    await send(ben_page, "A song it is 🎸")
    await expect(ben_page.locator("#log article.read")).to_contain_text("A song it is")
    await ada_page.get_by_role("textbox", name="Message").press_sequentially("Great, on Friday then", delay=250)
    await expect(ben_page.locator("#typing")).to_have_text("Ada is writing …")
    if pictures is not None:
        await ben_page.locator("#log article", has_text="Rather with a song").hover()
        await ben_page.wait_for_timeout(400)
        await ben_page.screenshot(path=pictures / "chat.png")
        await take_pictures(ben_page, pictures, "web-chat")
    assert (ada_errors, ben_errors) == ([], [])


async def test_a_conversation_with_photos_opens_at_its_newest_message(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, sign_in: SignIn
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    photo = await upload_photo(deps, ben, jpeg(side=900), purpose=CHAT)
    for number in range(12):
        await send_message(deps, (ada, ben)[number % 2], Draft(swap.id, f"word {number}", "telegram"))
    for text in ("look", "and this"):
        await send_message(deps, ben, Draft(swap.id, text, "telegram", photo_url=photo.url))
    context, _, errors = await open_page(browser, web, sign_in(ada), swap)
    path = photo.url.removeprefix(deps.public_url)

    async def answer_late(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.fulfill(body=jpeg(side=900), content_type="image/jpeg")

    page = await context.new_page()
    await page.route(f"**{path}", answer_late)
    await page.goto(f"{web.url}/chats/{swap.id}")
    await expect(page.locator("#log img").last).to_have_js_property("complete", True)
    await expect(page.locator("#log article").last).to_be_in_viewport(ratio=0.5)
    await page.wait_for_function("document.getElementById('log').scrollTop > -4")  # counted from the end
    assert errors == []


async def test_addresses_in_a_message_are_links_and_nothing_else_is(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, sign_in: SignIn
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    place = Attachment("location", lat=40.4168, lon=-3.7038)
    await send_message(deps, ben, Draft(swap.id, place.line, "telegram", attachment=place))
    text = 'Read it here (https://a.example/x?b=1), <b>not</b> javascript:alert(1) "https://c.example/".'
    await send_message(deps, ben, Draft(swap.id, text, "telegram"))
    context, page, errors = await open_page(browser, web, sign_in(ada), swap)
    links = page.locator("#log .words a")
    await expect(links).to_have_count(3)
    addresses = [await links.nth(number).get_attribute("href") for number in range(3)]
    assert addresses == [place.line.split()[-1], "https://a.example/x?b=1", "https://c.example/"]
    assert await links.first.get_attribute("rel") == "noopener noreferrer nofollow"
    await expect(page.locator("#log article").last).to_contain_text(text)
    assert errors == []
    await context.close()


async def test_page_that_was_offline_synchronises(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, sign_in: SignIn
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    for text in ("first", "second", "third"):
        await send_message(deps, ben, Draft(swap.id, text, "telegram"))
    _, page, errors = await open_page(browser, web, sign_in(ada), swap)
    await expect(page.locator("#log article", has_text="third")).to_be_visible()
    port = web.server.port
    await web.server.stop()
    await expect(page.locator("#hint")).to_contain_text("Offline")
    await edit_message(deps, ben, swap.id, 1, "the first one")
    await delete_message(deps, ben, swap.id, 2)
    await send_message(deps, ben, Draft(swap.id, "fourth", "telegram"))
    async with open_web(deps, port=port):
        await expect(page.locator("#log article")).to_have_count(4)
        await expect(page.locator("#log article").nth(0)).to_contain_text("the first one")
        await expect(page.locator("#log article").nth(1)).to_contain_text("deleted")
        await expect(page.locator("#log article").nth(3)).to_contain_text("fourth")
        await send(page, "All here")
        await expect(page.locator("#log article", has_text="All here")).to_be_visible()
    assert [message.message for message in await list_messages(deps, ben, swap.id)][-1] == "All here"
    assert await _unread(deps, ada) == 0
    assert errors == []


async def _unread(deps: Deps, user: User) -> int:
    (conversation,) = await list_unread(deps, user)
    return conversation.unread
