"""People who use the pages in a browser: they sign in by mail, fill in forms and read."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.api.auth.nextauth.conftest import Post
from tests.browser.test_two_people import WAIT_MS
from tests.service import Service

MOST_STOPS = 300
IS_FOCUS_SHOWN = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body || one.matches("main, h1, h2, [role=alert]")) return true;
  const style = getComputedStyle(one);
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return isSeen || one.outerHTML.slice(0, 200);
}"""
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


class WebPerson:
    """Somebody at a browser of their own."""

    def __init__(self, page: Page, name: str, url: str) -> None:
        self.page, self.name, self.url = page, name, url
        self.errors: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def press(self, label: str) -> None:
        """Press the first button or link that begins like this."""
        name = re.compile(f"^{re.escape(label)}")
        button = self.main.get_by_role("button", name=name)
        await self._press(button.or_(self.main.get_by_role("link", name=name)).filter(visible=True).first)

    async def tick(self, box: Locator) -> None:
        """Tick a box, or choose one of several."""
        await box.check()

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label).fill(text)

    async def _press(self, target: Locator) -> None:
        await target.click()

    async def sees(self, text: str) -> None:
        await expect(self.main.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=WAIT_MS)

    async def api(self, method: str, path: str, data: Any = None) -> Any:
        """Ask REST as this person, as a front end of another kind would."""
        answer = await self.page.request.fetch(self.url + path, method=method, data=data)
        assert answer.ok, await answer.text()
        return await answer.json()

    async def user_id(self) -> str:
        session: dict[str, Any] = await self.api("GET", "/api/auth/session")
        return str(session["user"]["id"])


class KeyboardPerson(WebPerson):
    """Somebody who uses the keys alone, and has to see where they are."""

    async def tick(self, box: Locator) -> None:
        if await box.get_attribute("type") == "checkbox":
            await self._tab_to(box)
            await self.page.keyboard.press("Space")
            return
        name = await box.get_attribute("name")
        await self._tab_to(self.main.locator(f"input[type=radio][name={name}]"))
        for _ in range(MOST_STOPS):
            if await box.is_checked() and await _has_focus(box):
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {box}")

    async def fill(self, label: str, text: str) -> None:
        await self._tab_to(self.page.get_by_label(label))
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def _press(self, target: Locator) -> None:
        await target.wait_for()
        await self._tab_to(target)
        await self.page.keyboard.press("Enter")

    async def _tab_to(self, target: Locator) -> None:
        """Press Tab until one of these has the focus; each stop on the way shows it."""
        await target.first.wait_for()
        for _ in range(MOST_STOPS):
            if await _has_focus(target):
                return
            await self.page.keyboard.press("Tab")
            shown = await self.page.evaluate(IS_FOCUS_SHOWN)
            assert shown is True, f"no focus to be seen: {shown}"
        raise AssertionError(f"Tab does not lead to {target}")


async def _has_focus(target: Locator) -> bool:
    return bool(await target.evaluate_all("all => all.includes(document.activeElement)"))


async def come_in(
    browser: Browser, service: Service, post: Post, name: str, kind: type[WebPerson] = WebPerson, **options: Any
) -> WebPerson:
    """Open a browser and sign in by the link of a mail."""
    context = await browser.new_context(**options)
    person = kind(await context.new_page(), name, service.url)
    address = f"{name.lower()}@example.org"
    await person.go("/api/auth/signin")
    await person.fill("Email", address)
    await person.press("Send me a sign-in link")
    await person.sees("Check your mail")
    await person.page.goto(await post.link(address))
    return person


async def make_profile(person: WebPerson, *, teach: str, learn: str) -> None:
    await person.go("/me/edit")
    await person.fill("Name", person.name)
    await person.fill("I can teach", teach)
    await person.fill("I want to learn", learn)
    await person.tick(person.page.get_by_label("weekday evenings"))
    await person.press("Save")
    await person.page.wait_for_url(lambda url: "/me/edit" not in url)


async def ask(person: WebPerson, other: WebPerson, *, note: str) -> None:
    """Find the best match, and ask them for a swap."""
    await person.go("/discover")
    await person.press(f"Ask {other.name} for a swap")
    await person.fill(f"A line to {other.name}", note)
    await person.press(f"Send to {other.name}")
    await person.sees("Take the request back")
