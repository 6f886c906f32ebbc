"""A conversation of thousands is scrolled back in; keys, taking a deletion back, and a photo that is sent later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from domain.messages import Message
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.deps import Deps
from storage.messages import MESSAGE
from storage.mongodb.database import new_id
from tests.api.conftest import Web, open_web
from tests.browser.test_outbox import open_context, open_tab, until_said, write
from tests.factories import MakeSwap, MakeUser, SignIn, jpeg
from tests.waiting import eventually

THOUSANDS = 2000
MAX_KEPT = 200
"""Messages that stay in the page (`MAX_KEPT` of talk.js)."""
SHIFT_PX = 2

People = tuple[User, User, Swap]


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@pytest.fixture
async def people(make_user: MakeUser, make_swap: MakeSwap) -> People:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar", "Chess"))
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    return ada, ben, await make_swap(ada, ben, status=ACCEPTED)


async def fill(deps: Deps, swap: Swap, count: int) -> None:
    """Store many messages, written before anybody looks."""
    one, other = swap.participants
    first = Message(new_id(), swap.id, 1, one, other, "word 1", new_id(), "web", deps.now() - timedelta(days=1))
    said = [
        replace(
            first, id=new_id(), client_id=new_id(), seq=seq, message=f"word {seq}", from_user_id=writer, to_user_id=to
        )
        for seq, (writer, to) in ((seq, (one, other) if seq % 2 else (other, one)) for seq in range(1, count + 1))
    ]
    await deps.store.database.collection("messages").insert_many([MESSAGE.document(each) for each in said])


# Scrolls to the oldest line; resolves when older ones are there, with how far it has moved. It is measured before the
# event of the scroll is heard, after which a quick machine has the older ones within milliseconds.
SCROLL_BACK = """async () => {
  const log = document.getElementById("log"), lines = () => [...log.querySelectorAll("article[data-seq]")];
  log.scrollTop = -log.scrollHeight;
  const held = lines()[0], before = held.getBoundingClientRect().top;
  for (let waits = 0; lines()[0] === held && waits < 400; waits++) await new Promise((done) => setTimeout(done, 10));
  return [held.getBoundingClientRect().top - before, lines().length, Number(lines()[0].dataset.seq)];
}"""


async def test_scrolling_back_through_thousands_moves_nothing_and_keeps_the_page_small(
    browser: Browser, web: Web, deps: Deps, people: People, sign_in: SignIn
) -> None:
    ada, _, swap = people
    await fill(deps, swap, THOUSANDS)
    page = await open_tab(await open_context(browser, web, sign_in(ada)), web, swap)
    oldest = THOUSANDS
    while oldest > 1:
        moved, count, first = await page.evaluate(SCROLL_BACK)
        assert first < oldest, f"nothing older than {oldest} has come"
        assert (abs(moved) <= SHIFT_PX, count <= MAX_KEPT) == (True, True), (moved, count, first)
        oldest = first
    await expect(page.locator("#earlier")).to_have_count(0)
    await page.locator("#to-end button").click()
    await expect(page.locator("#log article .words").last).to_have_text(f"word {THOUSANDS}")
    await write(page, "And on")
    await expect(page.locator("#log article .words").last).to_have_text("And on")
    assert await page.locator("#log article").count() <= MAX_KEPT


async def test_keys_break_lines_edit_stop_and_change_the_conversation(
    browser: Browser, web: Web, deps: Deps, people: People, make_user: MakeUser, make_swap: MakeSwap, sign_in: SignIn
) -> None:
    ada, ben, swap = people
    cleo = await make_user("Cleo", skills_offered=("Chess",), skills_wanted=("Python",))
    other = await make_swap(cleo, ada, offered_skill="Chess", wanted_skill="Python", status=ACCEPTED)
    await send_message(deps, ben, Draft(swap.id, "Words of Ben's", "web"))
    page = await open_tab(await open_context(browser, web, sign_in(ada)), web, swap)
    box = page.get_by_role("textbox", name="Message")
    await box.fill("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await box.press("Enter")
    await until_said(deps, ben, swap, ["Words of Ben's", "one\ntwo"])
    await expect(page.locator("article.waits")).to_have_count(0)
    await box.press("ArrowUp")  # the newest of one's own
    await expect(box).to_have_value("one\ntwo")
    await box.press("Escape")
    await expect(box).to_have_value("")
    await expect(page.locator("#about")).to_be_hidden()
    await box.press("ArrowUp")
    await box.fill("three")
    await box.press("Enter")
    await until_said(deps, ben, swap, ["Words of Ben's", "three"])
    await box.press("Alt+ArrowDown")
    await expect(page.locator(f"#talk[data-swap='{other.id}']")).to_be_visible()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator(f"#talk[data-swap='{swap.id}']")).to_be_visible()


async def test_a_deletion_is_taken_back_before_it_is_made(
    browser: Browser, web: Web, deps: Deps, people: People, sign_in: SignIn
) -> None:
    ada, ben, swap = people
    await send_message(deps, ada, Draft(swap.id, "Better not", "web"))
    page = await open_tab(await open_context(browser, web, sign_in(ada)), web, swap)
    line = page.locator("#log article", has_text="Better not")
    await line.locator("summary").click()
    await line.get_by_role("link", name="Delete").click()
    await expect(line).to_be_hidden()
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(line).to_be_visible()
    await page.goto(f"{web.url}/swaps")  # whoever leaves the page has not undone what still waits
    await until_said(deps, ben, swap, ["Better not"])


async def test_a_photo_that_was_chosen_offline_arrives_once_when_the_network_is_back(
    browser: Browser, web: Web, deps: Deps, people: People, sign_in: SignIn, tmp_path: Path
) -> None:
    ada, ben, swap = people
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(side=900))
    context = await open_context(browser, web, sign_in(ada))
    page = await open_tab(context, web, swap)
    await context.set_offline(True)
    await page.locator("#photo").set_input_files(picture)
    await expect(page.locator("article.waits")).to_have_count(1)
    await page.close()
    await context.set_offline(False)
    elsewhere: Page = await context.new_page()
    await elsewhere.goto(f"{web.url}/swaps")

    async def is_there() -> bool:
        return len(await list_messages(deps, ben, swap.id)) > 0

    await eventually(is_there)
    await elsewhere.wait_for_function("localStorage.length === 0")
    [sent] = await list_messages(deps, ben, swap.id)
    assert (sent.message, sent.photo_size) == ("", (900, 900))
