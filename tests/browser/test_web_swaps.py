"""Whole swaps on the web, from sign-in by mail to ratings: between two who never touch Telegram, with scripts and
without, and by the keyboard alone; and between one on the web and one in the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from domain.swaps import COMPLETED, Swap
from domain.users import User
from handlers.reviews import list_reviews
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from handlers.users import get_user
from skillswap.loopback import free_port
from tests.api.auth.nextauth.conftest import Post, mailing_env, post
from tests.browser.test_meetings import AFTER, by_day, go_to, press_first
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import _picture
from tests.browser.web_people import PHONE, WIDE, KeyboardPerson, WebPerson, ask, come_in, make_profile
from tests.moved_clock import MoveClock
from tests.service import Service, running_service
from tests.waiting import eventually

__all__ = ["mailing_env", "post"]


@pytest.fixture
async def service(mailing_env: dict[str, str], tmp_path: Path) -> AsyncIterator[Service]:
    """The service as one process, with a mail server, and with the sandbox in place of Telegram."""
    port, sandbox_port = free_port(), free_port()
    env = {**mailing_env, "SANDBOX_PORT": str(sandbox_port), "NEXTAUTH_URL": f"http://127.0.0.1:{port}"}
    async with running_service(env, port=port, log=tmp_path / "service.log") as running:
        running.sandbox_page = f"http://127.0.0.1:{sandbox_port}/sandbox"
        yield running


async def user_of(person: WebPerson, deps: Deps) -> User:
    return await get_user(deps, await person.user_id())


async def the_swap(deps: Deps, person: WebPerson) -> Swap:
    (swap,) = await list_swaps(deps, await user_of(person, deps))
    return swap


async def plan(asker: WebPerson, asked: WebPerson, deps: Deps) -> datetime:
    """Let one suggest two times, and the other one agree on the second; return the start."""
    await asker.go("/swaps")
    await asker.press(asked.name)
    await asker.press("Plan a session")
    slots = asker.main.get_by_role("checkbox")
    for number in range(2):
        await asker.tick(slots.nth(number))
    await asker.press("Suggest these times")
    await asker.sees(f"You suggested to {asked.name}")
    await asked.go("/swaps")
    await asked.press(f"{asker.name} suggests times")
    await expect(asked.main.locator("h1")).to_have_text(asker.name)  # not the same form beside the list
    await asked.tick(asked.main.get_by_role("group", name="Which time suits you?").get_by_role("radio").nth(1))
    await asked.press("Agree on this time")
    await asked.sees(f"You and {asker.name} meet")
    (session,) = (await the_swap(deps, asker)).plan.sessions
    assert session.starts_at is not None
    return session.starts_at


async def meet(asker: WebPerson, asked: WebPerson, deps: Deps, move_clock: MoveClock, start: datetime) -> None:
    """Let both confirm on the day before, and say afterwards what they did."""
    await go_to(deps, move_clock, start - timedelta(hours=20))
    await asker.go(f"/swaps/{(await the_swap(deps, asker)).id}")
    await asker.press("I’ll be there")
    await expect(asker.main.get_by_role("button", name="I’ll be there")).to_have_count(0)
    await asked.go(f"/swaps/{(await the_swap(deps, asker)).id}")
    await asked.sees(f"{asker.name} will be there")
    await go_to(deps, move_clock, start + AFTER)
    after = (f"Now it is {asked.name}’s turn.", f"You and {asker.name} have met")
    for person, other, said in ((asker, asked, after[0]), (asked, asker, after[1])):
        await person.go("/swaps")
        await person.press(f"Did you and {other.name} meet?")
        await expect(person.main.locator("h1")).to_have_text(other.name)
        await person.press("Yes")
        await person.sees(said)
    await asker.go(f"/swaps/{(await the_swap(deps, asker)).id}")
    for person in (asker, asked):
        await person.reload()
        await person.press("We're done")
        await expect(person.main.get_by_role("button", name="We're done")).to_have_count(0)

    async def is_completed() -> bool:
        return (await the_swap(deps, asker)).status == COMPLETED

    await eventually(is_completed)  # a button that waits for its answer has another name: its absence says too little


async def rate(person: WebPerson, other: str, stars: str, words: str) -> None:
    await person.go("/swaps")
    await person.press(f"How was it with {other}?")
    await person.tick(person.view.get_by_label(stars))
    await person.tick(person.view.get_by_label("friendly"))
    await person.fill("For everybody, if you like", words)
    await person.press("Give the rating")
    await expect(person.view.get_by_label(stars)).to_have_count(0)
    await person.sees(words)  # in the swap, which has come: the form may be gone before


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which two people use the pages."""

    name: str
    kind: type[WebPerson] = WebPerson
    has_scripts: bool = True


