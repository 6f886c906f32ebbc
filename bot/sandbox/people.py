"""Actions of users in Telegram, turned into updates for the bot."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.content import MAX_CAPTION, MAX_TEXT, check_photo, document_of, photo_sizes
from bot.sandbox.entities import find_entities, parse_html, trim
from bot.sandbox.model import Button, Json, Person, StoredMessage, utf16_length
from bot.sandbox.params import Upload, read_upload
from bot.sandbox.world import World

WORDS = ("text", "entities", "caption", "caption_entities")
WITH_WORDS = ("text", "photo", "voice", "video", "audio", "animation", "document")
MAX_NAME = 64
MAX_PEOPLE = 10_000
PHONE_PREFIX = "+1555"
UNKNOWN_MIME = "application/octet-stream"
MIME_BY_END = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "txt": "text/plain",
}
"""File types by extension, for contents that do not show their type, as Telegram's apps do."""
MEMBER, KICKED = "member", "kicked"


def add_person(
    world: World,
    first_name: str,
    *,
    last_name: str | None = None,
    username: str | None = None,
    language_code: str = "en",
    person_id: int | None = None,
    profile_photo: bytes | None = None,
) -> Person:
    """Add a user who has not pressed START yet. Raises ValueError for an invalid name or id."""
    first_name = " ".join(first_name.split())
    if not 1 <= len(first_name) <= MAX_NAME:
        raise ValueError(f"a first name has 1 to {MAX_NAME} characters")
    if len(world.people) >= MAX_PEOPLE:
        raise ValueError(f"the sandbox has room for {MAX_PEOPLE} people")
    if person_id is not None and person_id in world.people:
        raise ValueError(f"the id {person_id} is taken")
    while person_id is None or person_id in world.people:
        person_id = world.next_id("person")
    person = Person(person_id, first_name, last_name or None, username or None, language_code)
    if profile_photo is not None:
        file = world.add_file(
            profile_photo, name="photo.jpg", mime="image/jpeg", folder="profile_photos", size=(640, 640)
        )
        person.photo_file = file.id
    world.save_person(person)
    return person


async def send_text(
    world: World,
    person_id: int,
    text: str,
    *,
    reply_to: int | None = None,
    is_html: bool = False,
    forwarded_from: str | None = None,
) -> int:
    """Send a text and return the id of the message. Raises ValueError for a text that Telegram's apps would not
    send."""
    body = written("text", text, is_html=is_html)
    if not body or utf16_length(body["text"]) > MAX_TEXT:
        raise ValueError(f"a text has 1 to {MAX_TEXT} characters")
    return await say(world, world.person(person_id), _forwarded(world, body, forwarded_from), reply_to=reply_to)


def written(field: str, words: str, *, is_html: bool = False) -> Json:
    """Return a text or a caption with its entities; with `is_html`, formatted as in Telegram's apps."""
    text, given = trim(*(parse_html(words) if is_html else (words, [])))
    entities = find_entities(text, given)
    named = "entities" if field == "text" else "caption_entities"
    return ({field: text} if text else {}) | ({named: entities} if entities else {})


def _forwarded(world: World, body: Json, name: str | None) -> Json:
    """Return the body as forwarded from somebody whose account stays hidden."""
    if name is None:
        return body
    origin = {"type": "hidden_user", "sender_user_name": name, "date": world.now()}
    return {"forward_origin": origin, **body}


async def send_photo(
    world: World,
    person_id: int,
    data: bytes,
    *,
    caption: str | None = None,
    as_document: bool = False,
    reply_to: int | None = None,
    media_group_id: str | None = None,
    name: str = "photo.jpg",
    is_html: bool = False,
    forwarded_from: str | None = None,
) -> int:
    """Send a photo. Its bytes are not examined, so that a bot can be sent a broken one."""
    person = world.person(person_id)
    upload = await read_upload(name, MIME_BY_END.get(name.rpartition(".")[2].lower(), UNKNOWN_MIME), data)
    folder = "documents" if as_document else "photos"
    file = world.add_file(data, name=name, mime=upload.mime, folder=folder, size=upload.size)
    body: Json = {"document": document_of(file)} if as_document else {"photo": photo_sizes(file)}
    body |= written("caption", caption or "", is_html=is_html)
    if media_group_id:
        body["media_group_id"] = media_group_id
    return await say(world, person, _forwarded(world, body, forwarded_from), reply_to=reply_to)


async def set_profile_photo(world: World, person_id: int, data: bytes) -> None:
    """Set a user's profile photo. Raises ApiError when it is not an image."""
    person = world.person(person_id)
    upload: Upload = await read_upload("photo.jpg", "image/jpeg", data)
    check_photo(upload)
    file = world.add_file(data, name="photo.jpg", mime=upload.mime, folder="profile_photos", size=upload.size)
    person.photo_file = file.id
    world.save_person(person)
    await world.commit()


