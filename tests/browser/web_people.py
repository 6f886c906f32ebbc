"""People who use the pages in a browser: they sign in by mail, fill in forms and read."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.api.auth.nextauth.conftest import Post
from tests.browser.test_two_people import WAIT_MS
from tests.service import Service

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
        await button.or_(self.main.get_by_role("link", name=name)).filter(visible=True).first.click()

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


async def come_in(browser: Browser, service: Service, post: Post, name: str, **options: Any) -> WebPerson:
    """Open a browser and sign in by the link of a mail."""
    context = await browser.new_context(**options)
    person = WebPerson(await context.new_page(), name, service.url)
    address = f"{name.lower()}@example.org"
    await person.go("/api/auth/signin")
    await person.page.get_by_label("Email").fill(address)
    await person.press("Send me a sign-in link")
    await person.sees("Check your mail")
    await person.page.goto(await post.link(address))
    return person


async def make_profile(person: WebPerson, *, teach: str, learn: str) -> None:
    await person.go("/me/edit")
    await person.page.get_by_label("Name", exact=True).fill(person.name)
    await person.page.get_by_label("I can teach").fill(teach)
    await person.page.get_by_label("I want to learn").fill(learn)
    await person.page.get_by_label("weekday evenings").check()
    await person.press("Save")
    await person.page.wait_for_url(lambda url: "/me/edit" not in url)


async def ask(person: WebPerson, other: WebPerson, *, teach: str, learn: str, note: str) -> None:
    """Ask for a swap."""
    to = await other.user_id()
    body = {"to_user_id": to, "offered_skill": teach, "wanted_skill": learn, "message": note}
    await person.api("POST", "/api/swap", body)
