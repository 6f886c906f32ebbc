"""Inline mode: queries, the published limits of answers, their cache, and chosen results."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest
from telegram.ext import ChosenInlineResultHandler, CommandHandler, InlineQueryHandler, MessageHandler, filters

from bot.sandbox import Person, Sandbox
from tests.bot.sandbox.conftest import App
from tests.bot.sandbox.test_page import http, page  # noqa: F401 - fixtures


def article(name: str, *, url: str | None = None, **changes: Any) -> InlineQueryResultArticle:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Open", url=url)]]) if url else None
    given = {"id": name, "title": name, "input_message_content": InputTextMessageContent(f"Card of {name}")}
    return InlineQueryResultArticle(**{**given, "description": "teaches", "reply_markup": markup, **changes})


async def test_chosen_result_is_sent_as_the_users_message_with_its_button(
    sandbox: Sandbox, application: App, ana: Person
) -> None:
    seen: list[Update] = []

    async def answer(update: Update, context: Any) -> None:
        assert update.inline_query is not None
        link = f"https://t.me/{context.bot.username}?start=u_7"
        await update.inline_query.answer([article(f"{update.inline_query.query} {n}", url=link) for n in (1, 2)])

    async def keep(update: Update, context: Any) -> None:
        seen.append(update)

    application.add_handler(InlineQueryHandler(answer))
    application.add_handler(ChosenInlineResultHandler(keep))
    application.add_handler(MessageHandler(filters.ALL, keep))
    found = await sandbox.inline(ana.id, "guitar")
    assert [result.title for result in found.results] == ["guitar 1", "guitar 2"]
    assert (found.is_personal, found.cache_time, found.next_offset) == (False, 300, "")
    sent = await sandbox.choose(ana.id, found, "guitar 2")
    message = sandbox.chat(ana.id)[-1]
    assert (message.id, message.from_bot, message.text) == (sent, False, "Card of guitar 2")
    await sandbox.press(ana.id, sent, "Open")
    assert sandbox.chat(ana.id)[-1].text == "/start u_7"
    while len(seen) < 4:  # the user's first message, the card, the chosen result, and the text of its button
        await asyncio.sleep(0.01)
    assert seen[1].message is not None
    assert seen[1].message.via_bot == application.bot.bot
    assert seen[2].chosen_inline_result is not None
    assert seen[2].chosen_inline_result.result_id == "guitar 2"


async def test_cached_answer_is_served_to_its_audience(sandbox: Sandbox, application: App, ana: Person) -> None:
    asked: list[int] = []

    async def answer(update: Update, context: Any) -> None:
        assert update.inline_query is not None
        query = update.inline_query
        asked.append(query.from_user.id)
        seconds = 0 if query.query == "fresh" else 60
        await query.answer([article("x")], is_personal=query.query != "all", cache_time=seconds, next_offset="2")

    application.add_handler(InlineQueryHandler(answer))
    li = sandbox.add_person("Li")
    for text, people in (("mine", [ana.id, li.id]), ("all", [ana.id]), ("fresh", [ana.id, ana.id, li.id, li.id])):
        asked.clear()
        for person in (ana, ana, li, li):
            assert (await sandbox.inline(person.id, text)).next_offset == "2"
        assert asked == people
    await sandbox.inline(ana.id, "mine", offset="2")
    assert len(asked) == 5


@pytest.mark.parametrize(
    ("results", "more", "words"),
    [
        ([article(str(n)) for n in range(51)], {}, "Results_too_much"),
        ([article("a"), article("a")], {}, "Result_id_duplicate"),
        ([article("a", id="x" * 65)], {}, "Result_id_invalid"),
        ([article("a", title=" ")], {}, "Article_title_empty"),
        ([], {"next_offset": "x" * 65}, "Next_offset_invalid"),
        ([], {"button": InlineQueryResultsButton("Join", start_parameter="a b")}, "Start_param_invalid"),
    ],
)
async def test_invalid_calls_are_refused(
    sandbox: Sandbox, application: App, ana: Person, results: list[Any], more: dict[str, Any], words: str
) -> None:
    refused: list[str] = []

    async def answer(update: Update, context: Any) -> None:
        assert update.inline_query is not None
        try:
            await context.bot.answer_inline_query(update.inline_query.id, results, **more)
        except BadRequest as error:
            refused.append(error.message)
            await update.inline_query.answer([])

    application.add_handler(InlineQueryHandler(answer))
    await sandbox.inline(ana.id, "x")
    assert refused[0].casefold() == words.casefold()


async def test_unknown_inline_query_cannot_be_answered(telegram: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await telegram.answer_inline_query("1", [article("a")])


async def test_cards_are_chosen_and_opened_in_the_browser(
    sandbox: Sandbox,
    application: App,
    page: Page,  # noqa: F811
) -> None:
    async def answer(update: Update, context: Any) -> None:
        assert update.inline_query is not None
        text, offset = update.inline_query.query, int(update.inline_query.offset or 0)
        link = f"https://t.me/{context.bot.username}?start=u_7"
        results = [article(f"{text} {offset + n}", url=link) for n in range(20)] if text != "none" else []
        button = InlineQueryResultsButton("Join first", start_parameter="join") if text == "none" else None
        await update.inline_query.answer(results, next_offset=str(offset + 20) if offset < 40 else "", button=button)

    async def start(update: Update, context: Any) -> None:
        assert update.message is not None
        share = InlineKeyboardMarkup([[InlineKeyboardButton("Share", switch_inline_query="chess")]])
        await update.message.reply_text(f"Opened {' '.join(context.args)}.", reply_markup=share)

    application.add_handler(InlineQueryHandler(answer))
    application.add_handler(CommandHandler("start", start))
    await page.get_by_role("button", name="Add Ana, Spanish").click()
    ana = page.get_by_label("Ana's phone", exact=True)
    await ana.get_by_role("button", name="START").click()
    await expect(ana.get_by_text("Opened .")).to_be_visible()
    box = ana.get_by_label("Message to the bot")
    bot_name = (await application.bot.get_me()).username
    await box.fill(f"@{bot_name} guitar")
    results = ana.get_by_role("listbox", name="Results")
    await expect(results.get_by_role("option")).to_have_count(20)
    await results.get_by_role("option", name="guitar 19").scroll_into_view_if_needed()
    await expect(results.get_by_role("option", name="guitar 25")).to_be_attached()
    await results.get_by_role("option", name="guitar 1 teaches").click()
    await expect(ana.get_by_text("Card of guitar 1")).to_be_visible()
    await expect(ana.get_by_text(f"via @{bot_name}")).to_be_visible()
    await ana.get_by_role("link", name="Open").click()
    await expect(ana.get_by_text("Opened u_7.")).to_be_visible()
    await ana.get_by_role("button", name="Share").last.click()
    await expect(results.get_by_role("option", name="chess 0")).to_be_visible()
    await box.fill(f"@{bot_name} none")
    await results.get_by_role("button", name="Join first").click()
    await expect(ana.get_by_text("Opened join.")).to_be_visible()
