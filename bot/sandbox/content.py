"""Contents of a message: texts, photos and keyboards, checked against Telegram's limits, with its error
descriptions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.entities import find_entities, parse_html, trim
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.model import Json, StoredFile, utf16_length
from bot.sandbox.params import Params, Upload
from bot.sandbox.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_DATA = 64
MAX_BUTTONS = 100
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20
THUMBNAIL_SIDE = 320
BUTTON_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "pay",
    "callback_game",
)
MARKUPS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")


def read_text(params: Params) -> Json:
    """The `text` of a message with its entities. Raises ApiError when it is empty, too long or badly marked up."""
    text, entities = _formatted(params.text("text") or "", params.text("parse_mode"), params.sequence("entities"))
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def read_caption(source: Json) -> Json:
    """The `caption` in a call's parameters, or in an InputMedia: nothing, or the caption with its entities."""
    params = Params(source, {})
    text, entities = _formatted(
        params.text("caption") or "", params.text("parse_mode"), params.sequence("caption_entities")
    )
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    above = {"show_caption_above_media": True} if params.flag("show_caption_above_media") else {}
    return {"caption": text, **({"caption_entities": entities} if entities else {}), **above}


def _formatted(source: str, parse_mode: str | None, entities: list[Any] | None) -> tuple[str, list[Json]]:
    if parse_mode and parse_mode.lower() != "html":
        # Markdown is not supported: a refusal is better than a wrong rendering.
        raise bad_request("unsupported parse_mode")
    text, found = parse_html(source) if parse_mode else (source, _given_entities(entities))
    text, found = trim(text.replace("\0", ""), found)
    return text, find_entities(text, found)


def _given_entities(entities: list[Any] | None) -> list[Json]:
    given = []
    for entity in entities or []:
        if not isinstance(entity, dict) or not all(isinstance(entity.get(key), int) for key in ("offset", "length")):
            raise bad_request("can't parse MessageEntity: an object with offset and length expected")
        given.append(dict(entity))
    return given


# Keyboards


def read_markup(params: Params, *, is_edit: bool = False) -> Json | None:
    """The reply_markup: an inline keyboard, or for new messages also a keyboard, its removal, or a forced reply."""
    markup = params.mapping("reply_markup")
    if not markup:
        return None
    kind = next((name for name in MARKUPS if name in markup), None)
    if kind is None:
        raise bad_request("object expected as reply markup")
    if kind == "inline_keyboard":
        rows = _rows(markup["inline_keyboard"])
        for button in (button for row in rows for button in row):
            _check_button(button)
        return {"inline_keyboard": rows} if any(rows) else None
    if is_edit:
        raise bad_request("inline keyboard expected")
    if kind == "keyboard":
        rows = _rows(markup["keyboard"])
        return {**markup, "keyboard": [[b if isinstance(b, dict) else {"text": str(b)} for b in row] for row in rows]}
    return markup


def _rows(given: Any) -> list[list[Any]]:
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request("can't parse reply keyboard markup JSON object")
    if sum(map(len, given)) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return [row for row in given if row]


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: Inline keyboard button text must be non-empty")
    actions = [name for name in BUTTON_ACTIONS if name in button]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MAX_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None:
        parts = urlsplit(str(url))
        if parts.scheme not in ("http", "https", "tg", "ton") or not parts.netloc:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


# Pictures and files


def photo_sizes(file: StoredFile) -> list[Json]:
    """A photo as Telegram lists it: smallest first. The smaller size has an id of its own and the same content."""
    width, height = file.width or 800, file.height or 600
    scale = min(1.0, THUMBNAIL_SIDE / max(width, height))
    small = {"width": max(1, round(width * scale)), "height": max(1, round(height * scale))}
    return [
        {"file_id": f"{file.id}:s", "file_unique_id": f"{file.id[:9]}s", **small, "file_size": file.size},
        {"file_id": file.id, "file_unique_id": file.id[:9], "width": width, "height": height, "file_size": file.size},
    ]


def document_of(file: StoredFile) -> Json:
    return {
        "file_id": file.id,
        "file_unique_id": file.id[:9],
        "file_name": file.name,
        "mime_type": file.mime,
        "file_size": file.size,
    }


def read_photo(world: World, params: Params, name: str = "photo") -> tuple[Json, str | None]:
    """The `photo` of a message, and the address when it is one. Raises ApiError for what is no photo."""
    upload = params.upload(name)
    if upload is not None:
        check_photo(upload)
        return {"photo": photo_sizes(keep_upload(world, upload, "photos"))}, None
    reference = params.text(name)
    if not reference:
        raise bad_request("there is no photo in the request")
    if reference.startswith(("http://", "https://")):
        # Never fetched: the page loads it from its address. The sizes that the bot sees are made up.
        file = world.add_file(b"", name="photo.jpg", mime="image/jpeg", folder="photos", size=(800, 600))
        return {"photo": photo_sizes(file)}, reference
    file = _known_file(world, reference)
    if not file.path.startswith(("photos/", "profile_photos/")):
        raise bad_request("type of file mismatch")
    return {"photo": photo_sizes(file)}, None


def read_document(world: World, params: Params, name: str = "document") -> Json:
    upload = params.upload(name)
    if upload is not None:
        return {"document": document_of(keep_upload(world, upload, "documents"))}
    reference = params.text(name)
    if not reference:
        raise bad_request("there is no document in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    return {"document": document_of(_known_file(world, reference))}


def _known_file(world: World, reference: str) -> StoredFile:
    file = world.file_of(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


def check_photo(upload: Upload) -> None:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > MAX_PHOTO_BYTES:
        raise ApiError(413, "Request Entity Too Large")
    width, height = upload.size
    if not width or not height:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if width + height > MAX_PHOTO_SIDES or max(width, height) > MAX_PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def keep_upload(world: World, upload: Upload, folder: str) -> StoredFile:
    return world.add_file(upload.data, name=upload.name, mime=upload.mime, folder=folder, size=upload.size)
