"""Methods of the Bot API: published limits, and error texts as Telegram writes them."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.sandbox import Person, Sandbox
from tests.bot.sandbox.conftest import bot_for, picture

MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("A", callback_data="a")]])


async def test_bot_cannot_start_a_chat(sandbox: Sandbox, telegram: Bot) -> None:
    li = sandbox.add_person("Li")
    with pytest.raises(BadRequest, match="Chat not found"):
        await telegram.send_message(li.id, "hi")
    with pytest.raises(BadRequest, match="Chat not found"):
        await telegram.send_message(42, "hi")


async def test_blocked_bot_cannot_send_messages(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    await sandbox.block_bot(ana.id)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await telegram.send_message(ana.id, "hi")
    await sandbox.unblock_bot(ana.id)
    await telegram.send_message(ana.id, "hi")


@pytest.mark.parametrize(
    ("method", "arguments", "words"),
    [
        ("send_message", {"text": "x" * 4097}, "Message is too long"),
        ("send_message", {"text": "😀" * 2049}, "Message is too long"),
        ("send_message", {"text": " \n "}, "Message text is empty"),
        ("send_message", {"text": "<b> </b>", "parse_mode": "HTML"}, "Message text is empty"),
        ("send_message", {"text": "x", "reply_to_message_id": 999}, "Message to be replied not found"),
        ("send_photo", {"photo": picture(), "caption": "x" * 1025}, "Message caption is too long"),
        ("send_photo", {"photo": b"no picture"}, "Image_process_failed"),
        ("send_photo", {"photo": picture(2100, 100)}, "Photo_invalid_dimensions"),
        ("send_photo", {"photo": "AgADnothing"}, "Wrong file identifier/http url specified"),
        ("edit_message_text", {"message_id": 999, "text": "x"}, "Message to edit not found"),
        ("delete_message", {"message_id": 999}, "Message to delete not found"),
        ("copy_message", {"from_chat_id": 42, "message_id": 1}, "Chat not found"),
        ("send_chat_action", {"action": "dancing"}, "Wrong parameter action in request"),
        ("send_media_group", {"media": [InputMediaPhoto(picture())]}, "Wrong number of messages"),
    ],
)
async def test_invalid_calls_are_refused(
    telegram: Bot, ana: Person, method: str, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadRequest) as refusal:
        await getattr(telegram, method)(chat_id=ana.id, **arguments)
    assert refusal.value.message.casefold().startswith(words.casefold())


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_callback_data_has_1_to_64_bytes(sandbox: Sandbox, ana: Person, data: str) -> None:
    async with bot_for(sandbox) as bot:
        markup = {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}
        with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
            await bot.send_message(ana.id, "x", api_kwargs={"reply_markup": markup})


async def test_text_of_exactly_the_limit_is_accepted(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    await telegram.send_message(ana.id, f"<b>{'😀' * 2048}</b>", parse_mode="HTML")
    assert sandbox.chat(ana.id)[-1].entities == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_edit_without_a_change_is_refused(telegram: Bot, ana: Person) -> None:
    sent = await telegram.send_message(ana.id, "same", reply_markup=MARKUP)
    with pytest.raises(BadRequest, match="not modified"):
        await telegram.edit_message_text("same", ana.id, sent.message_id, reply_markup=MARKUP)
    changed = await telegram.edit_message_text("same", ana.id, sent.message_id)
    assert getattr(changed, "reply_markup", 1) is None
    with pytest.raises(BadRequest, match="not modified"):
        await telegram.edit_message_reply_markup(ana.id, sent.message_id)


async def test_text_and_caption_are_edited_each_with_its_own_method(telegram: Bot, ana: Person) -> None:
    text = await telegram.send_message(ana.id, "text")
    photo = await telegram.send_photo(ana.id, picture(), caption="caption")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await telegram.edit_message_text("x", ana.id, photo.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await telegram.edit_message_caption(ana.id, text.message_id, caption="x")
    edited = await telegram.edit_message_caption(ana.id, photo.message_id, caption="new", reply_markup=MARKUP)
    assert getattr(edited, "caption", None) == "new"


async def test_only_own_messages_without_a_keyboard_can_be_edited(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    theirs = await sandbox.send_text(ana.id, "mine")
    plain = await telegram.send_message(ana.id, "gone", reply_markup=ReplyKeyboardRemove())
    for message_id in (theirs, plain.message_id):
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await telegram.edit_message_text("x", ana.id, message_id)


async def test_photo_replaces_another_photo(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    sent = await telegram.send_photo(ana.id, picture(), caption="before")
    other = picture(50, 50, "#aa3311")
    await telegram.edit_message_media(InputMediaPhoto(other, "after"), ana.id, sent.message_id)
    shown = sandbox.chat(ana.id)[-1]
    assert (shown.photo, shown.caption, shown.edited) == (other, "after", True)


async def test_photo_by_url_is_shown_without_a_download(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    sent = await telegram.send_photo(ana.id, "https://photos.example.org/1.jpg")
    assert sandbox.chat(ana.id)[-1].photo == "https://photos.example.org/1.jpg"
    with pytest.raises(BadRequest, match="temporarily unavailable"):
        await telegram.get_file(sent.photo[-1].file_id)


async def test_albums_copies_forwards_and_deletions_follow_the_bot_api(
    sandbox: Sandbox, telegram: Bot, ana: Person
) -> None:
    album = await telegram.send_media_group(ana.id, [InputMediaPhoto(picture()), InputMediaPhoto(picture(30, 30))])
    assert album[0].media_group_id == album[1].media_group_id
    copy = await telegram.copy_message(ana.id, ana.id, album[0].message_id, caption="a copy")
    forwarded = await telegram.forward_message(ana.id, ana.id, copy.message_id)
    assert forwarded.caption == "a copy"
    assert forwarded.forward_origin is not None
    await telegram.delete_messages(ana.id, [message.message_id for message in album] + [999])
    await telegram.delete_message(ana.id, copy.message_id)
    assert [message.id for message in sandbox.chat(ana.id)][1:] == [forwarded.message_id]
    assert [message.deleted for message in sandbox.chat(ana.id, with_deleted=True)] == [False, True, True, True, False]


async def test_profile_photos_and_the_chat_are_returned(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    assert (await telegram.get_user_profile_photos(ana.id)).total_count == 0
    face = picture(64, 64)
    li = sandbox.add_person("Li", profile_photo=face)
    await sandbox.send_text(li.id, "hello")
    photos = await telegram.get_user_profile_photos(li.id)
    file = await photos.photos[0][-1].get_file()
    assert bytes(await file.download_as_bytearray()) == face
    chat = await telegram.get_chat(ana.id)
    assert (chat.first_name, chat.last_name, chat.username) == ("Ana", "Ruiz", "ana_example")


async def test_commands_are_kept_by_scope_and_language(telegram: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await telegram.set_my_commands([BotCommand("help", "Help")])
    await telegram.set_my_commands([BotCommand("help", "Ayuda")], scope=scope, language_code="es")
    assert (await telegram.get_my_commands())[0].description == "Help"
    assert (await telegram.get_my_commands(scope=scope, language_code="es"))[0].description == "Ayuda"
    await telegram.delete_my_commands()
    assert await telegram.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await telegram.set_my_commands([("No-Good", "x")])


async def test_reactions_pins_and_descriptions_are_kept(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    message = sandbox.chat(ana.id)[0].id
    assert await telegram.set_message_reaction(ana.id, message, "👍")
    assert await telegram.pin_chat_message(ana.id, message)
    assert await telegram.unpin_chat_message(ana.id)
    await telegram.set_my_description("Intercambia", language_code="es")
    assert (await telegram.get_my_description("es")).description == "Intercambia"
    assert (await telegram.get_my_name()).name == "Skill Swap"


async def test_callback_query_expires(telegram: Bot) -> None:
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await telegram.answer_callback_query("123")


async def test_unknown_method_and_wrong_token_are_refused(sandbox: Sandbox, telegram: Bot) -> None:
    with pytest.raises(TelegramError) as unknown:
        await telegram.do_api_request("danceTheTango")
    assert "not found" in unknown.value.message.casefold()
    stranger = Bot("1:wrong", base_url=f"{sandbox.url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


async def test_injected_failures_occur_as_often_as_requested(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    sandbox.fail("sendMessage", status=429, retry_after=7)
    sandbox.fail("sendmessage", status=500)
    with pytest.raises(RetryAfter) as wait:
        await telegram.send_message(ana.id, "one")
    assert "7" in str(wait.value)
    with pytest.raises(TelegramError, match="Internal Server Error"):
        await telegram.send_message(ana.id, "two")
    await telegram.send_message(ana.id, "three")
    assert [message.text for message in sandbox.chat(ana.id)] == ["/start", "three"]
    assert [call.status for call in sandbox.calls if call.method == "sendMessage"] == [429, 500, 200]


async def test_call_may_take_effect_without_a_response(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    sandbox.deliver_then_drop("sendMessage")
    with pytest.raises(TelegramError):
        await telegram.send_message(ana.id, "once")
    assert [message.text for message in sandbox.chat(ana.id)] == ["/start", "once"]
    assert [call.status for call in sandbox.calls if call.method == "sendMessage"] == [0]


async def test_slow_call_times_out(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    sandbox.delay("sendMessage", 0.5)
    with pytest.raises(TimedOut):
        await telegram.send_message(ana.id, "late", read_timeout=0.1)


async def test_recorded_calls_contain_no_bytes(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    await telegram.send_photo(ana.id, picture(), caption="c")
    call = next(call for call in sandbox.calls if call.method == "sendPhoto")
    assert call.params["caption"] == "c"
    assert not any(isinstance(value, bytes) for value in call.params.values())
    assert any("bytes>" in str(value) for value in call.params.values())
