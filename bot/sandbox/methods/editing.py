"""Methods that change or remove messages, and that answer button presses."""

from __future__ import annotations

import time

from bot.sandbox.content import read_caption, read_markup, read_text
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.sending import media_body
from bot.sandbox.model import Json, StoredMessage
from bot.sandbox.params import Params
from bot.sandbox.world import World

DELETABLE_SECONDS = 48 * 3600
QUERY_SECONDS = 15 * 60
MAX_TOAST = 200
MAX_DELETE = 100
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(world: World, params: Params) -> Json:
    message = _own_message(world, params)
    body = read_text(params)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _change(world, params, message, body)


def edit_message_caption(world: World, params: Params) -> Json:
    message = _own_message(world, params)
    if message.kind == "text":
        raise bad_request("there is no caption in the message to edit")
    kept = {key: value for key, value in message.body.items() if "caption" not in key}
    return _change(world, params, message, {**kept, **read_caption(params.values)})


def edit_message_media(world: World, params: Params) -> Json:
    message = _own_message(world, params)
    media = params.mapping("media")
    if not media:
        raise bad_request("media is empty")
    body, url = media_body(world, params, media)
    return _change(world, params, message, body, photo_url=url)


def edit_message_reply_markup(world: World, params: Params) -> Json:
    message = _own_message(world, params)
    return _change(world, params, message, message.body, is_silent=True, photo_url=message.photo_url)


def delete_message(world: World, params: Params) -> bool:
    person = world.reachable(params.text("chat_id"))
    message = world.find_message(person.id, params.text("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if message.date < world.now() - DELETABLE_SECONDS:
        raise bad_request("message can't be deleted")
    _delete(world, message)
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Delete the messages that exist; the others are skipped, as Telegram does."""
    person = world.reachable(params.text("chat_id"))
    message_ids = params.sequence("message_ids") or []
    if not 1 <= len(message_ids) <= MAX_DELETE:
        raise bad_request("message identifiers are not specified" if not message_ids else "too many messages")
    for message in filter(None, (world.find_message(person.id, id_) for id_ in message_ids)):
        _delete(world, message)
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    text = params.text("text") or ""
    query_id = params.text("callback_query_id") or ""
    query = world.queries.get(query_id)
    if query is None or query["at"] < time.time() - QUERY_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > MAX_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    query["answer"] = {"text": text, "is_alert": params.flag("show_alert"), "url": params.text("url")}
    world.keep("query", query_id, query)
    world.emit({"type": "answer", **{name: query[name] for name in ("person", "chat", "message")}, "query": query_id})
    return True


def _own_message(world: World, params: Params) -> StoredMessage:
    if params.text("inline_message_id"):
        raise bad_request("inline message not found")
    person = world.reachable(params.text("chat_id"))
    message = world.find_message(person.id, params.text("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot or "forward_origin" in message.body or message.markup != message.inline_keyboard:
        # The same holds for a message that brought or removed a keyboard, or asked for a reply.
        raise bad_request("message can't be edited")
    return message


def _change(
    world: World,
    params: Params,
    message: StoredMessage,
    body: Json,
    *,
    is_silent: bool = False,
    photo_url: str | None = None,
) -> Json:
    """Without reply_markup the message loses its buttons. A change of the buttons alone does not mark it as edited."""
    markup = read_markup(params, is_edit=True)
    if "media_group_id" in message.body:
        body = {**body, "media_group_id": message.body["media_group_id"]}
    url = photo_url or (message.photo_url if body.get("photo") == message.body.get("photo") else None)
    if (body, markup, url) == (message.body, message.markup, message.photo_url):
        raise bad_request(NOT_MODIFIED)
    message.body, message.markup, message.photo_url = body, markup, url
    message.edited_after = int(world.counters["message"])
    if not is_silent:
        message.edit_date = world.now()
    world.save_message(message)
    return world.message_json(message)


def _delete(world: World, message: StoredMessage) -> None:
    message.is_deleted = True
    chat = world.chat_of(message.chat_id)
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
        world.save_chat(chat)
    world.save_message(message)


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
}
