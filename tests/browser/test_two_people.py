"""Two users on the sandbox page register, match, swap and chat; one of them also on the web."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urljoin

from playwright.async_api import Browser, Locator, Page, expect

from handlers.runtime.texts import Texts, load_texts
from tests.service import Service


class Phone:
    """One phone of the sandbox page: with the chat with the bot, or with a group."""

    def __init__(self, page: Page, owner: str, *, group: str = "") -> None:
        self.page = page
        self._owner, self._to = owner, group or "the bot"
        place = f"{owner}'s phone in {group}" if group else f"{owner}'s phone"
        self.screen: Locator = page.get_by_label(place, exact=True)

    @property
    def row(self) -> Locator:
        """The owner's row in the list on the left."""
        return self.page.get_by_role("button", name=re.compile(f"^{self._owner}, "))

    async def send(self, text: str) -> None:
        box = self.screen.get_by_label(f"Message to {self._to}")
        await box.fill(text)
        await box.press("Enter")

    async def press(self, label: str) -> None:
        await self.screen.get_by_role("button", name=label).last.click()

    async def sees(self, text: str) -> None:
        await expect(self.screen.get_by_text(text).last).to_be_visible()

    async def open(self) -> None:
        """Put the phone on the page, if it is not there, by its owner in the list on the left."""
        if not await self.screen.is_visible():
            await self.row.click()

    async def put_away(self) -> None:
        await self.screen.get_by_role("button", name="Put this phone away").click()
        await expect(self.screen).to_have_count(0)


async def register(phone: Phone, texts: Texts, *, teach: str, learn: str, location: str, ends_with: str = "🎉") -> None:
    """Complete all eight steps of onboarding, with the photo of the Telegram profile."""
    following = texts.plain("button.next")
    await phone.press(texts.plain("button.keep_name", name="").strip("“”«» "))
    await phone.sees(_question(texts, "ask.teach"))
    await phone.send(teach)
    await phone.sees(f"{teach.split(',')[0]} ✕")
    await phone.press(following)
    await phone.sees(_question(texts, "ask.learn"))
    await phone.send(learn)
    await phone.sees(f"{learn.split(',')[0]} ✕")
    await phone.press(following)
    await phone.sees(_question(texts, "ask.times"))
    evenings = texts.plain("slot.weekday_evenings")
    await phone.press(evenings)
    await phone.sees(f"✓ {evenings}")
    await phone.press(following)
    await phone.sees(_question(texts, "ask.location"))
    await phone.send(location)
    await phone.sees(_question(texts, "ask.photo"))
    await phone.press(texts.plain("button.telegram_photo"))
    await phone.press(texts.plain("button.public"))
    await phone.press(texts.plain("button.looks_good"))
    await phone.sees(ends_with)


def _question(texts: Texts, key: str) -> str:
    """Return the bold text at the head of a question."""
    return re.findall(r"<b>(.+?)</b>", texts.plain(key))[0]


async def test_two_users_register_match_swap_and_chat(
    page: Page, browser: Browser, service: Service, pictures: Path | None
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.sandbox_page)
    for name in ("Maya", "Tomás"):
        await page.get_by_role("button", name=f"Add {name}").first.click()
    maya, tomas = Phone(page, "Maya"), Phone(page, "Tomás")
    texts = await asyncio.to_thread(load_texts)
    english, spanish = texts["en"], texts["es"]
    for phone in (maya, tomas):
        await phone.screen.get_by_role("button", name="START").click()
    await register(maya, english, teach="Python, Chess", learn="Bread baking", location="Gràcia")
    await register(tomas, spanish, teach="Bread baking", learn="Python", location="Lavapiés")

    await maya.press(english.plain("button.match"))
    await maya.sees("Tomás teaches you: Bread baking")
    await _picture(page, pictures, "match")
    await maya.press(english.plain("match.propose"))
    await maya.sees("Write Tomás a short note")
    await maya.send("Hi! I would love to bake a real sourdough.")
    await maya.sees("Sent to Tomás.")
    await tomas.sees("Hi! I would love to bake a real sourdough.")
    await _picture(page, pictures, "request")
    await tomas.press(spanish.plain("swap.accept"))
    await maya.sees("Tomás accepted!")

    await tomas.send("¡Hola Maya! <3 Saturday at ten? I bring the flour 🌾")
    await maya.sees("¡Hola Maya! <3 Saturday at ten? I bring the flour 🌾")
    await maya.send("Perfect. And then we write your first program!")
    await tomas.sees("Perfect. And then we write your first program!")
    await _picture(page, pictures, "sandbox")

    web = await _sign_in(maya, browser)
    await web.goto(urljoin(web.url, "/me"))
    await expect(web.get_by_role("heading", name="Maya")).to_be_visible()
    await _write_on_the_web(web, "I write this one in the browser")
    await tomas.sees("I write this one in the browser")
    await tomas.send("And it reached my Telegram!")
    await expect(web.get_by_text("And it reached my Telegram!").last).to_be_visible()
    await _picture(web, pictures, "web")
    assert errors == []


async def _sign_in(phone: Phone, browser: Browser) -> Page:
    """Open the login link of the bot in another browser context, as on another device."""
    await phone.send("/web")
    link = phone.screen.locator("a[href*='token=']").last
    address = await link.get_attribute("href")
    assert address is not None
    context = await browser.new_context(viewport={"width": 1100, "height": 760}, device_scale_factor=1.5)
    web = await context.new_page()
    await web.goto(address)
    await web.locator("form button").first.click()
    await web.wait_for_load_state()
    return web


async def _write_on_the_web(web: Page, text: str) -> None:
    await web.goto(urljoin(web.url, "/chats"))
    await web.locator(".chat-list [data-chat]").click()
    await web.wait_for_url("**/chats/*")
    box = web.get_by_role("textbox", name="Message Tomás")
    await box.fill(text)
    await box.press("Enter")


async def _picture(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        await expect(page.locator(".toast")).to_have_count(0)
        await page.wait_for_timeout(600)  # wait for animations to end before the screenshot
        await page.screenshot(path=folder / f"{name}.png")
