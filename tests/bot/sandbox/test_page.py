"""The sandbox's page: refused for other origins and hosts, and a chat per user in a real browser."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright, expect
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.sandbox import Person, Sandbox
from tests.bot.sandbox.conftest import App, picture

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.url) as session:
        yield session


async def test_only_loopback_is_served() -> None:
    with pytest.raises(ValueError, match="loopback"):
        await Sandbox().start("0.0.0.0")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_origins_are_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, ana: Person, headers: dict[str, str]
) -> None:
    for path in ("/sandbox/api/state", f"/bot{sandbox.token}/getMe", f"/sandbox/api/people/{ana.id}/chat"):
        async with http.get(path, headers=headers) as response:
            assert response.status == 403
    async with http.post(f"/sandbox/api/people/{ana.id}/text", json={"text": "x"}, headers=headers) as response:
        assert response.status == 403
    assert len(sandbox.chat(ana.id)) == 1


async def test_form_post_is_refused(sandbox: Sandbox, http: aiohttp.ClientSession, ana: Person) -> None:
    async with http.post(f"/sandbox/api/people/{ana.id}/text", data={"text": "x"}) as response:
        assert response.status == 415


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/people", {"first_name": " "}, 400),
        ("/people", {"first_name": "Li", "photo": "%%%"}, 400),
        ("/people", {"first_name": "Li", "photo": base64.b64encode(b"no picture").decode()}, 400),
        ("/people/12/text", {"text": "x"}, 404),
        ("/people/x/text", {"text": "x"}, 404),
        ("/people/{ana}/text", {"text": ""}, 400),
        ("/people/{ana}/text", {"text": "x", "reply_to": 999}, 404),
        ("/people/{ana}/press", {"message_id": 1, "button": "none"}, 404),
        ("/people/{ana}/other", {"kind": "elephant"}, 400),
        ("/people/{ana}/edit", {"message_id": "one"}, 400),
    ],
)
async def test_bad_input_is_refused_with_a_message(
    http: aiohttp.ClientSession, ana: Person, path: str, body: dict[str, Any], status: int
) -> None:
    async with http.post(f"/sandbox/api{path.replace('{ana}', str(ana.id))}", json=body) as response:
        assert response.status == status
        assert (await response.json())["error"]


async def test_a_clock_that_cannot_be_moved_has_no_route(http: aiohttp.ClientSession) -> None:
    async with http.post("/sandbox/api/clock", json={"seconds": 3600}) as response:
        assert response.status == 404
    async with http.get("/sandbox/api/state") as response:
        assert (await response.json())["clock"] == {"ahead": 0, "is_movable": False}


async def test_only_the_files_of_the_page_are_served(http: aiohttp.ClientSession) -> None:
    async with http.get("/sandbox") as response:
        assert response.status == 200
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for path in ("/sandbox/static/..%2F__init__.py", "/sandbox/static/%2e%2e%2fserver.py", "/sandbox/static/none.js"):
        async with http.get(path) as response:
            assert response.status == 404


async def test_file_that_is_no_image_is_served_as_a_download(
    sandbox: Sandbox, http: aiohttp.ClientSession, ana: Person
) -> None:
    await sandbox.send_photo(ana.id, b"<script>alert(1)</script>", as_document=True)
    async with http.get(f"/sandbox/api/people/{ana.id}/chat") as response:
        file = (await response.json())["messages"][-1]["file"]
    async with http.get(file["url"]) as response:
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.content_type == "application/octet-stream"


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[Page]:
    """The sandbox's page in a wide window. Fails the test on any error that the page reports."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        opened = await browser.new_page(viewport={"width": 1280, "height": 800})
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        await opened.goto(sandbox.page_url)
        yield opened
        await browser.close()
    assert problems == []


async def test_two_people_meet_in_the_browser(sandbox: Sandbox, application: App, page: Page) -> None:
    async def start(update: Update, context: Any) -> None:
        assert update.message is not None
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Join", callback_data="join")]])
        await update.message.reply_text(
            "Welcome, <b>friend</b>!\n<blockquote>&lt;img src=x onerror=alert(1)&gt;</blockquote>",
            parse_mode="HTML",
            reply_markup=keyboard,
        )

    async def joined(update: Update, context: Any) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Saved")
        await update.callback_query.edit_message_text("You are in.")

    async def relay(update: Update, context: Any) -> None:
        assert update.message is not None
        for person in sandbox.people:
            if person.id != update.message.chat_id:
                await context.bot.send_message(person.id, f"{update.message.chat.first_name}: {update.message.text}")

    async def admire(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_photo(picture(), caption="A fine picture")

    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(joined))
    application.add_handler(MessageHandler(filters.PHOTO, admire))
    application.add_handler(MessageHandler(filters.TEXT, relay))
    await application.bot.set_my_commands([("start", "Begin anew")])

    await page.get_by_role("button", name="Add Ana, Spanish").click()
    await page.get_by_role("button", name="Add Li, English").click()
    ana = page.get_by_label("Ana's phone", exact=True)
    li = page.get_by_label("Li's phone", exact=True)
    await ana.get_by_role("button", name="START").click()
    await expect(ana.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    await expect(ana.locator("strong", has_text="friend")).to_be_visible()
    await ana.get_by_role("button", name="Join").click()
    await expect(ana.get_by_text("You are in.")).to_be_visible()
    await expect(ana.locator(".toast")).to_have_text("Saved")
    await expect(ana.get_by_text("edited")).to_be_visible()

    await li.get_by_role("button", name="START").click()
    await expect(li.get_by_role("button", name="Join")).to_be_visible()
    box = li.get_by_label("Message to the bot")
    await box.fill("Hello from Li")
    await box.press("Enter")
    await expect(ana.get_by_text("Li: Hello from Li")).to_be_visible()

    await ana.get_by_role("button", name="Attach").click()
    await ana.get_by_role("menuitem", name=re.compile("A plant")).click()
    await expect(ana.get_by_text("A fine picture")).to_be_visible()
    await page.reload()
    await expect(ana.get_by_text("A fine picture")).to_be_visible()
    await expect(li.get_by_text("Hello from Li")).to_be_visible()


async def test_a_press_during_which_the_chat_changes_arrives(sandbox: Sandbox, application: App, page: Page) -> None:
    async def joined(update: Update, context: Any) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Saved")

    application.add_handler(CallbackQueryHandler(joined))
    await page.get_by_role("button", name="Add Ana, Spanish").click()
    ana = page.get_by_label("Ana's phone", exact=True)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Join", callback_data="join")]])
    await ana.get_by_role("button", name="START").click()
    (person,) = sandbox.people
    card = await application.bot.send_message(person.id, "Li is asked, too", reply_markup=keyboard)
    button = ana.get_by_role("button", name="Join")
    await button.hover()
    await page.mouse.down()
    await card.edit_text("Li is in", reply_markup=keyboard)
    await application.bot.send_message(person.id, "One more message")
    await expect(page.get_by_label("People in the sandbox").get_by_text("One more message")).to_be_visible()
    await page.mouse.up()
    await expect(ana.locator(".toast")).to_have_text("Saved")
    await expect(ana.get_by_text("Li is in")).to_be_visible()
    await expect(ana.get_by_text("One more message")).to_be_visible()
