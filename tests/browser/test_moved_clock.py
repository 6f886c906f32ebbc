"""The buttons of the sandbox page that move the clock of the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from tests.browser.test_two_people import Phone, _picture
from tests.factories import insert_user
from tests.service import Service

DAY = 24 * 3600

Skills = tuple[str, ...]


async def arrive(
    page: Page, deps: Deps, name: str, language: str, *, teach: Skills, learn: Skills, **fields: Any
) -> tuple[Phone, User]:
    """Add a person who is known to the service, and open their chat."""
    await page.get_by_role("button", name=f"Add {name}").first.click()
    phone = Phone(page, name)
    await expect(phone.screen).to_be_visible()
    number = int(await page.locator(f"[data-person]:has-text('{name}')").get_attribute("data-person") or 0)
    user = await insert_user(
        deps, name, telegram_id=number, locale=language, skills_offered=teach, skills_wanted=learn, **fields
    )
    await phone.screen.get_by_role("button", name="START").click()
    await phone.sees(name)
    return phone, user


async def test_a_week_later_a_request_has_expired_on_both_phones(
    page: Page, service: Service, deps: Deps, pictures: Path | None
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.sandbox_page)
    clock = page.get_by_role("region", name="Clock of the service")
    await expect(clock.get_by_text("The real time")).to_be_visible()
    maya, asker = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Bread baking",))
    tomas, asked = await arrive(page, deps, "Tomás", "es", teach=("Bread baking",), learn=("Python",))
    await propose_swap(deps, asker, Proposal(asked.id, "Python", "Bread baking"))
    await tomas.sees("Maya")

    await clock.get_by_role("button", name="+1 week").click()
    await maya.sees("did not answer your request about Bread baking in time")
    await tomas.sees("La solicitud de Maya sobre Panadería (Bread baking) ha caducado: estuvo")
    await expect(clock.get_by_text("7 days ahead of the real time")).to_be_visible()
    shown = datetime.now(UTC) + timedelta(days=7)
    await expect(clock.locator("time")).to_contain_text(f"{shown:%Y}")
    await expect(maya.screen.locator(".day").last).to_have_text("Today")
    await clock.get_by_role("button", name="+1 h").click()
    await expect(clock.get_by_text("7 days 1 h ahead of the real time")).to_be_visible()
    await page.reload()
    await expect(clock.get_by_text("7 days 1 h ahead of the real time")).to_be_visible()
    await _picture(page, pictures, "clock")
    assert errors == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seconds": DAY}, 200),
        ({"seconds": 0}, 400),
        ({"seconds": -DAY}, 400),
        ({"seconds": 400 * DAY}, 400),
        ({"seconds": "a day"}, 400),
        ({"seconds": 10**30}, 400),
        ({}, 400),
    ],
)
async def test_the_page_s_route_moves_the_clock_ahead_only(service: Service, body: dict[str, Any], status: int) -> None:
    address = service.sandbox_page + "/api"
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{address}/clock", json=body) as reply:
            assert reply.status == status
        async with http.get(f"{address}/state") as reply:
            clock = (await reply.json())["clock"]
    assert clock == {"ahead": DAY if status == 200 else 0, "is_movable": True}
