"""Methods that send new messages to a chat."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.content import read_caption, read_document, read_markup, read_photo, read_text
from bot.sandbox.errors import bad_request
from bot.sandbox.group_model import Group
from bot.sandbox.model import Json, Person, StoredMessage
from bot.sandbox.params import Params
from bot.sandbox.world import World

MIN_ALBUM = 2
MAX_ALBUM = 10
ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip


def send_message(world: World, params: Params) -> Json:
    person = world.reachable(params.text("chat_id"))
    return _shown(world, _send(world, person, params, read_text(params)))


def send_photo(world: World, params: Params) -> Json:
    person = world.reachable(params.text("chat_id"))
    caption = read_caption(params.values)
    photo, url = read_photo(world, params)
    spoiler = {"has_media_spoiler": True} if params.flag("has_spoiler") else {}
    return _shown(world, _send(world, person, params, {**photo, **caption, **spoiler}, photo_url=url))


def send_document(world: World, params: Params) -> Json:
    person = world.reachable(params.text("chat_id"))
    caption = read_caption(params.values)
    return _shown(world, _send(world, person, params, {**read_document(world, params), **caption}))


def send_media_group(world: World, params: Params) -> list[Json]:
    person = world.reachable(params.text("chat_id"))
    media = params.sequence("media") or []
    if not MIN_ALBUM <= len(media) <= MAX_ALBUM:
        raise bad_request("wrong number of messages to send: expected 2-10")
    bodies = [media_body(world, params, item) for item in media]
    group = str(secrets.randbits(53))
    sent = [_send(world, person, params, {**body, "media_group_id": group}, photo_url=url) for body, url in bodies]
    return [_shown(world, message) for message in sent]


def media_body(world: World, params: Params, item: Any) -> tuple[Json, str | None]:
    """Return the body of an InputMediaPhoto or InputMediaDocument, and the address of a photo given by address."""
    if not isinstance(item, dict):
        raise bad_request("object expected as InputMedia")
    inner = Params({**item, "_file": item.get("media")}, params.uploads)
    caption = read_caption(item)
    if item.get("type") == "photo":
        photo, url = read_photo(world, inner, "_file")
        return {**photo, **caption}, url
    if item.get("type") == "document":
        return {**read_document(world, inner, "_file"), **caption}, None
    raise bad_request("can't parse InputMedia: unsupported type")


def copy_message(world: World, params: Params) -> Json:
    person, source = _source(world, params, "copy")
    body = {key: value for key, value in source.body.items() if key not in ("media_group_id", "forward_origin")}
    if params.text("caption") is not None and source.kind != "text":
        body = {key: value for key, value in body.items() if "caption" not in key} | read_caption(params.values)
    return {"message_id": _send(world, person, params, body, photo_url=source.photo_url).id}


def forward_message(world: World, params: Params) -> Json:
    person, source = _source(world, params, "forward")
    sender = world.message_json(source, with_reply=False)["from"]
    origin = {"type": "user", "sender_user": sender, "date": source.date}
    body = {"forward_origin": origin, **{key: source.body[key] for key in source.body if key != "media_group_id"}}
    return _shown(world, _send(world, person, params, body, photo_url=source.photo_url))


def send_chat_action(world: World, params: Params) -> bool:
    person = world.reachable(params.text("chat_id"))
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    _thread_id(world, person, params)
    world.emit({"type": "action", "person": person.id, "action": params.text("action")})
    return True


def _source(world: World, params: Params, verb: str) -> tuple[Person | Group, StoredMessage]:
    person = world.reachable(params.text("chat_id"))
    origin = world.reachable(params.text("from_chat_id"))
    source = world.find_message(origin.id, params.text("message_id"))
    if source is None:
        raise bad_request(f"message to {verb} not found")
    return person, source


def _send(
    world: World, chat: Person | Group, params: Params, body: Json, *, photo_url: str | None = None
) -> StoredMessage:
    markup = read_markup(params)
    thread_id = _thread_id(world, chat, params)
    message = world.add_message(
        chat,
        body,
        from_bot=True,
        markup=markup,
        reply_to=_reply_to(world, chat, params),
        photo_url=photo_url,
        thread_id=thread_id,
    )
    if isinstance(chat, Group):  # a group's members see no keyboard: the bot shows them none
        return message
    if markup and "keyboard" in markup:
        chat.reply_keyboard = {**markup, "message_id": message.id}
        world.save_person(chat)
    elif markup and "remove_keyboard" in markup and chat.reply_keyboard:
        chat.reply_keyboard = None
        world.save_person(chat)
    return message


def _thread_id(world: World, chat: Person | Group, params: Params) -> int | None:
    """Return the topic that is written to; None for "General". Raises ApiError where the bot may not write."""
    wanted = params.text("message_thread_id")
    if not isinstance(chat, Group):
        if wanted:
            raise bad_request("message thread not found")
        return None
    if not chat.permissions["can_send_messages"] and not chat.is_admin(world.bot["id"]):
        raise bad_request("not enough rights to send text messages to the chat")
    if not wanted:
        return None
    topic = chat.topics.get(wanted)
    if topic is None:
        raise bad_request("message thread not found")
    if topic["is_closed"] and not chat.may(world.bot["id"], "can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return int(wanted)


def _reply_to(world: World, chat: Person | Group, params: Params) -> int | None:
    given = params.mapping("reply_parameters") or {}
    message_id = given.get("message_id") or params.text("reply_to_message_id")
    if not message_id:
        return None
    if world.find_message(chat.id, message_id) is None:
        if given.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return int(message_id)


def _shown(world: World, message: StoredMessage) -> Json:
    return world.message_json(message)


METHODS = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "sendChatAction": send_chat_action,
}
