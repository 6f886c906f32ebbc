"""People who use the pages in a browser: they sign in by mail, fill in forms and read."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from tests.api.auth.nextauth.conftest import Post
from tests.service import Service

MOST_STOPS = 300
SETTLED_MS = 500
"""Time in which a page that has just come hears what has changed: what it then says anew gives its heading the focus,
and whoever uses the keys goes on from there."""
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
        self.has_scripts = True
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def view(self) -> Page | FrameLocator:
        """Place where the pages show: a tab of a browser, or the frame of the Mini App."""
        return self.page

    @property
    def main(self) -> Locator:
        return self.view.locator("main")

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def reload(self) -> None:
        await self.page.reload()

    async def path(self) -> str:
        """Return the path of the page that is shown."""
        return str(await self.main.evaluate("() => location.pathname"))

    async def press(self, label: str) -> None:
        """Press the first button or link that begins like this."""
        name = re.compile(f"^{re.escape(label)}")
        button = self.main.get_by_role("button", name=name)
        await self._press(button.or_(self.main.get_by_role("link", name=name)).filter(visible=True).first)

    async def tick(self, box: Locator) -> None:
        """Tick a box, or choose one of several."""
        await box.check()

    async def fill(self, label: str, text: str) -> None:
        await self._field(label).fill(text)

    def _field(self, label: str) -> Locator:
        """Return the field whose label begins like this, and goes on with no other number."""
        return self.view.get_by_label(re.compile(rf"^{re.escape(label)}(?!\d)"))

    async def _press(self, target: Locator) -> None:
        await target.click()

    async def sees(self, text: str) -> None:
        await expect(self.main.get_by_text(text).filter(visible=True).first).to_be_visible()

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
        await self._tab_to(self._field(label))
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def _press(self, target: Locator) -> None:
        await target.wait_for()
        await self._tab_to(target)
        await self.page.wait_for_timeout(SETTLED_MS)
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
    context = await browser.new_context(timezone_id="Europe/Madrid", **options)
    person = kind(await context.new_page(), name, service.url)
    person.has_scripts = options.get("java_script_enabled", True)
    address = f"{name.lower()}@example.org"
    await person.go("/api/auth/signin")
    await person.fill("Email", address)
    await person.press("Send me a sign-in link")
    await person.sees("Check your mail")
    await person.page.goto(await post.link(address))
    return person


async def make_profile(person: WebPerson, *, teach: str, learn: str) -> None:
    """Go through the forms of a first profile, to which signing in leads."""
    await person.sees("What can you teach?")
    await person.fill("Your name here", person.name)
    await person.fill("Skill 1", teach)
    await person.press("Save and go on")
    await person.sees("What would you like to learn?")
    await person.fill("Skill 1", learn)
    await person.press("Save and go on")
    await person.sees("When and where?")
    if person.has_scripts:  # they make a grid of the boxes
        await person.press("Weekday evenings")
    else:
        await person.tick(person.view.get_by_label("weekday evenings"))
    if not person.has_scripts:  # else the browser's own is there
        await person.fill("Time zone: your city, or a bigger one nearby", "Madrid")
    await person.press("Save and go on")
    await person.sees("A face, and who sees it")
    await person.tick(person.view.get_by_label("Everybody here"))
    await person.press("Done, show me people")
    await expect(person.main.locator("h1")).not_to_have_text("A face, and who sees it")
    assert await person.path() == "/discover"


async def ask(person: WebPerson, other: WebPerson, *, note: str) -> None:
    """Find the best match, and ask them for a swap."""
    await person.go("/discover")
    await person.press(f"Ask {other.name} for a swap")
    await person.fill(f"A line to {other.name}", note)
    await person.press(f"Send to {other.name}")
    await person.sees("Take the request back")