WAYS = (Way("with-scripts"), Way("without-scripts", has_scripts=False), Way("by-keyboard", KeyboardPerson))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_two_who_never_touch_telegram_go_from_a_mailed_link_to_a_rated_swap(
    browser: Browser,
    service: Service,
    post: Post,
    deps: Deps,
    move_clock: MoveClock,
    pictures: Path | None,
    way: Way,
) -> None:
    await by_day(deps, move_clock)
    maya = await come_in(browser, service, post, "Maya", way.kind, viewport=PHONE, java_script_enabled=way.has_scripts)
    tomas = await come_in(browser, service, post, "Tomas", way.kind, viewport=WIDE, java_script_enabled=way.has_scripts)
    await make_profile(maya, teach="Python", learn="Bread baking")
    await make_profile(tomas, teach="Bread baking", learn="Python")
    await ask(maya, tomas, note="I would love to bake a real <b>sourdough</b>.")

    await tomas.go("/swaps")
    await tomas.press("Maya asks you")
    await tomas.sees("I would love to bake a real <b>sourdough</b>.")
    await _picture(tomas.page, pictures if way is WAYS[0] else None, "web-request")
    await tomas.press("Accept swap")
    await tomas.sees("Plan a session")
    start = await plan(maya, tomas, deps)
    await _picture(maya.page, pictures if way is WAYS[0] else None, "web-planned")
    await meet(maya, tomas, deps, move_clock, start)

    await rate(maya, "Tomas", "5 of 5, wonderful", "My first loaf did rise!")
    swap = await the_swap(deps, maya)
    assert swap.status == COMPLETED
    await rate(tomas, "Maya", "4 of 5, good", "Clear from the first line.")
    for person, words in ((tomas, "My first loaf did rise!"), (maya, "Clear from the first line.")):
        rated = await user_of(person, deps)
        (shown,) = await list_reviews(deps, rated, rated.id, limit=5)
        assert shown.review.text == words
    assert maya.errors + tomas.errors == []


@pytest.mark.timeout(180)
async def test_one_on_the_web_and_one_in_the_bot_go_from_a_request_to_a_rated_swap(
    page: Page, browser: Browser, service: Service, post: Post, deps: Deps, move_clock: MoveClock
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    tomas = await come_in(browser, service, post, "Tomas", viewport=WIDE)
    await make_profile(tomas, teach="Bread baking", learn="Python")
    maya, _ = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",), timezone="UTC")

    await maya.send("/match")
    await maya.press("Propose a swap")
    await maya.sees("Write Tomas a short note")
    await maya.send("I would love to bake.")
    await maya.sees("Sent to Tomas.")
    await tomas.go("/swaps")
    await tomas.press("Maya asks you")
    await tomas.sees("I would love to bake.")
    await tomas.press("Accept swap")
    await maya.sees("Tomas accepted!")

    await tomas.press("Plan a session")
    await tomas.tick(tomas.main.get_by_role("checkbox").first)
    await tomas.press("Suggest these times")
    await maya.sees("Tomas suggests")
    await press_first(maya, "✅ ")
    await maya.sees("It is settled: you and Tomas meet.")
    (session,) = (await the_swap(deps, tomas)).plan.sessions
    assert session.starts_at is not None
    await go_to(deps, move_clock, session.starts_at + AFTER)
    await maya.sees("Did you and Tomas meet?")
    await maya.press("✅ Yes")
    await maya.press("✅ Both")
    await tomas.go("/swaps")
    await tomas.press("Did you and Maya meet?")
    await tomas.press("Yes")
    await tomas.sees("You and Maya have met")
    await tomas.press("We're done")
    await maya.press("🏁 We're done")
    await maya.sees("is complete.")
    await rate(tomas, "Maya", "5 of 5, wonderful", "Patient and clear.")
    await maya.press("4⭐")
    await maya.press("✅ Send the rating")
    await maya.sees("Patient and clear.")
    assert (await the_swap(deps, tomas)).status == COMPLETED
    assert tomas.errors == []