async def send_other(
    world: World,
    person_id: int,
    kind: str,
    *,
    caption: str = "",
    reply_to: int | None = None,
    media_group_id: str | None = None,
) -> int:
    """Send a sticker, voice, location … Raises ValueError for an unsupported kind."""
    person = world.person(person_id)
    body = _other_body(world, person, kind) | written("caption", caption)
    if media_group_id:
        body["media_group_id"] = media_group_id
    return await say(world, person, body, reply_to=reply_to)


def _other_body(world: World, person: Person, kind: str) -> Json:
    place = {"latitude": 40.4168, "longitude": -3.7038}
    if kind == "location":
        return {"location": place}
    if kind == "live_location":
        return {"location": {**place, "live_period": 900}}
    if kind == "venue":
        return {"location": place, "venue": {"location": place, "title": "The Workshop", "address": "1 Example Street"}}
    if kind == "contact":
        phone = f"{PHONE_PREFIX}{person.id % 10_000_000:07d}"
        return {"contact": {"phone_number": phone, "first_name": person.first_name, "user_id": person.id}}
    if kind == "dice":
        return {"dice": {"emoji": "🎲", "value": 1 + secrets.randbelow(6)}}
    if kind == "poll":
        return {"poll": _poll()}
    media = _media(world, kind)
    return {**media, kind: media["document"]} if kind == "animation" else media


