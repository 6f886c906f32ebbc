"""Swaps in a browser: a no that is undone in time, a card that changes while it is looked at, and a long list."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, Route, expect

from domain.swaps import ACCEPTED, PENDING, REJECTED, Swap
from domain.users import ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, cancel_swap, get_swap, propose_swap
from handlers.users import update_profile
from tests.api.conftest import COOKIE, Web, open_web
from tests.browser.test_phones import held
from tests.browser.web_pictures import take_pictures
from tests.factories import MakeUser, SignIn
from tests.waiting import WAIT_SECONDS, eventually

Asked = tuple[User, User, Swap]
REFRESH = "path => import(path).then(({ refresh }) => refresh())"
Beside = tuple[Page, Callable[[], Awaitable[object]]]
PRESSED_MS = 300
"""Time for a page to draw an answer that has come."""


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@pytest.fixture
async def asked(deps: Deps, make_user: MakeUser) -> Asked:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    return ada, ben, await propose_swap(deps, ada, Proposal(ben.id, ada.skills_offered[0], ben.skills_offered[0]))


async def open_page(browser: Browser, web: Web, token: str, path: str, *, width: int = 390) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 844})
    await context.add_cookies([{"name": COOKIE, "value": token, "url": web.url}])
    page = await context.new_page()
    await page.goto(web.url + path)
    return page


@pytest.fixture
async def beside(browser: Browser, web: Web, deps: Deps, asked: Asked, make_user: MakeUser, sign_in: SignIn) -> Beside:
    """The page of a request, and what changes the list beside it: another request is taken back."""
    _, ben, swap = asked
    cleo = await make_user("Cleo")
    other = await propose_swap(deps, cleo, Proposal(ben.id, cleo.skills_offered[0], ben.skills_offered[0]))
    await web.catch_up()
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}", width=1400)
    return page, lambda: cancel_swap(deps, cleo, other.id)


async def test_the_button_that_accepts_names_the_time_that_is_chosen(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    slots = tuple((deps.now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0) for days in (2, 3))
    proposal = Proposal(ben.id, ada.skills_offered[0], ben.skills_offered[0], slots=slots)
    swap = await propose_swap(deps, ada, proposal)
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}")
    button, times = page.get_by_role("button", name="Accept swap"), page.get_by_role("radio")
    said = [await time.inner_text() for time in await page.locator(".times time").all()]
    for number, named in enumerate((said[0], said[1], "")):
        await times.nth(number).check()
        shown = await button.inner_text()
        assert [one in shown for one in said] == [one == named for one in said], shown
    await expect(button).to_have_accessible_name(re.compile("request of Ada"))


async def decline(page: Page) -> None:
    await page.get_by_text("Not now").click()
    await page.get_by_label("no time").check()
    await page.get_by_role("button", name="Decline").click()


async def test_a_no_is_sent_after_ten_seconds_in_which_it_can_be_undone(
    browser: Browser, web: Web, deps: Deps, asked: Asked, sign_in: SignIn
) -> None:
    ada, ben, swap = asked
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}")
    await decline(page)
    await expect(page.get_by_text("You decline Ada’s request.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("button", name="Decline")).to_be_focused()
    assert (await get_swap(deps, ben, swap.id)).status == PENDING
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_text("You decline Ada’s request.")).to_be_visible()
    assert (await get_swap(deps, ben, swap.id)).status == PENDING
    await expect(page.locator(".state", has_text="declined")).to_be_visible()
    after = await get_swap(deps, ada, swap.id)
    assert (after.status, after.decline_reason) == (REJECTED, "no_time")


async def test_whoever_closes_the_page_has_not_undone_the_no(
    browser: Browser, web: Web, deps: Deps, asked: Asked, sign_in: SignIn
) -> None:
    _, ben, swap = asked
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}")
    await decline(page)
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await page.goto("about:blank")
    for _ in range(100):
        if (await get_swap(deps, ben, swap.id)).status == REJECTED:
            break
        await page.wait_for_timeout(50)
    assert (await get_swap(deps, ben, swap.id)).status == REJECTED


async def test_a_card_that_changes_while_it_is_looked_at_is_drawn_anew(
    browser: Browser, web: Web, deps: Deps, asked: Asked, sign_in: SignIn
) -> None:
    ada, ben, swap = asked
    await web.catch_up()
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}", width=1400)
    await expect(page.get_by_role("button", name="Accept swap")).to_be_visible()
    await page.get_by_role("link", name="Change").focus()
    await cancel_swap(deps, ada, swap.id)
    await expect(page.get_by_role("button", name="Accept swap")).to_have_count(0)
    await expect(page.locator(".state", has_text="taken back")).to_be_visible()
    await expect(page.locator("h1")).to_be_focused()  # what had the focus is gone


# Resolves when the page has been drawn anew, with the tag of what has the focus right after that.
DRAWN_ANEW = """() => new Promise((done) => {
  new MutationObserver((changes, observer) => {
    if (!changes.some(({ addedNodes }) => [...addedNodes].some(({ id }) => id === "main"))) return;
    observer.disconnect();
    done(document.activeElement.tagName);
  }).observe(document.body, { childList: true, subtree: true });
})"""


@pytest.mark.parametrize(
    ("role", "name", "tag"), [("button", "Accept swap", "BUTTON"), ("link", re.compile("Swaps [12] wait"), "A")]
)
async def test_no_key_is_lost_while_the_page_is_drawn_anew(
    beside: Beside, role: Literal["button", "link"], name: str | re.Pattern[str], tag: str
) -> None:
    page, change = beside
    control = page.get_by_role(role, name=name)
    await control.focus()
    drawn = asyncio.create_task(page.evaluate(DRAWN_ANEW))
    await change()
    assert await asyncio.wait_for(drawn, WAIT_SECONDS) == tag
    await expect(control).to_be_focused()


async def test_a_press_is_not_lost_when_the_page_changes_meanwhile(beside: Beside, deps: Deps, asked: Asked) -> None:
    _, ben, swap = asked
    page, change = beside
    await page.get_by_role("button", name="Accept swap").hover()
    await page.mouse.down()
    async with page.expect_response(f"**/swaps/{swap.id}"):
        await change()
    await page.wait_for_timeout(PRESSED_MS)
    await page.mouse.up()
    await expect(page.get_by_role("link", name="Cleo asks you")).to_have_count(0)
    await eventually(lambda: is_accepted(deps, ben, swap))


async def is_accepted(deps: Deps, user: User, swap: Swap) -> bool:
    return (await get_swap(deps, user, swap.id)).status == ACCEPTED


NO = '<form action="/no"><input type="hidden" name="circle" value="{}"><button{}>No</button></form>'


@pytest.mark.parametrize(
    ("added", "focused", "then"),
    [
        pytest.param(NO.format(1, "") + NO.format(2, ' id="b"'), "#b", "#b", id="its form says which of two"),
        pytest.param(NO.format(1, "") + NO.format(1, ' class="b"'), ".b", "h1", id="two that are alike"),
        pytest.param('<a href="/chats" id="b">All</a>', "#b", "#b", id="a link that stands on top, too"),
        pytest.param("<details><summary>More</summary><a href='/a'>A</a></details>", "a[href='/a']", "h1", id="hidden"),
    ],
)
async def test_a_page_that_is_drawn_anew_moves_the_focus_to_no_other_control(
    browser: Browser, web: Web, asked: Asked, sign_in: SignIn, added: str, focused: str, then: str
) -> None:
    _, ben, _ = asked
    page = await open_page(browser, web, sign_in(ben), "/community")

    async def add(route: Route) -> None:
        reply = await route.fetch()
        headers = {name: value for name, value in reply.headers.items() if not name.startswith("content-encoding")}
        body = (await reply.text()).replace("</main>", f"{added}</main>")
        await route.fulfill(status=reply.status, headers=headers, body=body)

    await page.route("**/swaps", add)
    await page.goto(f"{web.url}/swaps")
    module = await page.locator("link[href$='/navigate.js']").first.get_attribute("href")
    for box in await page.locator("details:has(a[href='/a'])").all():
        await box.locator("summary").click()
    await page.locator(focused).focus()
    await page.evaluate(REFRESH, module)
    await expect(page.locator(then).first).to_be_focused()


@pytest.mark.parametrize("late", ["the visit", "the page drawn anew"])
async def test_a_page_that_is_drawn_anew_undoes_no_visit(
    browser: Browser, web: Web, asked: Asked, sign_in: SignIn, late: str
) -> None:
    _, ben, swap = asked
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}")
    module = await page.locator("link[href$='/navigate.js']").first.get_attribute("href")
    address = "**/swaps" if late == "the visit" else f"**/swaps/{swap.id}"
    link = page.locator("nav.places a[href='/swaps']")
    chosen = page.locator("main a[aria-current='true']")
    await expect(chosen).to_have_count(1)
    async with held(page, address) as is_asked:
        if late == "the visit":
            await link.click()
            await is_asked.wait()
        drawing = asyncio.ensure_future(page.evaluate(REFRESH, module))
        if late == "the visit":
            await drawing
        else:
            await is_asked.wait()
            await link.click()
            await expect(chosen).to_have_count(0)
    await drawing
    await expect(chosen).to_have_count(0)
    await expect(page).to_have_url(f"{web.url}/swaps")


async def test_a_stale_answer_is_said_in_place_and_the_card_shows_how_it_stands(
    browser: Browser, web: Web, deps: Deps, asked: Asked, sign_in: SignIn
) -> None:
    ada, ben, swap = asked
    page = await open_page(browser, web, sign_in(ben), f"/swaps/{swap.id}")
    await page.get_by_text("Not now").click()  # while it is open the page is not drawn anew
    await cancel_swap(deps, ada, swap.id)
    await page.get_by_role("button", name="Accept swap").click()
    alert = page.locator("main [role=alert]")
    await expect(alert).to_contain_text("Ada took it back.")
    await expect(alert).to_be_focused()
    await expect(page.get_by_role("button", name="Accept swap")).to_have_count(0)


async def test_j_and_k_go_along_the_list_enter_opens_and_escape_goes_back(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn
) -> None:
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python", "Chess"))
    for name, teaches in (("Ada", "Python"), ("Cleo", "Chess")):
        asker = await make_user(name, skills_offered=(teaches,), skills_wanted=("Guitar",))
        await propose_swap(deps, asker, Proposal(ben.id, teaches, "Guitar"))
    page = await open_page(browser, web, sign_in(ben), "/swaps")
    for keys, name in (("jj", "Cleo"), ("k", "Ada"), ("j", "Cleo")):
        await page.keyboard.type(keys)
        await expect(page.locator("a.line:focus")).to_contain_text(f"{name} asks you")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Cleo asks you")
    await expect(page.locator("h1")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("h1")).to_have_text("Swaps")


async def test_the_card_of_a_request_and_the_planner_fit_every_screen(
    browser: Browser, web: Web, deps: Deps, make_user: MakeUser, sign_in: SignIn, pictures: Path | None
) -> None:
    zone = {"availability": "weekday evenings", "location": "Madrid"}
    bread = {"skills_offered": ("Bread baking",), "skills_wanted": ("Python",)}
    maya = await make_user("Maya", timezone="Europe/Madrid", offered_levels={"python": "advanced"}, **zone)
    maya = await update_profile(deps, maya, ProfileChanges(skills_offered=("Python",), skills_wanted=("Bread baking",)))
    tomas = await make_user("Tomás", timezone="America/New_York", **bread, **zone)
    slots = tuple((deps.now() + timedelta(days=days)).replace(hour=17, minute=0, second=0) for days in (3, 4))
    note = "Hi! I would love to bake a real sourdough."
    slots = tuple(slot.replace(microsecond=0) for slot in slots)
    swap = await propose_swap(deps, maya, Proposal(tomas.id, "Python", "Bread baking", note, slots=slots))
    page = await open_page(browser, web, sign_in(tomas), f"/swaps/{swap.id}")
    for path in (f"/swaps/{swap.id}", f"/swaps/{swap.id}/counter", "/swaps"):
        await page.goto(web.url + path)
        for width in (320, 390, 768, 1000, 1400, 1600):  # 320 px is a phone, or a small window at 400 %
            await page.set_viewport_size({"width": width, "height": 844})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    await page.goto(f"{web.url}/swaps/{swap.id}")
    await take_pictures(page, pictures, "web-swap")
