"""Pages in a real browser: changing them without loading, and forms when something comes in between. What was written
is never lost, and nothing is carried out twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from api.auth.current_user import USER_RATE
from domain.errors import TooMany
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.users import User
from handlers.messages import Draft, send_message
from handlers.reads import mark_read
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate
from handlers.swaps import answer_swap, get_swap
from tests.api.conftest import COOKIE, Web, open_web
from tests.browser.test_accessibility import RULES
from tests.factories import SignIn, insert_swap, insert_user

WORDS = "Shouted at me for an hour."


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Desk:
    """Ada in a browser, and what she has with Ben: a running swap and his request."""

    page: Page
    context: BrowserContext
    token: str
    ada: User
    ben: User
    running: Swap
    asked: Swap


@pytest.fixture
async def desk(browser: Browser, deps: Deps, web: Web, sign_in: SignIn) -> AsyncIterator[Desk]:
    ada = await insert_user(deps, "Ada", skills_offered=("Guitar", "Chess"), skills_wanted=("Python", "Yoga"))
    ben = await insert_user(deps, "Ben", skills_offered=("Python", "Yoga"), skills_wanted=("Guitar", "Chess"))
    running = await insert_swap(deps, ada, ben, status=ACCEPTED)
    asked = await insert_swap(deps, ben, ada, offered_skill="Yoga", wanted_skill="Chess")
    context = await browser.new_context(viewport={"width": 1100, "height": 760})
    token = sign_in(ada)
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{web.url}/swaps")
    await page.evaluate("window.isFirst = true")
    yield Desk(page, context, token, ada, ben, running, asked)
    assert errors == []
    await context.close()


async def is_first(page: Page) -> bool:
    """Return whether no page was loaded since the first."""
    return bool(await page.evaluate("window.isFirst === true"))


async def open_report(desk: Desk, web: Web) -> None:
    """Open the form of a report, and fill it in."""
    await desk.page.goto(f"{web.url}/report/{desk.running.id}/{desk.ben.id}")
    await desk.page.evaluate("window.isFirst = true")
    await desk.page.get_by_role("radio").first.check()
    await desk.page.locator("textarea").fill(WORDS)


async def count_reports(deps: Deps, desk: Desk) -> int:
    case = await deps.store.cases.find_open(desk.ben.id)
    return case.reports if case else 0


def use_up(deps: Deps, user: User) -> None:
    """Use all requests that a user has for some seconds."""
    slow = Rate(burst=USER_RATE.burst, seconds=USER_RATE.seconds * 2)
    with contextlib.suppress(TooMany):
        while True:
            deps.rates.take("api", user.id, slow, at=deps.now())


async def test_links_change_the_page_without_loading_one(desk: Desk, web: Web) -> None:
    page = desk.page
    await page.get_by_role("contentinfo").get_by_role("link", name="Community").click()
    await expect(page).to_have_url(f"{web.url}/community")
    await expect(page.locator("h1")).to_be_focused()
    await expect(page).to_have_title("(2) Community · Skill Swap")
    await page.get_by_role("navigation", name="Where you can go").get_by_role("link", name="Swaps").click()
    await expect(page).to_have_url(f"{web.url}/swaps")
    await expect(page.locator('[data-place="swaps"]')).to_have_attribute("aria-current", "page")
    await page.go_back()
    await expect(page).to_have_url(f"{web.url}/community")
    await expect(page.locator('[data-place="swaps"]')).not_to_have_attribute("aria-current", "page")
    assert await is_first(page)


async def test_a_page_has_its_own_style_sheets_alone_however_it_was_come_to(desk: Desk, web: Web) -> None:
    in_use = """() => [...document.querySelectorAll("link[rel=stylesheet]")]
      .filter(({ sheet }) => sheet && !sheet.disabled).map(({ href }) => href.split("/").at(-1)).sort()"""
    page, seen = desk.page, {}
    for path in ("/swaps", "/discover", "/me", "/help", "/chats"):
        await page.goto(web.url + path)
        seen[path] = await page.evaluate(in_use)
    await page.evaluate("window.isFirst = true")
    for path in ("/swaps", "/discover", "/me", "/help", "/swaps", "/chats"):
        await page.locator(f"header a[href='{path}'], footer a[href='{path}']").first.click()
        await expect(page).to_have_url(web.url + path)
        await expect(page.locator("h1").first).to_be_visible()
        assert await page.evaluate(in_use) == seen[path]
    assert await is_first(page)


async def test_an_address_that_was_mailed_earlier_leads_to_its_swap(desk: Desk, web: Web) -> None:
    await desk.page.goto("about:blank")
    await desk.page.goto(f"{web.url}/#swap-{desk.running.id}")
    await expect(desk.page).to_have_url(f"{web.url}/swaps/{desk.running.id}")


async def test_a_form_goes_on_to_the_next_page_and_the_numbers_follow(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    await page.goto(f"{web.url}/swaps/{desk.running.id}")
    await page.evaluate("window.isFirst = true")
    number = page.locator('[data-place="swaps"] .count')
    await expect(number).to_contain_text("2 wait for you")
    await page.get_by_text("End this swap").click()
    await page.get_by_role("button", name="End the swap").dblclick()
    await expect(number).to_contain_text("1 waits for you")
    assert (await get_swap(deps, desk.ada, desk.running.id)).status == CANCELLED
    assert await is_first(page)


async def test_the_numbers_follow_what_others_do_while_the_page_is_open(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    chats = page.locator('[data-place="chats"] .count')
    await expect(chats).to_be_hidden()
    await web.catch_up()
    await send_message(deps, desk.ben, Draft(desk.running.id, "Are you there?", "web"))
    await expect(chats).to_contain_text("1 unread")
    await expect(page).to_have_title("(3) Swaps · Skill Swap")
    await mark_read(deps, desk.ada, desk.running.id, 1)
    await expect(chats).to_be_hidden()


async def test_without_a_network_a_form_keeps_its_words_and_goes_when_it_is_back(
    desk: Desk, web: Web, deps: Deps
) -> None:
    page = desk.page
    await open_report(desk, web)
    await desk.context.set_offline(True)
    await page.locator("main form button").last.click()
    await expect(page.get_by_role("alert")).to_contain_text("No connection")
    await expect(page.locator("#offline")).to_be_visible()
    await expect(page.locator("textarea")).to_have_value(WORDS)
    await page.get_by_role("contentinfo").get_by_role("link", name="Community").click()
    await expect(page.locator(".toast")).to_contain_text("can't be opened right now")
    await expect(page.locator("textarea")).to_have_value(WORDS)
    await desk.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await page.locator("main form button").last.click()
    await expect(page.locator("textarea")).to_have_count(0)
    assert await count_reports(deps, desk) == 1
    assert await is_first(page)


async def test_what_was_written_is_there_again_when_the_page_is_opened_anew(desk: Desk, web: Web) -> None:
    page = desk.page
    await open_report(desk, web)
    await page.goto(f"{web.url}/swaps")
    await page.goto(f"{web.url}/report/{desk.running.id}/{desk.ben.id}")
    await expect(page.locator("textarea")).to_have_value(WORDS)
    await page.get_by_role("radio").first.check()
    await page.locator("main form button").last.click()
    await expect(page.locator("textarea")).to_have_count(0)
    await page.goto(f"{web.url}/report/{desk.running.id}/{desk.ben.id}")
    await expect(page.locator("textarea")).to_have_value("")


async def test_a_session_that_ends_in_the_middle_of_writing_loses_nothing(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    await open_report(desk, web)
    await desk.context.clear_cookies()
    await page.locator("main form button").last.click()
    dialog = page.get_by_role("dialog", name="You have been signed out")
    await expect(dialog).to_be_visible()
    assert await count_reports(deps, desk) == 0
    await desk.context.add_cookies([{"name": COOKIE, "value": desk.token, "url": web.url}])  # as another tab does
    await expect(dialog).to_be_hidden()
    await expect(page.locator("textarea")).to_have_count(0)
    assert await count_reports(deps, desk) == 1
    assert await is_first(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_what_comes_over_a_page(
    desk: Desk, web: Web, pictures: Path | None, scheme: Literal["light", "dark"]
) -> None:
    page = desk.page
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_report(desk, web)
    send = page.locator("main form button").last
    await desk.context.set_offline(True)
    await send.click()
    await expect(page.locator("#offline")).to_be_visible()
    await page.get_by_role("contentinfo").get_by_role("link", name="Community").click()
    await expect(page.locator(".toast")).to_be_visible()
    found = await violations(page)
    await picture(page, pictures, f"page-offline-{scheme}")
    await desk.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await desk.context.clear_cookies()
    await send.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await violations(page)
    await picture(page, pictures, f"page-signed-out-{scheme}")
    assert found == []


async def violations(page: Page) -> list[str]:
    result = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [f"{each['id']} {node['html'][:160]}" for each in result.response["violations"] for node in each["nodes"]]


async def picture(page: Page, pictures: Path | None, name: str) -> None:
    if pictures is not None:
        await page.screenshot(path=pictures / f"{name}.png")


async def test_somebody_else_who_signs_in_does_not_send_the_words(
    desk: Desk, web: Web, deps: Deps, sign_in: SignIn
) -> None:
    page = desk.page
    await open_report(desk, web)
    await desk.context.clear_cookies()
    await page.locator("main form button").last.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    eve = await insert_user(deps, "Eve")
    await desk.context.add_cookies([{"name": COOKIE, "value": sign_in(eve), "url": web.url}])
    await expect(page.locator(f"body[data-me='{eve.id}']")).to_be_attached()  # drawn anew, as Eve sees it
    assert not await is_first(page)
    await expect(page.locator("textarea")).to_have_value("")
    assert await count_reports(deps, desk) == 0
    await desk.context.add_cookies([{"name": COOKIE, "value": desk.token, "url": web.url}])
    await page.goto(f"{web.url}/report/{desk.running.id}/{desk.ben.id}")
    await expect(page.locator("textarea")).to_have_value(WORDS)


async def test_too_many_requests_are_counted_down_and_the_button_works_again(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    await open_report(desk, web)
    use_up(deps, desk.ada)
    button = page.locator("main form button").last
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("Again in")
    await expect(button).to_be_disabled()
    await expect(page.locator("textarea")).to_have_value(WORDS)
    await expect(button).to_be_enabled()
    await button.click()
    await expect(page.locator("textarea")).to_have_count(0)
    assert await count_reports(deps, desk) == 1


async def test_a_page_that_is_refused_for_now_counts_down_and_is_opened_by_the_same_link(
    desk: Desk, web: Web, deps: Deps
) -> None:
    page = desk.page
    use_up(deps, desk.ada)
    await page.locator("a.line").first.click()
    again = page.get_by_role("link", name="Try again")
    await expect(page.locator("[data-left]")).to_contain_text("Again in")
    await expect(again).to_have_attribute("aria-disabled", "true")
    address = page.url
    await again.dispatch_event("click")  # too early: nothing is asked
    await expect(page.locator("[data-left]")).to_contain_text("You can press it again now.")
    await again.click()
    await expect(page.locator("main[data-problem]")).to_have_count(0)
    assert page.url == address
    assert await is_first(page)


async def test_the_part_of_a_page_to_which_a_form_leads_is_gone_to(desk: Desk, web: Web) -> None:
    page = desk.page
    await page.goto(f"{web.url}/me/edit/teach")
    await page.evaluate("window.isFirst = true")
    await page.get_by_role("button", name="Another skill").click()
    await expect(page).to_have_url(f"{web.url}/me/edit/teach#more")
    assert await is_first(page)


async def test_a_stale_card_shows_how_it_stands_with_a_word(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    await page.goto(f"{web.url}/swaps/{desk.asked.id}/counter")
    await page.evaluate("window.isFirst = true")
    await page.locator("textarea").fill("Rather on Sundays")
    await answer_swap(deps, desk.ben, desk.asked.id, CANCELLED)
    await page.locator("main form button").last.click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.locator("textarea")).to_have_value("Rather on Sundays")
    assert await is_first(page)


async def test_a_no_can_be_taken_back_before_it_is_sent(desk: Desk, web: Web, deps: Deps) -> None:
    page = desk.page
    await page.goto(f"{web.url}/swaps/{desk.asked.id}")
    await page.locator("summary", has_text="Not now").click()
    no = page.locator("form[data-undo] button").last
    await no.click()
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(no).to_be_focused()
    assert (await get_swap(deps, desk.ada, desk.asked.id)).status == PENDING
    await no.click()
    await expect(page.locator(".toast")).to_be_visible()
    await page.goto(f"{web.url}/community")  # whoever goes away has not undone it
    async with asyncio.timeout(10):
        while (await get_swap(deps, desk.ada, desk.asked.id)).status != REJECTED:
            await asyncio.sleep(0.05)


async def test_keys_lead_through_the_pages_and_can_be_turned_off(desk: Desk, web: Web) -> None:
    page = desk.page
    await page.keyboard.press("g")
    await page.keyboard.press("d")
    await expect(page).to_have_url(f"{web.url}/discover")
    await page.keyboard.press("/")
    await expect(page.locator("main search input, main [role=search] input[name=q]")).to_be_focused()
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(page.locator("main search input, main [role=search] input[name=q]")).to_have_value(
        "gs"
    )  # never inside fields
    await page.locator("h1").click()
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(page).to_have_url(f"{web.url}/swaps")
    await page.keyboard.press("j")
    first = page.locator("a.line").first
    await expect(first).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator("a.line").nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{web.url}{await first.get_attribute('href')}")
    await page.evaluate("localStorage.setItem('keys-off', '1')")
    await page.keyboard.press("g")
    await page.keyboard.press("d")
    await page.wait_for_timeout(300)
    assert not page.url.endswith("/discover")
