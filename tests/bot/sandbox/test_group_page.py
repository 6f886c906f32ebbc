"""Groups on the sandbox's page: founded there, and open on the phones of their members."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect
from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.sandbox import Sandbox
from tests.bot.sandbox.conftest import App
from tests.bot.sandbox.test_page import http, page

__all__ = ["http", "page"]

MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take")]])


async def test_people_found_a_group_write_and_press_in_it(sandbox: Sandbox, application: App, page: Page) -> None:
    async def here(update: Update, context: Any) -> None:
        assert update.message is not None
        thread = update.message.message_thread_id if update.message.is_topic_message else None
        await context.bot.send_message(
            update.message.chat_id, "A <b>card</b>", parse_mode="HTML", reply_markup=MARKUP, message_thread_id=thread
        )

    async def take(update: Update, context: Any) -> None:
        query = update.callback_query
        assert query is not None
        assert query.message is not None
        await query.answer(f"Taken by {query.from_user.first_name}")
        mention = f'<a href="tg://user?id={query.from_user.id}">{query.from_user.first_name}</a>, why?'
        await context.bot.send_message(
            query.message.chat.id, mention, parse_mode="HTML", reply_markup=ForceReply(selective=True)
        )

    application.add_handler(CommandHandler("here", here))
    application.add_handler(CallbackQueryHandler(take))
    ana, li = sandbox.add_person("Ana"), sandbox.add_person("Li")

    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("Name", exact=True).fill("Moderators")
    await page.get_by_label("With topics").check()
    await page.get_by_role("button", name="Create").click()
    anas = page.get_by_label("Ana's phone in Moderators")
    await expect(anas.get_by_text("2 people, bot as admin")).to_be_visible()
    [group] = sandbox.groups.all
    assert [group.status(person.id) for person in (ana, li)] == ["creator", "member"]

    await anas.get_by_role("button", name="More").click()
    await anas.get_by_role("menuitem", name="Open a topic").click()
    await expect(anas.get_by_text("Ana opened the topic Topic 1")).to_be_visible()
    await anas.get_by_label("Topic to write in").select_option("# Topic 1")
    await anas.get_by_label("Message to Moderators").fill("/here")
    await anas.get_by_label("Message to Moderators").press("Enter")
    await expect(anas.locator("strong", has_text="card")).to_be_visible()
    assert sandbox.chat(group.id)[-1].thread_id is not None

    await page.get_by_role("button", name="Open Moderators as Li").click()
    lis = page.get_by_label("Li's phone in Moderators")
    await lis.get_by_role("button", name="Take").click()
    await expect(lis.locator(".toast")).to_have_text("Taken by Li")
    await expect(anas.locator(".toast")).to_have_count(0)
    await expect(lis.get_by_text("Reply to")).to_be_visible()
    await expect(anas.get_by_text("Reply to")).to_have_count(0)
    await lis.get_by_label("Message to Moderators").fill("Because")
    await lis.get_by_label("Message to Moderators").press("Enter")
    await expect(anas.get_by_text("Because")).to_be_visible()
    assert sandbox.chat(group.id)[-1].reply_to is not None

    await anas.get_by_role("button", name="More").click()
    await anas.get_by_role("menuitem", name="Remove the bot").click()
    await expect(anas.get_by_text("Skill Swap is no longer in the group")).to_be_visible()
    await page.reload()
    await expect(anas.get_by_text("Because")).to_be_visible()
    await expect(lis.get_by_text("Because")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/groups", {"title": " ", "members": ["{ana}"]}, 400),
        ("/groups", {"title": "Moderators", "members": [12]}, 404),
        ("/people/{ana}/groups/-1/text", {"text": "x"}, 404),
        ("/people/{li}/groups/{group}/text", {"text": "x"}, 404),
        ("/people/{ana}/groups/{group}/text", {"text": ""}, 400),
        ("/people/{ana}/groups/{group}/press", {"message_id": 1, "button": "none"}, 404),
        ("/people/{ana}/groups/{group}/member", {"user": "bot", "action": "dance"}, 400),
        ("/people/{ana}/groups/{group}/topic", {"name": "x"}, 400),
    ],
)
async def test_bad_input_about_groups_is_refused_with_a_message(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str, body: dict[str, Any], status: int
) -> None:
    ana, li = sandbox.add_person("Ana"), sandbox.add_person("Li")
    group = await sandbox.groups.create("Moderators", ana.id)
    for name, value in (("{ana}", ana.id), ("{li}", li.id), ("{group}", group.id)):
        path = path.replace(name, str(value))
        body = {key: [value] if given == [name] else given for key, given in body.items()}
    async with http.post(f"/sandbox/api{path}", json=body) as response:
        assert response.status == status
        assert (await response.json())["error"]
