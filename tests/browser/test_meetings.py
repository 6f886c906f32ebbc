"""Two users on the sandbox page agree on a time, are reminded, meet and rate each other."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from playwright.async_api import Page, expect

from domain.timetable import ASK_AFTER, REMIND_DAY_BEFORE, USUAL_MINUTES
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import Phone, _picture
from tests.moved_clock import MoveClock
from tests.service import Service

BY_DAY = 15
"""Hour in UTC that is in nobody's quiet hours in Madrid."""
AFTER = timedelta(minutes=USUAL_MINUTES) + ASK_AFTER
"""Time from the start of a session to the question whether it took place."""


async def go_to(deps: Deps, move_clock: MoveClock, at: datetime) -> None:
    await move_clock(seconds=(at - deps.now()).total_seconds())


async def by_day(deps: Deps, move_clock: MoveClock) -> None:
    """Move the clock to the next afternoon: what can wait is not sent at night."""
    today = deps.now().replace(hour=BY_DAY, minute=0, second=0, microsecond=0)
    await go_to(deps, move_clock, today + timedelta(days=1))


async def pair(page: Page, deps: Deps) -> tuple[Phone, User, Phone, User]:
    """Open the phones of Maya, who reads English, and of Tomás, who reads Spanish."""
    calendar = {"timezone": "Europe/Madrid", "availability": "weekday evenings"}
    bread = ("Bread baking",)
    maya = await arrive(page, deps, "Maya", "en", teach=("Python", "Chess"), learn=bread, **calendar)
    tomas = await arrive(page, deps, "Tomás", "es", teach=bread, learn=("Python", "Chess"), **calendar)
    return (*maya, *tomas)


async def tick(phone: Phone, count: int) -> None:
    """Tick this many of the suggested times."""
    for number in range(count):
        await phone.screen.get_by_role("button", name="▫️").first.click()
        await expect(phone.screen.get_by_role("button", name="☑️")).to_have_count(number + 1)


async def press_first(phone: Phone, label: str) -> None:
    """Press the first of several buttons that begin like this."""
    await phone.screen.get_by_role("button", name=re.compile(f"^{re.escape(label)}")).first.click()


async def test_two_users_agree_on_a_time_meet_and_rate_each_other(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    maya, asker, tomas, _ = await pair(page, deps)

    await maya.send("/match")
    await maya.press("Propose a swap")
    await press_first(maya, "Python")
    await maya.sees("Write Tomás a short note")
    await tick(maya, 2)
    await maya.send("Hi! I would love to bake a real sourdough.")
    await tomas.sees("Propone:")
    await _picture(page, pictures, "times")

    await tomas.press("🔁 Cambiar")
    await press_first(tomas, "Ajedrez")
    await tick(tomas, 1)
    await tomas.send("¿Y si es ajedrez?")
    await maya.sees("Tomás suggests something else:")
    await _picture(page, pictures, "counter-offer")

    await press_first(maya, "✅ Accept: ")
    await maya.sees("It is settled: you and Tomás meet.")
    await tomas.sees("Hecho: Maya y tú quedáis.")
    await _picture(page, pictures, "settled")

    (swap,) = await list_swaps(deps, asker)
    (session,) = swap.plan.sessions
    assert session.starts_at is not None
    await go_to(deps, move_clock, session.starts_at - REMIND_DAY_BEFORE)
    await maya.sees("Your session with Tomás is coming up.")
    await tomas.sees("Se acerca tu encuentro con Maya.")
    await maya.press("✅ I'll be there")
    await maya.sees("Great, see you there!")
    await _picture(page, pictures, "reminder")

    await go_to(deps, move_clock, session.starts_at + AFTER)
    await tomas.sees("¿Os visteis Maya y tú?")
    await maya.sees("Did you and Tomás meet?")
    await maya.press("✅ Yes")
    await maya.sees("What did you and Tomás do?")
    await _picture(page, pictures, "question")
    await maya.press("✅ Both")
    await tomas.press("✅ Sí")
    await tomas.press("✅ Las dos cosas")
    await maya.sees("You and Tomás have met.")
    await maya.press("🏁 We're done")
    await tomas.sees("Maya da por terminado vuestro intercambio.")
    await tomas.press("🏁 Hemos terminado")
    await maya.sees("Your swap with Tomás (Bread baking ⇄ Chess) is complete.")
    await _rate(page, maya, tomas, pictures)
    assert errors == []


async def _rate(page: Page, maya: Phone, tomas: Phone, pictures: Path | None) -> None:
    """Let both rate with buttons: what the first one writes is seen by nobody before the second one has written."""
    await maya.press("5⭐")
    await maya.press("😊 friendly")
    await maya.sees("✅ 😊 friendly")
    await maya.send("My first loaf did rise!")
    await maya.sees("For everybody: My first loaf did rise!")
    await maya.press("✅ Send the rating")
    await maya.sees("Tomás's rating and yours appear together")
    await tomas.press("4⭐")
    await tomas.press("🎯 claridad")
    await tomas.sees("✅ 🎯 claridad")
    await expect(tomas.screen.get_by_text("My first loaf did rise!")).to_have_count(0)
    await tomas.press("✅ Enviar la valoración")
    await tomas.sees("My first loaf did rise!")
    await maya.sees("Tomás has rated you.")
    await _picture(page, pictures, "ratings")
