"""Conversations of a polling python-telegram-bot application with users of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.sandbox import Person, Sandbox
from tests.bot.sandbox.conftest import App, picture


async def test_command_is_answered_and_a_press_edits_the_answer(sandbox: Sandbox, application: App) -> None:
    async def start(update: Update, context: Any) -> None:
        assert update.message is not None
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Count", callback_data="count:1")]])
        await update.message.reply_text(f"Hello {context.args}", reply_markup=keyboard)

    async def pressed(update: Update, context: Any) -> None:
        query = update.callback_query
        assert query is not None
        await query.answer("counted", show_alert=True)
        await query.edit_message_text(f"{query.data} by {query.from_user.first_name}")

    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(pressed))
    li = sandbox.add_person("Li")
    await sandbox.send_text(li.id, "/start friend_7")
    hello = await sandbox.wait_for(li.id, "Hello ['friend_7']")
    assert [button.label for button in hello.buttons] == ["Count"]

    query_id = await sandbox.press(li.id, hello.id, "Count")
    edited = await sandbox.wait_for(li.id, "count:1 by Li", after=hello.id)
    assert (edited.id, edited.edited, edited.keyboard) == (hello.id, True, [])
    assert [(toast.query_id, toast.text, toast.is_alert) for toast in sandbox.toasts(li.id)] == [
        (query_id, "counted", True)
    ]


async def test_photo_is_downloaded_and_sent_byte_for_byte(sandbox: Sandbox, application: App) -> None:
    async def back(update: Update, context: Any) -> None:
        assert update.message is not None
        assert len(update.message.photo) > 1
        data = await (await update.message.photo[-1].get_file()).download_as_bytearray()
        sent = await update.message.reply_photo(bytes(data), caption="<b>yours</b>", parse_mode="HTML")
        await update.message.reply_photo(sent.photo[-1].file_id, caption="again, by id")

    application.add_handler(MessageHandler(filters.PHOTO, back))
    li = sandbox.add_person("Li")
    given = picture()
    sent = await sandbox.send_photo(li.id, given, caption="look")
    again = await sandbox.wait_for(li.id, "again, by id", after=sent)
    first = sandbox.chat(li.id)[-2]
    assert first.photo == again.photo == given
    assert (first.caption, first.entities) == ("yours", [{"type": "bold", "offset": 0, "length": 5}])


async def test_edits_documents_and_other_kinds_reach_the_bot(sandbox: Sandbox, application: App) -> None:
    async def name(update: Update, context: Any) -> None:
        message = update.effective_message
        assert message is not None
        kinds = ("sticker", "voice", "location", "contact", "poll", "video", "document", "animation", "dice", "venue")
        kind = next((kind for kind in kinds if getattr(message, kind)), "text")
        how = "edited" if update.edited_message else "new"
        await context.bot.send_message(message.chat_id, f"{how} {kind} {message.message_id}")

    application.add_handler(MessageHandler(filters.ALL, name))
    li = sandbox.add_person("Li")
    said = await sandbox.send_text(li.id, "hello")
    await sandbox.wait_for(li.id, f"new text {said}")
    await sandbox.edit_text(li.id, said, "hello again")
    await sandbox.wait_for(li.id, f"edited text {said}")
    assert sandbox.chat(li.id)[0].text == "hello again"
    for kind in ("sticker", "voice", "location", "contact", "poll", "video", "dice"):
        other = await sandbox.send_other(li.id, kind)
        await sandbox.wait_for(li.id, f"new {kind} {other}")
    file = await sandbox.send_photo(li.id, picture(), as_document=True)
    await sandbox.wait_for(li.id, f"new document {file}")


async def test_reply_refers_to_its_message(sandbox: Sandbox, application: App) -> None:
    async def answer(update: Update, context: Any) -> None:
        assert update.message is not None
        quoted = update.message.reply_to_message
        await update.message.reply_text(f"re: {quoted.text if quoted else None}", do_quote=True)

    application.add_handler(MessageHandler(filters.TEXT, answer))
    li = sandbox.add_person("Li")
    first = await sandbox.send_text(li.id, "one")
    await sandbox.wait_for(li.id, "re: None")
    second = await sandbox.send_text(li.id, "two", reply_to=first)
    assert (await sandbox.wait_for(li.id, "re: one")).reply_to == second


async def test_reply_keyboard_sends_its_label(sandbox: Sandbox, application: App) -> None:
    async def ask(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text("Where?", reply_markup=ReplyKeyboardMarkup([["Home", "Library"]]))

    async def take(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text(f"at {update.message.text}", reply_markup=ReplyKeyboardRemove())

    application.add_handler(CommandHandler("ask", ask))
    application.add_handler(MessageHandler(filters.TEXT, take))
    li = sandbox.add_person("Li")
    await sandbox.send_text(li.id, "/ask")
    asked = await sandbox.wait_for(li.id, "Where?")
    assert [[button.label for button in row] for row in asked.reply_keyboard] == [["Home", "Library"]]
    await sandbox.press(li.id, asked.id, "Library")
    await sandbox.wait_for(li.id, "at Library")
    with pytest.raises(LookupError):
        await sandbox.press(li.id, asked.id, "Home")


async def test_block_and_unblock_reach_the_bot_as_updates(sandbox: Sandbox, application: App, ana: Person) -> None:
    async def changed(update: Update, context: Any) -> None:
        change = update.my_chat_member
        assert change is not None
        seen.append((change.from_user.id, change.new_chat_member.status))
        if change.new_chat_member.status == "member":
            await context.bot.send_message(change.chat.id, "welcome back")

    seen: list[tuple[int, str]] = []
    application.add_handler(ChatMemberHandler(changed, ChatMemberHandler.MY_CHAT_MEMBER))
    await sandbox.block_bot(ana.id)
    await sandbox.unblock_bot(ana.id)
    await sandbox.wait_for(ana.id, "welcome back")
    assert seen == [(ana.id, "kicked"), (ana.id, "member")]


async def test_timeout_of_wait_for_shows_the_chat(sandbox: Sandbox, ana: Person) -> None:
    with pytest.raises(TimeoutError, match=r"(?s)did not say 'welcome'.*person: /start"):
        await sandbox.wait_for(ana.id, "welcome", timeout=0.05)