def _poll() -> Json:
    options = [{"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(("Yes", "No"))]
    return {
        "id": str(secrets.randbits(60)),
        "question": "Shall we meet on Sunday?",
        "options": options,
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def _media(world: World, kind: str) -> Json:
    shapes: dict[str, tuple[str, str, Json]] = {
        "sticker": ("image/webp", "webp", {"type": "regular", "width": 512, "height": 512, "is_animated": False,
                                           "is_video": False, "emoji": "👋"}),
        "voice": ("audio/ogg", "ogg", {"duration": 3}),
        "video": ("video/mp4", "mp4", {"width": 640, "height": 360, "duration": 5}),
        "video_note": ("video/mp4", "mp4", {"length": 240, "duration": 5}),
        "audio": ("audio/mpeg", "mp3", {"duration": 60, "title": "Song"}),
        "animation": ("video/mp4", "mp4", {"width": 320, "height": 240, "duration": 2}),
        "document": ("application/pdf", "pdf", {}),
    }  # fmt: skip
    if kind not in shapes:
        raise ValueError(f"the sandbox cannot send a {kind}")
    mime, end, more = shapes[kind]
    file = world.add_file(secrets.token_bytes(64), name=f"{kind}.{end}", mime=mime, folder=f"{kind}s")
    content = {**document_of(file), **more}
    if kind in ("sticker", "voice", "video_note"):
        del content["file_name"]
    if kind in ("sticker", "video_note"):
        del content["mime_type"]
    return {"document" if kind == "animation" else kind: content}


async def edit_text(world: World, person_id: int, message_id: int, text: str, *, is_html: bool = False) -> None:
    """Edit a text, or the caption of a photo, which may be empty. Raises LookupError when this user has no such
    message."""
    person = world.person(person_id)
    message = _message(world, person_id, message_id)
    if message.from_bot or message.kind not in WITH_WORDS:
        raise LookupError(f"message {message_id} has no words of this person")
    field, most = ("text", MAX_TEXT) if message.kind == "text" else ("caption", MAX_CAPTION)
    words = written(field, text, is_html=is_html)
    if (not words and field == "text") or utf16_length(words.get(field, "")) > most:
        raise ValueError(f"a text has 1 to {MAX_TEXT} characters, a caption {MAX_CAPTION} at most")
    kept = {key: value for key, value in message.body.items() if key not in WORDS}
    message.body = kept | words
    await _note_edit(world, person, message)


async def edit_photo(world: World, person_id: int, message_id: int, data: bytes) -> None:
    """Replace the photo of a message, under the same caption. Raises LookupError when this user has no such message."""
    person = world.person(person_id)
    message = _message(world, person_id, message_id)
    if message.from_bot or message.kind not in ("text", "photo"):
        raise LookupError(f"message {message_id} takes no photo of this person")
    upload = await read_upload("photo.jpg", "image/jpeg", data)
    file = world.add_file(data, name="photo.jpg", mime=upload.mime, folder="photos", size=upload.size)
    renamed = {"text": "caption", "entities": "caption_entities"}
    words = {renamed.get(key, key): value for key, value in message.body.items() if key in WORDS}
    message.body = {"photo": photo_sizes(file), **words}
    await _note_edit(world, person, message)


async def replace_with(world: World, person_id: int, message_id: int, kind: str) -> None:
    """Replace the photo or file of a message by one of another kind, under the same caption. Raises LookupError."""
    person = world.person(person_id)
    message = _message(world, person_id, message_id)
    words = {key: value for key, value in message.body.items() if key in WORDS}
    message.body = {**_other_body(world, person, kind), **words}
    await _note_edit(world, person, message)


async def delete_message(world: World, person_id: int, message_id: int) -> None:
    """Delete a message of either side in the chat, of which Telegram tells a bot nothing. Raises LookupError."""
    message = _message(world, person_id, message_id)
    message.is_deleted = True
    world.save_message(message)
    await world.commit()


async def _note_edit(world: World, person: Person, message: StoredMessage) -> None:
    message.edit_date = world.now()
    message.edited_after = int(world.counters["message"])
    world.save_message(message)
    world.add_update("edited_message", person.id, world.message_json(message))
    await world.commit()


async def press(world: World, person_id: int, message_id: int, data_or_label: str) -> str:
    """Press a button, by its data or its label. Returns the id of the callback query; "" for a keyboard button and for
    a link that starts this bot.

    Raises LookupError when the message has no such button, ValueError for a button that opens an address.
    """
    person = world.person(person_id)
    message = _message(world, person_id, message_id)
    query_id = await press_inline(world, person, message, data_or_label)
    if query_id is not None:
        return query_id
    return await _press_keyboard(world, person, data_or_label, f"message {message_id} has no button {data_or_label!r}")


async def press_inline(world: World, person: Person, message: StoredMessage, data_or_label: str) -> str | None:
    """Press a button under a message, in whichever chat. Returns the id of the callback query; "" for a link that
    starts this bot; None when the message has no such button."""
    inline, _ = buttons_of(message)
    flat = [button for row in inline for button in row]
    found = next((b for b in flat if b.data == data_or_label), None) or next(
        (b for b in flat if b.label == data_or_label), None
    )
    if found is None:
        return None
    if found.data is not None:
        query_id = world.add_query(person, message, found.data)
        await world.commit()
        return query_id
    link = f"https://t.me/{world.bot['username']}?start="
    if found.url is None or not found.url.startswith(link):
        raise ValueError(f"the button {found.label!r} calls no bot: it opens {found.url}")
    await send_text(world, person.id, f"/start {found.url.removeprefix(link)}")
    return ""


async def _press_keyboard(world: World, person: Person, label: str, problem: str) -> str:
    keyboard = person.reply_keyboard or {"keyboard": []}
    button = next((b for row in keyboard["keyboard"] for b in row if b["text"] == label), None)
    if button is None:
        raise LookupError(problem)
    if keyboard.get("one_time_keyboard"):
        person.reply_keyboard = None
        world.save_person(person)
    if button.get("request_contact"):
        await send_other(world, person.id, "contact")
    elif button.get("request_location"):
        await send_other(world, person.id, "location")
    else:
        await send_text(world, person.id, label)
    return ""


async def set_blocked(world: World, person_id: int, has_blocked: bool) -> None:
    """Block or unblock the bot. It is notified by my_chat_member, and can write again after an unblock."""
    person = world.person(person_id)
    if person.has_blocked == has_blocked:
        return
    person.has_blocked = has_blocked
    world.save_person(person)
    old, new = (MEMBER, KICKED) if has_blocked else (KICKED, MEMBER)
    change = {
        "chat": person.as_chat(),
        "from": person.as_user(),
        "date": world.now(),
        "old_chat_member": _member(world, old),
        "new_chat_member": _member(world, new),
    }
    world.add_update("my_chat_member", person.id, change)
    await world.commit()


def _member(world: World, status: str) -> Json:
    return {"user": world.bot, "status": status, **({"until_date": 0} if status == KICKED else {})}


def buttons_of(message: StoredMessage) -> tuple[list[list[Button]], list[list[Button]]]:
    """Return the buttons under the message, and those of the keyboard that it brought."""
    markup = message.markup or {}
    inline = [[_button(item) for item in row] for row in markup.get("inline_keyboard", [])]
    return inline, [[Button(item["text"]) for item in row] for row in markup.get("keyboard", [])]


def _button(item: dict[str, Any]) -> Button:
    url = item.get("url") or (item.get("web_app") or item.get("login_url") or {}).get("url")
    return Button(item["text"], item.get("callback_data"), url)


def _message(world: World, person_id: int, message_id: int) -> StoredMessage:
    message = world.find_message(person_id, message_id)
    if message is None:
        raise LookupError(f"there is no message {message_id} in this chat")
    return message


async def say(
    world: World, person: Person, body: Json, *, reply_to: int | None = None, markup: Json | None = None
) -> int:
    """Add a message of this user to the chat; `markup` is the inline keyboard of a chosen result."""
    if person.has_blocked:
        raise ValueError(f"{person.first_name} has blocked the bot: unblock it first")
    if reply_to is not None:
        _message(world, person.id, reply_to)
    if not person.has_started:
        person.has_started = True
        world.save_person(person)
    message = world.add_message(person, body, from_bot=False, reply_to=reply_to, markup=markup)
    world.add_update("message", person.id, world.message_json(message))
    await world.commit()
    return message.id
